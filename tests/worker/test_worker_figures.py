"""`moderation worker` tells its figures, alone and with children."""

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from moderation.models import Status
from tests import services
from tests.metrics import figure
from tests.newsroom import Newsroom
from tests.processes import SECONDS, environ_of, judged, until


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: several processes are what SQLite is not for."""
    return postgres_url


def told_by(address: str) -> str:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=SECONDS) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_what_a_worker_has_judged(newsroom: Newsroom, redis_url: str, concurrency: str) -> None:
    private = f"127.0.0.1:{services.free_port()}"
    posted = [newsroom.receive(f"Thank you for article number {n}, editors.") for n in range(40)]
    process = subprocess.Popen(
        [sys.executable, "-m", "moderation", "worker", "--concurrency", concurrency],
        env=os.environ | environ_of(newsroom, redis_url, MODERATION_METRICS_BIND=private),
        stderr=subprocess.DEVNULL,
    )
    try:
        for comment_id in posted:
            assert judged(newsroom, comment_id) == Status.APPROVED
        approved = (
            'moderation_comments_decided_total{actor="policy",site="the-daily",status="approved"}'
        )
        # Counted a moment after it is written.
        until(lambda: figure(told_by(private), approved) >= 40, every=0.1)
        told = told_by(private)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SECONDS) == 0

    assert figure(told, approved) == 40
    assert figure(told, "moderation_batch_comments_sum") == 40
    assert figure(told, "moderation_scoring_seconds_count") >= 2  # of 32 at the most
    assert "moderation_model_loaded{" in told
