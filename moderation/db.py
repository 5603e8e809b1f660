"""The one way to a session, in views, tasks and commands alike.

`with db.transaction() as session:` to write (committed at the end of the block, rolled back when it
raises), `with db.reading() as session:` to read.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from config.settings import SettingsError

BUSY_SECONDS = 15
"""How long a writer waits for another one on SQLite before it fails."""

RESTED_SECONDS = 1.0
"""How long a connection must have rested to be asked whether it is still there."""
RETURNED = "returned"
POOL_SECONDS = 5
"""How long a request may wait for a connection that others have taken."""
ANSWER_SECONDS = 10.0
"""How long a request waits for one answer of a Postgres that is there but says nothing. One that is
frozen, or swaps itself to death, keeps its connections: the system sees nothing wrong with them."""
PREPARED = 300
"""Statements that a connection keeps prepared. psycopg's own 100 are fewer than the desk has: each
page would push out what the next one asks, and a sixth of the desk's time went into preparing anew
(measured). Postgres keeps 60 kB for each."""
POSTGRES = {
    "application_name": "moderation",
    # A server whose machine is gone answers nothing, and closes nothing either: without these the
    # system waits for it for minutes.
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # One that holds locks and does nothing (a process that was stopped in the middle) would keep
    # everybody else from deciding. And no machine code is made of a statement that looks dear to
    # Postgres: ours stop at the first rows, and are done sooner than it is.
    "options": "-c idle_in_transaction_session_timeout=30s -c jit=off",
}


class Database:
    """An engine and its kinds of session; with `with`, for the length of a block.

    On SQLite a transaction begins IMMEDIATE: taking the write lock at the first write instead would
    let two transactions read the same row, and one of them fail at once, whatever the timeout.
    """

    def __init__(self, url: str, *, answers_within: float | None = None) -> None:
        """`answers_within` are the seconds that a statement on Postgres may take: for requests, not
        for backups and upgrades, which take their time. SettingsError where the folder of a SQLite
        file cannot be made."""
        location = make_url(url)
        arguments: dict[str, Any] = {}
        if location.get_backend_name() == "sqlite":
            if location.database and location.database != ":memory:":
                _make_private(Path(location.database))
            arguments = {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
        else:
            arguments = {"connect_args": POSTGRES, "pool_timeout": POOL_SECONDS}
        # hide_parameters: an error's message would hold the row's values, a reader's words too.
        self.engine: Engine = create_engine(location, hide_parameters=True, **arguments)
        if answers_within is not None and self.engine.dialect.name == "postgresql":
            event.listen(self.engine, "do_connect", _impatient(answers_within))
        event.listen(self.engine, "checkin", _note_return)
        event.listen(self.engine, "checkout", self._ask_if_rested)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _open_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "connect", _keep_prepared)
        self._writing = self.engine.execution_options(immediate=True)
        # In each transaction of these, Postgres itself refuses to change anything.
        self._reading = self.engine.execution_options(postgresql_readonly=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that writes."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: what it changes is refused on Postgres, undone on SQLite."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session
            if self.engine.dialect.name == "postgresql":
                # A ROLLBACK makes psycopg forget what is prepared on the connection: with one after
                # each reading, no statement would ever be run prepared.
                session.commit()

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """A connection for the one question that every request asks. With a session around it, that
        takes twice the processor time (measured)."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """A session that reads one moment of the database, for as long as it takes."""
        engine = self._reading
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False) as session:
            if engine.dialect.name == "postgresql":
                # It holds no lock that anybody waits for, and may write to a slow disk meanwhile.
                session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield session

    def _ask_if_rested(self, connection: Any, record: Any, _proxy: Any) -> None:
        """Ask a connection that was not used for a while whether it is still there.

        `pool_pre_ping` asks each time, twice for a comment: that is a tenth of its time. Lost in
        the second between, it costs one request, which is answered 503, and the pool is renewed.
        """
        if time.monotonic() - record.info.get(RETURNED, time.monotonic()) < RESTED_SECONDS:
            return
        try:
            self.engine.dialect.do_ping(connection)
        except self.engine.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None  # all of its age are lost with it

    def empty_log(self) -> None:
        """On SQLite, bring the write-ahead log into the file and empty it.

        What was erased is overwritten in the file; in the log it stays until then. While somebody
        reads, as much is done as can be.
        """
        if self.engine.dialect.name == "sqlite":
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def count_rows(self) -> None:
        """Have Postgres count what there is, as it does by itself minutes after many rows came.

        Until then it takes what waits at a site for a row or two, and sorts it all for each page.
        """
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as connection:
                connection.execute(text("ANALYZE"))

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


def _impatient(seconds: float) -> Callable[..., Any]:
    """Connects so that no answer is waited for longer. A connection that owes one is closed: its
    next answer would be to an old question.

    A server that is well gives up itself a little earlier. Of a closed connection it notices
    nothing while it waits for a lock: one that is held for long would fill it with such waits.
    """
    # Not at the top: SQLite needs no libpq, and its users wait for no import of it.
    import psycopg
    from psycopg.pq import TransactionStatus

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or seconds)
            except psycopg.OperationalError:
                if self.info.transaction_status == TransactionStatus.ACTIVE:
                    self.close()
                raise

    def connect(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> Any:
        limit = f"{named.get('options', '')} -c statement_timeout={seconds * 900:.0f}"
        return Impatient.connect(*arguments, **named | {"options": limit})

    return connect


def _keep_prepared(connection: Any, _record: Any) -> None:
    connection.prepared_max = PREPARED


def _note_return(_connection: Any, record: Any) -> None:
    record.info[RETURNED] = time.monotonic()


def is_away(error: BaseException) -> bool:
    """Whether the database failed, and not on what it was given: the same may work later.

    A connection lost, refused or not to be had in time, a disk full, a deadlock. A statement that
    is beyond its limits (SQLSTATE class 54) would be so again.
    """
    if isinstance(error, PoolTimeout | InterfaceError):
        return True
    if isinstance(error, OperationalError):
        return not (getattr(error.orig, "sqlstate", None) or "").startswith("54")
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _make_private(file: Path) -> None:
    """Make the file where there is none, for its owner alone: it holds every reader's words.

    SQLite would make it for all who may read the folder; its -wal and -shm take after it.

    One that is there is not opened: to close it again would end every lock that SQLite has on it in
    this process, and whoever comes next from another would delete the -wal that is written to.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder {file.parent} cannot be made: {error.strerror}") from None
    with suppress(FileExistsError, PermissionError):  # SQLite says what it may not do itself
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _open_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is switched off; _begin_sqlite says which one it is to be.
    connection.isolation_level = None
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in (
        "synchronous = FULL",  # an accepted comment survives a power cut, not only a kill
        "foreign_keys = ON",
        "secure_delete = ON",  # erased words are overwritten in the file
        f"busy_timeout = {BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch the file to WAL. On a new file that several open at once it is refused while another
    one is at it, whatever the timeout: SQLite does not wait here."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
