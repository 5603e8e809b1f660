"""A request's trail: an id that leads from the door to the decision, and an event when it is
answered."""

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import structlog
from flask import Flask, Request, request

from config.logs import log
from moderation import metrics
from moderation.decision_log import Change

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"
TAKEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id that the site, or the proxy in front, gave the request."""
IN_ENVIRON = "moderation.request_id"
QUIET = "health."
"""Asked every few seconds by whatever watches: these are told at DEBUG."""


def set_up(app: Flask) -> None:
    """Follow every request of the app. To be called last: what is added later is not timed."""
    app.wsgi_app = _Followed(app.wsgi_app)  # type: ignore[method-assign]


def request_id() -> str:
    """The id of the current request."""
    return str(request.environ[IN_ENVIRON])


def tell_decision(site: str, change: Change) -> None:
    """Tell of a decision that the request brought about at a site (its slug), once it is
    committed."""
    metrics.decided(site, change.after, change.actor)
    log.info(
        f"comment_{change.after}",
        site=site,
        comment=str(change.comment_id),
        clause=change.clause,
    )


class _Followed:
    """WSGI: names the request in every event, answers its id, and tells how it was answered.

    Outside of Flask, so that an answer counts whatever went wrong on its way.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = given if TAKEN.fullmatch(given) else uuid4().hex
        environ[IN_ENVIRON] = name

        def answer(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[..., Any]:
            _tell(environ, int(status[:3]), time.perf_counter() - began)
            return start_response(status, [*headers, (HEADER, name)], *more)

        with structlog.contextvars.bound_contextvars(request=name):
            return self._app(environ, answer)


def _tell(environ: "WSGIEnvironment", status: int, seconds: float) -> None:
    # Neither path nor query string: the one may hold a commenter's name, the other anything.
    asked = environ.get("werkzeug.request")
    endpoint = asked.endpoint if isinstance(asked, Request) else None
    method = environ["REQUEST_METHOD"]
    metrics.answered(endpoint, method, status, seconds)
    (log.debug if (endpoint or "").startswith(QUIET) else log.info)(
        "request_answered",
        method=method if method in metrics.METHODS else "other",
        endpoint=endpoint,
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )
