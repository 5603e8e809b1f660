"""The formats that are our own, for whatever has no reader: what a row of either says."""

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from moderation.imports import records
from moderation.imports.records import Brought, Stood, Unreadable

SOURCE = ""
"""The ids are the site's own."""
FIELDS = frozenset(
    {"id", "story", "commenter", "text", "parent", "created_at", "decided_at", "status"}
)
STOOD = {
    "approved": Stood.APPROVED,
    "held": Stood.PENDING,
    "blocked": Stood.REJECTED,
    "spam": Stood.SPAM,
    "trash": Stood.TRASH,
    "deleted": Stood.DELETED,
}
LINE_MAX = 4_000_000
"""Bytes of a line: more are no comment."""


def brought(row: Mapping[str, Any], *, file: str, line: int) -> Brought:
    """The comment of a row. Unreadable for a field that is not known, is missing or is wrong; a
    status that is not known is none of these."""
    refuse_unknown(row.keys() - FIELDS, file=file, line=line)
    fields = dict(row)
    status = fields.pop("status", None)
    if not isinstance(status, str) or not status.strip():
        raise Unreadable(file, line, "status is missing")
    stood = STOOD.get(status.strip(), Stood.UNKNOWN)
    if stood == Stood.DELETED:
        fields["text"] = None
    elif fields.get("text") is None:
        raise Unreadable(file, line, "text is missing")
    return records.comment(fields | {"stood": stood}, file=file, line=line)


def refuse_unknown(names: Collection[str], *, file: str, line: int) -> None:
    """Unreadable, if there are any: a misspelt name would be a silent loss."""
    if names:
        name = repr(min(names)[:60])
        raise Unreadable(file, line, f"{name} is no field of this format")


def lines_of(file: IO[bytes], name: str) -> Iterator[tuple[int, str]]:
    """The lines of a file in UTF-8, with their numbers and ends."""
    number = 0
    while line := file.readline(LINE_MAX + 1):
        number += 1
        if len(line) > LINE_MAX:
            raise Unreadable(name, number, f"is longer than {LINE_MAX} bytes")
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(name, number, f"not UTF-8 at byte {error.start}") from None
