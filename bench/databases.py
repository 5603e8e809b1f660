"""The databases of a run: durable, filled in the way of a paper that has been at it for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from sqlalchemy import make_url

from bench import texts
from moderation import comments, schema
from moderation.db import Database
from moderation.submission import Submission
from tests import services
from tests.newsroom import Newsroom, open_newsroom

DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "track_commit_timestamp": "on",
}
"""As an operator has it, and beside it the moment of each commit, by which `latency` is told."""
ARCHIVE = 4_000
"""Comments that are there before anything is measured: every story and every reader is known."""


@dataclass(frozen=True, slots=True)
class Servers:
    """A PostgreSQL, a Redis, and a filled database to copy, of which The Daily's key is known."""

    postgres: services.Postgres
    redis_url: str
    filled: str
    key: str

    def copy(self) -> str:
        """The URL of a new copy of the filled database."""
        return self.postgres.create(self.filled)


@contextmanager
def servers() -> Iterator[Servers]:
    """Both servers, for the length of the block."""
    with services.postgres(**DURABLE) as postgres, services.redis() as redis_url:
        url = postgres.create()
        with opened(url) as db:
            schema.upgrade(db)
            newsroom = open_newsroom(db)
            _fill(newsroom)
        look_around(url)
        yield Servers(postgres, redis_url, url, newsroom.daily_key)


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database behind a URL."""
    db = Database(url)
    try:
        yield db
    finally:
        db.dispose()


def plain(url: str) -> str:
    """The address as psycopg takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def look_around(url: str) -> None:
    """Let Postgres count what there is, as its autovacuum does within a minute.

    Before it has, every index that begins with the site looks as good as any other to it, and each
    foreign key of a new comment may be looked up by reading all of the site's.
    """
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _fill(newsroom: Newsroom) -> None:
    for start in range(0, ARCHIVE, 500):
        posted = [
            Submission.model_validate(body)
            for body in texts.posts("ordinary", 500, start - ARCHIVE)
        ]
        with newsroom.db.transaction() as session:
            comments.receive(session, newsroom.daily.id, posted, now=datetime.now(UTC))
