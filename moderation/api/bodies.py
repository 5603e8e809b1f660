"""From the bytes of a request to a checked model: strict JSON, faults that name field and limit.

Nothing that was sent is repeated in an answer but the names of fields.
"""

import json
import math
import re
from typing import Any

from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, request
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails

from moderation.api.problems import MOST_FAULTS, Fault, Kind, Problem
from moderation.services import services
from moderation.submission import BATCH_MAX, TEXT_MAX

DEEPEST = 32
"""Levels of nesting. No request of ours has more than five; a parser that recurses overflows."""
# A string that never ends is taken whole too: looked for again behind each of its quotes, a body of
# a megabyte would take minutes.
_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
LONGEST_NUMBER = 40
"""Digits of a number. No field takes one that is longer."""


class _UnfitJsonError(ValueError):
    """JSON that no reader would read the same way; the message says why."""


def read_json() -> Any:
    """The body of the current request. Problem unless it is JSON, of that media type, in UTF-8."""
    if request.mimetype != "application/json":
        raise Problem(Kind.MEDIA_TYPE)
    try:
        body = request.get_data(cache=False)
    except (OSError, ParseException):  # gunicorn reads the chunks of a body only now
        raise _malformed("broke off, or its chunks are none") from None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"is not UTF-8 (byte {error.start})") from None
    if _too_deep(text):
        raise _malformed(f"is nested deeper than {DEEPEST} levels", DEEPEST)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_number,
        )
    except _UnfitJsonError as error:
        raise _malformed(str(error)) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _malformed(f"is not JSON: {error.msg} ({where})") from None
    except RecursionError:
        raise _malformed("is nested too deep", DEEPEST) from None


def _malformed(detail: str, limit: int | None = None) -> Problem:
    return Problem(Kind.MALFORMED, f"The body {detail}.", errors=[Fault("", detail, limit)])


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
        raise _UnfitJsonError("has the same key twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise _UnfitJsonError(f"holds {name}, which is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _UnfitJsonError(f"holds a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER or not math.isfinite(value := float(digits)):
        raise _UnfitJsonError("holds a number that is too long or too large")
    return value


class StrictAdapter(PydanticAdapter):
    """How APIFlask reads and describes our models.

    Its own adapter ignores the media type, takes the last of two equal keys, and answers without
    fields and limits.
    """

    def validate_input(self, request: Request, location: str, **_kwargs: Any) -> BaseModel:
        """The checked model from the body, the query or the headers; Problem if it does not fit."""
        if location == "json":
            return self._checked(read_json())
        if location == "query":
            repeated = [name for name, values in request.args.lists() if len(values) > 1]
            if repeated:
                raise Problem(Kind.INVALID, errors=[Fault(n, "is given twice") for n in repeated])
            return self._checked(request.args.to_dict())
        if location == "headers":
            names = [field.alias or name for name, field in self.model_class.model_fields.items()]
            return self._checked({n: v for n in names if (v := request.headers.get(n)) is not None})
        raise NotImplementedError(location)

    def _checked(self, value: Any) -> BaseModel:
        settings = services().settings
        context = {TEXT_MAX: settings.text_max, BATCH_MAX: settings.batch_max}
        try:
            return self.model_class.model_validate(value, context=context)
        except ValidationError as error:
            raise Problem(Kind.INVALID, errors=faults_of(error)) from None

    def get_openapi_schema(self, **_kwargs: Any) -> dict[str, Any]:
        """The model's schema; `spec` puts all the others that it names beside it."""
        schema = self.model_class.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        return schema


def faults_of(error: ValidationError, under: str = "") -> list[Fault]:
    """What a model found wrong, in our words; no more than is told. `under` is put before each
    field."""
    return [_fault(details, under) for details in error.errors(include_url=False)[:MOST_FAULTS]]


def _whole(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,19}", value):
        return int(value)
    if isinstance(value, int):  # the default
        return value
    raise ValueError("must be a whole number")


Whole = BeforeValidator(_whole)
"""For a parameter. Left to itself Pydantic would take `1_0` and `1.0` as well."""


SAID = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_too_long": "has {length} characters, at most {max_length} are taken",
    "too_long": "has {actual_length} entries, at most {max_length} are taken",
    "less_than_equal": "must be at most {le}",
    "greater_than_equal": "must be at least {ge}",
    "string_unicode": "must not contain half of a surrogate pair",
    "string_pattern_mismatch": "must match {pattern}",
    "value_error": "{error}",  # our own validators' words
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "literal_error": "must be {expected}",
    "no_notifier": "needs a notifier, but for a notice of sexual abuse of minors",
}
"""Pydantic's kinds of error, in our words."""
BAD_MOMENT = "must be a moment such as 2026-05-04T12:00:00Z, with its time zone"


def _fault(details: ErrorDetails, under: str) -> Fault:
    context = details.get("ctx", {})
    kind, given = details["type"], details["input"]
    said = SAID.get(kind, "does not fit")
    if kind.startswith(("datetime", "timezone")):
        said = BAD_MOMENT
    length = len(given) if isinstance(given, str) else 0
    limit = context.get("max_length", context.get("le", context.get("ge")))
    return Fault(under + _path(details["loc"]), said.format(length=length, **context), limit)


def _path(places: tuple[int | str, ...]) -> str:
    """`comments[3].text`; empty for the body as a whole."""
    path = ""
    for place in places:
        path += f"[{place}]" if isinstance(place, int) else f".{place}"
    return path.removeprefix(".")
