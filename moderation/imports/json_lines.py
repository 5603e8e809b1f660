"""Our own format as JSON Lines: an object a line, with the fields that the API takes, and how the
comment stood."""

import json
from collections.abc import Iterator
from typing import IO, Any

from moderation.imports import own
from moderation.imports.records import Record, Unreadable

SOURCE = own.SOURCE


def read(file: IO[bytes], name: str, *, site: str) -> Iterator[Record]:  # noqa: ARG001 - as others
    """The comments of a file. Unreadable for a line that is no such object."""
    for number, row in objects(file, name):
        yield own.brought(row, file=name, line=number)


def objects(file: IO[bytes], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with the numbers of their lines; blank lines are skipped."""
    for number, line in own.lines_of(file, name):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if "\\u" in line:  # it can escape what nothing can hold
                json.dumps(row, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Unreadable(name, number, "contains half of a surrogate pair") from None
        except (ValueError, RecursionError):
            raise Unreadable(name, number, "not JSON") from None
        if not isinstance(row, dict):
            raise Unreadable(name, number, "no JSON object")
        yield number, row
