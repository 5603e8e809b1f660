"""Rate limits. With Redis they are shared by all web processes, without it each counts for itself."""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from config.settings import Settings
from moderation.bell import BROKER_SECONDS

limiter = Limiter(key_func=get_remote_address)


def set_up(app: Flask, settings: Settings) -> None:
    """Attach the limiter to an app.

    When Redis does not answer, each process counts in memory until it does: a limit is no reason to
    turn a reader's comment away.
    """
    options: dict[str, Any] = {}
    if not settings.embedded:
        options = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=options,
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_HEADERS_ENABLED=True,
    )
    limiter.init_app(app)
