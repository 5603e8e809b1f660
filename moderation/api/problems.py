"""What a site is told when a request is refused: problem details as RFC 9457 has them.

The one place where errors of the domain, of the database and of HTTP become answers. Nothing of an
exception's own text reaches an answer or the log: it may hold a reader's words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from moderation import failures
from moderation.complaints import KeyReused, WordsGone
from moderation.db import is_away
from moderation.keeping.journal import JournalError
from moderation.limits import TooMany
from moderation.policy import PolicyError
from moderation.redress.appeals import AlreadyAppealed, TooLate
from moderation.redress.statements import NotBlocked
from moderation.services import services
from moderation.sites import NotFound

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"
"""Requests to these paths are answered in JSON, whatever happens."""
MOST_FAULTS = 50
"""Faults named in one answer."""
FIELD_LONGEST = 200


class _Kind(NamedTuple):
    status: int
    title: str
    meaning: str


class Kind(StrEnum):
    """Every problem that the API answers with; its `type` is the address of its explanation."""

    MALFORMED = "malformed-json"
    UNAUTHENTICATED = "unauthenticated"
    SCOPE_MISSING = "scope-missing"
    COMMENTER_BLOCKED = "commenter-blocked"
    NOT_FOUND = "not-found"
    NOT_BLOCKED = "not-blocked"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    STORY_CLOSED = "story-closed"
    KEY_REUSED = "key-reused"
    COMMENT_DELETED = "comment-deleted"
    ALREADY_APPEALED = "already-appealed"
    TOO_LATE = "too-late"
    TOO_LARGE = "too-large"
    MEDIA_TYPE = "unsupported-media-type"
    INVALID = "invalid"
    UNKNOWN_PARENT = "unknown-parent"
    FROM_THE_FUTURE = "from-the-future"
    POLICY_REFUSED = "policy-refused"
    RATE_LIMITED = "rate-limited"
    HTTP = "http"
    INTERNAL = "internal"
    NOT_ERASED = "not-erased"
    UNAVAILABLE = "unavailable"
    NOT_SCORED = "not-scored"

    @property
    def status(self) -> int:
        """The HTTP status it comes with."""
        return KINDS[self].status


KINDS: dict[Kind, _Kind] = {
    Kind.MALFORMED: _Kind(
        400,
        "The body is not JSON",
        "The body must be one JSON value in UTF-8: no key twice in an object, no NaN or Infinity,"
        " not nested deeper than 32 levels.",
    ),
    Kind.UNAUTHENTICATED: _Kind(
        401,
        "A key is needed",
        "Send `Authorization: Bearer <key>` with a key of the site that is in force.",
    ),
    Kind.SCOPE_MISSING: _Kind(
        403, "The key does not allow this", "The detail names the scope that the key needs."
    ),
    Kind.COMMENTER_BLOCKED: _Kind(
        403,
        "The commenter is blocked",
        "The site has blocked this reader. The refusal is recorded, the text is not kept.",
    ),
    Kind.NOT_FOUND: _Kind(
        404,
        "Not found",
        "The key's site has nothing at this address: look at the site's name, the path and the id."
        " What is another site's is not found either.",
    ),
    Kind.NOT_BLOCKED: _Kind(
        404,
        "Not blocked",
        "The comment or the commenter is not blocked now: there is nothing to state, and nothing to"
        " appeal.",
    ),
    Kind.METHOD_NOT_ALLOWED: _Kind(
        405, "Method not allowed", "The header `Allow` names the methods of this address."
    ),
    Kind.STORY_CLOSED: _Kind(
        409, "The story is closed", "It takes no comments until the site opens it again."
    ),
    Kind.KEY_REUSED: _Kind(
        409,
        "The key was used before",
        "The same `Idempotency-Key`, or external id, came before with another body. Nothing was"
        " changed.",
    ),
    Kind.COMMENT_DELETED: _Kind(
        409,
        "The comment was deleted",
        "This comment was taken in before, and has been deleted since. Posting it again does not"
        " bring it back, and nobody can look at it again.",
    ),
    Kind.ALREADY_APPEALED: _Kind(
        409,
        "This block has been appealed",
        "A block is appealed once; `appeal` names the one that there is. Post it with an"
        " `Idempotency-Key` if a request may be repeated.",
    ),
    Kind.TOO_LATE: _Kind(
        409,
        "The time to appeal is over",
        "The limit, in days, is stated in the errors.",
    ),
    Kind.TOO_LARGE: _Kind(
        413, "The body is too large", "The limit, in bytes, is stated in the errors."
    ),
    Kind.MEDIA_TYPE: _Kind(
        415, "The body is not JSON", "Send the body as `Content-Type: application/json`."
    ),
    Kind.INVALID: _Kind(
        422,
        "The request does not fit",
        "Each error names the field, what is wrong with it, and the limit where there is one."
        " Nothing was changed.",
    ),
    Kind.UNKNOWN_PARENT: _Kind(
        422,
        "The parent is not known",
        "`parent` must be our id, or the site's external id, of a comment under the same story.",
    ),
    Kind.FROM_THE_FUTURE: _Kind(
        422,
        "The comment is from the future",
        "`created_at` lies more than five minutes ahead of our clock.",
    ),
    Kind.POLICY_REFUSED: _Kind(
        422,
        "The policy has mistakes",
        "`problems` names each one, with the key or line where it stands. The policy in force"
        " stays.",
    ),
    Kind.RATE_LIMITED: _Kind(
        429, "Too many requests", "Come back after the seconds in the header `Retry-After`."
    ),
    Kind.HTTP: _Kind(400, "The request was refused", "HTTP itself refuses it; see the status."),
    Kind.INTERNAL: _Kind(
        500, "Something broke", "It is our fault, and has been logged. Nothing was half done."
    ),
    Kind.NOT_ERASED: _Kind(
        500,
        "Nothing was erased",
        "An erasure is recorded in a file that outlives a restore of the database, and that file"
        " cannot be written now. Whoever runs the service finds the reason in the log.",
    ),
    Kind.UNAVAILABLE: _Kind(
        503,
        "The database cannot be used now",
        "Nothing was stored. Send the same request again, with the same `Idempotency-Key`, after"
        " the seconds in the header `Retry-After`.",
    ),
    Kind.NOT_SCORED: _Kind(
        503,
        "The text was not scored in time",
        "No worker answered soon enough. Nothing was kept of the text; ask again after the seconds"
        " in the header `Retry-After`.",
    ),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    `field` is a place in the body (`comments[3].text`), a header or a parameter; empty for the
    request as a whole. `limit` is the one that was passed, where there is one.
    """

    field: str
    detail: str
    limit: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it stands in `errors`."""
        shown = {"field": self.field[:FIELD_LONGEST], "detail": self.detail}
        return shown if self.limit is None else shown | {"limit": self.limit}


class Problem(Exception):
    """A refusal, ready to be answered."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
        status: int | None = None,
        title: str | None = None,
        **more: Any,
    ) -> None:
        super().__init__(kind.value)
        self.kind = kind
        self.status = status or kind.status
        self.title = title or KINDS[kind].title
        self.detail = detail or KINDS[kind].meaning
        self.errors = errors
        self.headers = headers or {}
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "type": address_of(self.kind),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [fault.as_json() for fault in self.errors[:MOST_FAULTS]]
        return body | self.more


