"""Refusals in the words of Google's services: clients read code, status, message and details.

Nothing that was sent is repeated but the names of attributes, languages and fields.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from limits import RateLimitItem

SERVICE = "commentanalyzer.googleapis.com"
TYPE = "type.googleapis.com/"
STATUSES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
NAME_LONGEST = 100
"""Characters of a name that are repeated."""

Object = dict[str, Any]


class Refused(Exception):
    """A refusal, ready to be answered: its HTTP status, what it says, and details for programs."""

    def __init__(self, code: int, says: str, *details: Object) -> None:
        super().__init__(STATUSES[code])
        self.code = code
        self.says = says
        self.details = details

    def as_json(self) -> Object:
        """The body of the answer."""
        error: Object = {"code": self.code, "message": self.says, "status": STATUSES[self.code]}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


def _of_analyzer(says: str, kind: str, **more: Any) -> Refused:
    detail = {"@type": f"{TYPE}google.commentanalyzer.v1alpha1.Error", "errorType": kind}
    return Refused(HTTPStatus.BAD_REQUEST, says, detail | more)


def empty() -> Refused:
    return _of_analyzer("Comment must be non-empty.", "COMMENT_EMPTY")


def too_long() -> Refused:
    return _of_analyzer("Comment text too long.", "COMMENT_TOO_LONG")


def no_attributes() -> Refused:
    return _of_analyzer("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")


def language_unknown() -> Refused:
    return _of_analyzer("Unable to detect language", "LANGUAGE_DETECTION_FAILED")


def language_not_supported(attribute: str, languages: Sequence[str], *, requested: bool) -> Refused:
    """The model does not read these languages, which the client named or the text is in."""
    named = [one[:NAME_LONGEST] for one in languages]
    return _of_analyzer(
        f"Attribute {attribute} does not support request languages: {', '.join(named)}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={
            "attribute": attribute,
            "requestedLanguages" if requested else "detectedLanguages": named,
        },
    )


def unfit(says: str) -> Refused:
    """Any other mistake in a request."""
    return Refused(HTTPStatus.BAD_REQUEST, says)


def unknown_attribute(name: str) -> Refused:
    return unfit(f"Unknown requested attribute: {name[:NAME_LONGEST]}")


def unfit_fields(fields: Sequence[tuple[str, str]]) -> Refused:
    """Fields that do not hold what they should, each with the kind of thing that it should."""
    said = [(field, f"Invalid value at '{field}' ({kind})") for field, kind in fields]
    violations = [{"field": field, "description": says} for field, says in said]
    return Refused(
        HTTPStatus.BAD_REQUEST,
        "\n".join(says for _, says in said),
        {"@type": f"{TYPE}google.rpc.BadRequest", "fieldViolations": violations},
    )


def no_key() -> Refused:
    return Refused(
        HTTPStatus.FORBIDDEN,
        "Method doesn't allow unregistered callers (callers without established identity). Please"
        " use API Key or other form of API consumer identity to call this API.",
    )


def bad_key() -> Refused:
    return Refused(
        HTTPStatus.BAD_REQUEST,
        "API key not valid. Please pass a valid API key.",
        _info("API_KEY_INVALID"),
    )


def key_not_for_this(method: str, site: str) -> Refused:
    """The key lacks the scope that is asked for."""
    return Refused(
        HTTPStatus.FORBIDDEN,
        f"Requests to this API {SERVICE} method"
        f" google.commentanalyzer.v1alpha1.CommentAnalyzerService.{method} are blocked.",
        _info("API_KEY_SERVICE_BLOCKED", consumer=f"projects/{site}"),
    )


def too_many(limit: RateLimitItem, site: str) -> Refused:
    unit = limit.GRANULARITY.name
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit 'Analysis"
        f" requests (AnalyzeComment) per {unit}' of service '{SERVICE}' for consumer"
        f" 'project:{site}'.",
        _info(
            "RATE_LIMIT_EXCEEDED",
            consumer=f"projects/{site}",
            quota_limit=f"AnalyzeRequestsPer{unit.capitalize()}PerProject",
            quota_limit_value=str(limit.amount),
            quota_location="global",
            quota_metric="CommentAnalyzerService/analyze_requests",
        ),
    )


def too_large(limit: int) -> Refused:
    return unfit(f"Request payload size exceeds the limit: {limit} bytes.")


def no_method() -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "Method not found.")


def broken() -> Refused:
    return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal error encountered.")


def unavailable() -> Refused:
    """Nobody scored the text in time, or the database is away."""
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The service is currently unavailable.")


def _info(reason: str, **metadata: str) -> Object:
    return {
        "@type": f"{TYPE}google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata | {"service": SERVICE},
    }
