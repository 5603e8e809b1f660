"""What the comments of an export refer to, laid aside while it is read."""

import json
import sqlite3
from typing import Any, Self


class Shelf:
    """Values by kind and name, in a file of its own that goes with it: however many stories and
    readers an export has, memory does not grow with them."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.execute(
            "CREATE TABLE laid (kind, name, value, PRIMARY KEY (kind, name)) WITHOUT ROWID"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def lay(self, kind: str, name: str, value: Any) -> None:
        """Keep a value that JSON can say; the last one of a name counts."""
        row = (kind, name, json.dumps(value))
        self._file.execute("INSERT OR REPLACE INTO laid VALUES (?, ?, ?)", row)

    def take(self, kind: str, name: str) -> Any:
        """The value of that name; None where there is none."""
        found = self._file.execute(
            "SELECT value FROM laid WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return json.loads(found[0]) if found else None
