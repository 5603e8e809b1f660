"""Logging in with an OpenID Connect provider: a real one, in a process of its own."""

import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings, SettingsError
from moderation.models import AuditEntry, Identity
from moderation.staff import identities
from tests.desk.conftest import app_of, at_desk, served, words
from tests.desk.test_codes import set_up, shown
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom
from tests.services import free_port

CLAIMS = (
    {"sub": "a-1", "email": "ana@daily.example", "email_verified": True},
    {"sub": "a-2", "email": "Ana@Daily.example", "email_verified": True},
    {"sub": "b-1", "email": "ben@post.example", "email_verified": False},
    {"sub": "s-1", "email": "stranger@x.example", "email_verified": True},
)
NOT_THERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows Ana, somebody with her address, Ben, and a stranger."""
    port = free_port()
    known = [part for claims in CLAIMS for part in ("--user-claims", json.dumps(claims))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *known]
    running = subprocess.Popen(
        [*command, "--require-nonce", "true"],
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/.well-known/openid-configuration")
                assert connection.getresponse().status == 200
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def with_provider(newsroom: Newsroom, issuer: str, **fields: Any) -> Flask:
    return app_of(
        newsroom,
        oidc_issuer=issuer,
        oidc_client_id="desk",
        oidc_client_secret="of the desk",
        rate_per_login="1000/minute",
        **fields,
    )


def agreed(address: str, subject: str) -> str:
    """What the provider answers once somebody has logged in there: the way back to the desk."""
    asked = urlsplit(address)
    assert asked.hostname is not None
    with closing(HTTPConnection(asked.hostname, asked.port, timeout=30)) as connection:
        connection.request(
            "POST",
            f"{asked.path}?{asked.query}",
            urlencode({"sub": subject}),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        location = connection.getresponse().headers["Location"]
    assert location is not None
    return location.removeprefix("http://localhost")


def sent(visitor: Visitor, back: str = "/decisions") -> str:
    """Where the desk sends somebody who wants to log in so."""
    answer = visitor.get("/login/sso", query_string={"next": back})
    assert answer.status_code == 302, words(answer)
    return str(answer.location)


def logged_in(desk: Flask, subject: str) -> tuple[Visitor, TestResponse]:
    visitor = Visitor(desk.test_client())
    return visitor, visitor.get(agreed(sent(visitor), subject))


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/queue").status_code == 200


def test_whom_the_provider_knows_is_signed_in(newsroom: Newsroom, provider: str) -> None:
    desk = with_provider(newsroom, provider)
    assert "Log in with the single sign-on" in words(Visitor(desk.test_client()).get("/login"))

    ana, answer = logged_in(desk, "a-1")

    assert (answer.status_code, answer.location) == (303, "/decisions")
    assert "Ana" in words(ana.get("/queue"))
    with newsroom.db.reading() as session:
        [kept] = session.scalars(select(Identity))
        assert (kept.issuer, kept.subject, kept.moderator_id) == (provider, "a-1", newsroom.ana.id)
        events = session.scalars(select(AuditEntry.event)).all()
    assert events.count("single_sign_on_joined") == 1
    _, again = logged_in(desk, "a-1")
    assert again.status_code == 303


@pytest.mark.parametrize(
    "subject",
    [
        "b-1",  # the provider has not verified that it is his address
        "s-1",  # nobody here
        "never-heard-of",  # whose address is none
    ],
)
def test_whom_nobody_here_knows_gets_nothing(
    newsroom: Newsroom, provider: str, subject: str
) -> None:
    visitor, answer = logged_in(with_provider(newsroom, provider), subject)

    assert answer.status_code == 403
    assert "Nobody here has the address" in words(answer)
    assert not is_in(visitor)


def test_a_name_that_no_database_would_keep_is_none(newsroom: Newsroom, provider: str) -> None:
    desk = with_provider(newsroom, provider)
    for subject in ("x" * 256, "a-\0"):
        _, answer = logged_in(desk, subject)
        assert answer.status_code == 403
        assert "That did not work out." in words(answer)


def test_an_address_that_was_handed_on_opens_nobodys_account(
    newsroom: Newsroom, provider: str
) -> None:
    desk = with_provider(newsroom, provider)
    logged_in(desk, "a-1")

    heir, answer = logged_in(desk, "a-2")

    assert answer.status_code == 403
    assert not is_in(heir)


def test_the_account_stays_when_the_address_changes(newsroom: Newsroom) -> None:
    moment = datetime.now(UTC)
    with newsroom.db.transaction() as session:
        first = identities.account_of(
            session, "https://x", "1", email=newsroom.ana.email, now=moment
        )
        later = identities.account_of(
            session, "https://x", "1", email="new@daily.example", now=moment
        )
        elsewhere = identities.account_of(session, "https://y", "1", email=None, now=NOON)
    assert first is not None
    assert later is not None
    assert (first.id, later.id, elsewhere) == (newsroom.ana.id, newsroom.ana.id, None)


def test_codes_are_asked_for_all_the_same(newsroom: Newsroom, provider: str) -> None:
    desk = with_provider(newsroom, provider)
    set_up(newsroom, at_desk(desk, newsroom.ana), newsroom.ana)

    visitor, answer = logged_in(desk, "a-1")

    assert answer.location == "/login/code?next=/decisions"
    assert not is_in(visitor)
    visitor.get(answer.location)
    visitor.post("/login/code", code=shown(newsroom, newsroom.ana))
    assert is_in(visitor)


def test_an_answer_that_was_not_asked_for_is_not_taken(newsroom: Newsroom, provider: str) -> None:
    desk = with_provider(newsroom, provider)
    ana, mallory = Visitor(desk.test_client()), Visitor(desk.test_client())
    back = agreed(sent(mallory), "a-1")

    for path in (
        back,  # of another browser
        "/login/sso/back",
        "/login/sso/back?code=x&state=y",
        "/login/sso/back?error=access_denied",
    ):
        answer = ana.get(path)
        assert answer.status_code == 403, path
        assert "That did not work out." in words(answer)
    assert not is_in(ana)
    assert mallory.get(back).status_code == 303
    assert mallory.get(back).status_code == 403  # it is good once


def test_a_code_that_is_not_the_providers_is_not_taken(newsroom: Newsroom, provider: str) -> None:
    visitor = Visitor(with_provider(newsroom, provider).test_client())
    back = agreed(sent(visitor), "a-1")

    forged = re.sub("code=[^&]+", "code=forged", back)

    assert forged != back
    assert visitor.get(forged).status_code == 403
    assert not is_in(visitor)


def test_nothing_of_it_is_told_to_the_log(
    newsroom: Newsroom, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    visitor = Visitor(with_provider(newsroom, provider).test_client())
    back = agreed(sent(visitor), "a-1")
    visitor.get(back)

    [code] = re.findall("code=([^&]+)", back)
    assert code not in caplog.text
    assert "ana@daily.example" not in caplog.text


def test_while_the_provider_is_away_the_password_still_opens(newsroom: Newsroom) -> None:
    desk = with_provider(newsroom, NOT_THERE)

    answer = Visitor(desk.test_client()).get("/login/sso")

    assert answer.status_code == 503
    assert "The single sign-on does not answer." in words(answer)
    assert is_in(at_desk(desk, newsroom.ana))


def test_without_a_provider_there_is_no_such_address(desk: Flask) -> None:
    visitor = Visitor(desk.test_client())
    assert "single sign-on" not in words(visitor.get("/login"))
    assert visitor.get("/login/sso").status_code == 404
    assert visitor.get("/login/sso/back").status_code == 404


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://login.example"}, "MODERATION_OIDC_CLIENT_ID"),
        ({"oidc_client_id": "desk", "oidc_client_secret": "x"}, "MODERATION_OIDC_ISSUER"),
        (
            {
                "oidc_issuer": "http://login.example",
                "oidc_client_id": "desk",
                "oidc_client_secret": "x",
            },
            "MODERATION_OIDC_ISSUER must begin with https://",
        ),
    ],
)
def test_half_a_provider_stops_the_start(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings(**given)


@pytest.mark.browser
def test_in_a_browser(on_sqlite: Newsroom, provider: str, page: Page) -> None:
    with served(with_provider(on_sqlite, provider)) as address:
        page.goto(f"{address}/login")
        page.click("text=Log in with the single sign-on")
        page.wait_for_url(f"{provider}/**")
        page.click("button:has-text('a-1')")
        page.wait_for_url(f"{address}/queue")
        assert page.locator(".me .name").inner_text().startswith("Ana")
