"""Rate limits. With Redis all web processes share them; without it each counts for itself."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import MemoryStorage, RedisStorage, Storage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from config.logs import log
from config.settings import Settings

T = TypeVar("T")
REDIS_SECONDS = 0.1
"""How long a request may wait for a count. A count that does not come is kept in memory."""
ASK_AGAIN_SECONDS = 1.0
"""How often a Redis that did not answer is asked again, from beside the requests."""
UNAVAILABLE_SECONDS = 5
"""When to come back after the database could not be used."""

TOLD_SECONDS = 1.0
COUNT = """
local count = redis.call('INCRBY', KEYS[1], ARGV[2])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
    redis.call('EXPIRE', KEYS[1], ARGV[1])
    left = ARGV[1] * 1000
end
return {count, left}
"""
"""Counts, and answers the count with the milliseconds until its window ends: what the headers of an
answer tell. Asked for apart, as Flask-Limiter does, a post would wait for Redis four times and not
twice."""


def calling_network() -> str:
    """Where a request comes from, to be counted by it.

    An IPv6 address without its last 64 bits: they are the caller's to choose, anew for each try.
    """
    given = get_remote_address()
    try:
        address = ip_address(given)
    except ValueError:  # a proxy's word for somebody
        return given
    if not isinstance(address, IPv6Address):
        return given
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


limiter = Limiter(key_func=calling_network)


@dataclass(frozen=True, slots=True)
class _Told:
    """A count, when its window ends, and when Redis said so (seconds since 1970)."""

    key: str
    count: int
    ends_at: float
    at: float


class SharedCounts(Storage):
    """Counts in Redis; in this process's memory from the first one that does not come until Redis
    answers again.

    Flask-Limiter's own fallback asks again in the middle of a request, a second later already, and
    that request waits; here a thread of its own asks. A limit is no reason to turn a reader's
    comment away, nor to let it wait.
    """

    STORAGE_SCHEME = ["moderation"]  # noqa: RUF012 - limits looks for a list

    def __init__(self, uri: str, **_options: Any) -> None:
        super().__init__(uri)
        options: dict[str, Any] = {
            "socket_timeout": REDIS_SECONDS,
            "socket_connect_timeout": REDIS_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # the client's own waits between three of them
        }
        self._redis = RedisStorage(uri.removeprefix("moderation://"), **options)
        self._count = self._redis.storage.register_script(COUNT)
        self._latest = threading.local()
        self._memory = MemoryStorage()
        self._away = threading.Event()
        self._going_away = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self._latest.told = None  # should this one be counted in memory, the headers tell of that
        return self._counted(
            lambda: self._count_in_redis(key, expiry, amount),
            lambda: self._memory.incr(key, expiry, amount),
        )

    def get(self, key: str) -> int:
        if (told := self._told(key)) is not None:
            return told.count
        return self._counted(lambda: self._redis.get(key), lambda: self._memory.get(key))

    def get_expiry(self, key: str) -> float:
        if (told := self._told(key)) is not None:
            return told.ends_at
        return self._counted(
            lambda: self._redis.get_expiry(key), lambda: self._memory.get_expiry(key)
        )

    def _count_in_redis(self, key: str, expiry: int, amount: int) -> int:
        count, left = self._count([self._redis.prefixed_key(key)], [expiry, amount])
        now = time.time()
        self._latest.told = _Told(key, int(count), now + left / 1000, now)
        return int(count)

    def _told(self, key: str) -> "_Told | None":
        """What this thread was just told of the key: the headers of its answer want it again."""
        told: _Told | None = getattr(self._latest, "told", None)
        fresh = told is not None and told.key == key and time.time() - told.at < TOLD_SECONDS
        return told if fresh else None

    def check(self) -> bool:
        return not self._away.is_set()

    def reset(self) -> int | None:
        return self._counted(self._redis.reset, self._memory.reset)

    def clear(self, key: str) -> None:
        self._counted(lambda: self._redis.clear(key), lambda: self._memory.clear(key))

    def _counted(self, shared: Callable[[], T], own: Callable[[], T]) -> T:
        if not self._away.is_set():
            try:
                return shared()
            except RedisError as error:
                self._go_away(error)
        return own()

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
    """Attach the limiter to an app."""
    shared = f"moderation://{settings.redis_url}"
    app.config.update(
        RATELIMIT_STORAGE_URI="memory://" if settings.embedded else shared,
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
