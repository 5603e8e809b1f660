"""The databases of a run: durable, filled in the way of a paper that has been at it for a while."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import func, make_url, update

from bench import texts
from moderation import comments, schema, sites
from moderation.db import Database
from moderation.models import Comment, Status
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
    with services.own_postgres(DURABLE) as (postgres, _), services.redis() as redis_url:
        url = postgres.create()
        with Database(url) as db:
            schema.upgrade(db)
            newsroom = open_newsroom(db)
            _fill(newsroom)
        look_around(url)
        yield Servers(postgres, redis_url, url, newsroom.daily_key)


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


def receive(db: Database, bodies: Sequence[dict[str, Any]]) -> None:
    """Take posts in for The Daily, past the door."""
    posted = [Submission.model_validate(body) for body in bodies]
    with db.transaction() as session:
        daily = sites.named(session, "the-daily")
        comments.receive(session, daily.id, posted, now=datetime.now(UTC))


def waiting(url: str) -> int:
    """How many comments wait to be judged."""
    with psycopg.connect(plain(url)) as connection:
        counted = connection.execute("SELECT count(*) FROM comments WHERE judged_at IS NULL")
        return int((counted.fetchone() or (0,))[0])


def await_judged(url: str, seconds: float) -> None:
    """Wait until none waits any more, for so long at most."""
    until = time.monotonic() + seconds
    while waiting(url) and time.monotonic() < until:
        time.sleep(0.2)


def decided(url: str) -> dict[str, datetime]:
    """When each comment's decision could be seen by others, by its external id.

    By the server's record of commits: a row's own time is written before its transaction ends.
    """
    with psycopg.connect(plain(url)) as connection:
        return dict(
            connection.execute(
                "SELECT c.external_id, min(pg_xact_commit_timestamp(d.xmin)) FROM decisions d"
                " JOIN comments c ON c.site_id = d.site_id AND c.id = d.comment_id GROUP BY 1"
            ).fetchall()
        )


def _fill(newsroom: Newsroom) -> None:
    for start in range(0, ARCHIVE, 500):
        receive(newsroom.db, texts.posts("ordinary", 500, start - ARCHIVE))
    with newsroom.db.transaction() as session:  # the archive waits for nobody
        session.execute(update(Comment).values(status=Status.APPROVED, judged_at=func.now()))
