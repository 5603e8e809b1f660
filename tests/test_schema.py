"""The migrations make the tables that the code maps, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from moderation import schema
from moderation.db import Database
from moderation.models import Base


def test_the_migrations_make_what_the_models_say(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_may_be_repeated(db: Database) -> None:
    schema.upgrade(db)
    schema.check(db)


def test_an_empty_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with (
        Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}") as db,
        pytest.raises(schema.SchemaError, match="moderation db upgrade"),
    ):
        schema.check(db)
