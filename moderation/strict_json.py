"""JSON that every reader would read the same way: no key twice, no NaN, no endless number or depth.

Nothing of what was sent is repeated in a message.
"""

import json
import math
import re
from typing import Any

from flask import request
from gunicorn.http.errors import ParseException

DEEPEST = 32
"""Levels of nesting. No request of ours has more than five; a parser that recurses overflows."""
# A string that never ends is taken whole too: looked for again behind each of its quotes, a body of
# a megabyte would take minutes.
_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
LONGEST_NUMBER = 40
"""Digits of a number. No field takes one that is longer."""


class UnfitJson(ValueError):
    """What was sent is no such JSON; the message says why, behind "The body". `limit` is the one
    that was passed, where there is one."""

    def __init__(self, says: str, limit: int | None = None) -> None:
        super().__init__(says)
        self.limit = limit


def of_request() -> Any:
    """The body of the current request, whatever its media type. UnfitJson unless it is JSON in
    UTF-8."""
    try:
        body = request.get_data(cache=False)
    except (OSError, ParseException):  # gunicorn reads the chunks of a body only now
        raise UnfitJson("broke off, or its chunks are none") from None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnfitJson(f"is not UTF-8 (byte {error.start})") from None
    if _too_deep(text):
        raise UnfitJson(f"is nested deeper than {DEEPEST} levels", DEEPEST)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnfitJson(f"is not JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise UnfitJson("is nested too deep", DEEPEST) from None


def _too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for token in _BRACKETS.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif first in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UnfitJson("has the same key twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise UnfitJson(f"holds {name}, which is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise UnfitJson(f"holds a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER or not math.isfinite(value := float(digits)):
        raise UnfitJson("holds a number that is too long or too large")
    return value
