"""Days that are over are counted before somebody asks, and anew as long as figures show them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from moderation.figures import days, site_days, site_figures
from moderation.figures.clauses import HeldFor, Precision
from moderation.figures.decided import Decided
from moderation.figures.durations import Pace
from moderation.figures.site_days import AGAIN_AFTER
from moderation.figures.site_figures import Day
from moderation.models import SiteDay
from tests.figures.test_site_figures import At, approve, asked, at, block, past_noon, undo
from tests.newsroom import NOON, Newsroom

__all__ = ["at"]

DAYS = 7
A_DAY = 24 * 60.0
MAY_3 = date(2026, 5, 3)
SOON = NOON + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of a week, not of four."""
    monkeypatch.setattr("moderation.figures.days.DAYS", DAYS)


def counted_all(newsroom: Newsroom, now: datetime = NOON) -> list[tuple[UUID, date]]:
    """A worker's look; answers what it has counted."""
    db = newsroom.db
    return list(site_days.count_due(db.reading, db.transaction, now=now))


def kept(newsroom: Newsroom) -> list[SiteDay]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(SiteDay).order_by(SiteDay.site_id, SiteDay.day)))


@pytest.fixture
def yesterday(newsroom: Newsroom, at: At) -> UUID:
    """Two were held and decided yesterday, one is not decided yet; answers the last decision."""
    at(past_noon(-A_DAY - 30))
    fools = [newsroom.held(f"Fool number {number}") for number in range(3)]
    block(newsroom, fools[0], past_noon(-A_DAY - 20), by=newsroom.ana)
    last = approve(newsroom, fools[1], past_noon(-A_DAY - 19), by=newsroom.ana)
    at(past_noon(-30))
    approve(newsroom, newsroom.held("Fool of today"), past_noon(-20), by=newsroom.ana)
    return last


def test_what_was_counted_before_is_what_is_counted_now(
    newsroom: Newsroom, yesterday: UUID
) -> None:
    now = asked(newsroom)
    counted_all(newsroom)
    before = asked(newsroom)

    assert now.counted_at is None
    assert before == replace(now, counted_at=NOON)
    assert before.days[-2] == Day(
        date=MAY_3,
        received=3,
        held=3,
        net=1,
        people=Decided(approved=1, blocked=1),
        own=Decided(approved=1, blocked=1),
        waits=before.days[-2].waits,
        pace=Pace(1, timedelta(minutes=1)),
    )
    assert before.days[-2].waits is not None


def test_it_is_read_and_not_counted_again(newsroom: Newsroom, yesterday: UUID) -> None:
    counted_all(newsroom)
    with newsroom.db.transaction() as session:
        [row] = session.scalars(
            select(SiteDay).where(SiteDay.site_id == newsroom.daily.id, SiteDay.day == MAY_3)
        )
        row.counted = {**row.counted, "day": {**row.counted["day"], "received": 77}}

    assert asked(newsroom).days[-2].received == 77


def test_what_is_undone_later_is_followed(newsroom: Newsroom, yesterday: UUID) -> None:
    counted_all(newsroom)
    undo(newsroom, yesterday, SOON, by=newsroom.ana)

    stale = asked(newsroom, SOON)
    assert (stale.days[-2].people.total, stale.counted_at) == (2, NOON)
    assert stale.days[-2].own == Decided(blocked=1)  # one's own are never old
    assert counted_all(newsroom, SOON) == []
    counted_all(newsroom, NOON + AGAIN_AFTER)

    anew = asked(newsroom, NOON + AGAIN_AFTER)
    assert anew.days[-2].people == Decided(blocked=1)
    assert anew.clauses == [HeldFor(clause="personal-attacks", held=4, blocked=1, approved=1)]
    assert anew.rules == [Precision(clause="personal-attacks", rule="insult", decided=2, blocked=1)]
    assert anew.counted_at == NOON + AGAIN_AFTER


def test_what_is_decided_later_is_followed(newsroom: Newsroom, at: At) -> None:
    at(past_noon(-A_DAY))
    fool = newsroom.held()
    counted_all(newsroom)
    block(newsroom, fool, SOON, by=newsroom.ana)
    counted_all(newsroom, NOON + AGAIN_AFTER)

    shown = asked(newsroom, NOON + AGAIN_AFTER)

    assert shown.clauses == [HeldFor(clause="personal-attacks", held=1, blocked=1, approved=0)]
    assert [day.net for day in shown.days[-2:]] == [1, -1]


def test_counted_twice_it_is_the_same(newsroom: Newsroom, yesterday: UUID) -> None:
    first = counted_all(newsroom)
    rows = [row.counted for row in kept(newsroom)]

    assert len(first) == len(set(first)) == 2 * (DAYS - 1)  # at both papers, but for today
    assert counted_all(newsroom) == []
    assert counted_all(newsroom, NOON + AGAIN_AFTER) == first
    assert [row.counted for row in kept(newsroom)] == rows


def test_of_two_workers_at_once_the_later_count_is_kept(
    newsroom: Newsroom, yesterday: UUID
) -> None:
    db = newsroom.db
    slow = site_days.count_due(db.reading, db.transaction, now=NOON)
    next(slow)
    counted_all(newsroom, SOON)
    for _ in slow:
        pass

    moments = [row.counted_at for row in kept(newsroom)]
    assert (moments.count(NOON), moments.count(SOON)) == (1, 2 * (DAYS - 1) - 1)


def test_today_and_what_was_not_counted_yet_is_counted_by_the_page(
    newsroom: Newsroom, yesterday: UUID
) -> None:
    now = asked(newsroom)
    db = newsroom.db
    begun = site_days.count_due(db.reading, db.transaction, now=NOON)
    for _ in range(5):  # and then the worker was stopped
        next(begun)
    assert asked(newsroom) == replace(now, counted_at=NOON)
    counted_all(newsroom)
    with db.transaction() as session:
        session.execute(delete(SiteDay).where(SiteDay.day == MAY_3))
    assert asked(newsroom) == replace(now, counted_at=NOON)
    next_day = past_noon(A_DAY)

    assert [day.date for day in asked(newsroom, next_day).days][-3:] == [
        MAY_3,
        NOON.date(),
        next_day.date(),
    ]
    assert asked(newsroom, next_day).days[-2].received == 1
    counted_all(newsroom, next_day)
    assert asked(newsroom, next_day).days[-2].received == 1


def test_no_more_is_kept_than_is_shown(newsroom: Newsroom, yesterday: UUID) -> None:
    counted_all(newsroom)
    later = past_noon(40 * A_DAY)
    counted_all(newsroom, later)

    assert {row.day for row in kept(newsroom)} == set(days.last(later)[:-1])


def test_it_names_nobody(newsroom: Newsroom, yesterday: UUID) -> None:
    counted_all(newsroom)

    written = " ".join(str(row.counted) for row in kept(newsroom))
    assert "insult" in written
    assert "own" not in written
    for who in (newsroom.ana.id, newsroom.ana.email, "Fool"):
        assert str(who) not in written


def test_each_paper_has_its_own(newsroom: Newsroom, yesterday: UUID) -> None:
    counted_all(newsroom)
    with newsroom.db.reading() as session:
        post = site_figures.figures(
            session, newsroom.post.id, moderator_id=newsroom.ben.id, now=NOON
        )

    assert post.counted_at == NOON
    assert {(day.received, day.held, day.net) for day in post.days} == {(0, 0, 0)}
    assert (post.clauses, post.rules) == ([], [])
