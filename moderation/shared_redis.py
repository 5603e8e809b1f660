"""Redis, for those who must not wait for it."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry


def impatient(seconds: float, *, connecting: float | None = None) -> dict[str, Any]:
    """A client's options: it answers within so many seconds or fails, at its only try.

    The client's own wait for each of three tries, with pauses between them.
    """
    return {
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds if connecting is None else connecting,
        "retry": Retry(NoBackoff(), 0),
    }
