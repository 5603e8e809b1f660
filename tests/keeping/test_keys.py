"""Keys that are changed: a site's by its successor, the signing key without losing a form."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from moderation import site_keys, sites
from moderation.models import ApiKey, AuditEntry, Scope
from tests.desk.conftest import SECRET, app_of
from tests.desk.visitor import Visitor
from tests.keeping.conftest import Operator
from tests.newsroom import NOON, Newsroom

NEW_SECRET = "another key of thirty-two letters."  # noqa: S105 - of these tests alone


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


# --- the key that signs --------------------------------------------------------------------------


def test_a_form_that_was_open_when_the_signing_key_changed_is_taken(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    ana = Visitor(app_of(newsroom).test_client())
    ana.sign_in(newsroom.ana)
    changed = app_of(newsroom, secret_key=NEW_SECRET, secret_key_previous=SECRET)

    ana.client = with_cookies_of(ana, changed)

    assert ana.act("approve", comment_id).status_code == 303
    assert newsroom.comment(comment_id).status == "approved"


def test_what_the_changed_key_signed_is_not_taken_without_it(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    ana = Visitor(app_of(newsroom).test_client())
    ana.sign_in(newsroom.ana)

    ana.client = with_cookies_of(ana, app_of(newsroom, secret_key=NEW_SECRET))

    assert ana.act("approve", comment_id).status_code == 400
    assert newsroom.comment(comment_id).status == "held"


def test_new_forms_are_signed_with_the_new_key(newsroom: Newsroom) -> None:
    """So that the previous one can go when the forms of before are closed."""
    comment_id = newsroom.held()
    changed = app_of(newsroom, secret_key=NEW_SECRET, secret_key_previous=SECRET)
    ana = Visitor(changed.test_client())
    ana.sign_in(newsroom.ana)

    ana.client = with_cookies_of(ana, app_of(newsroom, secret_key=NEW_SECRET))

    assert ana.act("approve", comment_id).status_code == 303


def with_cookies_of(visitor: Visitor, app: Flask) -> FlaskClient:
    """The same browser, when the service has been started again."""
    client = app.test_client()
    for name in ("desk", "desk-forms"):
        cookie = visitor.client.get_cookie(name)
        assert cookie is not None
        client.set_cookie(name, cookie.value)
    return client


# --- the keys of sites ---------------------------------------------------------------------------


def test_a_key_is_replaced_and_the_old_one_ends(operator: Operator) -> None:
    operator.done("site", "add", "the-herald")
    old = operator.done("site", "key", "add", "the-herald", "--scope", "read").stdout.strip()

    rotated = operator.done("site", "key", "rotate", "the-herald", old[:10], "--days", "7")

    new = rotated.stdout.strip()
    assert new.startswith("mod_")
    assert new != old
    ends = datetime.now(UTC) + timedelta(days=7)
    first, second = operator.done("site", "key", "list", "the-herald").stdout.splitlines()
    assert first.startswith(f"{old[:10]}\tends {ends:%Y-%m-%d %H:}")
    assert second.startswith(f"{new[:10]}\tin force\tread\t")
    assert "\t2 keys\t" in operator.done("site", "list").stdout

    operator.done("site", "key", "rotate", "the-herald", new, "--days", "0")
    listed = operator.done("site", "key", "list", "the-herald").stdout.splitlines()
    assert [line.split("\t")[1].split(" ")[0] for line in listed] == ["ends", "ended", "in"]
    again = operator.refused("site", "key", "rotate", "the-herald", new, "--days", "1")
    assert "0 keys of this site in force" in again
    assert new not in again


def test_a_second_change_does_not_lengthen_the_first(newsroom: Newsroom) -> None:
    week, month = NOON + timedelta(days=7), NOON + timedelta(days=30)
    with newsroom.db.transaction() as session:
        daily = sites.named(session, "the-daily")
        site_keys.rotate(session, daily, newsroom.daily_key, ends_at=week, now=NOON)
        site_keys.rotate(session, daily, newsroom.daily_key, ends_at=month, now=NOON)

    with newsroom.db.reading() as session:
        found = select(ApiKey.expires_at).where(ApiKey.expires_at.is_not(None))
        assert session.scalars(found).all() == [week]


def test_a_change_of_keys_is_in_the_log(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        daily = sites.named(session, "the-daily")
        new, secret = site_keys.rotate(
            session, daily, newsroom.daily_key, ends_at=NOON + timedelta(days=1), now=NOON
        )

    with newsroom.db.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.site_id == daily.id)).all()
    [entry] = [entry for entry in entries if entry.event == "key_rotated"]
    assert entry.subject["by"] == str(new.id)
    assert secret not in str(entry.subject)


def test_a_key_is_named_by_as_many_letters_as_tell_it_from_the_others(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        other, _ = site_keys.add(session, newsroom.daily, [Scope.READ], now=NOON)
        with pytest.raises(sites.SiteError, match="2 keys"):
            site_keys.revoke(session, newsroom.daily, "mod_", now=NOON)
        first = next(
            key for key in site_keys.of_site(session, newsroom.daily) if key.id != other.id
        )
        length = next(n for n in range(5, 11) if not first.hint.startswith(other.hint[:n]))

        assert site_keys.revoke(session, newsroom.daily, other.hint[:length], now=NOON) is other
