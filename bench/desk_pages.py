"""What the desk's pages take of the server's time, in a small newsroom and in a large one."""

import html
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event

from bench.databases import Servers, plain
from bench.papers import Papers, papers
from bench.servers import environment
from bench.table import Row, Target, middle_ratio, shown
from config.settings import Settings
from psycopg.rows import dict_row
from werkzeug.test import TestResponse
from tests.newsroom import Newsroom
from moderation.app import create_app
from moderation.db import Database
from tests.desk.visitor import Visitor
from tests.newsroom import MODEL

ROUNDS = 60
WARM_UP = 12
"""Before anything is measured: of what psycopg has prepared, Postgres plans the first five runs
anew, and then perhaps no more."""
OFTEN, RARELY, NEVER = "people", "n{}", "zyzzyva"
SERVER_TIME = Target(side="at most", value=50, unit=" ms")
TOGETHER = 200

Ask = Callable[["Desk"], float]
"""Asks something of a desk; answers the seconds that it took."""
PAGES: tuple[tuple[str, str], ...] = (
    ("queue", "/queue"),
    ("queue of one site", "/queue?site=the-daily"),
    ("queue, the next page", "{next}"),
    ("queue, deep inside", "/queue?order=oldest&after={deep}"),
    ("queue, oldest first", "/queue?order=oldest"),
    ("queue, newest first", "/queue?order=newest"),
    ("queue, worst first", "/queue?order=worst"),
    ("tray Later", "/queue?tray=later"),
    ("tray Escalated", "/queue?tray=escalated"),
    ("tray Mine", "/queue?tray=mine"),
    ("filter: a clause", "/queue?clause=personal-attacks"),
    ("filter: a clause that nothing breaks", "/queue?clause=civility&signal=links"),
    ("filter: a signal", "/queue?signal=shouting"),
    ("filter: a language", "/queue?language=hy"),
    ("filter: a language that nobody writes", "/queue?language=is"),
    ("filter: a story", "/queue?site=the-daily&story={story}"),
    ("filter: a commenter", "/queue?site=the-daily&commenter={commenter}"),
    ("filter: a commenter with little held", "/queue?site=the-daily&commenter={quiet}"),
    ("filter: scores", "/queue?from=0.8&to=0.9"),
    ("filter: scores, worst first", "/queue?order=worst&from=0.4&to=0.45"),
    ("filter: here for a week", "/queue?hours=168"),
    ("filter: reported by readers", "/queue?reported=1"),
    ("filter: words", "/queue?q=people"),
    ("filter: words that nobody wrote", "/queue?q=zyzzyva"),
    ("search: a frequent word", "/search?q=people"),
    ("search: a rare word", "/search?q=n{lately}"),
    ("search: a name", "/search?q={name}"),
    ("search: nothing is found", "/search?q=zyzzyva"),
    ("decisions of people", "/decisions"),
    ("decisions of the policy", "/decisions?by=policy"),
    ("arrivals, asked for every 20 s", "{poll}"),
    ("a comment's own page", "/sites/the-daily/comments/{comment}"),
    ("whole case", "/sites/the-daily/comments/{comment}/case"),
    ("commenter who writes much", "/sites/the-daily/commenters/{commenter}"),
    ("story that everybody reads", "/sites/the-daily/stories/{story}"),
)
"""What is asked for; the names in braces are those of `Desk.places`."""
APART: tuple[tuple[str, str], ...] = (
    ("figures of a site", "/sites/the-daily/figures"),
    (f"{TOGETHER} looked through", "/sites/the-daily/together?clause=personal-attacks"),
)
"""No page that somebody waits for fifty times an hour: without a target."""
PLACES = """
WITH held AS (
    SELECT c.* FROM comments AS c JOIN sites AS s ON s.id = c.site_id
    WHERE s.slug = 'the-daily' AND c.status = 'held' AND c.tray = 'waiting'
)
SELECT
    (SELECT story_id FROM held GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) AS story,
    (SELECT commenter_id FROM held GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) AS commenter,
    (SELECT commenter_id FROM held GROUP BY 1 ORDER BY count(*), 1 LIMIT 1) AS quiet,
    (SELECT id FROM held WHERE held_for LIKE '%personal-attacks%' ORDER BY received_at LIMIT 1) AS comment,
    (SELECT external_id FROM comments ORDER BY id DESC OFFSET 2000 LIMIT 1) AS lately,
    (SELECT (extract(epoch FROM received_at) * 1000000)::bigint || '-' || replace(id::text, '-', '') FROM held
        ORDER BY received_at, id OFFSET (SELECT count(*) * 4 / 5 FROM held) LIMIT 1) AS deep,
    (SELECT split_part(name, ' ', 2) FROM commenters JOIN held ON commenters.id = commenter_id LIMIT 1) AS name
"""
HELD = """
SELECT c.id FROM comments AS c JOIN sites AS s ON s.id = c.site_id
WHERE s.slug = 'the-daily' AND status = 'held' AND tray = 'waiting' AND flags = 0
ORDER BY md5(c.id::text) LIMIT 1000
"""
UNDO = re.compile(r'hx-post="([^"]+/undo)"')
POLL = re.compile(r'hx-get="([^"]+)"')
SEEN = re.compile(r'name="seen" value="([^"]+)"')
NEXT = re.compile(r'id="next" class="next" href="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Desk:
    """A newsroom with many comments, and its moderator at the desk."""

    db: Database
    visitor: Visitor
    places: dict[str, str]
    held: Iterator[str]
    """Ids of comments that wait, to be decided one after the other."""

    def page(self, path: str) -> str:
        """Ask for a page."""
        return self._answered(self.visitor.get(path.format(**self.places)))

    def act(self, path: str, **form: Any) -> str:
        """Decide about a comment, as its card does; answers the card as it is then."""
        card = {"revision": "1", "status": "held", "tray": "waiting", "tab": "waiting"}
        return self._answered(self.visitor.post(path, htmx=True, back="/queue", **card | form))

    def _answered(self, answer: TestResponse) -> str:
        if answer.status_code not in (200, 303):
            raise RuntimeError(f"answered {answer.status_code}")
        return answer.text


def at_desk(db: Database, url: str, newsroom: Newsroom) -> Desk:
    """Ana at her desk, with the places that `PAGES` speak of."""
    settings = Settings.from_env(environment(url))
    visitor = Visitor(create_app(settings, db=db, model=MODEL).test_client())
    visitor.sign_in(newsroom.ana)
    with psycopg.connect(plain(url), row_factory=dict_row) as connection:
        found = connection.execute(PLACES.encode()).fetchone() or {}
        held = [str(row["id"]) for row in connection.execute(HELD.encode()).fetchall()]
    places = {name: str(value).removeprefix("c-") for name, value in found.items()}
    first = visitor.get("/queue").text
    places["poll"] = html.unescape(_found(POLL, first))
    places["next"] = html.unescape(_found(NEXT, first))
    return Desk(db, visitor, places, cycle(held))


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise RuntimeError("the page is not as this expects it")
    return html.unescape(found[1])


# --- what is asked, each timed from within -----------------------------------------------------


def _page(path: str) -> Ask:
    def ask(desk: Desk) -> float:
        return _seconds(lambda: desk.page(path))

    return ask


def _decision(what: str, **form: Any) -> Ask:
    """One act about the next of the comments that wait, then taken back."""

    def ask(desk: Desk) -> float:
        path = f"/sites/the-daily/comments/{next(desk.held)}/{what}"
        began = time.perf_counter()
        card = desk.act(path, **form)
        took = time.perf_counter() - began
        if undo := UNDO.search(card):
            desk.act(undo[1], tab="waiting")
        return took

    return ask


def _undo(desk: Desk) -> float:
    card = desk.act(f"/sites/the-daily/comments/{next(desk.held)}/approve")
    return _seconds(lambda: desk.act(_found(UNDO, card)))


def _together(desk: Desk) -> float:
    page = desk.page("/sites/the-daily/together?clause=personal-attacks")
    form = {"act": "approve", "seen": SEEN.findall(page)}
    began = time.perf_counter()
    desk.act("/sites/the-daily/together", **form)
    took = time.perf_counter() - began
    undo = re.search(r'action="([^"]+/undo)"', desk.page("/queue"))
    desk.act(undo[1] if undo else "")
    return took


ACTS: tuple[tuple[str, Ask], ...] = (
    ("approve", _decision("approve")),
    ("block", _decision("block", clause="personal-attacks", note="Not here.")),
    ("undo", _undo),
    ("later", _decision("later")),
    ("escalate", _decision("escalate", concern="legal", note="Please look.")),
    ("a card is opened", _decision("lease")),
)


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
