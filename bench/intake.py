"""Posts taken in, one by one and in batches, beside bare views and beside Isso."""

import json
import os
import pickle
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import event

from bench import client, isso, texts, wsgi
from bench.client import Post
from bench.databases import Servers, plain
from bench.servers import Server, environment, gunicorn, web
from bench.table import Row, Target, middle_ratio, shown
from config.settings import Settings
from moderation.app import create_app
from moderation.db import Database

PATH = "/api/v1/sites/the-daily/comments"
ROUNDS = 5
LENGTHS = {"ordinary": "ordinary texts", "long": "texts of 2,000 and 10,000 characters"}
BATCH = {"ordinary": 500, "long": 50}
"""Comments in one batch: as many as are taken, and as many long ones as a body has room for."""
INSERTED = re.compile(r"INSERT INTO (\w+)")
Replayed = list[list[tuple[str, Any]]]
"""For each post the statements it led to, with their values; COMMIT and ROLLBACK among them."""


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Single posts, then batches."""
    each = 60 if quick else 200
    for mix in LENGTHS:
        yield from _beside_bare_view(servers, mix, each)
    yield _beside_isso(servers, each)
    for mix in LENGTHS:
        yield from _batches(servers, mix, rounds=6 if quick else 24)


def _beside_bare_view(servers: Servers, mix: str, each: int) -> Iterator[Row]:
    at_onces = (1, 4)
    bodies = texts.posts(mix, each * ROUNDS * len(at_onces))
    ours = [single(servers, body) for body in bodies]
    with _service(servers) as service, _bare_view(servers, ours) as bare:
        theirs = [client.ready(f"/{i}", body) for i, body in enumerate(bodies)]
        for n, at_once in enumerate(at_onces):
            rates: tuple[list[float], list[float]] = ([], [])
            used = [server.cpu_seconds() for server in (service, bare)]
            for start in range(n * each * ROUNDS, (n + 1) * each * ROUNDS, each):
                turn = slice(start, start + each)
                rates[0].append(client.rate(service.port, ours[turn], at_once))
                rates[1].append(client.rate(bare.port, theirs[turn], at_once))
            web = [
                (server.cpu_seconds() - before) / (each * ROUNDS) * 1000
                for server, before in zip((service, bare), used, strict=True)
            ]
            statements = median(_statements(post) for post in _captured(servers, ours[:20]))
            yield Row(
                what=f"single intake, {LENGTHS[mix]}, {at_once} at a time",
                figure=middle_ratio(*rates),
                measured=f"{shown(median(rates[0]))} against {shown(median(rates[1]))} posts a"
                f" second, {shown(web[0])} against {shown(web[1])} ms of the web side's processor"
                f" time; {statements:.0f} statements a post",
                reference="a bare Flask view under the same gunicorn that reads the same body and"
                " runs the statements captured from intake, with the same rows, through psycopg:"
                " what is left is all that we do beside the database's work",
                target=Target(side="at least", value=0.5),
            )


def _beside_isso(servers: Servers, each: int) -> Row:
    bodies = texts.posts("ordinary", each * ROUNDS)
    ours = [single(servers, body) for body in bodies]
    theirs = [isso.post(body) for body in bodies]
    rates: tuple[list[float], list[float]] = ([], [])
    with _service(servers) as service, isso.served() as other:
        for start in range(0, len(bodies), each):
            turn = slice(start, start + each)
            rates[0].append(client.rate(service.port, ours[turn], 4))
            rates[1].append(client.rate(other.port, theirs[turn], 4))
    return Row(
        what="single intake beside Isso, ordinary texts, 4 at a time",
        figure=middle_ratio(*rates),
        measured=f"{shown(median(rates[0]))} against {shown(median(rates[1]))} posts a second",
        reference=f"`POST /new` of Isso {isso.version()} under the same gunicorn, on SQLite as it"
        " ships, the same texts; its rate guard is off, which takes no more than three comments"
        " of one address",
        target=Target(side="at least", value=10),
    )


def single(servers: Servers, body: dict[str, Any]) -> Post:
    """The post of one comment, by The Daily."""
    return client.ready(PATH, body, Authorization=f"Bearer {servers.key}")


def batch(servers: Servers, bodies: Sequence[dict[str, Any]]) -> Post:
    """The post of so many at once."""
    posted = {"comments": bodies}
    return client.ready(f"{PATH}:batch", posted, Authorization=f"Bearer {servers.key}")


@contextmanager
def _service(servers: Servers) -> Iterator[Server]:
    with web(environment(servers.copy(), servers.redis_url)) as server:
        yield server


@contextmanager
def _bare_view(servers: Servers, posts: Sequence[Post]) -> Iterator[Server]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(pickle.dumps(_captured(servers, posts)))
        environ = {
            wsgi.REPLAYED: file.name,
            wsgi.REPLAY_DATABASE: plain(servers.copy()),
        }
        with gunicorn("bench.wsgi:bare_view()", environ) as server:
            yield server


def _captured(servers: Servers, posts: Sequence[Post]) -> Replayed:
    """What intake asks of the database for each post, on a copy of its own."""
    with Database(url := servers.copy()) as db:
        settings = Settings.from_env(environment(url))
        visitor = create_app(settings, db=db).test_client()
        heard: list[tuple[str, Any]] = []
        _listen(db, heard)
        replayed = []
        for post in posts:
            answer = visitor.post(post.path, data=post.body, headers=post.headers)
            if answer.status_code >= 300:
                raise RuntimeError(f"answered {answer.status_code}")
            replayed.append(list(heard))
            heard.clear()
        return replayed


def _listen(db: Database, heard: list[tuple[str, Any]]) -> None:
    @event.listens_for(db.engine, "before_cursor_execute")
    def on_statement(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        heard.append((statement, values))

    @event.listens_for(db.engine, "commit")
    def on_commit(_connection: Any) -> None:
        heard.append(("COMMIT", None))

    @event.listens_for(db.engine, "rollback")
    def on_rollback(_connection: Any) -> None:
        heard.append(("ROLLBACK", None))


def _statements(post: list[tuple[str, Any]]) -> int:
    return sum(values is not None for _, values in post)


def _batches(servers: Servers, mix: str, rounds: int) -> Iterator[Row]:
    size = BATCH[mix]
    bodies = texts.posts(mix, size * rounds)
    ours = [batch(servers, bodies[start : start + size]) for start in range(0, len(bodies), size)]
    with _service(servers) as service:
        client.rate(service.port, ours[:2], 2)
        before = service.cpu_seconds()
        rate = client.rate(service.port, ours[2:], 2) * size
        web = (service.cpu_seconds() - before) / (len(bodies) - 2 * size)
    copied = _copied(servers, _captured(servers, ours))
    yield Row(
        what=f"batch intake, {size} {LENGTHS[mix]} each, 2 at a time",
        figure=rate,
        unit=" comments/s",
        measured=f"{web * 1e6:.0f} us of the web side's processor time a comment; client, web and"
        f" Postgres shared all {os.cpu_count()} cores, none was pinned",
        reference="none: a rate that an archive is brought in with",
        target=Target(side="at least", value=5_000) if mix == "ordinary" else None,
    )
    yield Row(
        what=f"batch intake beside COPY, {LENGTHS[mix]}",
        figure=rate / copied,
        measured=f"{shown(rate)} against {shown(copied)} comments a second",
        reference="the same rows of receipts, comments and revisions by psycopg's COPY, one"
        " connection, a transaction for each batch: the fastest that Postgres takes them",
    )


def _copied(servers: Servers, replayed: Replayed) -> float:
    """Comments a second when nothing but COPY brings the rows that intake wrote."""
    batches = [
        [
            (into[1], json.loads(values["given"]))
            for statement, values in post
            if (into := INSERTED.match(statement))
        ]
        for post in replayed
    ]
    with psycopg.connect(plain(servers.copy())) as connection:
        began = time.perf_counter()
        for batch in batches:
            for table, rows in batch:
                names = ", ".join(rows[0])
                with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(list(row.values()))
            connection.commit()
        took = time.perf_counter() - began
    comments = sum(len(rows) for batch in batches for table, rows in batch if table == "comments")
    return comments / took
