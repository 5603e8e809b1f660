"""Structured logs: one event a line, in the past tense, its facts as keys.

Never a comment's words, a key or an address: `log.info("comment_held", site=..., comment=...)`
names ids and clause keys. Of an exception its kind is told and where it came up, never its message.
"""

import logging
import sys
import threading
import traceback
from typing import Any

import structlog

log: Any = structlog.get_logger("moderation")


def set_up(level: str = "INFO", *, as_json: bool | None = None) -> None:
    """Send events of this service and of the libraries to standard error.

    `as_json`: one JSON object a line; by default so unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if as_json is None else as_json
    shared: list[Any] = [
        _without_messages,
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # The last one tells what it keeps secret, when it is asked for everything.
    for noisy in ("celery", "kombu", "waitress", "alembic", "urllib3", "authlib"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    threading.excepthook = _thread_failed


def _without_messages(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Tell an exception by its kind and its place.

    Its message may hold a row's values; what a library says beside it, a request's address or the
    arguments of a task. Neither is printed.
    """
    given = event.pop("exc_info", None)
    kind, _, place = sys.exc_info() if given is True else _of(given)
    if kind is None:
        return event
    if (record := event.get("_record")) is not None:
        event |= {"event": "library_failed", "logger": record.name}
    return event | {"error": kind.__name__, "trace": "".join(traceback.format_tb(place))}


def _of(given: Any) -> tuple[Any, Any, Any]:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    return given or (None, None, None)


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    log.error(
        "thread_failed",
        thread=failed.thread.name if failed.thread else None,
        exc_info=(failed.exc_type, failed.exc_value, failed.exc_traceback),
    )
