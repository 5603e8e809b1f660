"""The API's description, as OpenAPI 3.1: what APIFlask reads from the views, made complete.

Added here is what holds for every operation: the ways to be refused, rate-limit headers, the
operator's limits in place of the ceilings, and one schema for each model.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

from apiflask import APIFlask
from flask import Flask
from pydantic.json_schema import models_json_schema

from config.settings import Settings
from moderation.api import answers, events
from moderation.api.addresses import RESERVED
from moderation.api.auth import SCHEME
from moderation.api.problems import KINDS, MEDIA_TYPE, Fault, Kind, Problem
from moderation.models import Scope
from moderation.submission import (
    SOMETHING,
    AppealText,
    Batch,
    CommenterBlock,
    Edit,
    FlagReport,
    IllegalContent,
    OutsideDecisions,
    PolicySource,
    StoryFacts,
    Submission,
    TextToScore,
)

REQUESTS = (
    Submission,
    Batch,
    Edit,
    TextToScore,
    FlagReport,
    StoryFacts,
    CommenterBlock,
    AppealText,
    IllegalContent,
    OutsideDecisions,
    PolicySource,
)
ANSWERS = (
    answers.Accepted,
    answers.BatchAnswer,
    answers.CommentAnswer,
    answers.Edited,
    answers.Flagged,
    answers.OutsideDecisionsTaken,
    answers.StoryAnswer,
    answers.StoryComments,
    answers.Decisions,
    answers.CommenterAnswer,
    answers.StatementAnswer,
    answers.AppealAnswer,
    answers.AppealTaken,
    answers.Appeals,
    answers.NoticeAnswer,
    answers.NoticeTaken,
    answers.Notices,
    answers.PolicyAnswer,
    answers.PolicyVersion,
    answers.Analysis,
    answers.ProblemDetails,
    *events.TOLD,
)
LOCATED = ("post_comment", "post_policy", "appeal_comment", "appeal_commenter", "give_notice")
"""Operations that answer where the thing can be read that they have made."""
METHODS = ("get", "put", "post", "patch", "delete")
REFERENCE = "#/components/schemas/{model}"
ALWAYS = (
    Kind.UNAUTHENTICATED,
    Kind.SCOPE_MISSING,
    Kind.NOT_FOUND,
    Kind.RATE_LIMITED,
    Kind.INTERNAL,
    Kind.UNAVAILABLE,
)
WITH_BODY = (Kind.MALFORMED, Kind.TOO_LARGE, Kind.MEDIA_TYPE, Kind.INVALID)
ANY_ID = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": SOMETHING}
ANY_ID_SAID = (
    ", percent-encoded. It may hold slashes, but where it stands last it may not end like a longer"
    " address (" + ", ".join(f"`{end}`" for end in RESERVED) + ")."
)
PATH_PARAMETERS: dict[str, dict[str, Any]] = {
    "site": {
        "description": "The site's name in addresses. It must be the key's own site.",
        "schema": {"type": "string"},
        "example": "the-daily",
    },
    "comment_id": {
        "description": "Our id of the comment.",
        "schema": {"type": "string", "format": "uuid"},
        "example": answers.EXAMPLE_ID,
    },
    "appeal_id": {
        "description": "Our id of the appeal.",
        "schema": {"type": "string", "format": "uuid"},
        "example": answers.EXAMPLE_ID,
    },
    "notice_id": {
        "description": "Our id of the notice.",
        "schema": {"type": "string", "format": "uuid"},
        "example": answers.EXAMPLE_ID,
    },
    "story": {
        "description": "The site's own id of the story" + ANY_ID_SAID,
        "schema": ANY_ID,
        "example": "tram-7",
    },
    "commenter": {
        "description": "The site's own id of the reader" + ANY_ID_SAID,
        "schema": ANY_ID,
        "example": "rita",
    },
}
DESCRIPTION = """\
A site posts the comments of its readers; they are scored in the background, held against the
clauses of the policy that the site has posted, and approved, held for a moderator, or blocked.

Every request carries a key of the site: `Authorization: Bearer <key>`. A key has scopes:
`submit` (post, edit, delete and flag comments, appeal blocks, give notices, make stories known),
`read`, `moderate` (block readers, close stories), `analyze` (have a text scored) and `admin` (post
a policy; implies the others).

