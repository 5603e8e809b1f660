"""`moderation worker` stopped, killed and started in trouble: real processes, a stand-in model."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import UUID

import psutil
import psycopg
import pytest
from sqlalchemy import func, select, text

from moderation import comments
from moderation.models import Comment, Decision, Status
from tests.newsroom import NOON, Newsroom, submission
from tests.processes import SECONDS, environ_of, judged, until
from tests.stand_in_worker import ENDS


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: several processes beside each other are what SQLite is not for."""
    return postgres_url


@pytest.fixture
def environ(newsroom: Newsroom, redis_url: str) -> dict[str, str]:
    return environ_of(newsroom, redis_url, MODERATION_SWEEP_SECONDS="0.5")


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Start]:
    """Starts a worker whose model takes so many seconds for a text; ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: float, *options: str, **settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.stand_in_worker", str(seconds), "worker", *options],
            env=os.environ | environ | settings,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def post(newsroom: Newsroom, count: int, words: str = "A fine morning, number") -> list[UUID]:
    posted = [
        submission(f"{words} {nth}.", commenter={"id": f"reader-{nth}"}) for nth in range(count)
    ]
    with newsroom.db.transaction() as session:
        answers = comments.receive(session, newsroom.daily.id, posted, now=NOON)
    return [answer.comment_id for answer in answers if isinstance(answer, comments.Received)]


def received(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).where(Comment.status == Status.RECEIVED)) or 0


def leased(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).where(Comment.leased_by.is_not(None))) or 0


def children(worker: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(worker.pid).children()


def end(worker: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> float:
    """Stop a worker that is to end well; answers how many seconds it took."""
    began = time.monotonic()
    worker.send_signal(how)
    _, said = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, said
    return time.monotonic() - began


@pytest.mark.parametrize("concurrency", ["1", "2"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_worker_ends_its_batch_and_leaves_the_long_backlog(
    newsroom: Newsroom, start: Start, concurrency: str, how: signal.Signals
) -> None:
    post(newsroom, 500)
    post(newsroom, 500, "A fine evening, number")
    worker = start(0.01, "--concurrency", concurrency)
    until(lambda: received(newsroom) < 1000)
    end(worker, how)
    assert received(newsroom) > 500
    assert leased(newsroom) == 0


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_a_batch_that_takes_too_long_is_given_back(
    newsroom: Newsroom, start: Start, concurrency: str
) -> None:
    post(newsroom, 100)
    worker = start(10, "--concurrency", concurrency, MODERATION_DRAIN_SECONDS="2")
    until(lambda: leased(newsroom) == 32 * int(concurrency))
    assert end(worker) < 20
    with newsroom.db.reading() as session:
        left = session.execute(select(Comment.attempts, Comment.leased_by).distinct()).all()
    assert [tuple(row) for row in left] == [(0, None)]
    start(0)
    until(lambda: received(newsroom) == 0)


def test_a_killed_child_is_replaced_and_every_comment_is_judged_once(
    newsroom: Newsroom, start: Start
) -> None:
    posted = post(newsroom, 200)
    worker = start(0.01, "--concurrency", "2", MODERATION_LEASE_SECONDS="5")
    until(lambda: received(newsroom) < 200)
    killed, _ = children(worker)
    killed.kill()
    until(lambda: received(newsroom) == 0)
    until(lambda: len(children(worker)) == 2 and killed not in children(worker))
    with newsroom.db.reading() as session:
        decided = session.scalars(select(Decision.comment_id)).all()
    assert sorted(decided) == sorted(posted)
    end(worker)


def test_a_text_that_kills_the_worker_is_held_in_the_end(newsroom: Newsroom, start: Start) -> None:
    [deadly] = post(newsroom, 1, f"A text that {ENDS}, number")
    kind = post(newsroom, 5)
    worker = start(0, "--concurrency", "2", MODERATION_LEASE_SECONDS="5")
    until(lambda: received(newsroom) == 0)
    assert newsroom.comment(deadly).status == Status.HELD
    assert {newsroom.comment(comment_id).status for comment_id in kind} == {Status.APPROVED}
    end(worker)


def test_no_child_lives_on_when_the_worker_is_killed(newsroom: Newsroom, start: Start) -> None:
    post(newsroom, 200)
    worker = start(0.01, "--concurrency", "2")
    until(lambda: received(newsroom) < 200)
    orphans = children(worker)
    assert len(orphans) == 2
    worker.kill()
    worker.wait()
    gone, alive = psutil.wait_procs(orphans, timeout=SECONDS)
    assert len(gone) == 2, alive


def test_a_worker_that_starts_before_its_database_scores_once_it_is_there(
    newsroom: Newsroom, start: Start
) -> None:
    comment_id = newsroom.receive()
    name = newsroom.db.engine.url.database
    server = newsroom.db.engine.url.set(drivername="postgresql", database="postgres")
    newsroom.db.dispose()
    address = server.render_as_string(hide_password=False)
    with closing(psycopg.connect(address, autocommit=True)) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            worker = start(0)
            assert worker.stderr is not None
            until(lambda: "database_away" in worker.stderr.readline())  # type: ignore[union-attr]
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert judged(newsroom, comment_id) == Status.APPROVED
    assert newsroom.comment(comment_id).attempts == 1


def test_a_schema_that_is_not_this_releases_ends_it_with_one_line(
    newsroom: Newsroom, start: Start
) -> None:
    with newsroom.db.transaction() as session:
        current = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        worker = start(0)
        _, said = worker.communicate(timeout=SECONDS)
    finally:
        with newsroom.db.transaction() as session:  # the next test has this database too
            session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": current})
    assert worker.returncode == 1
    assert said.splitlines()[-1].startswith("Error: the database is at schema 0001")


def test_a_worker_whose_children_cannot_live_ends_with_a_failure(
    newsroom: Newsroom, start: Start
) -> None:
    """Not with a 0, after which a service manager would leave it at that."""
    worker = start(-1, "--concurrency", "2")
    worker.communicate(timeout=SECONDS)
    assert worker.returncode == 1
