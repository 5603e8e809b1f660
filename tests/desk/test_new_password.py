"""A new password by a link from the command line: once, in time, and told to nobody."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from moderation.cli import main
from moderation.models import Moderator, PasswordReset
from moderation.staff import moderators, passwords
from tests.desk.conftest import app_of, at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

NEW = "a newer password, long enough"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: passwords do not depend on which it is."""
    return sqlite_url


def link_for(newsroom: Newsroom, moderator: Moderator, *, hours: int = 1) -> str:
    """What `moderator reset-link` prints, without the service's address."""
    with newsroom.db.transaction() as session:
        person = moderators.named(session, moderator.email)
        token = passwords.offer_reset(session, person, hours=hours, now=datetime.now(UTC))
    return f"/password?token={token}"


def opened(desk: Flask, link: str) -> Visitor:
    """A browser that has followed the link."""
    visitor = Visitor(desk.test_client())
    assert visitor.get(link).location == "/password"
    visitor.get("/password")
    return visitor


def can_sign_in(desk: Flask, moderator: Moderator, password: str) -> bool:
    return Visitor(desk.test_client()).sign_in(moderator, password).status_code == 303


def test_a_new_password_is_set_and_the_old_one_opens_nothing(
    newsroom: Newsroom, desk: Flask
) -> None:
    elsewhere = at_desk(desk, newsroom.ana)
    visitor = opened(desk, link_for(newsroom, newsroom.ana))

    answer = visitor.post("/password", password=NEW, again=NEW)

    assert (answer.status_code, answer.location) == (303, "/login")
    assert "Your new password is set" in words(visitor.get("/login"))
    assert elsewhere.get("/queue").status_code == 303
    assert not can_sign_in(desk, newsroom.ana, PASSWORD)
    assert can_sign_in(desk, newsroom.ana, NEW)
    assert can_sign_in(desk, newsroom.ben, PASSWORD)


def test_a_link_is_good_once(newsroom: Newsroom, desk: Flask) -> None:
    link = link_for(newsroom, newsroom.ana)
    first, second = opened(desk, link), opened(desk, link)
    first.post("/password", password=NEW, again=NEW)

    late = second.post(
        "/password", password="another one, by somebody else", again="another one, by somebody else"
    )

    assert late.status_code == 403
    assert "good no longer" in words(late)
    assert can_sign_in(desk, newsroom.ana, NEW)
    again = Visitor(desk.test_client())
    again.get(link)
    assert again.get("/password").status_code == 403


def test_looking_at_the_link_uses_nothing_up(newsroom: Newsroom, desk: Flask) -> None:
    link = link_for(newsroom, newsroom.ana)
    for _ in range(3):
        opened(desk, link)

    visitor = opened(desk, link)

    assert visitor.post("/password", password=NEW, again=NEW).status_code == 303


def test_a_link_ends_with_its_time_with_a_newer_one_and_with_a_password_set_by_hand(
    newsroom: Newsroom,
) -> None:
    desk = app_of(newsroom, rate_per_login="1000/minute")
    over, older, newer = (link_for(newsroom, newsroom.ana) for _ in range(3))
    assert "good no longer" in words(opened(desk, older).get("/password"))
    visitor = opened(desk, newer)
    with newsroom.db.transaction() as session:
        ended = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(PasswordReset).values(expires_at=ended))
    assert visitor.post("/password", password=NEW, again=NEW).status_code == 403
    by_hand = link_for(newsroom, newsroom.ana)
    with newsroom.db.transaction() as session:
        ana = moderators.named(session, newsroom.ana.email)
        passwords.set_anew(session, ana, NEW, now=datetime.now(UTC))
    assert opened(desk, by_hand).get("/password").status_code == 403
    for link in (over, "/password?token=", "/password?token=nonsense", "/password?token=%00"):
        assert opened(desk, link).get("/password").status_code == 403
    assert Visitor(desk.test_client()).get("/password").status_code == 403


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        (NEW, NEW + ".", "Type the new password twice."),
        (NEW, "", "Type the new password twice."),
        ("short", "short", "10 to 1000 characters"),
        ("x" * 1001, "x" * 1001, "10 to 1000 characters"),
    ],
)
def test_a_slip_is_told_and_the_link_stays_good(
    newsroom: Newsroom, desk: Flask, password: str, again: str, said: str
) -> None:
    visitor = opened(desk, link_for(newsroom, newsroom.ana))

    answer = visitor.post("/password", password=password, again=again)

    assert answer.status_code == 422
    assert said in words(answer)
    assert password not in answer.text
    assert visitor.post("/password", password=NEW, again=NEW).status_code == 303


