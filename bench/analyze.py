"""A text scored while its sender waits, as Perspective's clients ask for it: alone, and beside a
backlog of comments, in the full installation and in one process."""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

from bench import client, texts
from bench.client import Post
from bench.databases import Servers, receive
from bench.servers import await_answer, environment, process, web, worker
from bench.table import Row, Target
from moderation import schema
from moderation.db import Database
from moderation.interactive import WAIT_SECONDS
from tests.newsroom import open_newsroom
from tests.services import free_port

RATE = 20.0
"""Texts a second; they come by chance, as readers do, and not in step."""
LONGEST = 1_000
CONNECTIONS = 12
BACKLOG = 4_000
"""Comments that wait, of ordinary length: more than are scored meanwhile."""
LONG_ONES = 100
"""And so many very long ones."""
START_SECONDS = 60
MOST_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the senders waited, in milliseconds; `refused` of them in vain."""

    milliseconds: Sequence[float]
    refused: int

    def percentile(self, which: int) -> float:
        return quantiles(self.milliseconds, n=100, method="inclusive")[which - 1]

    def __str__(self) -> str:
        cuts = ", ".join(f"p{which} {self.percentile(which):,.0f}" for which in (50, 95, 99))
        return f"{cuts} ms of {len(self.milliseconds)}, {self.refused} of them refused (503)"


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Each of the two installations, with nothing else to do and with a backlog."""
    seconds = 10.0 if quick else 60.0
    for installation, name in ((_full, "full installation"), (_embedded, "one process")):
        for backlog in (False, True):
            with installation(servers, backlog=backlog) as (port, key):
                stream = _posts(key, round(RATE * seconds))
                _await_scores(port, stream[0])
                waits = _send(port, stream)
            yield _row(f"{name}, {'beside a backlog' if backlog else 'alone'}", waits)


def _row(what: str, waits: Waits) -> Row:
    return Row(
        what=f"analyze, texts up to {LONGEST:,} characters, {what}",
        figure=waits.percentile(99),
        unit=" ms",
        measured=str(waits),
        reference=f"a fixed limit, for 99 of 100 texts that come at {RATE:g} a second by chance;"
        " counted from when a text was due to when its scores were read. One that is refused"
        " counts as long as it was waited for, at least as the time limit",
        target=Target(side="at most", value=1000 * MOST_SECONDS, unit=" ms"),
    )


@contextmanager
def _full(servers: Servers, *, backlog: bool) -> Iterator[tuple[int, str]]:
    url = servers.copy()
    if backlog:
        _fill(url)
    environ = environment(url, servers.redis_url)
    with web(environ) as service, worker(environ, "interactive"), worker(environ):
        yield service.port, servers.key


@contextmanager
def _embedded(_servers: Servers, *, backlog: bool) -> Iterator[tuple[int, str]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'moderation.sqlite3')}"
        with Database(url) as db:
            schema.upgrade(db)
            key = open_newsroom(db).daily_key
        if backlog:
            _fill(url)
        port = free_port()
        command = [sys.executable, "-m", "moderation", "run", "--port", str(port)]
        environ = environment(url) | {"MODERATION_DATA_DIR": folder}
        with process(command, environ) as running:
            await_answer(port, running)
            yield port, key


def _fill(url: str) -> None:
    with Database(url) as db:
        for start in range(0, BACKLOG, 500):
            receive(db, texts.posts("ordinary", 500, start))
        receive(db, texts.posts("long", LONG_ONES))


def _posts(key: str, count: int) -> list[Post]:
    chance = Random("analyze")
    return [
        client.ready(
            f"/v1alpha1/comments:analyze?key={key}",
            {
                "comment": {"text": texts.text(chance, chance.randint(20, LONGEST))},
                "requestedAttributes": {"TOXICITY": {}, "INSULT": {}},
                "languages": ["en"],
                "doNotStore": True,
            },
        )
        for _ in range(count)
    ]


def _await_scores(port: int, post: Post) -> None:
    """Until the model is loaded."""
    deadline = time.monotonic() + START_SECONDS
    while not _answered(client.Caller(port), post):
        if time.monotonic() > deadline:
            raise RuntimeError("nobody scores")


def _answered(caller: client.Caller, post: Post) -> bool:
    try:
        caller.post(post)
    except client.Unavailable:
        return False
    return True


def _send(port: int, posts: Sequence[Post]) -> Waits:
    chance = Random("when")
    began = time.time() + 0.1
    due = [began := began + chance.expovariate(RATE) for _ in posts]
    found: list[tuple[float, bool]] = []

    def send(caller: client.Caller, number: int) -> None:
        came = _answered(caller, posts[number])
        took = time.time() - due[number]
        found.append((took if came else max(took, WAIT_SECONDS), came))

    client.when_due(port, due, send, CONNECTIONS)
    return Waits([1000 * took for took, _ in found], sum(not came for _, came in found))
