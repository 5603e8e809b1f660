"""The queue page and its counts, in a small database and in a large one."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event, select

from bench.databases import Servers, look_around, plain
from bench.servers import environment
from bench.table import Row, Target, middle_ratio, shown
from config.settings import Settings
from moderation import queue, schema
from moderation.app import create_app
from moderation.db import Database
from moderation.models import Comment, Status, has_status
from moderation.paging import Place
from tests.desk.visitor import Visitor
from tests.newsroom import MODEL, open_newsroom

ROUNDS = 40
ORDINARY, LONG = 200, 6_000
"""Characters of a text: the mean of an ordinary one, and that of half 2,000 and half 10,000."""
WORST = "/queue?order=worst&clause=personal-attacks"
FILL = Path(__file__).with_name("many_comments.sql")


@dataclass(frozen=True, slots=True)
class Desk:
    """A newsroom with many comments, and its moderator at the queue page."""

    db: Database
    site_id: UUID
    visitor: FlaskClient
    deep: str
    """The address of a page that lies after four fifths of what waits."""

    def page(self, path: str) -> None:
        """Ask for a page."""
        answer = self.visitor.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"answered {answer.status_code}")

    def counts(self) -> None:
        """Count what lies where, as the page does."""
        ids = [self.site_id]
        with self.db.reading() as session:
            queue.tabs(session, ids, shown=ids, moderator_id=self.site_id, now=datetime.now(UTC))


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Each of them in both, in turns."""
    large = 100_000 if quick else 1_000_000
    sizes = ((10_000, 2_000), (large, large // 20))
    for mix, length in (("ordinary", ORDINARY), ("long", LONG)):
        if mix == "long":  # those of a million would be six gigabytes
            sizes = ((10_000, 2_000), (20_000 if quick else 100_000, 5_000))
        with ExitStack() as open_desks:
            few, many = (open_desks.enter_context(_desk(servers, *size, length)) for size in sizes)
            yield from _compared(few, many, mix, sizes)


def _compared(few: Desk, many: Desk, mix: str, sizes: Any) -> Iterator[Row]:
    (small, small_held), (large, large_held) = sizes
    for what, ask in (
        ("queue page, the first", lambda desk: desk.page("/queue")),
        ("queue page, deep inside", lambda desk: desk.page(desk.deep)),
        ("queue page, the worst of a clause", lambda desk: desk.page(WORST)),
        ("counts of the queue", Desk.counts),
    ):
        for desk in (few, many):
            for _ in range(5):
                ask(desk)
        times = [(_seconds(ask, many), _seconds(ask, few)) for _ in range(ROUNDS)]
        longer, shorter = [a for a, _ in times], [b for _, b in times]
        queries = [_queries(ask, desk) for desk in (few, many)]
        yield Row(
            what=f"{what}, {mix} texts",
            figure=middle_ratio(longer, shorter),
            measured=f"{shown(median(longer) * 1000)} against {shown(median(shorter) * 1000)} ms;"
            f" {queries[1]} queries against {queries[0]}",
            reference=f"the same with {small:,} comments, {small_held:,} held, in turns with"
            f" {large:,} and {large_held:,}: more than the counts go up to in both, so that the"
            " work is the same but for the size of tables and indexes",
            target=Target(side="at most", value=1.5),
        )


def _seconds(ask: Callable[[Desk], None], desk: Desk) -> float:
    began = time.perf_counter()
    ask(desk)
    return time.perf_counter() - began


def _queries(ask: Callable[[Desk], None], desk: Desk) -> int:
    asked: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(desk.db.engine, "before_cursor_execute", hear)
    ask(desk)
    event.remove(desk.db.engine, "before_cursor_execute", hear)
    return len(asked)


@contextmanager
def _desk(servers: Servers, comments: int, held: int, length: int) -> Iterator[Desk]:
    with Database(servers.postgres.create()) as db:
        schema.upgrade(db)
        newsroom = open_newsroom(db)
        url = db.engine.url.render_as_string(hide_password=False)
        newsroom.held()  # whose scores and verdict the others take over
        made = FILL.read_text(encoding="utf-8").format(
            every=comments // held, comments=comments, site=newsroom.daily.id, length=length
        )
        with psycopg.connect(plain(url), autocommit=True) as connection:
            connection.execute(made.encode())
        look_around(url)
        settings = Settings.from_env(environment(url))
        visitor = Visitor(create_app(settings, db=db, model=MODEL).test_client())
        visitor.sign_in(newsroom.ana)
        with db.reading() as session:
            place = session.execute(
                select(Comment.received_at, Comment.id)
                .where(has_status(Status.HELD))
                .order_by(Comment.received_at, Comment.id)
                .offset(held * 4 // 5)
                .limit(1)
            ).one()
        deep = f"/queue?order=oldest&after={Place(*place)}"
        yield Desk(db, newsroom.daily.id, visitor.client, deep)
