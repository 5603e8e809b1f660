"""From the bytes of a request to a checked model: strict JSON, faults that name field and limit.

Nothing that was sent is repeated in an answer but the names of fields.
"""

import re
from typing import Annotated, Any

from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Request, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from moderation import strict_json
from moderation.api.problems import MOST_FAULTS, Fault, Kind, Problem
from moderation.services import services
from moderation.strict_json import UnfitJson
from moderation.submission import BATCH_MAX, TEXT_MAX

KEY_HEADER = "Idempotency-Key"


class PostHeaders(BaseModel):
    """What may be sent beside what is to be taken in once, however often it is posted."""

    model_config = ConfigDict(frozen=True)

    idempotency_key: Annotated[str, Field(max_length=255, pattern=r"^[\x20-\x7e]+$")] | None = (
        Field(
            None,
            alias=KEY_HEADER,
            description="Chosen by the site, 1..255 printable ASCII characters. Posting again with"
            " the same key and the same body answers for the first post; with another body it is"
            " refused (409). Keys do not expire.",
            examples=["daily-88121-first-try"],
        )
    )


def read_json() -> Any:
    """The body of the current request. Problem unless it is JSON, of that media type, in UTF-8."""
    if request.mimetype != "application/json":
        raise Problem(Kind.MEDIA_TYPE)
    try:
        return strict_json.of_request()
    except UnfitJson as error:
        wrong = Fault("", str(error), error.limit)
        raise Problem(Kind.MALFORMED, f"The body {error}.", errors=[wrong]) from None


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
