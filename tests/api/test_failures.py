"""When something breaks: a clear answer, nothing half stored, no secret told or logged."""

import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from moderation import comments, schema
from moderation.db import Database
from moderation.models import Comment, Receipt, Revision, Story
from tests.api.conftest import Caller, a_comment, app_of, problem
from tests.newsroom import Newsroom

WORDS = "words that only Rita wrote"


def counts(db: Database) -> list[int]:
    with db.reading() as session:
        tables = (Comment, Revision, Receipt, Story)
        return [session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]


def test_a_database_that_cannot_be_reached(tmp_path: Path, newsroom: Newsroom) -> None:
    app = app_of(newsroom)
    daily = Caller(app.test_client(), newsroom.daily_key)
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    newsroom.db.dispose()
    object.__setattr__(app.extensions["moderation"], "db", gone)

    for response in (daily.post("/comments", a_comment()), daily.get("/decisions")):
        problem(response, 503, "unavailable")
        assert response.headers["Retry-After"] == "5"
    ready = daily.client.get("/readyz")
    assert (ready.status_code, ready.get_json()["ready"]) == (503, False)
    assert daily.client.get("/healthz").status_code == 200
    gone.dispose()


def test_a_full_disk(daily: Caller, newsroom: Newsroom) -> None:
    if newsroom.db.engine.dialect.name == "sqlite":
        take_no_page_more(newsroom.db)
    else:
        answer_as_a_full_disk_does(newsroom.db)
    before = counts(newsroom.db)

    response = daily.post("/comments", a_comment("x" * 9000))

    problem(response, 503, "unavailable")
    assert response.headers["Retry-After"] == "5"
    assert counts(newsroom.db) == before


def take_no_page_more(db: Database) -> None:
    raw = db.engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("VACUUM")  # what dropped tables and indexes have left would be taken first
    [pages] = cursor.execute("PRAGMA page_count").fetchone()
    raw.close()
    db.dispose()

    @event.listens_for(db.engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")


def answer_as_a_full_disk_does(db: Database) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON revisions"
            " FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )


def test_a_database_that_somebody_locked(newsroom: Newsroom) -> None:
    daily = Caller(app_of(newsroom).test_client(), newsroom.daily_key)
    grow_impatient(newsroom.db)
    with newsroom.db.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE receipts"))
        else:
            session.execute(select(1))  # begins, and takes the one lock there is

        response = daily.post("/comments", a_comment(), headers={"Idempotency-Key": "k"})

    problem(response, 503, "unavailable")
    assert counts(newsroom.db) == [0, 0, 0, 0]
    again = daily.post("/comments", a_comment(), headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.get_json()["repeat"]) == (202, False)


def grow_impatient(db: Database) -> None:
    """Wait a fifth of a second for a lock, so that the scene is short."""
    postgres = db.engine.dialect.name == "postgresql"

    @event.listens_for(db.engine, "checkout")
    def shorten(connection: Any, _record: Any, _proxy: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SET lock_timeout = '200ms'" if postgres else "PRAGMA busy_timeout = 200")
        cursor.close()
        if postgres:
            connection.commit()


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own, with everything in its message that must not be told."""

    def receive(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(comments, "receive", receive)


def test_our_own_fault_is_not_explained_and_the_log_has_no_words(
    daily: Caller, broken: None, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)

    response = daily.post("/comments?note=query-of-the-caller", a_comment(WORDS))

    body = problem(response, 500, "internal")
    assert set(body) == {"type", "title", "status", "detail"}
    captured = capfd.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert "request_failed" in logged
    assert "RuntimeError" in logged
    for never in (WORDS, daily.key, "query-of-the-caller", "rita"):
        assert never not in response.text + logged


def test_a_driver_s_message_holds_no_values(newsroom: Newsroom) -> None:
    row = {
        "site_id": newsroom.daily.id,
        "comment_id": newsroom.ana.id,
        "number": 1,
        "text": WORDS,
        "created_at": newsroom.daily.created_at,
    }
    with pytest.raises(IntegrityError) as caught, newsroom.db.transaction() as session:
        session.execute(insert(Revision), row)

    assert WORDS not in str(caught.value)


def test_outside_the_api_an_error_is_plain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_db: Database) -> None:
        raise RuntimeError(WORDS)

    monkeypatch.setattr(schema, "check", check)
    response = app.test_client().get("/readyz")

    assert response.status_code == 500
    assert WORDS not in response.text
