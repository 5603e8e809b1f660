"""Alive, and ready: what whatever watches over the service asks."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from config.settings import Settings
from moderation import site_settings, sites
from moderation.app import create_app
from moderation.condition import ASKED_EVERY, Broker
from moderation.db import Database
from tests import services
from tests.api.conftest import app_of, settings
from tests.api.test_rate_limits import noted
from tests.conftest import OwnRedis
from tests.metrics import figure
from tests.newsroom import MODEL, Newsroom
from worker.app import create_worker
from worker.embedded import EmbeddedWorker


def test_alive_and_ready(newsroom: Newsroom) -> None:
    client = app_of(newsroom).test_client()

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    nothing_waits = {"waiting": 0, "oldest_waiting_seconds": 0.0}
    nothing_wrong = {"ready": True, "problems": [], "degraded": [], "misfits": []}
    assert client.get("/readyz").get_json() == nothing_wrong | nothing_waits


def test_a_worker_that_is_silent_shows_as_age(newsroom: Newsroom) -> None:
    newsroom.receive()

    ready = app_of(newsroom).test_client().get("/readyz").get_json()

    assert ready["waiting"] == 1
    assert ready["oldest_waiting_seconds"] > 60


def test_not_ready_on_another_schema(newsroom: Newsroom) -> None:
    client = app_of(newsroom).test_client()
    with newsroom.db.transaction() as session:
        current = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    response = client.get("/readyz")

    with newsroom.db.transaction() as session:  # the next test has this database too
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": current})

    assert response.status_code == 503
    [problem] = response.get_json()["problems"]
    assert "moderation db upgrade" in problem
    assert client.get("/healthz").status_code == 200


def test_no_address_of_the_database_is_told(newsroom: Newsroom) -> None:
    app = app_of(newsroom)
    gone = Database("postgresql+psycopg://someone:password@127.0.0.1:1/nothing")
    object.__setattr__(app.extensions["moderation"], "db", gone)

    response = app.test_client().get("/readyz")

    gone.dispose()
    assert response.get_json() == {
        "ready": False,
        "problems": ["the database cannot be reached"],
        "degraded": [],
    }


def test_without_redis_the_web_side_is_ready_and_says_what_it_misses(
    newsroom: Newsroom,
) -> None:
    nobody = f"redis://127.0.0.1:{services.free_port()}/0"
    response = app_of(newsroom, redis_url=nobody).test_client().get("/readyz")

    assert (response.status_code, response.get_json()["degraded"]) == (200, ["redis"])


def test_a_frozen_redis_is_asked_once_a_second(
    own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, server = own_redis
    broker = Broker(Settings(redis_url=url))
    asked: list[str] = []
    assert broker._client is not None
    # Of this broker alone: the apps of earlier tests may still be asking for theirs.
    monkeypatch.setattr(broker._client, "ping", noted(broker._client.ping, asked))
    with server.frozen():
        began = time.monotonic()
        answers = [broker.answers() for _ in range(5)]

    assert answers == [False] * 5
    assert 1 <= len(asked) <= 1 + (time.monotonic() - began) / ASKED_EVERY


def test_redis_is_missed_no_longer_once_it_is_back(newsroom: Newsroom, own_redis: OwnRedis) -> None:
    url, server = own_redis
    client = app_of(newsroom, redis_url=url).test_client()
    with server.frozen():
        assert client.get("/readyz").get_json()["degraded"] == ["redis"]
    time.sleep(1.1)  # not asked more often than once a second
    assert client.get("/readyz").get_json()["degraded"] == []


def test_a_dead_worker_inside_of_the_process_is_told(newsroom: Newsroom) -> None:
    worker = EmbeddedWorker(create_worker(Settings(), newsroom.db), 1)  # never started
    app = create_app(settings(newsroom), db=newsroom.db, model=MODEL, worker_lives=worker.lives)

    assert app.test_client().get("/readyz").get_json()["degraded"] == ["worker"]


def test_a_policy_that_the_model_does_not_fit_is_named_with_its_clause(newsroom: Newsroom) -> None:
    other = replace(MODEL, version="f" * 12, attributes=("toxicity", "insult"))
    app = create_app(settings(newsroom), db=newsroom.db, model=other)

    response = app.test_client().get("/readyz")

    assert response.status_code == 200  # comments are taken in, and held
    assert response.get_json()["misfits"] == [
        {
            "site": "the-daily",
            "clause": "profanity",
            "problem": "the model does not score obscene",
        },
        {
            "site": "the-daily",
            "clause": None,
            "problem": f"the policy was posted for model {'0' * 12}, this is {'f' * 12}",
        },
    ]


def test_where_there_is_a_private_address_the_public_one_names_no_site(newsroom: Newsroom) -> None:
    other = replace(MODEL, version="f" * 12)
    with_private = settings(newsroom, metrics_bind="127.0.0.1:9100")
    client = create_app(with_private, db=newsroom.db, model=other).test_client()

    assert "the-daily" not in client.get("/readyz").text
    assert "the-daily" in asked_in_private(client, "/readyz").text


def asked_in_private(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, environ_overrides={"SERVER_PORT": "9100"})


def test_figures_are_told_on_the_private_address_alone(newsroom: Newsroom) -> None:
    client = app_of(newsroom, metrics_bind="127.0.0.1:9100").test_client()

    for path in ("/metrics", "//metrics", "///metrics"):
        asked = client.get("/", environ_overrides={"PATH_INFO": path})
        assert asked.status_code == 404, path
    for path, status in (
        ("/metrics", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/queue", 404),
        ("/api/openapi.json", 404),
    ):
        assert asked_in_private(client, path).status_code == status
    sent = {"X-Forwarded-Port": "9100", "X-Forwarded-Host": "x:9100", "Host": "x:9100"}
    behind = app_of(newsroom, metrics_bind="127.0.0.1:9100", proxy_hops=1).test_client()
    assert behind.get("/metrics", headers=sent).status_code == 404


def test_without_a_private_address_no_figures_are_told(newsroom: Newsroom) -> None:
    client = app_of(newsroom).test_client()

    for path in ("/metrics", "//metrics"):
        assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 404


def test_what_waits_is_read_when_it_is_asked_for(newsroom: Newsroom) -> None:
    client = app_of(newsroom, metrics_bind="127.0.0.1:9100").test_client()
    newsroom.held()
    newsroom.receive()

    told = asked_in_private(client, "/metrics").text

    assert figure(told, "moderation_database_up") == 1
    assert figure(told, "moderation_waiting_comments") == 1
    assert figure(told, "moderation_oldest_waiting_seconds") > 60
    assert figure(told, 'moderation_held_comments{site="the-daily"}') == 1
    assert figure(told, 'moderation_oldest_held_seconds{site="the-daily"}') > 60
    assert figure(told, 'moderation_held_comments{site="the-evening-post"}') == 0


def test_what_was_held_today_is_told_where_a_site_has_a_budget(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app_of(newsroom, metrics_bind="127.0.0.1:9100").test_client()
    newsroom.held("Fool of long ago.")
    monkeypatch.setattr("tests.newsroom.NOON", datetime.now(UTC))
    newsroom.held("Fool of today.")
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, hold_budget=5, now=datetime.now(UTC))

    told = asked_in_private(client, "/metrics").text

    assert figure(told, 'moderation_held_today_comments{site="the-daily"}') == 1
    assert figure(told, 'moderation_hold_budget_comments{site="the-daily"}') == 5
    assert 'moderation_hold_budget_comments{site="the-evening-post"}' not in told


def test_figures_are_told_while_the_database_is_away(newsroom: Newsroom) -> None:
    app = app_of(newsroom, metrics_bind="127.0.0.1:9100")
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    object.__setattr__(app.extensions["moderation"], "db", gone)

    told = asked_in_private(app.test_client(), "/metrics").text

    gone.dispose()
    assert "moderation_database_up 0.0" in told
    assert "moderation_waiting_comments" not in told
    assert "moderation_request_seconds_bucket" in told
