"""The Daily shows its comments on its own pages: readers there, with a browser or a test client."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select
from werkzeug.test import TestResponse

from config.settings import Settings
from moderation import embed_secrets, site_settings, sites
from moderation.app import create_app
from moderation.models import Comment, Commenter
from moderation.sealing import Sealing
from tests.newsroom import MODEL, NOON, Newsroom

KEY = "a secret key of thirty-two letters"
SEALING = Sealing([KEY])
ORIGIN = "https://daily.example"


def app_of(newsroom: Newsroom, **fields: Any) -> Flask:
    """The service, with these settings."""
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    settings = Settings(**{"database_url": url, "secret_key": KEY} | fields)
    return create_app(settings, db=newsroom.db, model=MODEL)


def let_in(newsroom: Newsroom, *origins: str, guests: bool = True, site: str = "the-daily") -> str:
    """Let pages from there show the site's comments; answers the secret of its tokens."""
    with newsroom.db.transaction() as session:
        row = sites.named(session, site)
        site_settings.change(session, row, embed_origins=origins, embed_guests=guests, now=NOON)
        return embed_secrets.make(session, row.id, SEALING, ends_at=NOON, now=NOON)


def claims(**other: Any) -> dict[str, Any]:
    """What The Daily says of Rita for the next five minutes."""
    now = int(datetime.now(UTC).timestamp())
    said = {"aud": "the-daily", "sub": "rita", "name": "Rita", "iat": now, "exp": now + 300}
    return {name: value for name, value in (said | other).items() if value is not None}


def signed(secret: str, **other: Any) -> str:
    """A token as a site makes it."""
    return jwt.encode({"alg": "HS256"}, claims(**other), OctKey.import_key(secret))


@dataclass
class Reader:
    """Somebody who reads The Daily's page about the tram."""

    client: FlaskClient
    guest: str = ""
    token: str = ""
    site: str = "the-daily"
    origin: str | None = ORIGIN
    address: str = "192.0.2.1"

    def call(self, method: str, path: str = "", **options: Any) -> TestResponse:
        """Ask as the script does."""
        headers = {"Origin": self.origin} if self.origin is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        elif self.guest:
            headers["Authorization"] = f"Guest {self.guest}"
        return self.client.open(
            f"/thread/{self.site}/comments{path}",
            method=method,
            headers=headers,
            environ_base={"REMOTE_ADDR": self.address},
            **options,
        )

    def reads(self, story: str = "tram-7", **query: str) -> dict[str, Any]:
        answer = self.call("GET", query_string={"story": story, **query})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        self.guest = self.guest or found["guest"] or ""
        return found

    def posts(self, text: str = "Well said.", **fields: str) -> TestResponse:
        form = {"story": "tram-7", "name": "Omar", "text": text} | fields
        return self.call("POST", data=form)

    def says(self, path: str, **fields: str) -> TestResponse:
        return self.call("POST", path, data=fields)

    def posted(self, text: str = "Well said.", **fields: str) -> UUID:
        """Post a comment; answers its id."""
        answer = self.posts(text, **fields)
        assert answer.status_code == 202, answer.text
        return UUID(answer.get_json()["id"])


def writer_of(newsroom: Newsroom, comment_id: UUID) -> Commenter:
    """Who wrote it."""
    with newsroom.db.reading() as session:
        return session.scalars(
            select(Commenter)
            .join(Comment, Comment.commenter_id == Commenter.id)
            .where(Comment.id == comment_id)
        ).one()


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as they come keep the journal of erasures in `data`, here."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def secret(newsroom: Newsroom) -> str:
    """With what The Daily signs; its pages may show comments, and guests may write."""
    return let_in(newsroom, ORIGIN)


@pytest.fixture
def app(newsroom: Newsroom, secret: str) -> Flask:
    """The service."""
    return app_of(newsroom)


@pytest.fixture
def omar(app: Flask) -> Reader:
    """A guest."""
    reader = Reader(app.test_client())
    reader.reads()
    return reader


@pytest.fixture
def rita(app: Flask, secret: str) -> Reader:
    """A reader whom The Daily knows."""
    return Reader(app.test_client(), token=signed(secret))
