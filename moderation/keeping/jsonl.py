"""A row as a line of JSON: what backups and exports are written in."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID


def line(row: Mapping[str, Any]) -> bytes:
    """The row in UTF-8, with its end of line. Ids and instants are texts."""
    return json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: UUID | datetime) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
