"""What the log is told when a request fails, whichever door it came to."""

import traceback

from flask import request

from config.logs import log
from moderation.db import is_away
from moderation.keeping.journal import JournalError


def tell(error: Exception) -> bool:
    """Log why a request fails; answers whether it is only that the database is away (503).

    Without the message, but for our own: a driver's holds the values of the row.
    """
    if is_away(error):  # of every request for as long as it lasts: no trace
        log.warning(
            "database_away",
            endpoint=request.endpoint,
            error=type(error).__name__,
            sqlstate=getattr(getattr(error, "orig", None), "sqlstate", None),
        )
        return True
    log.error(
        "request_failed",
        endpoint=request.endpoint,
        error=str(error) if isinstance(error, JournalError) else type(error).__name__,
        trace="".join(traceback.format_tb(error.__traceback__)),
    )
    return False
