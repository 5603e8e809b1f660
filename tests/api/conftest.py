"""The API's door with the cast behind it: `daily` calls with The Daily's key."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import Settings
from moderation import site_keys, sites
from moderation.app import create_app
from moderation.models import Scope, Site
from tests.newsroom import MODEL, NOON, Newsroom

SECRET = "a secret key of thirty-two letters"  # noqa: S105 - of these tests alone


def settings(newsroom: Newsroom, **fields: Any) -> Settings:
    """What the scene's operator has set."""
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    return Settings(database_url=url, secret_key=SECRET, **fields)


def app_of(newsroom: Newsroom, **fields: Any) -> Flask:
    """The service, with these settings."""
    return create_app(settings(newsroom, **fields), db=newsroom.db, model=MODEL)


@dataclass(frozen=True, slots=True)
class Caller:
    """A site's developer, with a key."""

    client: FlaskClient
    key: str
    site: str = "the-daily"

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """Ask for a path under the site's own."""
        headers = {"Authorization": f"Bearer {self.key}"} | options.pop("headers", {})
        return self.client.open(
            f"/api/v1/sites/{self.site}{path}", method=method, headers=headers, **options
        )

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> TestResponse:
        return self.call("POST", path, **({"json": body} if body is not None else {}), **options)

    def put(self, path: str, body: Any, **options: Any) -> TestResponse:
        return self.call("PUT", path, json=body, **options)

    def delete(self, path: str) -> TestResponse:
        return self.call("DELETE", path)


def a_comment(text: str = "A fair point, well made.", **fields: Any) -> dict[str, Any]:
    """What The Daily posts when Rita comments on the tram story."""
    return {
        "story": {"id": "tram-7", "title": "Tram line 7 reopens"},
        "commenter": {"id": "rita", "name": "Rita"},
        "text": text,
    } | fields


def problem(response: TestResponse, status: int, kind: str) -> dict[str, Any]:
    """The problem that a response holds, after a look at what every problem has."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert body["status"] == status
    assert body["type"] == f"/api/docs#{kind}"
    assert body["title"]
    assert body["detail"]
    return body


def fields(body: dict[str, Any]) -> list[str]:
    """The fields that a problem names."""
    return [error["field"] for error in body["errors"]]


def key_of(newsroom: Newsroom, *scopes: Scope, site: str = "the-daily") -> str:
    """A new key of a site."""
    with newsroom.db.transaction() as session:
        row = sites.find(session, site)
        assert isinstance(row, Site)
        return site_keys.add(session, row, scopes, now=NOON)[1]


def posted(daily: Caller, text: str = "A fair point, well made.", **fields: Any) -> UUID:
    """Post a comment; answers its id."""
    response = daily.post("/comments", a_comment(text, **fields))
    assert response.status_code == 202, response.text
    return UUID(response.get_json()["id"])


@pytest.fixture(autouse=True)
def _folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as they come keep the journal of erasures in `data`, here."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def app(newsroom: Newsroom) -> Flask:
    """The service, with the settings as they come."""
    return app_of(newsroom)


@pytest.fixture
def daily(app: Flask, newsroom: Newsroom) -> Caller:
    """The Daily's developer."""
    return Caller(app.test_client(), newsroom.daily_key)


@pytest.fixture
def evening_post(app: Flask, newsroom: Newsroom) -> Caller:
    """The Evening Post's developer."""
    return Caller(app.test_client(), newsroom.post_key, "the-evening-post")
