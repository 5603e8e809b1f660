"""An empty database is filled with a backup, and what was to be gone since then is gone again."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from moderation import erasures, schema
from moderation.db import Database
from moderation.keeping import backups, retention
from moderation.keeping.backups import Backup, BackupError
from moderation.keeping.journal import ErasureJournal


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedAgain:
    """What a restore did not bring back: how many erasures of the journal it repeated, and how many
    comments had been blocked for too long."""

    by_the_journal: int
    past_their_time: int


def restore(
    db: Database, backup: Backup, journal: ErasureJournal, *, days: int, now: datetime
) -> ErasedAgain:
    """Fill the database and bring it up to this release.

    What the journal has is erased again, and so are the words of comments that were blocked more
    than `days` ago. BackupError when the backup is of a newer release, the database is not empty,
    or does not take the rows; JournalError when the journal cannot be read. No row is left then.
    """
    if backup.manifest.schema > schema.newest():
        raise BackupError(
            f"the backup was made by release {backup.manifest.release}: restore it with that"
            " release or a newer one"
        )
    if not schema.knows(backup.manifest.schema):
        raise BackupError(f"the backup names a schema that there is not: {backup.manifest.schema}")
    _refuse_all_but_empty(db, backup)
    schema.upgrade(db, backup.manifest.schema)
    # Rows and erasures in one transaction: what was erased is at no moment there again.
    with db.transaction() as session:
        backups.load(session, backup)
        again = erasures.again(session, journal.read())
        expired = retention.apply_to_all(lambda: nullcontext(session), days=days, now=now)
    schema.upgrade(db)
    db.count_rows()
    return ErasedAgain(by_the_journal=again, past_their_time=expired)


def _refuse_all_but_empty(db: Database, backup: Backup) -> None:
    with db.reading() as session:
        has_rows = backups.table_with_rows(session)
    if has_rows is not None:
        raise BackupError(
            f"the database has rows already ({has_rows}): restore into an empty one. With SQLite"
            " move the file away; with PostgreSQL make a new database, and name it in DATABASE_URL"
        )
    if schema.revision(db) not in {None, backup.manifest.schema}:
        raise BackupError(
            f"the backup is of schema {backup.manifest.schema} and the tables here are of another:"
            " restore into a database without tables"
        )
