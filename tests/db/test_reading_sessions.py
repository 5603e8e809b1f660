"""A session that only reads: it changes nothing, and leaves the connection as quick as it was."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from moderation.db import Database
from moderation.models import Site
from tests.newsroom import Newsroom


def rename_past_orm(db: Database) -> None:
    with db.reading() as session:
        session.connection().execute(update(Site).values(name="The Nightly"))


def rename_object(db: Database) -> None:
    with db.reading() as session:
        for site in session.scalars(select(Site)):
            site.name = "The Nightly"


@pytest.mark.parametrize("change", [rename_past_orm, rename_object])
def test_it_changes_nothing(newsroom: Newsroom, change: Callable[[Database], None]) -> None:
    with suppress(DBAPIError):  # Postgres refuses it, SQLite lets it be undone
        change(newsroom.db)
    with newsroom.db.reading() as session:
        assert "The Nightly" not in set(session.scalars(select(Site.name)))


def test_what_is_often_asked_stays_prepared(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        for _ in range(8):
            with db.reading() as session:
                session.scalars(select(Site.slug)).all()
        with db.reading() as session:
            prepared = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
        assert any("FROM sites" in statement for statement in prepared)


def test_as_many_stay_prepared_as_the_desk_asks(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        for _ in range(8):
            for number in range(150):
                with db.reading() as session:
                    session.scalar(text(f"SELECT {number}"))
        with db.reading() as session:
            prepared = session.scalars(text("SELECT name FROM pg_prepared_statements")).all()
        assert len(prepared) >= 150


def test_no_statement_waits_for_machine_code(postgres_url: str) -> None:
    with Database(postgres_url) as db, db.reading() as session:
        assert session.scalar(text("SHOW jit")) == "off"