def test_the_form_has_a_token_of_its_own(newsroom: Newsroom, desk: Flask) -> None:
    visitor = opened(desk, link_for(newsroom, newsroom.ana))
    visitor.token = "forged"  # noqa: S105 - of no form at all

    assert visitor.post("/password", password=NEW, again=NEW).status_code == 400
    assert can_sign_in(desk, newsroom.ana, PASSWORD)


def test_the_token_stays_between_the_link_and_the_database(
    newsroom: Newsroom, desk: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = link_for(newsroom, newsroom.ana)
    token = link.partition("=")[2]
    visitor = Visitor(desk.test_client())

    first = visitor.get(link)
    page = visitor.get(first.location)
    done = visitor.post("/password", password=NEW, again=NEW)

    assert first.headers["Referrer-Policy"] == "no-referrer"
    for answer in (first, page, done):
        assert answer.headers["Cache-Control"] == "no-store"
        assert token not in answer.text
        assert token not in answer.headers.get("Location", "")
    assert token not in caplog.text
    with newsroom.db.reading() as session:
        assert token not in str(session.scalars(select(PasswordReset.token_hash)).all())
    cookie = next(c for c in first.headers.getlist("Set-Cookie") if c.startswith("desk-forms="))
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    kept = visitor.client.get_cookie("desk-forms")
    assert kept is not None
    assert "password_token" not in desk_session(visitor)


def desk_session(visitor: Visitor) -> dict[str, object]:
    with visitor.client.session_transaction() as session:
        return dict(session)


def test_too_many_tries_are_refused(newsroom: Newsroom) -> None:
    desk = app_of(newsroom, rate_per_login="4/minute")
    visitor = opened(desk, link_for(newsroom, newsroom.ana))

    tries = [visitor.post("/password", password=NEW, again="") for _ in range(5)]
    looks = [Visitor(desk.test_client()).get("/password?token=guess") for _ in range(3)]

    assert [answer.status_code for answer in tries] == [422] * 4 + [429]
    assert looks[-1].status_code == 429
    assert int(looks[-1].headers["Retry-After"]) > 0


def test_the_command_prints_the_link(
    newsroom: Newsroom, desk: Flask, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    words = ["moderator", "reset-link", "Ana@daily.example"]

    bare = CliRunner().invoke(main, words)
    monkeypatch.setenv("MODERATION_PUBLIC_URL", "https://desk.example/")
    whole = CliRunner().invoke(main, [*words, "--hours", "2"])
    nobody = CliRunner().invoke(main, ["moderator", "reset-link", "who@daily.example"])

    assert bare.stdout.startswith("/password?token=")
    assert "MODERATION_PUBLIC_URL" in bare.stderr
    assert whole.stdout.startswith("https://desk.example/password?token=")
    assert whole.stderr == ""
    with newsroom.db.reading() as session:
        [ends] = session.scalars(select(PasswordReset.expires_at))
    assert timedelta(minutes=119) < ends - datetime.now(UTC) <= timedelta(hours=2)
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "there is no moderator who@daily.example" in nobody.stderr
    link = whole.stdout.strip().removeprefix("https://desk.example")
    assert opened(desk, link).post("/password", password=NEW, again=NEW).status_code == 303
