"""From the bytes of a request to a checked model: strict JSON, and faults that name field and limit.

Nothing that was sent is repeated in an answer but the names of fields.
"""

import json
import math
import re
from typing import Any

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from moderation.api.problems import Fault, Kind, Problem
from moderation.services import services
from moderation.submission import BATCH_MAX, TEXT_MAX

DEEPEST = 32
"""Levels of nesting. No request of ours has more than five; a parser that recurses would overflow."""
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
LONGEST_NUMBER = 40
"""Digits of a number. No field takes one that is longer."""


class _NotJson(ValueError):
    """JSON that no reader would read the same way; the message says why."""


def read_json() -> Any:
    """The body of the current request. Problem unless it is JSON, in its media type and in UTF-8."""
    if request.mimetype != "application/json":
        raise Problem(Kind.MEDIA_TYPE)
    body = request.get_data(cache=False)
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
    except _NotJson as error:
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
        raise _NotJson("has the same key twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise _NotJson(f"holds {name}, which is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _NotJson(f"holds a number of more than {LONGEST_NUMBER} digits")
    return int(digits)


def _number(digits: str) -> float:
    if len(digits) > LONGEST_NUMBER or not math.isfinite(value := float(digits)):
        raise _NotJson("holds a number that is too long or too large")
    return value


class StrictAdapter(PydanticAdapter):
    """How APIFlask reads and describes our models.

    Its own adapter ignores the media type, takes the last of two equal keys, and answers without
    fields and limits.
    """

    def validate_input(self, request: Request, location: str, **kwargs: Any) -> BaseModel:
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
            faults = [_fault(details) for details in error.errors(include_url=False)]
        raise Problem(Kind.INVALID, errors=faults)

    def get_openapi_schema(self, **kwargs: Any) -> dict[str, Any]:
        """The model's schema; `spec` puts all the others that it names beside it."""
        schema = self.model_class.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        return schema


registry.register("pydantic", StrictAdapter)


def _fault(details: ErrorDetails) -> Fault:
    context = details.get("ctx", {})
    limit = context.get("max_length")
    match details["type"]:
        case "missing":
            text = "is required"
        case "extra_forbidden":
            text = "is not a known field"
        case "string_type":
            text = "must be a text"
        case "string_too_short" | "too_short":
            text = "must not be empty"
        case "string_too_long":
            text = f"has {len(details['input'])} characters, at most {limit} are taken"
        case "too_long":
            text = f"has {context['actual_length']} entries, at most {limit} are taken"
        case "string_unicode":
            text = "must not contain half of a surrogate pair"
        case "string_pattern_mismatch":
            text = f"must match {context['pattern']}"
        case "value_error":
            text = str(context["error"])  # our own validators' words
        case "model_type" | "model_attributes_type" | "dict_type":
            text = "must be an object"
        case "list_type":
            text = "must be a list"
        case "bool_type":
            text = "must be true or false"
        case kind if kind.startswith(("datetime", "timezone")):
            text = "must be a moment such as 2026-05-04T12:00:00Z, with its time zone"
        case _:
            text = "does not fit"
    return Fault(_path(details["loc"]), text, limit)


def _path(places: tuple[int | str, ...]) -> str:
    """`comments[3].text`; empty for the body as a whole."""
    path = ""
    for place in places:
        path += f"[{place}]" if isinstance(place, int) else f".{place}"
    return path.removeprefix(".")
