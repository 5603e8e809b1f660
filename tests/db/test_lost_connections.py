"""A connection to Postgres that was lost while it rested, or between two requests."""

import time

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

from moderation import db as database
from moderation.db import Database, is_away
from tests.services import own_postgres


def ask(db: Database) -> None:
    with db.reading() as session:
        session.execute(text("SELECT 1"))


def lose_all(url: str) -> None:
    """End every other connection, as a restart of Postgres does."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_one_lost_while_it_rested_is_replaced_unseen(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RESTED_SECONDS", 0.0)
    with Database(postgres_url) as db:
        ask(db)
        lose_all(postgres_url)
        ask(db)


def test_one_lost_in_between_costs_one_request(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "RESTED_SECONDS", 60.0)
    with Database(postgres_url) as db:
        ask(db)
        lose_all(postgres_url)
        with pytest.raises(OperationalError):
            ask(db)
        ask(db)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_was_said() -> None:
    with (
        own_postgres({}) as (postgres, server),
        Database(postgres.create(), answers_within=0.3) as db,
    ):
        with db.transaction() as session:
            session.execute(text("CREATE TABLE said (word text)"))
        with server.frozen(), db.transaction() as session:
            began = time.monotonic()
            with pytest.raises(OperationalError) as raised:
                session.execute(text("INSERT INTO said VALUES ('too late')"))
            assert time.monotonic() - began < 2
            assert is_away(raised.value)
            session.rollback()
            assert time.monotonic() - began < 2
        with db.transaction() as session:
            assert session.scalars(text("SELECT word FROM said")).all() == []
            # What may be asked takes as long as it takes, within its limit.
            session.execute(text("SELECT pg_sleep(0.2)"))


def test_nothing_goes_on_waiting_in_the_server_when_nobody_waits_for_it(postgres_url: str) -> None:
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with Database(postgres_url) as other, Database(postgres_url, answers_within=0.3) as db:
        with other.transaction() as holder:
            holder.execute(text("LOCK TABLE sites"))
            for _ in range(2):
                with pytest.raises(OperationalError) as raised, db.transaction() as session:
                    session.execute(text("SELECT slug FROM sites"))
                assert is_away(raised.value)
            assert holder.scalar(waits) == 0
        ask(db)
