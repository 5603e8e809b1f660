"""Whoever is refused for now is told when to come back, at whichever door."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from moderation.db import Database
from tests.embed.conftest import ORIGIN, app_of, let_in
from tests.newsroom import Newsroom

Asked = Callable[[FlaskClient, str], TestResponse]
ASKED: dict[str, Asked] = {
    "api": lambda client, key: client.get(
        "/api/v1/sites/the-daily/decisions", headers={"Authorization": f"Bearer {key}"}
    ),
    "script": lambda client, _: client.get(
        "/thread/the-daily/comments?story=tram-7", headers={"Origin": ORIGIN}
    ),
    "page": lambda client, _: client.get("/embed/the-daily/tram-7"),
    "form": lambda client, _: client.post(
        "/embed/the-daily/tram-7", data={"act": "post"}, headers={"Origin": ORIGIN}
    ),
    "perspective": lambda client, key: client.post(
        f"/v1alpha1/comments:analyze?key={key}",
        json={"comment": {"text": "So."}, "requestedAttributes": {"TOXICITY": {}}},
    ),
    "readiness": lambda client, _: client.get("/readyz"),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: it is away."""
    return sqlite_url


@pytest.mark.parametrize("door", ASKED)
def test_when_the_database_is_away(newsroom: Newsroom, door: str) -> None:
    let_in(newsroom, ORIGIN)
    app = app_of(newsroom)
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    object.__setattr__(app.extensions["moderation"], "db", gone)
    answer = ASKED[door](app.test_client(), newsroom.daily_key)
    gone.dispose()
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