Every refusal is a problem (RFC 9457, `application/problem+json`) that names the field and the
limit. Unknown fields and parameters are refused. Moments are written as RFC 3339 has them, and
answered in UTC.
"""


def set_up(app: APIFlask, settings: Settings) -> None:
    """Describe the API as this app serves it."""
    app.config.update(
        INFO={"description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
        SECURITY_SCHEMES={
            SCHEME: {
                "type": "http",
                "scheme": "bearer",
                "description": "A key of the site. It has scopes: "
                + ", ".join(f"`{scope}`" for scope in Scope),
            }
        },
        SERVERS=[{"url": settings.public_url.rstrip("/") or "/"}],
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )

    @app.spec_processor
    def complete(made: dict[str, Any] | str) -> dict[str, Any] | str:
        spec = cast("dict[str, Any]", made)  # a text only where it is asked for as YAML
        spec["components"]["schemas"] = _schemas(settings)
        spec["components"]["headers"] = HEADERS
        for operation in operations(spec):
            _complete(operation)
        spec["webhooks"] = events.described(REFERENCE)
        return spec


def of(app: Flask) -> dict[str, Any]:
    """The description of this app, made once."""
    made = cast("APIFlask", app)._get_spec("json")  # noqa: SLF001 - `app.spec` makes it anew
    return cast("dict[str, Any]", made)


def operations(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a description."""
    for path in spec["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                yield operation


def _schemas(settings: Settings) -> dict[str, Any]:
    _, requests = models_json_schema(
        [(model, "validation") for model in REQUESTS], ref_template=REFERENCE
    )
    _, replies = models_json_schema(
        [
            (model, "validation" if model is answers.ProblemDetails else "serialization")
            for model in ANSWERS
        ],
        ref_template=REFERENCE,
    )
    schemas: dict[str, Any] = requests["$defs"] | replies["$defs"]
    for model in ("Submission", "Edit", "TextToScore"):
        schemas[model]["properties"]["text"]["maxLength"] = settings.text_max
    schemas["Batch"]["properties"]["comments"]["maxItems"] = settings.batch_max
    return schemas


HEADERS: dict[str, dict[str, Any]] = {
    "X-RateLimit-Limit": {
        "description": "Requests allowed in the window that is nearest to its end.",
        "schema": {"type": "integer"},
        "example": 6000,
    },
    "X-RateLimit-Remaining": {
        "description": "Requests left in it.",
        "schema": {"type": "integer"},
        "example": 5999,
    },
    "X-RateLimit-Reset": {
        "description": "When it ends, in seconds since 1970.",
        "schema": {"type": "integer"},
        "example": 1777896060,
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 12,
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="comment moderation"',
    },
    "Location": {
        "description": "Where it can be read.",
        "schema": {"type": "string", "format": "uri-reference"},
        "example": answers.EXAMPLE_URL,
    },
}


def _complete(operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            parameter.update(PATH_PARAMETERS[parameter["name"]], required=True)
        else:
            _describe(parameter)
    described: dict[str, Any] = operation["responses"]
    succeeded: dict[str, Any] = next(
        (described[code] for code in ("200", "201", "202") if "content" in described.get(code, {})),
        {},
    )
    operation["summary"] = operation["summary"].rstrip(".")
    kinds = [*ALWAYS]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        kinds += WITH_BODY
    elif any(parameter["in"] == "query" for parameter in operation["parameters"]):
        kinds.append(Kind.INVALID)
    for kind in kinds:
        described.setdefault(str(kind.status), {"description": KINDS[kind].title + "."})
    for code, response in described.items():
        if int(code) >= HTTPStatus.BAD_REQUEST:
            response["content"] = {
                MEDIA_TYPE: {
                    "schema": {"$ref": REFERENCE.format(model="ProblemDetails")},
                    "example": _example(int(code)),
                }
            }
        elif int(code) == HTTPStatus.NO_CONTENT:
            response.pop("content", None)
        else:
            response["content"] = succeeded["content"]
        response["headers"] = {
            name: {"$ref": f"#/components/headers/{name}"} for name in _headers(operation, code)
        }
    operation["responses"] = dict(sorted(described.items()))


def _describe(parameter: dict[str, Any]) -> None:
    """A parameter that may be left out: it is a text then, and not null."""
    schema: dict[str, Any] = parameter["schema"]
    parameter["description"] = schema.pop("description")
    if "anyOf" in schema:
        schema |= schema.pop("anyOf")[0]
        schema.pop("default")


def _headers(operation: dict[str, Any], code: str) -> Iterator[str]:
    if code not in ("401", "403", "404", "500", "503"):
        yield from ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    if code in ("429", "503"):
        yield "Retry-After"
    if code == "401":
        yield "WWW-Authenticate"
    if operation["operationId"] in LOCATED and code in ("201", "202"):
        yield "Location"


def _example(code: int) -> dict[str, Any]:
    kind = next(kind for kind in Kind if kind.status == code)
    errors = {
        413: [Fault("", "has more than 1048576 bytes", 1_048_576)],
        422: [Fault("text", "has 10001 characters, at most 10000 are taken", 10_000)],
    }
    return Problem(kind, errors=errors.get(code, [])).as_json()
