"""Rate limits. With Redis all web processes share them; without it each counts for itself."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.settings import Settings

REDIS_SECONDS = 0.1
"""How long a request may wait for a count. A count that does not come is kept in memory."""
UNAVAILABLE_SECONDS = 5
"""When to come back after the database could not be used."""

limiter = Limiter(key_func=get_remote_address)


def set_up(app: Flask, settings: Settings) -> None:
    """Attach the limiter to an app.

    When Redis does not answer, each process counts in memory until it does: a limit is no reason to
    turn a reader's comment away.
    """
    options: dict[str, Any] = {}
    if not settings.embedded:
        options = {
            "socket_timeout": REDIS_SECONDS,
            "socket_connect_timeout": REDIS_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # the client's own waits between three of them
        }
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=options,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    app.after_request(_wait_only_when_refused)  # runs after the limiter's own, which is added next
    limiter.init_app(app)


def _wait_only_when_refused(response: Response) -> Response:
    """Mend `Retry-After`: Flask-Limiter puts the end of the window into it, on every answer."""
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(UNAVAILABLE_SECONDS)
    elif response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        response.headers.pop("Retry-After", None)
    elif response.headers.get("Retry-After") == "0":
        response.headers["Retry-After"] = "1"
    return response
