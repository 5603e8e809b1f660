"""How databases go about the desk's pages: by indexes, so that more comments slow none down."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from bench import desk_pages
from bench.databases import plain
from bench.papers import papers
from tests import services
from tests.desk.conftest import app_of, at_desk
from tests.newsroom import Newsroom

LARGE = frozenset({"comments", "revisions", "scores", "decisions"})
"""What a page may never read from end to end."""
WHOLE = re.compile(rf"SCAN ({'|'.join(LARGE)})\b")
"""The same, as SQLite says it."""


def test_no_page_and_no_act_reads_all_that_there_is(postgres_server: services.Postgres) -> None:
    with papers(postgres_server, 40_000, 2_000) as many:
        newsroom = many.newsroom
        desk = desk_pages.at_desk(newsroom.db, many.url, newsroom)
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
            asked.append((statement, given))

        event.listen(newsroom.db.engine, "before_cursor_execute", note)
        whole: dict[str, set[str]] = {}
        for what, ask in (*desk_pages.ASKED, *desk_pages.SELDOM):
            asked.clear()
            ask(desk)
            assert asked
            with psycopg.connect(plain(many.url)) as connection:
                read = {name for one in asked for name in read_whole(connection, *one)}
            if read:
                whole[what] = read
        event.remove(newsroom.db.engine, "before_cursor_execute", note)
    assert whole == {}


def test_before_postgres_has_counted_what_somebody_has_open_is_found_by_their_leases(
    postgres_server: services.Postgres,
) -> None:
    """It takes all that is held at a site for one comment, and begins with that as gladly."""
    with papers(postgres_server, 20_000, 1_000, counted=False) as uncounted:
        engine = uncounted.newsroom.db.engine
        desk = desk_pages.at_desk(uncounted.newsroom.db, uncounted.url, uncounted.newsroom)
        joined: list[set[str | None]] = []

        def explain(connection: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
            if "FROM comments JOIN leases" in statement:
                asked = connection.connection.cursor()
                asked.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
                [[plan]] = asked.fetchone()
                loops = [one for one in nodes(plan["Plan"]) if one["Node Type"] == "Nested Loop"]
                joined.append({below.get("Index Name") for one in loops for below in one["Plans"]})

        event.listen(engine, "before_cursor_execute", explain)
        desk.page("/hand")
        event.remove(engine, "before_cursor_execute", explain)
    assert joined
    assert all("pk_comments" in indexes for indexes in joined)


@pytest.mark.parametrize(
    "path",
    [
        "/queue",
        "/queue?clause=personal-attacks&order=worst",
        "/queue?tray=mine",
        "/queue?q=fool",
        "/search?q=fool",
        "/decisions",
        "/queue/arrivals?seen=the-daily:0&told=the-daily:0",
        "/sites/the-daily/stories/{story}",
        "/sites/the-daily/commenters/{commenter}",
        "/sites/the-daily/comments/{comment}/case",
        "/sites/the-daily/figures",
    ],
)
def test_nor_on_sqlite(on_sqlite: Newsroom, path: str) -> None:
    """Whose plans do not depend on how much there is."""
    # Two wait: one key is looked for in an index in any case.
    waits, _, decided = (on_sqlite.held(f"You are a fool, {who}.") for who in ("Tom", "Ann", "Ed"))
    row = on_sqlite.comment(waits)
    ana = at_desk(app_of(on_sqlite), on_sqlite.ana)
    ana.act("approve", decided)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    event.listen(on_sqlite.db.engine, "before_cursor_execute", note)
    page = ana.get(path.format(story=row.story_id, commenter=row.commenter_id, comment=row.id))
    event.remove(on_sqlite.db.engine, "before_cursor_execute", note)
    assert page.status_code == 200
    plan: list[str] = []
    with on_sqlite.db.engine.connect() as connection:
        for statement, given in asked:
            if statement.startswith(("SELECT", "WITH")):
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
                plan += [step.detail for step in steps]
    assert any(step.startswith("SEARCH comments") for step in plan)
    assert [step for step in plan if WHOLE.match(step)] == []


def read_whole(connection: psycopg.Connection[Any], statement: str, given: Any) -> set[str]:
    """The large tables of which Postgres would read every row for this statement."""
    if statement.split(None, 1)[0] not in {"SELECT", "WITH", "UPDATE", "DELETE", "INSERT"}:
        return set()
    asked = f"EXPLAIN (FORMAT JSON) {statement}".encode()
    [[[plan]]] = connection.execute(asked, given).fetchall()
    return {
        node["Relation Name"]
        for node in nodes(plan["Plan"])
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
    }


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The steps of a plan, from the last one down."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
