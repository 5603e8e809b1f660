"""`moderation worker` on a real Redis and a real Postgres: the same tasks, another process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from config.settings import Settings
from moderation.bell import Bell
from moderation.models import Status
from tests.newsroom import Newsroom
from tests.processes import SECONDS, environ_of, judged


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: a worker process beside others is what SQLite is not for."""
    return postgres_url


@pytest.fixture
def environ(newsroom: Newsroom, redis_url: str) -> dict[str, str]:
    # So that only a ring is quick.
    return environ_of(newsroom, redis_url, MODERATION_SWEEP_SECONDS="60")


@pytest.fixture
def worker(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "moderation", "worker"],
        env=os.environ | environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_what_a_web_process_rings_for_is_judged_by_a_worker_process(
    newsroom: Newsroom, environ: dict[str, str], worker: subprocess.Popen[str]
) -> None:
    waited = newsroom.receive("Thank you, that was a lovely article about the bees.")
    assert judged(newsroom, waited) == Status.APPROVED  # found when it started

    comment_id = newsroom.receive("You are an idiot, Tom, and a liar.")
    Bell(Settings.from_env(environ)).ring()
    assert judged(newsroom, comment_id) == Status.HELD

    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, said
    assert "idiot" not in said
