"""What the desk's pages take of the server's time, in a small newsroom and in a large one."""

import html
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from statistics import median, quantiles
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import event
from werkzeug.test import TestResponse

from bench import next_card
from bench.databases import Servers, plain
from bench.papers import Papers, papers
from bench.servers import environment
from bench.table import Row, Target, middle_ratio, shown
from config import garbage
from config.settings import Settings
from moderation.app import create_app
from moderation.db import Database
from tests.desk.visitor import Visitor
from tests.newsroom import MODEL, Newsroom

ROUNDS = 60
WARM_UP = 12
"""Before anything is measured: of what psycopg has prepared, Postgres plans the first five runs
anew, and then perhaps no more."""
AT_P95 = Target(side="at most", value=50, unit=" ms")
LONGER = Target(side="at most", value=1.5)
SMALL = (50_000, 10_000)
"""Comments, and how many of them are held."""
TAKEN_BACK = ("approve", "block", "undo", "later", "escalate", "200 decided at once")
"""Acts that are undone after the clock has stopped, so that there is always something to decide."""
LONG = 27
"""Times as long as usual: about 5,000 characters."""
OF_LONG_TEXTS = ("queue", "queue, deep inside", "search: nothing is found")

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
    ("queue unfolded", "/queue?fold=no"),
    ("filter: the same words", "/queue?like={comment}"),
    ("what is dealt", "/hand"),
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
    ("what expired", "/decisions?by=expired"),
    ("arrivals, asked for every 20 s", "{poll}"),
    ("a comment's own page", "/sites/the-daily/comments/{comment}"),
    ("whole case", "/sites/the-daily/comments/{comment}/case"),
    ("commenter who writes much", "/sites/the-daily/commenters/{commenter}"),
    ("story that everybody reads", "/sites/the-daily/stories/{story}"),
    ("spot check", "/sites/the-daily/spot-check"),
    ("policy versions", "/sites/the-daily/policy"),
    ("audit log", "/sites/the-daily/audit"),
)
"""What is asked for; the names in braces are those of `Desk.places`."""
APART: tuple[tuple[str, str], ...] = (
    ("figures of a site", "/sites/the-daily/figures"),
    ("200 looked through", "/sites/the-daily/together?clause=personal-attacks"),
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
    (SELECT id FROM held WHERE held_for LIKE '%personal-attacks%'
        ORDER BY received_at LIMIT 1) AS comment,
    (SELECT external_id FROM comments ORDER BY id DESC OFFSET 2000 LIMIT 1) AS lately,
    (SELECT (extract(epoch FROM received_at) * 1000000)::bigint || '-' || replace(id::text, '-', '')
        FROM held ORDER BY received_at, id
        OFFSET (SELECT count(*) * 4 / 5 FROM held) LIMIT 1) AS deep,
    (SELECT split_part(name, ' ', 2) FROM commenters JOIN held ON commenters.id = commenter_id
        WHERE name LIKE '% %' LIMIT 1) AS name
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
    places["poll"] = _found(POLL, first)
    places["next"] = _found(NEXT, first)
    garbage.settle()  # as the server has
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


def _unfold(desk: Desk) -> float:
    path = f"/sites/the-daily/comments/{desk.places['comment']}/folded?by=commenter"
    asked = {"HX-Request": "true"}
    return _seconds(lambda: desk.visitor.get(path, headers=asked))


def _deal(desk: Desk) -> float:
    return _seconds(lambda: desk.act("/hand"))


def decide_together(desk: Desk) -> float:
    """Approve 200 at once; then, not timed, take that back as one."""
    page = desk.page("/sites/the-daily/together?clause=personal-attacks")
    form = {"act": "approve", "seen": SEEN.findall(page)}
    began = time.perf_counter()
    desk.act("/sites/the-daily/together", **form)
    took = time.perf_counter() - began
    undo = re.search(r'action="([^"]+/undo)"', desk.page("/queue"))
    desk.act(undo[1] if undo else "")
    return took


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


ACTS: tuple[tuple[str, Ask], ...] = (
    ("approve", _decision("approve")),
    ("block", _decision("block", clause="personal-attacks", note="Not here.")),
    ("undo", _undo),
    ("later", _decision("later")),
    ("escalate", _decision("escalate", concern="legal", note="Please look.")),
    ("a card is opened", _decision("lease")),
    ("what is folded is shown", _unfold),
    ("a handful is dealt", _deal),
)

ASKED: tuple[tuple[str, Ask], ...] = (*((what, _page(path)) for what, path in PAGES), *ACTS)
"""Every page and every act that somebody waits for."""
SELDOM: tuple[tuple[str, Ask], ...] = (
    *((what, _page(path)) for what, path in APART),
    ("200 decided at once", decide_together),
)
"""Those without a target."""


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """Each page in both, in turns; the next card in a browser; the same with long texts."""
    large = (100_000, 10_000) if quick else (1_000_000, 50_000)
    rounds = 10 if quick else ROUNDS
    with ExitStack() as open_papers:
        pair = _pair(open_papers, servers, large)
        ratios = {}
        for what, ask in ASKED:
            times = pair.in_turns(ask, rounds)
            ratios[what] = _ratio(times)
            yield pair.row(what, ask, times, AT_P95)
        yield pair.slowed_most(ratios)
        for what, ask in SELDOM:
            yield pair.row(what, ask, pair.in_turns(ask, max(rounds // 8, 3)), None)
        yield from next_card.rows(pair.papers, servers.redis_url, quick=quick)
    with papers(servers.postgres, *large, counted=False) as uncounted:
        yield _before_it_has_counted(
            at_desk(uncounted.newsroom.db, uncounted.url, uncounted.newsroom), rounds // 8 + 1
        )
    with ExitStack() as open_papers:
        # A million of them would be six gigabytes.
        pair = _pair(open_papers, servers, (50_000 if quick else 100_000, 10_000), times=LONG)
        for what, path in PAGES:
            if what in OF_LONG_TEXTS:
                ask = _page(path)
                yield pair.row(f"{what}, long texts", ask, pair.in_turns(ask, rounds), AT_P95)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A newsroom with many comments and one with few."""

    papers: Papers
    many: Desk
    few: Desk
    large: tuple[int, int]

    def in_turns(self, ask: Ask, rounds: int) -> list[tuple[float, float]]:
        """The seconds of each round, with many and with few."""
        for desk in (self.many, self.few):
            for _ in range(min(WARM_UP, rounds)):
                ask(desk)
        return [(ask(self.many), ask(self.few)) for _ in range(rounds)]

    def row(
        self, what: str, ask: Ask, times: list[tuple[float, float]], target: Target | None
    ) -> Row:
        """The figure is the 95th of a hundred, with many."""
        longer = [a for a, _ in times]
        queries = [_queries(ask, desk) for desk in (self.many, self.few)]
        return Row(
            what=f"desk, {what}",
            figure=_p95(longer),
            unit=" ms",
            measured=f"p50 {shown(median(longer) * 1000)}, p95 {shown(_p95(longer))} ms,"
            f" {shown(_ratio(times))} times as long as with few; {queries[0]} queries against"
            f" {queries[1]}{', taking it back included' if what in TAKEN_BACK else ''}",
            reference=self.reference(),
            target=target,
        )

    def slowed_most(self, ratios: dict[str, float]) -> Row:
        """The page or act that takes longest with many, beside itself with few."""
        what = max(ratios, key=lambda one: ratios[one])
        return Row(
            what="desk, the page that many comments slow down most",
            figure=ratios[what],
            measured=f"{what}; the middle one of all pages and acts takes"
            f" {shown(median(ratios.values()))} times as long as with few",
            reference=self.reference(),
            target=LONGER,
        )

    def reference(self) -> str:
        """What it stands beside."""
        return (
            f"the same with {SMALL[0]:,} comments, {SMALL[1]:,} held, in turns with"
            f" {self.large[0]:,} and {self.large[1]:,}: more than is counted or looked through in"
            " both, so that the work is the same but for the size of tables and indexes"
        )


def _pair(
    open_papers: ExitStack, servers: Servers, large: tuple[int, int], times: int = 1
) -> _Pair:
    few, many = (
        open_papers.enter_context(papers(servers.postgres, *size, times=times))
        for size in (SMALL, large)
    )
    small, big = (at_desk(one.newsroom.db, one.url, one.newsroom) for one in (few, many))
    return _Pair(many, big, small, large)


def _ratio(times: list[tuple[float, float]]) -> float:
    return middle_ratio([a for a, _ in times], [b for _, b in times])


def _before_it_has_counted(desk: Desk, rounds: int) -> Row:
    took = {what: max(ask(desk) for _ in range(rounds)) for what, ask in ASKED}
    slowest = max(took, key=lambda one: took[one])
    return Row(
        what="desk, the slowest page before Postgres has counted what there is",
        figure=took[slowest] * 1000,
        unit=" ms",
        measured=f"{slowest}, the slowest of {rounds}; the middle one of all pages and acts"
        f" {shown(median(took.values()) * 1000)} ms",
        reference="no statistics of any table, as in the minute after a backup was restored",
        target=Target(side="at most", value=1000, unit=" ms"),
    )


def _p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] * 1000


def _queries(ask: Ask, desk: Desk) -> int:
    asked: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(desk.db.engine, "before_cursor_execute", hear)
    ask(desk)
    event.remove(desk.db.engine, "before_cursor_execute", hear)
    return len(asked)
