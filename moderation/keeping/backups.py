"""The whole database as one file, written while the service runs, read back on either database.

A zip: one JSON Lines file for each table, parents before children, and last a manifest with each
one's columns, rows and SHA-256. It holds readers' words, password hashes and the hashes of keys.
Sign-ins, password links, invitations and leases are left out: nobody wants them back; so are days
that were counted, which workers count again.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Table,
    Uuid,
    column,
    insert,
    inspect,
    literal,
    null,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from moderation.keeping import jsonl
from moderation.models import (
    Base,
    Comment,
    Instant,
    Invitation,
    Lease,
    PasswordReset,
    SchemaFloor,
    SignIn,
    Site,
    SiteDay,
)

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = {
    rows_of.__tablename__
    for rows_of in (SignIn, PasswordReset, Invitation, SchemaFloor, Lease, SiteDay)
}
LEASES = {Comment.leased_by.key, Comment.leased_until.key}
OF_MIGRATIONS = {"alembic_version", SchemaFloor.__tablename__}
"""Tables whose rows the migrations write."""
ROWS_AT_ONCE = 1000
LEAP = 1_000_000
"""How many numbers of its feed each site goes without after a restore. What was decided since the
backup had numbers, and the site has read them: given to other decisions, it would ask behind them,
and never learn of these."""
KINDS: dict[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "instant": Instant(),
    "json": JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    "plain": NullType(),
}
"""What a column's values are: as much of its type as is needed to write them to any database."""


NOT_WHOLE = (
    ArithmeticError,
    AttributeError,
    BadZipFile,
    EOFError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)
"""What reading a file raises that is cut off, altered, or something else."""


class BackupError(ValueError):
    """A backup that cannot be made or restored; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table's file: its columns with their kinds, how many rows, and its SHA-256."""

    table: str
    columns: Mapping[str, str]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself. `schema` is the migration that its columns are those of."""

    release: str
    schema: str
    made_at: datetime
    parts: tuple[Part, ...]


def write(
    session: Session, file: IO[bytes], *, release: str, schema: str, now: datetime
) -> Manifest:
    """Write all that `session` sees, which must be one moment (`Database.snapshot`)."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        parts = tuple(
            _write_table(session, archive, rows_of)
            for rows_of in Base.metadata.sorted_tables
            if rows_of.name not in LEFT_OUT
        )
        manifest = Manifest(release=release, schema=schema, made_at=now, parts=parts)
        said = {"format": FORMAT} | asdict(manifest) | {"made_at": now.isoformat()}
        archive.writestr(MANIFEST, json.dumps(said, indent=1))
    return manifest


def _write_table(session: Session, archive: ZipFile, rows_of: Table) -> Part:
    kept = select(*(null() if _is_lease(one) else one for one in rows_of.columns))
    names = [one.name for one in rows_of.columns]
    digest, count = hashlib.sha256(), 0
    with archive.open(_file_of(rows_of.name), "w", force_zip64=True) as member:
        for rows in session.execute(kept.execution_options(yield_per=ROWS_AT_ONCE)).partitions():
            lines = b"".join(jsonl.line(dict(zip(names, row, strict=True))) for row in rows)
            digest.update(lines)
            member.write(lines)
            count += len(rows)
    return Part(
        table=rows_of.name,
        columns={one.name: _kind(one) for one in rows_of.columns},
        rows=count,
        sha256=digest.hexdigest(),
    )


def _is_lease(one: Column[Any]) -> bool:
    return one.table.name == Comment.__tablename__ and one.name in LEASES


def _file_of(name: str) -> str:
    return f"{name}.jsonl"


def _kind(one: Column[Any]) -> str:
    if isinstance(one.type, Uuid):
        return "id"
    if isinstance(one.type, Instant):
        return "instant"
    return "json" if isinstance(one.type, JSON) else "plain"


