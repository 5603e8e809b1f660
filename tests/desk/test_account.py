"""One's own account: the password, and where one is signed in."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from moderation.desk.signing_in import client_of
from moderation.models import AuditEntry, SignIn
from moderation.staff import moderators, passwords
from tests.desk.conftest import app_of, at_desk, words
from tests.desk.test_new_password import can_sign_in, link_for, opened
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

NEW = "a newer password, long enough"
FORM: dict[str, Any] = {"current": PASSWORD, "password": NEW, "again": NEW}
ENDS = re.compile(r'action="(/account/sign-ins/[0-9a-f]{64}/end)"')


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/queue").status_code == 200


def events(newsroom: Newsroom) -> list[tuple[str, str, bool]]:
    """What the log has, at which site, and whether it says who."""
    slugs = {newsroom.daily.id: "the-daily", newsroom.post.id: "the-evening-post"}
    with newsroom.db.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [
        (entry.event, slugs[entry.site_id], entry.moderator_id is not None)
        for entry in found
        if "moderator" in entry.subject
    ]


# --- the password -----------------------------------------------------------------------------


def test_another_password_ends_every_other_sign_in(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    elsewhere, ben = at_desk(desk, newsroom.ana), at_desk(desk, newsroom.ben)
    link = link_for(newsroom, newsroom.ana)
    ana.get("/account")

    answer = ana.post("/account/password", **FORM)

    assert (answer.status_code, answer.location) == (303, "/account")
    assert "Your new password is set" in words(ana.get("/account"))
    assert (is_in(ana), is_in(elsewhere), is_in(ben)) == (True, False, True)
    assert opened(desk, link).get("/password").status_code == 403
    assert not can_sign_in(desk, newsroom.ana, PASSWORD)
    assert can_sign_in(desk, newsroom.ana, NEW)
    assert ("password_changed", "the-daily", True) in events(newsroom)


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ({"current": "not it at all"}, "That is not your password."),
        ({"current": ""}, "That is not your password."),
        ({"again": NEW + "."}, "Type the new password twice."),
        ({"password": "short", "again": "short"}, "10 to 1000 characters"),
    ],
)
def test_a_slip_is_told_and_nothing_is_changed(
    newsroom: Newsroom, desk: Flask, ana: Visitor, slip: dict[str, Any], said: str
) -> None:
    elsewhere = at_desk(desk, newsroom.ana)

    answer = ana.post("/account/password", **FORM | slip)

    assert answer.status_code == 422
    assert said in words(answer)
    assert NEW not in answer.text
    assert is_in(elsewhere)
    assert can_sign_in(desk, newsroom.ana, PASSWORD)


def test_guesses_at_the_old_password_are_counted(newsroom: Newsroom) -> None:
    ana = at_desk(app_of(newsroom, rate_per_login="3/minute"), newsroom.ana)
    guess = FORM | {"current": "a guess"}

    assert [ana.post("/account/password", **guess).status_code for _ in range(4)] == [
        *[422] * 3,
        429,
    ]


def test_of_two_changes_at_once_the_second_one_finds_the_first(newsroom: Newsroom) -> None:
    first, second = passwords.hashed(NEW), passwords.hashed(NEW + "!")
    moment = datetime.now(UTC)
    with newsroom.db.transaction() as session:
        assert passwords.change(session, newsroom.ana, first, kept="", now=moment)
    with newsroom.db.transaction() as session:
        assert not passwords.change(session, newsroom.ana, second, kept="", now=moment)
    with newsroom.db.reading() as session:
        assert moderators.named(session, newsroom.ana.email).password_hash == first


# --- sign-ins ---------------------------------------------------------------------------------


def test_sign_ins_are_listed_and_ended_one_by_one(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    laptop = Visitor(desk.test_client())
    laptop.client.environ_base["HTTP_USER_AGENT"] = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    )
    laptop.sign_in(newsroom.ana)
    at_desk(desk, newsroom.ben)
    page = ana.get("/account")
    assert "Firefox on Linux" in words(page)
    assert words(page).count("last used just now") == 2
    [end] = ENDS.findall(page.text)

    assert ana.post(end).location == "/account"

    assert (is_in(ana), is_in(laptop)) == (True, False)
    assert ana.post(end).status_code == 404
    assert "Firefox" not in words(ana.get("/account"))


def test_nobody_ends_a_colleagues_sign_in(newsroom: Newsroom, ana: Visitor, ben: Visitor) -> None:
    with newsroom.db.reading() as session:
        bens = session.scalars(
            select(SignIn.token_hash).where(SignIn.moderator_id == newsroom.ben.id)
        ).one()

    assert ana.post(f"/account/sign-ins/{bens}/end").status_code == 404
    for nonsense in ("nonsense", "%00", "%20"):
        assert ana.post(f"/account/sign-ins/{nonsense}/end").status_code == 404
    assert is_in(ben)


def test_all_others_are_ended_at_once(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    others = [at_desk(desk, newsroom.ana) for _ in range(2)]
    ben = at_desk(desk, newsroom.ben)

    assert ana.post("/account/sign-ins/end-others").status_code == 303

    assert [is_in(one) for one in (ana, ben, *others)] == [True, True, False, False]


def test_a_sign_in_that_is_left_alone_ends(newsroom: Newsroom) -> None:
    desk = app_of(newsroom, sign_in_idle_minutes=30)
    ana = at_desk(desk, newsroom.ana)
    aged(newsroom, minutes=29)
    assert is_in(ana)
    assert "last used just now" in words(ana.get("/account"))

    aged(newsroom, minutes=31)

    assert not is_in(ana)
    again = at_desk(desk, newsroom.ana)
    assert words(again.get("/account")).count("last used") == 1


def test_a_page_that_lies_open_keeps_nobody_signed_in(newsroom: Newsroom) -> None:
    ana = at_desk(app_of(newsroom, sign_in_idle_minutes=30), newsroom.ana)
    aged(newsroom, minutes=29)

    assert ana.get("/queue/arrivals").status_code == 200

    aged(newsroom, minutes=2)
    assert not is_in(ana)


def test_a_sign_in_of_the_release_before_is_as_old_as_its_beginning(
    newsroom: Newsroom, ana: Visitor
) -> None:
    with newsroom.db.transaction() as session:
        session.execute(update(SignIn).values(last_used_at=None, client=None))

    assert is_in(ana)
    assert "another browser" in words(ana.get("/account"))


def test_looking_at_a_page_writes_nothing_in_its_first_minute(
    newsroom: Newsroom, ana: Visitor
) -> None:
    with newsroom.db.reading() as session:
        before = session.scalars(select(SignIn.last_used_at)).one()
    ana.get("/account")
    with newsroom.db.reading() as session:
        assert session.scalars(select(SignIn.last_used_at)).one() == before


def aged(newsroom: Newsroom, *, minutes: int) -> None:
    """As if every sign-in had been used so much earlier than it was."""
    with newsroom.db.transaction() as session:
        for sign_in in session.scalars(select(SignIn)):
            assert sign_in.last_used_at is not None
            sign_in.last_used_at -= timedelta(minutes=minutes)


def test_comings_and_goings_are_in_the_log_of_every_site_of_theirs(
    newsroom: Newsroom, desk: Flask
) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.post)
    ana = at_desk(desk, newsroom.ana)
    ana.post("/logout")
    with newsroom.db.transaction() as session:
        known = moderators.named(session, newsroom.ana.email)
        passwords.set_anew(session, known, NEW, now=datetime.now(UTC))

    assert sorted(events(newsroom)) == sorted(
        (event, slug, by_herself)
        for event, by_herself in (
            ("signed_in", True),
            ("signed_out", True),
            ("password_reset", False),
        )
        for slug in ("the-daily", "the-evening-post")
    )
    with newsroom.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:1) Gecko/1 Firefox/1", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/1", "Chrome on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 1) Version/1 Safari/1", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS like Mac OS X) Safari/1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/1 Mobile Safari/1", "Chrome on Android"),
        ("<script>alert(1)</script>", "another browser"),
        ("", "another browser"),
    ],
)
def test_a_browser_is_told_in_our_own_words(user_agent: str, client: str) -> None:
    assert client_of(user_agent) == client
