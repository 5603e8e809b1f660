"""`moderation worker` on a real Redis and a real Postgres: the same tasks, another process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

from config.settings import Settings
from moderation.bell import Bell
from moderation.models import Status
from tests.newsroom import Newsroom

SECONDS = 60


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: a worker process beside others is what SQLite is not for."""
    return postgres_url


@pytest.fixture
def environ(newsroom: Newsroom, redis_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": newsroom.db.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
        "MODERATION_SECRET_KEY": "s" * 40,
        "MODERATION_SWEEP_SECONDS": "60",  # so that only a ring is quick
    }


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


def wait_for(newsroom: Newsroom, comment_id: UUID) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if (status := newsroom.comment(comment_id).status) != Status.RECEIVED:
            return status
        time.sleep(0.05)
    raise AssertionError("it was never judged")


def test_what_a_web_process_rings_for_is_judged_by_a_worker_process(
    newsroom: Newsroom, environ: dict[str, str], worker: subprocess.Popen[str]
) -> None:
    waited = newsroom.receive("Thank you, that was a lovely article about the bees.")
    assert wait_for(newsroom, waited) == Status.APPROVED  # found when it started

    comment_id = newsroom.receive("You are an idiot, Tom, and a liar.")
    Bell(Settings.from_env(environ)).ring()
    assert wait_for(newsroom, comment_id) == Status.HELD

    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=SECONDS)
    assert worker.returncode == 0, said
    assert "idiot" not in said