class Backup:
    """A backup that is whole (`opened`)."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.manifest = _manifest(json.loads(archive.read(MANIFEST)))
        for part in self.manifest.parts:
            digest, count = hashlib.sha256(), 0
            for line in self._lines(part):
                digest.update(line)
                count += 1
            if (digest.hexdigest(), count) != (part.sha256, part.rows):
                raise BackupError(f"the file is not as it was written: {part.table} was altered")

    def rows(self, part: Part) -> Iterator[list[dict[str, Any]]]:
        """The rows of one table, some at a time, as they are given to the database."""
        ids = [name for name, kind in part.columns.items() if kind == "id"]
        instants = [name for name, kind in part.columns.items() if kind == "instant"]
        lines = self._lines(part)
        while rows := [json.loads(line) for line in islice(lines, ROWS_AT_ONCE)]:
            for row in rows:
                for name in ids:
                    row[name] = None if row[name] is None else UUID(row[name])
                for name in instants:
                    row[name] = None if row[name] is None else datetime.fromisoformat(row[name])
            yield rows

    def _lines(self, part: Part) -> Iterator[bytes]:
        with self._archive.open(_file_of(part.table)) as member:
            yield from member


def opened(file: IO[bytes]) -> Backup:
    """The backup in this file, read once from end to end. BackupError when it is cut off, altered,
    or something else."""
    try:
        return Backup(ZipFile(file))
    except BackupError:
        raise
    except NOT_WHOLE as error:
        raise BackupError(
            f"the file is not a whole backup of this service ({type(error).__name__})"
        ) from None


def _manifest(said: Mapping[str, Any]) -> Manifest:
    if said["format"] != FORMAT:
        raise BackupError(f"the file is of another kind than this release reads: {said['format']}")
    return Manifest(
        release=said["release"],
        schema=str(said["schema"]),
        made_at=datetime.fromisoformat(said["made_at"]),
        parts=tuple(Part(**part) for part in said["parts"]),
    )


def table_with_rows(session: Session) -> str | None:
    """The name of a table that has rows, None where there is none. Tables may be missing."""
    connection = session.connection()
    for name in inspect(connection).get_table_names():
        if name in OF_MIGRATIONS:
            continue
        found = connection.execute(select(literal(1)).select_from(table(name)).limit(1))
        if found.first() is not None:
            return name
    return None


def load(session: Session, backup: Backup) -> None:
    """Write a backup's rows into a database without any, at the schema of the backup, and set each
    site's feed on by LEAP.

    BackupError when the database does not take them: then roll back.
    """
    connection, loading = session.connection(), ""
    try:
        with _in_any_order(connection):
            for part in backup.manifest.parts:
                loading = part.table
                columns = [column(name, KINDS[kind]) for name, kind in part.columns.items()]
                statement = insert(table(part.table, *columns))
                for rows in backup.rows(part):
                    connection.execute(statement, rows)
        connection.execute(update(Site).values(decisions_seq=Site.decisions_seq + LEAP))
    except BackupError:
        raise
    except (StatementError, *NOT_WHOLE) as error:
        kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
        raise BackupError(
            f"the database does not take the rows of {loading} ({kind}); nothing was restored"
        ) from None


@contextmanager
def _in_any_order(connection: Connection) -> Iterator[None]:
    """Let a row come before the one of the same table that it refers to: a reply before its parent.

    Foreign keys are looked at when all rows are there.
    """
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # until the commit
        yield
        if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
            raise BackupError("the backup's rows do not fit together; nothing was restored")
        return
    to_itself = [
        (name, key["name"])
        for name in inspect(connection).get_table_names()
        for key in inspect(connection).get_foreign_keys(name)
        if key["referred_table"] == name
    ]
    alter = "ALTER TABLE {} ALTER CONSTRAINT {} {}"
    for name, key in to_itself:
        connection.execute(text(alter.format(name, key, "DEFERRABLE INITIALLY DEFERRED")))
    yield
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for name, key in to_itself:
        connection.execute(text(alter.format(name, key, "NOT DEFERRABLE")))
