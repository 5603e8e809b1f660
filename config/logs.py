"""Structured logs: one event a line, in the past tense, its facts as keys.

Never a comment's words, a key or an address: `log.info("comment_held", site=..., comment=...)`
names ids and clause keys. Tracebacks are printed without the values of local variables.
"""

import logging
import sys
from typing import Any

import structlog

log: Any = structlog.get_logger("moderation")


def set_up(level: str = "INFO", *, as_json: bool | None = None) -> None:
    """Send events of this service and of the libraries to standard error.

    `as_json`: one JSON object a line; by default so unless standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if as_json is None else as_json
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # The console's own choice of traceback prints local variables: a comment's words among them.
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    tail: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        tail.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[*tail, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("celery", "kombu", "waitress", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
