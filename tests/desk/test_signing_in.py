"""Logging in and out, and what keeps others out."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from moderation.models import SignIn
from moderation.staff import sign_ins
from tests.desk.conftest import app_of, at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "javascript:alert(1)",
    "evil.example",
    "/login?next=/login",
    "/api/v1/openapi.json",
    "",
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: sign-ins do not depend on which it is."""
    return sqlite_url


def test_a_moderator_logs_in_and_sees_the_queue(newsroom: Newsroom, desk: Flask) -> None:
    visitor = Visitor(desk.test_client())
    asked = visitor.get("/queue?site=the-daily")
    assert (asked.status_code, asked.location) == (303, "/login?next=/queue?site%3Dthe-daily")
    visitor.get(asked.location)
    answer = visitor.post(
        "/login", email=" ANA@daily.example ", password=PASSWORD, next="/queue?site=the-daily"
    )
    assert (answer.status_code, answer.location) == (303, "/queue?site=the-daily")
    assert visitor.get(answer.location).status_code == 200


def test_wrong_password_and_unknown_email_get_the_same_answer(
    newsroom: Newsroom, desk: Flask
) -> None:
    answers = []
    for email in ("ana@daily.example", "nobody@daily.example", "na\0body", "\ud800"):
        visitor = Visitor(desk.test_client())
        visitor.get("/login")
        answer = visitor.post("/login", email=email.encode("utf-8", "replace"), password="wrong")
        answers.append((answer.status_code, words(answer)))
        assert visitor.get("/queue").status_code == 303
    assert {status for status, _ in answers} == {403}
    assert len(set(answers)) == 1
    assert "That e-mail and password do not go together." in answers[0][1]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(
    newsroom: Newsroom,
) -> None:
    plain = Visitor(app_of(newsroom).test_client()).sign_in(newsroom.ana)
    cookie = next(c for c in plain.headers.getlist("Set-Cookie") if c.startswith("desk="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    client = app_of(newsroom, secure_cookies=True).test_client()
    visitor = Visitor(client)
    page = client.get("/login", base_url="https://desk.example")
    assert all("Secure" in c for c in page.headers.getlist("Set-Cookie"))
    visitor.token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    secure = client.post(
        "/login",
        base_url="https://desk.example",
        headers={"Referer": "https://desk.example/login"},
        data={"csrf_token": visitor.token, "email": newsroom.ana.email, "password": PASSWORD},
    )
    cookies = secure.headers.getlist("Set-Cookie")
    assert any(c.startswith("__Host-desk=") and "Secure" in c for c in cookies)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_link_leads_elsewhere_after_the_login(
    newsroom: Newsroom, desk: Flask, target: str
) -> None:
    visitor = Visitor(desk.test_client())
    assert visitor.sign_in(newsroom.ana, next=target).location == "/queue"
    assert visitor.get("/login", query_string={"next": target}).location == "/queue"


def test_a_sign_in_ends_after_its_hours(newsroom: Newsroom, ana: Visitor) -> None:
    with newsroom.db.transaction() as session:
        session.execute(update(SignIn).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert ana.get("/queue").location.startswith("/login")
    assert newsroom.comment(newsroom.held()).status == "held"


def test_a_revoked_sign_in_is_out_at_once(newsroom: Newsroom, ana: Visitor) -> None:
    assert ana.get("/queue").status_code == 200
    with newsroom.db.transaction() as session:
        sign_ins.end_all(session, newsroom.ana.id, now=datetime.now(UTC))
    assert ana.get("/queue").status_code == 303


def test_logging_out_ends_the_sign_in_in_the_database(newsroom: Newsroom, ana: Visitor) -> None:
    cookie = ana.client.get_cookie("desk")
    assert cookie is not None
    assert ana.post("/logout").location == "/login"
    assert ana.client.get_cookie("desk") is None
    ana.client.set_cookie("desk", cookie.value)
    assert ana.get("/queue").status_code == 303


def test_the_login_does_not_keep_what_was_there_before(newsroom: Newsroom, desk: Flask) -> None:
    visitor = Visitor(desk.test_client())
    visitor.client.set_cookie("desk", "a token that somebody else planted")
    visitor.get("/login")
    before = visitor.token
    visitor.sign_in(newsroom.ana)
    cookie = visitor.client.get_cookie("desk")
    assert cookie is not None
    assert cookie.value != "a token that somebody else planted"
    # Nor the form's token of before, which whoever planted it would know.
    visitor.token = before
    assert visitor.post("/logout").status_code == 400


def test_a_second_login_ends_the_first_one_of_that_browser(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    first = ana.client.get_cookie("desk")
    assert first is not None
    ana.post("/login", email=newsroom.ben.email, password=PASSWORD)
    with newsroom.db.reading() as session:
        assert len(session.scalars(select(SignIn).where(SignIn.revoked_at.is_(None))).all()) == 1
    ana.client.set_cookie("desk", first.value)
    assert ana.get("/queue").status_code == 303


def test_too_many_tries_for_one_email_or_from_one_address_are_refused(
    newsroom: Newsroom,
) -> None:
    desk = app_of(newsroom, rate_per_login="3/minute")
    visitor = Visitor(desk.test_client())
    visitor.get("/login")
    for _ in range(3):
        assert visitor.post("/login", email="x@y.example", password="no").status_code == 403
    other = {"REMOTE_ADDR": "203.0.113.9"}
    refused = visitor.client.post(
        "/login",
        data={"csrf_token": visitor.token, "email": "X@Y.example ", "password": "no"},
        environ_base=other,
    )
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "Too many tries" in words(refused)
    same_address = visitor.post("/login", email=newsroom.ana.email, password=PASSWORD)
    assert same_address.status_code == 429
    assert visitor.get("/login").status_code == 200
    assert at_desk(app_of(newsroom), newsroom.ana).get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("addresses", "counted_as_one"),
    [
        (["2001:db8:7:1::1", "2001:db8:7:1:a:b:c:d"], True),
        (["2001:db8:7:1::1", "2001:db8:7:2::1"], False),
        (["203.0.113.9", "::ffff:203.0.113.9"], True),
        (["203.0.113.9", "203.0.113.8"], False),
        (["unknown", "hidden"], False),
    ],
)
def test_whoever_has_many_addresses_has_no_more_tries(
    newsroom: Newsroom, addresses: list[str], counted_as_one: bool
) -> None:
    visitor = Visitor(app_of(newsroom, rate_per_login="1/minute").test_client())
    visitor.get("/login")

    codes = [
        visitor.client.post(
            "/login",
            data={"csrf_token": visitor.token, "email": f"{nth}@y.example", "password": "no"},
            environ_base={"REMOTE_ADDR": address},
        ).status_code
        for nth, address in enumerate(addresses)
    ]

    assert codes == [403, 429 if counted_as_one else 403]


def test_the_pages_are_kept_by_no_cache_and_run_no_foreign_code(
    ana: Visitor,
) -> None:
    page = ana.get("/queue")
    assert page.headers["Cache-Control"] == "no-store"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not {"style=", "onclick=", "<style"} & set(page.text.split())
