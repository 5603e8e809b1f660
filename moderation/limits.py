"""Rate limits. With Redis all web processes share them; without it each counts for itself."""

import hashlib
import threading
import time
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from redis.exceptions import RedisError
from werkzeug.exceptions import TooManyRequests

from config.logs import log
from config.settings import Settings
from moderation.shared_redis import impatient

EXTENSION = "moderation.limits"
REDIS_SECONDS = 0.1
"""How long a request may wait for a count. A count that does not come is kept in memory."""
ASK_AGAIN_SECONDS = 1.0
"""How often a Redis that did not answer is asked again, from beside the requests."""
UNAVAILABLE_SECONDS = 5
"""When to come back after the database could not be used."""

COUNT = """
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('EXPIRE', KEYS[1], ARGV[1])
    left = ARGV[1] * 1000
end
return {count, left}
"""
"""Counts, and answers the count with the milliseconds until its window ends: what is told in the
headers of an answer comes with the count, and is not asked for apart."""


def calling_network() -> str:
    """Where a request comes from, to be counted by it.

    An IPv6 address without its last 64 bits: they are the caller's to choose, anew for each try.
    """
    given = request.remote_addr or "127.0.0.1"
    try:
        address = ip_address(given)
    except ValueError:  # a proxy's word for somebody
        return given
    if not isinstance(address, IPv6Address):
        return given
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


class TooMany(TooManyRequests):
    """More came than the limit allows."""

    def __init__(self, limit: RateLimitItem) -> None:
        super().__init__()
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Window:
    """How many came since it began, this one too, and when it ends (seconds since 1970)."""

    count: int
    ends_at: float


class OwnCounts:
    """Counts in this process's memory."""

    def __init__(self) -> None:
        self._memory = MemoryStorage()

    def add(self, key: str, seconds: int) -> Window:
        """Count one under the key, in the window that runs or in a new one of so many seconds."""
        return Window(self._memory.incr(key, seconds), self._memory.get_expiry(key))


class SharedCounts:
    """Counts in Redis; in this process's memory from the first one that does not come until Redis
    answers again.

    Asked again in the middle of a request, a Redis that is frozen would let that request wait; here
    a thread of its own asks. A limit is no reason to turn a reader's comment away, nor to let it
    wait.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = RedisStorage(redis_url, **impatient(REDIS_SECONDS))
        self._count = self._redis.storage.register_script(COUNT)
        self._own = OwnCounts()
        self._away = threading.Event()
        self._going_away = threading.Lock()

    def add(self, key: str, seconds: int) -> Window:
        """As of `OwnCounts`."""
        if not self._away.is_set():
            try:
                return self._count_in_redis(key, seconds)
            except RedisError as error:
                self._go_away(error)
        return self._own.add(key, seconds)

    def _count_in_redis(self, key: str, seconds: int) -> Window:
        count, left = self._count([self._redis.prefixed_key(key)], [seconds])
        return Window(count, time.time() + left / 1000)

    def _go_away(self, error: RedisError) -> None:
        with self._going_away:  # several requests find out at once
            if self._away.is_set():
                return
            self._away.set()
        log.warning("rate_limits_apart", error=type(error).__name__)
        threading.Thread(target=self._ask_again, name="rate limits", daemon=True).start()

    def _ask_again(self) -> None:
        time.sleep(ASK_AGAIN_SECONDS)
        while not self._redis.check():
            time.sleep(ASK_AGAIN_SECONDS)
        self._away.clear()
        log.info("rate_limits_shared")


def set_up(app: Flask, settings: Settings) -> None:
    """Let the views of an app count, and tell in their answers what is left."""
    app.extensions[EXTENSION] = (
        OwnCounts() if settings.embedded else SharedCounts(settings.redis_url)
    )
    app.after_request(_tell)


def count(rate: str, who: str, of: str) -> None:
    """Count one for `who`, of their `of`, against a rate such as 20/minute. TooMany beyond it.

    What was counted last in a request is told in the headers of its answer.
    """
    limit = _parsed(rate)
    window = _add(limit, who, of)
    g.counted = limit, window
    if window.count > limit.amount:
        raise TooMany(limit)


def is_within(rate: str, who: str, of: str) -> bool:
    """The same, where nobody is refused beyond it, nor told of it."""
    limit = _parsed(rate)
    return _add(limit, who, of).count <= limit.amount


def _add(limit: RateLimitItem, who: str, of: str) -> Window:
    counts: OwnCounts | SharedCounts = current_app.extensions[EXTENSION]
    return counts.add(limit.key_for(who, of), limit.get_expiry())


def count_commenter(rate: str, site_id: UUID, external_id: str) -> None:
    """Count one on a site's commenter, by whichever door they came."""
    hashed = hashlib.sha256(external_id.encode()).hexdigest()
    count(rate, f"{site_id}:{hashed}", "commenter")


_parsed = cache(parse)
"""Made once: each rate is a setting."""


def _tell(response: Response) -> Response:
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(UNAVAILABLE_SECONDS)
    if "counted" in g:
        limit, window = g.counted
        over_at = int(window.ends_at + 1)  # whoever comes in that second comes after its end
        response.headers["X-RateLimit-Limit"] = str(limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(max(0, limit.amount - window.count))
        response.headers["X-RateLimit-Reset"] = str(over_at)
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            response.headers["Retry-After"] = str(max(1, int(over_at - time.time())))
    return response
