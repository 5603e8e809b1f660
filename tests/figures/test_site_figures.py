"""A site's figures, counted by hand: by day, by clause, by rule, and of the person who asks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from moderation import decisions
from moderation.decisions import Seen
from moderation.figures import site_figures
from moderation.figures.clauses import HeldFor, Precision
from moderation.figures.decided import Decided
from moderation.figures.durations import Pace, Waits
from moderation.figures.site_figures import Day, Figures
from moderation.models import Moderator, Status, Tray, new_id
from moderation.queue import together
from moderation.staff import moderators
from tests.newsroom import NOON, Newsroom

At = Callable[[datetime], None]
MAY_4 = date(2026, 5, 4)
FIRST = datetime(2026, 4, 7, tzinfo=UTC)
"""The beginning of the first of 28 days."""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Sets the clock by which comments come and are judged."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr("tests.newsroom.NOON", moment)
        stamp = int(moment.timestamp() * 1000)
        monkeypatch.setattr("moderation.comments.new_id", lambda: new_id(stamp))

    return set_clock


def seen(newsroom: Newsroom, comment_id: UUID) -> Seen:
    comment = newsroom.comment(comment_id)
    return Seen(comment_id=comment.id, revision=comment.revision, status=comment.status)


def approve(newsroom: Newsroom, comment_id: UUID, now: datetime, by: Moderator) -> UUID:
    with newsroom.db.transaction() as session:
        return decisions.approve(
            session,
            newsroom.daily.id,
            seen(newsroom, comment_id),
            moderator_id=by.id,
            now=now,
        )


def block(newsroom: Newsroom, comment_id: UUID, now: datetime, by: Moderator) -> UUID:
    clause = "personal-attacks"
    looked_at = seen(newsroom, comment_id)
    with newsroom.db.transaction() as session:
        return decisions.block(
            session, newsroom.daily.id, looked_at, clause=clause, moderator_id=by.id, now=now
        )


def undo(newsroom: Newsroom, decision_id: UUID, now: datetime, by: Moderator) -> None:
    with newsroom.db.transaction() as session:
        decisions.undo(session, newsroom.daily.id, decision_id, moderator_id=by.id, now=now)


def asked(newsroom: Newsroom, now: datetime = NOON, by: Moderator | None = None) -> Figures:
    """What Ana sees, or somebody else."""
    me = (by or newsroom.ana).id
    with newsroom.db.reading() as session:
        return site_figures.figures(session, newsroom.daily.id, moderator_id=me, now=now)


def past_noon(number: float) -> datetime:
    """So many minutes after noon, wherever the clock stands."""
    return NOON + minutes(number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_four_weeks_counted_by_hand(newsroom: Newsroom, at: At) -> None:
    ana, ben = newsroom.ana, newsroom.ben
    with newsroom.db.transaction() as session:
        moderators.assign(session, ben, newsroom.daily)
    at(FIRST - timedelta(seconds=1))
    block(newsroom, newsroom.held("Fool before all of this"), FIRST - minutes(0.01), by=ana)
    at(FIRST)
    block(newsroom, newsroom.held("Fool at midnight"), FIRST + minutes(10), by=ana)
    at(past_noon(-180))
    newsroom.approved("Fine.")
    undone = newsroom.held("Fool, undone")
    undo(newsroom, approve(newsroom, undone, past_noon(-175), by=ana), past_noon(-174), by=ana)
    block(newsroom, undone, past_noon(-150), by=ana)
    at(past_noon(-120))
    swearing = newsroom.receive("Fool with an oath")
    newsroom.judge({"insult": 0.9, "obscene": 0.6})
    approve(newsroom, swearing, past_noon(-100), by=ben)
    newsroom.receive("An oath alone")
    newsroom.judge({"obscene": 0.99})
    at(past_noon(-60))
    newsroom.held("Fool, not decided yet")
    the_post = Newsroom(newsroom.db, newsroom.post, newsroom.daily, ben, ana, "", "")
    the_post.held("Fool in another paper")

    shown = asked(newsroom)

    assert len(shown.days) == 28
    empty = [day for day in shown.days if day == Day(date=day.date)]
    assert len(empty) == 26
    assert shown.days[0] == Day(
        date=date(2026, 4, 7),
        received=1,
        held=1,
        people=Decided(blocked=1),
        own=Decided(blocked=1),
        waits=Waits(1, minutes(10), minutes(10)),
    )
    assert shown.today == Day(
        date=MAY_4,
        received=5,
        held=3,
        net=1,
        policy=Decided(approved=1, blocked=1),
        people=Decided(approved=1, blocked=1),
        own=Decided(blocked=1),
        waits=Waits(2, minutes(20), minutes(30)),
    )
    assert shown.hours == [0] * 11 + [1, 1]
    assert shown.clauses == [
        HeldFor(clause="personal-attacks", held=3, blocked=2, approved=0),
        HeldFor(clause="profanity", held=1, blocked=0, approved=1),
    ]
    assert shown.rules == [
        Precision(clause="personal-attacks", rule="insult", decided=3, blocked=2),
        Precision(clause="profanity", rule="obscene", decided=1, blocked=0),
    ]


def test_ten_waits_have_the_fifth_as_median_and_the_ninth_as_p90(
    newsroom: Newsroom, at: At
) -> None:
    at(past_noon(-60))
    for nth in (3, 9, 1, 10, 5, 7, 2, 8, 6, 4):
        approve(newsroom, newsroom.held(f"Fool {nth}"), past_noon(nth - 60), by=newsroom.ana)

    assert asked(newsroom).today.waits == Waits(10, minutes(5), minutes(9))


def test_a_wait_counts_on_the_day_of_its_decision(newsroom: Newsroom, at: At) -> None:
    at(past_noon(-24 * 60))
    block(newsroom, newsroom.held(), NOON, by=newsroom.ana)

    yesterday, today = asked(newsroom).days[-2:]

    assert (yesterday.held, yesterday.net, yesterday.waits) == (1, 1, None)
    assert (today.held, today.net) == (0, -1)
    assert today.waits == Waits(1, minutes(24 * 60), minutes(24 * 60))


def test_a_rule_answers_for_what_it_held_and_for_the_decision_in_force(newsroom: Newsroom) -> None:
    let_through = newsroom.approved()
    block(newsroom, let_through, past_noon(1), by=newsroom.ana)  # no rule has held it
    changed = newsroom.held("Fool number 1")
    approve(newsroom, changed, past_noon(1), by=newsroom.ana)
    block(newsroom, changed, past_noon(2), by=newsroom.ana)
    undone = newsroom.held("Fool number 2")
    undo(
        newsroom,
        block(newsroom, undone, past_noon(1), by=newsroom.ana),
        past_noon(2),
        by=newsroom.ana,
    )
    newsroom.held("Fool number 3")

    assert newsroom.comment(undone).status == Status.HELD
    assert asked(newsroom, past_noon(5)).rules == [
        Precision(
            clause="personal-attacks", rule="insult", decided=1, blocked=1, measured=1, spent=60
        )
    ]


def test_what_a_rule_costs_is_told_by_the_time_between_decisions(newsroom: Newsroom) -> None:
    swearing = newsroom.receive("Fool with an oath")
    newsroom.judge({"insult": 0.9, "obscene": 0.6})
    fools = [newsroom.held(f"Fool number {number}") for number in range(4)]
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    block(newsroom, fools[0], past_noon(1), by=newsroom.ana)  # the first of a shift
    approve(newsroom, swearing, past_noon(1.5), by=newsroom.ana)  # 30 s
    approve(newsroom, fools[1], past_noon(1.6), by=newsroom.ben)  # his first
    approve(newsroom, fools[2], past_noon(1.7), by=newsroom.ana)  # 12 s
    block(newsroom, fools[3], past_noon(4.8), by=newsroom.ana)  # after a pause

    shown = asked(newsroom, past_noon(10))

    insult, obscene = shown.rules
    assert (insult.rule, insult.decided, insult.blocked) == ("insult", 5, 2)
    assert insult.seconds == pytest.approx(21)
    assert insult.minutes_per_block == pytest.approx(5 * 21 / 60 / 2)
    assert (obscene.rule, obscene.decided, obscene.blocked) == ("obscene", 1, 0)
    assert obscene.minutes == pytest.approx(0.5)
    assert obscene.minutes_per_block is None
    assert shown.today.pace == Pace(2, timedelta(seconds=12))
    assert shown.pace == Pace(2, timedelta(seconds=12))
    assert asked(newsroom, past_noon(10), by=newsroom.ben).pace is None


def test_what_is_decided_at_once_says_nothing_of_a_card(newsroom: Newsroom) -> None:
    fools = [newsroom.held(f"Fool number {number}") for number in range(3)]
    block(newsroom, fools[0], past_noon(1), by=newsroom.ana)
    with newsroom.db.transaction() as session:
        together.decide(
            session,
            newsroom.daily.id,
            [
                Seen(comment_id=one, revision=1, status=Status.HELD, tray=Tray.WAITING)
                for one in fools[1:]
            ],
            Status.APPROVED,
            moderator_id=newsroom.ana.id,
            now=past_noon(2),
        )

    shown = asked(newsroom, past_noon(5))

    assert shown.today.pace is None
    [insult] = shown.rules
    assert insult.seconds == pytest.approx(30)  # a minute for the two of them


def test_what_waits_now_is_told_by_age(newsroom: Newsroom, at: At) -> None:
    for nth in (3, 9, 1, 10, 5, 7, 2, 8, 6, 4):
        at(past_noon(-nth))
        newsroom.held(f"Fool {nth}")
    at(past_noon(-60))
    approve(newsroom, newsroom.held("Fool, decided"), past_noon(-50), by=newsroom.ana)

    assert asked(newsroom).waiting == Waits(10, minutes(5), minutes(9))


def test_what_is_held_beside_the_clauses_has_none(newsroom: Newsroom) -> None:
    newsroom.receive("Բարև ձեզ")
    newsroom.judge(language="hy")
    newsroom.receive("Scored by nobody")
    newsroom.judge({"insult": float("nan")})

    shown = asked(newsroom)

    assert shown.clauses == [HeldFor(clause=None, held=2, blocked=0, approved=0)]
    assert shown.rules == []
