"""A real worker, killed while it sends: what it was sending is sent again, under the same id."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from config.settings import Settings
from moderation.models import Delivery, DeliveryOutcome
from tests.newsroom import NOON, Newsroom
from tests.processes import SECONDS, environ_of, until
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import LOOPBACK, Receiver

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone, as for every process of its own."""
    return postgres_url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, secret_key="s" * 40, webhook_networks=LOOPBACK)


@pytest.fixture
def start(newsroom: Newsroom, redis_url: str) -> Iterator[Start]:
    """Starts a worker with a stand-in model; ends it after the test."""
    environ = environ_of(newsroom, redis_url, MODERATION_WEBHOOK_NETWORKS=LOOPBACK)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.stand_in_worker", "0", "worker"]
        started.append(subprocess.Popen(command, env=os.environ | environ))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def only(newsroom: Newsroom) -> Delivery:
    with newsroom.db.reading() as session:
        return session.scalars(select(Delivery)).one()


def test_a_worker_is_killed_while_it_sends(
    newsroom: Newsroom, told: Told, receiver: Receiver, start: Start
) -> None:
    answered = threading.Event()
    receiver.answers = lambda _: 200 if answered.wait(SECONDS) else 500
    newsroom.receive()
    killed = start()
    until(lambda: receiver.got)
    killed.kill()
    killed.wait()
    answered.set()
    left = only(newsroom)
    assert (left.outcome, left.attempts) == (None, 1)
    assert left.leased_by is not None

    with newsroom.db.transaction() as session:  # a minute later
        session.execute(update(Delivery).values(leased_until=NOON))
    start()

    until(lambda: only(newsroom).outcome)
    sent = only(newsroom)
    assert (sent.outcome, sent.attempts) == (DeliveryOutcome.DELIVERED, 2)
    first, second = receiver.got
    assert first.id == second.id
    assert first.says["type"] == "comment.approved"
    assert second.is_signed_with(told.secret)


def test_a_worker_that_is_stopped_ends_what_it_sends(
    newsroom: Newsroom, told: Told, receiver: Receiver, start: Start
) -> None:
    answered = threading.Event()
    receiver.answers = lambda _: 200 if answered.wait(SECONDS) else 500
    newsroom.receive()
    stopped = start()
    until(lambda: receiver.got)
    stopped.terminate()
    threading.Timer(1, answered.set).start()
    assert stopped.wait(SECONDS) == 0
    assert only(newsroom).outcome == DeliveryOutcome.DELIVERED
