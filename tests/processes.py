"""What runs beside a test: a worker in a thread, the settings that a process is given, and the
patience to wait for either."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from config.settings import Settings
from moderation.models import Status
from tests.newsroom import Newsroom
from worker import languages
from worker.app import create_worker
from worker.embedded import EmbeddedWorker

SECONDS = 60
"""How long anything may take on a busy machine before a test fails."""

SLOW_SWEEP = Settings(sweep_seconds=60)
"""With this only a ring is quick."""
QUICK_SWEEP = Settings(sweep_seconds=0.2)
"""With this no ring is needed."""

Come = TypeVar("Come")


@contextmanager
def working(newsroom: Newsroom, settings: Settings) -> Iterator[EmbeddedWorker]:
    """A worker in a thread of this process, for the length of the block.

    It scores with what `worker.scorers.load` gives, which is for the test to say.
    """
    languages.load()  # as it has long before anybody asks
    worker = EmbeddedWorker(create_worker(settings, newsroom.db), settings.drain_seconds)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def environ_of(newsroom: Newsroom, redis_url: str, **settings: str) -> dict[str, str]:
    """The environment of a process of the service on the cast's database, with these settings."""
    return {
        "DATABASE_URL": newsroom.db.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
        "MODERATION_SECRET_KEY": "s" * 40,
    } | settings


def until(
    come: Callable[[], Come | None],
    seconds: float = SECONDS,
    *,
    every: float = 0.05,
    said: Callable[[], str] = lambda: "it never came",
) -> Come:
    """Ask again and again until the answer is true, and answer it.

    After so many seconds it is an AssertionError with what was `said` meanwhile, as a log.
    """
    deadline = time.monotonic() + seconds
    while not (answer := come()):
        assert time.monotonic() < deadline, said()
        time.sleep(every)
    return answer


def judged(newsroom: Newsroom, comment_id: UUID) -> str:
    """The status of a comment, once a worker has judged it."""

    def status() -> str | None:
        now = newsroom.comment(comment_id).status
        return None if now == Status.RECEIVED else now

    return until(status)
