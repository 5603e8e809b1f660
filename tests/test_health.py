"""Alive, and ready: what whatever watches over the service asks."""

from sqlalchemy import text

from moderation.db import Database
from tests.api.conftest import app_of
from tests.newsroom import Newsroom


def test_alive_and_ready(newsroom: Newsroom) -> None:
    client = app_of(newsroom).test_client()

    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    nothing_waits = {"waiting": 0, "oldest_waiting_seconds": 0.0}
    assert client.get("/readyz").get_json() == {"ready": True, "problems": []} | nothing_waits


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
    }
