"""How Postgres goes about the desk's pages: by indexes, so that more comments make none slower."""

from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import event

from bench import desk_pages
from bench.databases import plain
from bench.papers import papers
from tests import services

LARGE = frozenset({"comments", "revisions", "scores", "decisions"})
"""What a page may never read from end to end."""


def test_no_page_and_no_act_reads_all_that_there_is(postgres_server: services.Postgres) -> None:
    with papers(postgres_server, 40_000, 2_000) as many:
        newsroom = many.newsroom
        desk = desk_pages.at_desk(newsroom.db, many.url, newsroom)
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _k: Any, statement: str, given: Any, *_: Any) -> None:
            asked.append((statement, given))

        event.listen(newsroom.db.engine, "before_cursor_execute", note)
        whole: dict[str, set[str]] = {}
        for what, ask in (*desk_pages.ASKED, ("many at once", desk_pages.decide_together)):
            asked.clear()
            ask(desk)
            assert asked
            with psycopg.connect(plain(many.url)) as connection:
                read = {name for one in asked for name in read_whole(connection, *one)}
            if read:
                whole[what] = read
        event.remove(newsroom.db.engine, "before_cursor_execute", note)
    assert whole == {}


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
