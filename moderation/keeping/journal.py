"""The journal of erasures: a file beside the database, that outlives every restore of it.

A line is there before the erasure is committed. One too many (the commit failed) repeats what was
asked for; one too few would bring words back.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from config.settings import Settings
from moderation.erasures import Erased, Kind

FILE = "erasures.jsonl"


class JournalError(RuntimeError):
    """The journal cannot be written or read: nothing may be erased, nothing restored."""


class ErasureJournal:
    """One line for each erasure: when, what, whose, which id. No word, and no name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> "ErasureJournal":
        """The one that the settings name."""
        named = settings.erasure_journal
        return cls(Path(named) if named else settings.data_dir / FILE)

    def record(self, erased: Erased) -> None:
        """Add an erasure; on the disk when this returns. JournalError when it cannot be."""
        line = json.dumps(
            {
                "at": erased.at.isoformat(),
                "kind": erased.kind,
                "site": str(erased.site_id),
                "id": str(erased.id),
            }
        )
        try:
            self._append(line.encode() + b"\n")
        except OSError as error:
            raise JournalError(
                f"the journal of erasures cannot be written, nothing was erased: {self.path}:"
                f" {error.strerror}"
            ) from None

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = b"\n" + line  # behind one that a full disk cut off
            # In one piece: lines of several processes do not mix.
            if os.write(descriptor, line) < len(line):
                raise OSError(0, "the disk is full")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if new:
            _keep_name(self.path.parent)

    def read(self) -> Iterator[Erased]:
        """Every erasure, oldest first; nothing when there is no such file.

        A line that was cut off is left out: what it was about has not been erased.
        """
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    erased = _read(line)
                    if erased is not None:
                        yield erased
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(
                f"the journal of erasures cannot be read: {self.path}: {error.strerror}"
            ) from None


def _read(line: str) -> Erased | None:
    try:
        said = json.loads(line)
        return Erased(
            kind=Kind(said["kind"]),
            site_id=UUID(said["site"]),
            id=UUID(said["id"]),
            at=datetime.fromisoformat(said["at"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _keep_name(folder: Path) -> None:
    """A file whose name is not on the disk is gone after a power cut, whatever lies in it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
