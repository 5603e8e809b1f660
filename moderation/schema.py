"""The database's schema: brought up to date by Alembic, and checked before anything runs on it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from config.logs import log
from moderation.db import Database
from moderation.models import SchemaFloor

ONE_UPGRADE = 7140663541
"""The advisory lock that lets one upgrade in at a time."""
LOCK_SECONDS = 3
"""How long a change of a table waits for those who use it. All who come later wait behind it."""
TRIES = 20
PAUSE_SECONDS = 0.5
"""How long after each try the next one begins, so much longer each time: what waited gets through.
All tries together take two and a half minutes."""


class SchemaError(RuntimeError):
    """The database's schema is not one that this release runs on."""


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema up to `revision`, by default this release's.

    Safe to repeat, when several start at once, and beside the running older release: no table is
    locked for longer than LOCK_SECONDS, and what an upgrade cannot get it tries again. A schema
    that is newer than this release is left alone.
    """
    if database.engine.dialect.name == "sqlite":
        with database.engine.execution_options(immediate=True).begin() as connection:
            if not _is_newer(connection):
                _upgrade(connection, revision)
        return
    with _alone(database), database.engine.connect() as connection:
        for attempt in range(1, TRIES + 1):
            try:
                connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
                newer = _is_newer(connection)
                connection.commit()
                if not newer:
                    _upgrade(connection, revision)
            except OperationalError as error:
                connection.rollback()
                if getattr(error.orig, "sqlstate", None) != "55P03" or attempt == TRIES:
                    raise
                log.warning("upgrade_waits", attempt=attempt)
                time.sleep(attempt * PAUSE_SECONDS)
            else:
                break
        connection.invalidate()  # with its lock_timeout


def _upgrade(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _is_newer(connection: Connection) -> bool:
    """Whether a newer release has been here; SchemaError when it lets this one run no more."""
    current = _current(connection)
    if current is None or current <= newest():
        return False
    check_on(connection)
    return True


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Hold the one lock, on a connection with no transaction open: an index that is made
    CONCURRENTLY waits for the end of every transaction. A statement that waits for the lock is one,
    too: the upgrade that has it would wait for those that come after it, and they for it."""
    connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        while not connection.scalar(select(func.pg_try_advisory_lock(ONE_UPGRADE))):
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        connection.invalidate()  # which ends the lock, whatever happened
        connection.close()


def check(database: Database) -> None:
    """SchemaError unless this release may run on the schema.

    That is its own schema, or a newer one whose migrations have let it pass (`SchemaFloor`).
    """
    with database.engine.connect() as connection:
        check_on(connection)


def check_on(connection: Connection) -> None:
    """The same, on an open connection."""
    current, head = _current(connection), newest()
    if current == head:
        return
    if current is None:
        # A command that is called in another folder makes a SQLite file of its own there.
        raise SchemaError(
            "the database is empty: if it is to be new, run `moderation db upgrade`; if it is not,"
            " this is another one than the service has: call commands with the service's"
            " environment, and in its folder"
        )
    if current < head:
        raise SchemaError(
            f"the database is at schema {current}, this release needs {head}:"
            " run `moderation db upgrade`"
        )
    floor = connection.execute(select(SchemaFloor.oldest_code, SchemaFloor.release)).first()
    if floor is None or head < floor.oldest_code:
        release = f"release {floor.release}" if floor else "a newer release"
        raise SchemaError(
            f"the database is at schema {current}, this release knows {head} and is too old for"
            f" it: {release} is the oldest that may run on it"
        )


def revision(database: Database) -> str | None:
    """The schema that the database is at; None: it has none."""
    with database.engine.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    """The newest migration that the database has. Migrations are numbered: they compare as text."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The schema of this release: the newest migration that it has."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - there is a first one
    return head


def knows(revision: str) -> bool:
    """Whether it is a migration of this release, named as the database names it."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return revision in {script.revision for script in scripts}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
