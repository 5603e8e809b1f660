"""The desk with the cast behind it: Ana and Ben sign in with a browser, or with a test client."""

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from config.settings import Settings
from moderation.app import create_app
from moderation.db import Database
from moderation.models import Moderator
from tests.desk.visitor import Visitor
from tests.newsroom import MODEL, PASSWORD, Newsroom, open_newsroom

SECRET = "a secret key of thirty-two letters"  # noqa: S105 - of these tests alone
TAG = re.compile("<[^<>]*>")


def app_of(newsroom: Newsroom, **fields: Any) -> Flask:
    """The service, with these settings."""
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    settings = Settings(**{"database_url": url, "secret_key": SECRET} | fields)
    return create_app(settings, db=newsroom.db, model=MODEL)


@pytest.fixture
def desk(newsroom: Newsroom) -> Flask:
    """The service."""
    return app_of(newsroom)


@pytest.fixture
def ana(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ana at her desk."""
    return at_desk(desk, newsroom.ana)


@pytest.fixture
def ben(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ben at his."""
    return at_desk(desk, newsroom.ben)


def at_desk(desk: Flask, moderator: Moderator) -> Visitor:
    """A moderator, signed in."""
    visitor = Visitor(desk.test_client())
    assert visitor.sign_in(moderator).status_code == 303
    return visitor


def words(answer: TestResponse) -> str:
    """The text of a page, without its tags."""
    return " ".join(html.unescape(TAG.sub("", answer.text)).split())


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app on a port of its own, for a real browser; answers its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Newsroom]:
    """The cast on SQLite alone: what a browser shows does not depend on the database."""
    with Database(sqlite_url) as db:
        yield open_newsroom(db)


@pytest.fixture
def address(on_sqlite: Newsroom) -> Iterator[str]:
    """Where that newsroom's desk is served."""
    with served(app_of(on_sqlite)) as address:
        yield address


def heard(page: Page) -> list[str]:
    """What the browser complains of from now on: errors, warnings, refusals of the content security
    policy."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def console(page: Page) -> list[str]:
    """What it complained of."""
    return heard(page)


def sign_in(page: Page, address: str, moderator: Moderator) -> None:
    """Log in with the form, in the browser."""
    page.goto(f"{address}/login")
    page.fill("#email", moderator.email)
    page.fill("#password", PASSWORD)
    page.click("text=Log in")
    page.wait_for_url("**/queue")
