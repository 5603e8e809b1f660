"""The database's schema: brought up to date by Alembic, and checked before anything runs on it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from moderation.db import Database


class SchemaError(RuntimeError):
    """The database's schema is not the one that this release runs on."""


def upgrade(database: Database) -> None:
    """Bring the schema up to this release. Safe to repeat, and when several start at once."""
    config = _config()
    with database.engine.execution_options(immediate=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7140663541)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(database: Database) -> None:
    """SchemaError unless the schema is this release's."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if current != head:
        raise SchemaError(
            f"the database is at schema {current or 'none'}, this release needs {head}:"
            " run `moderation db upgrade`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
