"""In which order the queue deals what is held, page by page."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from moderation import flags, queue, stories
from moderation.models import Comment, Urgency
from moderation.paging import CARDS
from moderation.submission import FlagReport
from tests.desk.test_queue import many_held
from tests.desk.visitor import Visitor
from tests.newsroom import POLICY, Newsroom, later

WITH_THREATS = (
    POLICY
    + """
[[clauses]]
key = "threats"
title = "Threats"
text = "Nobody is to be afraid here."

[[clauses.rules]]
attribute = "threat"
hold = 0.3
"""
)


def shown(page: Any) -> list[UUID]:
    """The comments of a page, in their order."""
    return [UUID(part[:36]) for part in page.text.split('id="card-')[1:]]


def next_of(page: Any) -> str:
    """Where its link to the next page leads."""
    path: str = page.text.rpartition('id="next"')[2].partition('href="')[2].partition('"')[0]
    return path.replace("&amp;", "&")


def test_threats_then_what_was_reported_then_live_stories_then_the_rest(
    newsroom: Newsroom, ana: Visitor
) -> None:
    newsroom.post_policy(WITH_THREATS)
    over = newsroom.held("You fool, of yesterday", story={"id": "yesterday"})
    live = newsroom.held("You fool, of today")
    reported = newsroom.approved("A quiet insult")
    threat = newsroom.receive("I will find you, you fool")
    newsroom.judge({"threat": 0.4, "insult": 0.7})
    with newsroom.db.transaction() as session:
        for reader in ("r1", "r2"):
            report = FlagReport(reader=reader, reason="abusive")
            flags.flag(session, newsroom.daily.id, reported, report, now=later(1))
        stories.close(session, newsroom.daily.id, "yesterday", now=later(1))

    assert shown(ana.get("/queue?fold=no")) == [threat, reported, live, over]
    assert shown(ana.get("/queue?order=oldest&fold=no")) == [over, live, reported, threat]
    assert shown(ana.get("/queue?order=worst&fold=no")) == [live, over, threat, reported]

    with newsroom.db.transaction() as session:
        stories.reopen(session, newsroom.daily.id, "yesterday", now=later(2))
    assert shown(ana.get("/queue?fold=no")) == [threat, reported, over, live]


def test_what_comes_under_a_closed_story_waits_behind_the_others(
    newsroom: Newsroom, ana: Visitor
) -> None:
    early = newsroom.receive("You fool, of yesterday", story={"id": "yesterday"})
    with newsroom.db.transaction() as session:
        stories.close(session, newsroom.daily.id, "yesterday", now=later(1))
    newsroom.judge({"insult": 0.83})
    live = newsroom.held("You fool, of today")

    assert shown(ana.get("/queue")) == [live, early]


def test_a_report_raises_what_is_held_already(newsroom: Newsroom, ana: Visitor) -> None:
    first, second = newsroom.held("First fool"), newsroom.held("Second fool")
    with newsroom.db.transaction() as session:
        report = FlagReport(reader="r1", reason="abusive")
        flags.flag(session, newsroom.daily.id, second, report, now=later(1))

    assert shown(ana.get("/queue")) == [second, first]


@pytest.mark.parametrize("order", list(queue.Order))
def test_in_every_order_pages_follow_without_gap_or_repeat(
    newsroom: Newsroom, ana: Visitor, order: queue.Order
) -> None:
    held = many_held(newsroom, 2 * CARDS + 5)
    with newsroom.db.transaction() as session:
        for number, comment_id in enumerate(held):
            session.execute(
                update(Comment)
                .where(Comment.id == comment_id)
                .values(
                    urgency=number * 7 % len(Urgency),
                    worst=(number * 11 % 10) / 7,  # no round ones: they travel in addresses
                    received_at=later(number * 13 % 20),
                )
            )
    column = order.rank
    key = [Comment.received_at, Comment.id] if column is None else [column, Comment.received_at]
    with newsroom.db.reading() as session:
        expected = session.scalars(select(Comment.id).order_by(*key, Comment.id)).all()

    seen: list[UUID] = []
    path = f"/queue?order={order}"
    for length in (CARDS, CARDS, 5):
        page = ana.get(path)
        seen += (found := shown(page))
        assert len(found) == length
        path = next_of(page)

    assert seen == list(reversed(expected) if order.descending else expected)


@pytest.mark.parametrize("order", ["urgent", "oldest"])
@pytest.mark.parametrize("rank", ["", "-2", "-x", "--1", "-99999999", "-nan", "-inf"])
def test_a_place_of_another_order_is_no_page(ana: Visitor, order: str, rank: str) -> None:
    place = f"1-{'0' * 32}{rank}"
    fits = rank == ("-2" if order == "urgent" else "")
    status = ana.get("/queue", query_string={"order": order, "after": place}).status_code
    assert status == (200 if fits else 404)
