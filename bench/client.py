"""A client that keeps its connections, as a site's own server does."""

import http.client
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple


class Unavailable(RuntimeError):
    """Answered 503."""


class Post(NamedTuple):
    """A request, made ready before the clock starts."""

    path: str
    body: bytes
    headers: dict[str, str]


def ready(path: str, body: Any, **headers: str) -> Post:
    """A post of `body` as JSON."""
    return Post(path, json.dumps(body).encode(), {"Content-Type": "application/json"} | headers)


class Caller:
    """One kept connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, post: Post) -> bytes:
        """Send it and read the answer. RuntimeError unless it was taken; Unavailable for a 503."""
        self._connection.request("POST", post.path, post.body, post.headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status == http.client.SERVICE_UNAVAILABLE:
            raise Unavailable
        if answer.status >= http.client.MULTIPLE_CHOICES:
            raise RuntimeError(f"answered {answer.status}: {body[:300]!r}")
        return body

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def rate(port: int, posts: Sequence[Post], at_once: int = 1) -> float:
    """Requests a second over all of `posts`, sent on so many connections at once."""
    callers = [Caller(port) for _ in range(at_once)]

    def send(which: int) -> None:
        for post in posts[which::at_once]:
            callers[which].post(post)

    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        list(pool.map(send, range(at_once)))
        took = time.perf_counter() - began
    for caller in callers:
        caller.close()
    return len(posts) / took


def when_due(
    port: int, due: Sequence[float], send: Callable[[Caller, int], object], at_once: int
) -> None:
    """Have each sent when it is due by `time.time()`, whatever became of those before it: `send` is
    given a connection and its number. It is late if all of the connections wait for answers."""

    def work(which: int) -> None:
        caller = Caller(port)
        for number in range(which, len(due), at_once):
            time.sleep(max(0.0, due[number] - time.time()))
            send(caller, number)
        caller.close()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(work, range(at_once)))