def address_of(kind: Kind) -> str:
    """The `type` of a problem: where it is explained."""
    return f"{PREFIX}docs#{kind}"


def answer(problem: Problem) -> Response:
    """The problem as a response."""
    response = jsonify(problem.as_json())
    response.status_code = problem.status
    response.mimetype = MEDIA_TYPE
    response.headers.update(problem.headers)
    return response


def set_up(app: Flask) -> None:
    """Answer every error under `/api/` as a problem, and let no error tell of our insides."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_anything)


def _in_api() -> bool:
    return request.path.startswith(PREFIX)


def _on_http(error: HTTPException) -> Response | HTTPException:
    if not _in_api() or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    return answer(_of_http(error))


def _of_http(error: HTTPException) -> Problem:
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    }
    if isinstance(error, TooMany):
        return Problem(
            Kind.RATE_LIMITED,
            f"No more than {error.limit} of these are taken.",
            errors=[Fault("", "too many", error.limit.amount)],
            headers=headers,
        )
    if isinstance(error, RequestEntityTooLarge):
        limit = services().settings.body_max
        return Problem(
            Kind.TOO_LARGE,
            f"A body has at most {limit} bytes.",
            errors=[Fault("", f"has more than {limit} bytes", limit)],
        )
    for kind in (Kind.NOT_FOUND, Kind.METHOD_NOT_ALLOWED, Kind.MEDIA_TYPE, Kind.INTERNAL):
        if error.code == kind.status:
            return Problem(kind, headers=headers)
    code = error.code or 500
    return Problem(Kind.HTTP, status=code, title=HTTPStatus(code).phrase, headers=headers)


def _on_anything(error: Exception) -> Response:
    problem = _of_domain(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        failures.tell(error)
    if _in_api():
        return answer(problem)
    return Response(f"{problem.title}.\n", problem.status, problem.headers, mimetype="text/plain")


def _of_domain(error: Exception) -> Problem:
    match error:
        case NotFound():
            return Problem(Kind.NOT_FOUND, f"The site has no such {error}.")
        case NotBlocked():
            return Problem(Kind.NOT_BLOCKED)
        case AlreadyAppealed():
            return Problem(Kind.ALREADY_APPEALED, appeal=str(error.appeal_id))
        case TooLate():
            wrong = Fault("", f"was blocked more than {error.days} days ago", error.days)
            return Problem(Kind.TOO_LATE, errors=[wrong])
        case WordsGone():
            return Problem(Kind.COMMENT_DELETED)
        case KeyReused():
            wrong = Fault("Idempotency-Key", "came before with another body")
            return Problem(Kind.KEY_REUSED, errors=[wrong])
        case JournalError():
            return Problem(Kind.NOT_ERASED)
        case PolicyError():
            return refused_policy(error)
        case _:
            return Problem(Kind.UNAVAILABLE if is_away(error) else Kind.INTERNAL)


def refused_policy(error: PolicyError) -> Problem:
    """A policy that is not posted, with every mistake in it."""
    shown = error.problems[:MOST_FAULTS]
    return Problem(
        Kind.POLICY_REFUSED,
        f"It has {len(error.problems)} mistake{'s' if len(error.problems) != 1 else ''}.",
        errors=[Fault("toml", str(problem)) for problem in shown],
        problems=[{"where": problem.where, "reason": problem.reason} for problem in shown],
    )
