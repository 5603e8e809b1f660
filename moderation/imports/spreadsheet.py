"""Our own format as CSV: a comment a row, with a heading that names the columns."""

import csv
from collections.abc import Iterator
from typing import IO, Any

from moderation.imports import own
from moderation.imports.records import Record, Unreadable

SOURCE = own.SOURCE
STORY = {
    "story": "id",
    "story_url": "url",
    "story_title": "title",
    "story_section": "section",
    "story_closed": "closed",
}
COMMENTER = {"commenter": "id", "commenter_name": "name"}
NEEDED = ("id", "story", "commenter", "text", "created_at", "status")
COLUMNS = {*own.FIELDS, *STORY, *COMMENTER}
YES_OR_NO = {"true": True, "false": False}


def read(file: IO[bytes], name: str, *, site: str) -> Iterator[Record]:  # noqa: ARG001 - as others
    """The comments of a file. Unreadable for a column that is not known or is missing, and for a
    row that does not fit."""
    rows = csv.reader((line for _, line in own.lines_of(file, name)), strict=True)
    try:
        columns = next(rows, [])
        # First what is missing: in a file with no heading the unknown columns are a reader's words.
        for column in NEEDED:
            if columns.count(column) != 1:
                said = f"the column {column} must be there once, and commas between columns"
                raise Unreadable(name, 1, said)
        own.refuse_unknown(set(columns) - COLUMNS, file=name, line=1)
        for cells in rows:
            if not cells:
                continue
            if len(cells) != len(columns):
                said = f"{len(cells)} cells, and {len(columns)} columns"
                raise Unreadable(name, rows.line_num, said)
            filled = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
            yield own.brought(_nested(filled, name, rows.line_num), file=name, line=rows.line_num)
    except csv.Error as error:
        raise Unreadable(name, rows.line_num, f"not CSV: {error}") from None


def _nested(row: dict[str, str], name: str, line: int) -> dict[str, Any]:
    """The row as JSON Lines have it."""
    nested: dict[str, Any] = {
        key: row[key] for key in own.FIELDS - {"story", "commenter"} & set(row)
    }
    nested["story"] = {key: row[column] for column, key in STORY.items() if column in row}
    nested["commenter"] = {key: row[column] for column, key in COMMENTER.items() if column in row}
    if "closed" in nested["story"]:
        said = nested["story"]["closed"].strip().lower()
        if said not in YES_OR_NO:
            raise Unreadable(name, line, "story_closed must be true or false")
        nested["story"]["closed"] = YES_OR_NO[said]
    return nested
