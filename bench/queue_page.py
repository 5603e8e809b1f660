"""The queue page and its counts, in a small database and in a large one."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event, text

from bench.databases import Servers, look_around, opened, plain
from bench.table import Row, Target, middle_ratio, shown
from config.settings import STARTER_POLICY, Settings
from moderation import queue, sites
from moderation.app import create_app
from moderation.db import Database
from tests.desk.conftest import Visitor
from tests.newsroom import MODEL, NOON, open_newsroom

ROUNDS = 40
ORDINARY, LONG = 200, 6_000
"""Characters of a text: the mean of an ordinary one, and that of half 2,000 and half 10,000."""
FILL = """
SET synchronous_commit = off;
-- The rows fit each other, so nobody looks at the foreign keys of a million of them.
SET session_replication_role = replica;
CREATE TEMPORARY TABLE n AS
    SELECT i, i % {every} = 0 AS held, timestamptz '2026-01-01 00:00Z' + i * interval '10 s' AS at,
        -- Version 7, as ours: the moment first, so that they come in the order of time.
        (lpad(to_hex((1767225600 + i * 10)::bigint * 1000), 12, '0') || '7' || substr(md5('c' || i), 1, 3)
            || 'a' || substr(md5('c' || i), 4, 15))::uuid AS id,
        md5('s' || i % 2000)::uuid AS story, md5('w' || i % 20000)::uuid AS writer
    FROM generate_series(1, {comments}) AS i;
INSERT INTO stories (site_id, id, external_id, url, title, section, created_at)
    SELECT '{site}', md5('s' || i)::uuid, 'story-' || i, 'https://daily.example/' || i, 'Story ' || i,
        'City', '2026-01-01' FROM generate_series(0, 1999) AS i;
INSERT INTO commenters (site_id, id, external_id, name, approved, blocked, block_reason, created_at)
    SELECT '{site}', md5('w' || i)::uuid, 'reader-' || i, 'Reader ' || i, 5, 0, '', '2026-01-01'
    FROM generate_series(0, 19999) AS i;
INSERT INTO comments (site_id, id, story_id, commenter_id, external_id, status, revision, flags,
        posted_at, received_at, judged_at, failed, attempts, decision_id)
    SELECT '{site}', id, story, writer, 'c-' || i, CASE WHEN held THEN 'held' ELSE 'approved' END, 1, 0,
        at, at, at, false, 1, md5('d' || i)::uuid FROM n;
INSERT INTO revisions (site_id, comment_id, number, text, language, fingerprint, created_at)
    SELECT '{site}', id, 1, rpad('', {length} / 2 + (i * 7919) % {length}, 'word ' || i || ' is said '),
        'en', i, at FROM n;
INSERT INTO scores (site_id, comment_id, revision, model_version, model, attributes, worst, scored_at)
    SELECT '{site}', id, 1, '{model}', 'stand-in', '{{"toxicity": 0.7, "insult": 0.7}}', 0.7, at FROM n;
INSERT INTO decisions (site_id, id, seq, comment_id, revision, status_before, status_after, actor,
        clause, policy_version, evidence, decided_at)
    SELECT '{site}', md5('d' || i)::uuid, i, id, 1, 'received',
        CASE WHEN held THEN 'held' ELSE 'approved' END, 'policy',
        CASE WHEN held THEN 'personal-attacks' END, 1,
        '{{"violations": [], "reasons": ["hold-everything"]}}', at FROM n;
UPDATE sites SET decisions_seq = {comments} WHERE id = '{site}';
"""


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
        """Count what waits, as the page does."""
        with self.db.reading() as session:
            queue.counts(session, [self.site_id])


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Each of them in both, in turns."""
    large = 100_000 if quick else 1_000_000
    sizes = ((10_000, 2_000), (large, large // 20))
    for mix, length in (("ordinary", ORDINARY), ("long", LONG)):
        if mix == "long":  # the longest texts of a million comments would be six gigabytes
            sizes = ((10_000, 2_000), (20_000 if quick else 100_000, 5_000))
        with ExitStack() as open_desks:
            few, many = (
                open_desks.enter_context(_desk(servers, *size, length)) for size in sizes
            )
            yield from _compared(few, many, mix, sizes)


def _compared(few: Desk, many: Desk, mix: str, sizes: Any) -> Iterator[Row]:
    (small, small_held), (large, large_held) = sizes
    for what, ask in (
        ("queue page, the first", lambda desk: desk.page("/queue")),
        ("queue page, deep inside", lambda desk: desk.page(desk.deep)),
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
            reference=f"the same page with {small:,} comments, {small_held:,} of them held, in turns"
            f" with {large:,} and {large_held:,}: more than the counts go up to in both, so that"
            " the work is the same but for the size of tables and indexes",
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
