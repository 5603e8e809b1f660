"""The spot check: who is drawn, what is dealt to whom, what an answer does, what it says of all."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from moderation import comments, decision_log, decisions, leases, site_settings, sites
from moderation.decisions import AlreadyDecided, UnknownClause
from moderation.figures import drawing, spot_checks
from moderation.figures.shares import Share
from moderation.figures.spot_checks import Missed
from moderation.models import Decision, Moderator, SpotCheck, new_id
from moderation.sites import NotFound
from tests.newsroom import NOON, Newsroom, later, unrecorded

WINS = round(0.1 * drawing.TICKETS) - 1
"""The highest ticket that a share of a tenth draws."""


def give(monkeypatch: pytest.MonkeyPatch, *tickets: int) -> None:
    """The next comments get these tickets, and those after them the highest that there is."""
    given: Iterator[int] = iter(tickets)

    def with_ticket() -> UUID:
        number = next(given, drawing.TICKETS - 1)
        return UUID(int=new_id().int // drawing.TICKETS * drawing.TICKETS + number)

    monkeypatch.setattr("moderation.comments.new_id", with_ticket)


def switch_on(newsroom: Newsroom, share: float = 0.1, daily: int = 20) -> None:
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, spot_share=share, spot_daily=daily, now=NOON)


def drawn(newsroom: Newsroom) -> list[UUID]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(SpotCheck.comment_id).order_by(SpotCheck.ticket)))


def dealt(newsroom: Newsroom, minute: float = 1, to: Moderator | None = None) -> UUID | None:
    """What Ana, or somebody else, is asked about next."""
    with newsroom.db.reading() as session:
        site = sites.named(session, "the-daily")
        so_far = spot_checks.progress(session, site, now=later(minute))
        me = (to or newsroom.ana).id
        return spot_checks.deal(session, site, so_far, moderator_id=me, now=later(minute))


def answer(
    newsroom: Newsroom, comment_id: UUID, clause: str | None = None, minute: float = 1
) -> UUID | None:
    """What Ana says of it."""
    with newsroom.db.transaction() as session:
        return spot_checks.answer(
            session,
            newsroom.daily.id,
            comment_id,
            1,
            clause=clause,
            moderator_id=newsroom.ana.id,
            now=later(minute),
        )


def tally(newsroom: Newsroom) -> spot_checks.Tally:
    with newsroom.db.reading() as session:
        return spot_checks.tally(session, newsroom.daily.id, since=NOON)


@pytest.fixture
def approved_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No held one is dealt in between."""
    monkeypatch.setattr(spot_checks, "HELD_ONE_IN", 300)


def test_nothing_is_drawn_where_nobody_wants_it(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, 0)
    newsroom.approved()

    assert drawn(newsroom) == []
    assert dealt(newsroom) is None


def test_the_share_is_drawn_of_what_the_policy_approves(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, WINS, WINS + 1, 0, 0)
    wins = newsroom.approved("Wins by a hair.")
    newsroom.approved("Loses by a hair.")
    newsroom.held()
    newsroom.receive("With an oath.")
    newsroom.judge({"obscene": 0.99})

    assert drawn(newsroom) == [wins]


def test_tickets_are_as_random_as_ids() -> None:
    of = 4000
    won = sum(drawing.ticket(new_id()) < 0.1 * drawing.TICKETS for _ in range(of))

    assert 0.07 < won / of < 0.13  # six standard deviations to either side


def test_what_is_judged_again_and_stays_is_not_drawn_twice(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 5)
    comment_id = newsroom.approved()
    with newsroom.db.transaction() as session:
        drawing.draw(session, newsroom.daily.id, [(comment_id, 1)], share=0.1, now=later(9))
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "In other words.", now=later(10))
    newsroom.judge()

    with newsroom.db.reading() as session:
        found = session.execute(
            select(SpotCheck.revision, SpotCheck.drawn_at).order_by(SpotCheck.revision)
        ).all()
    assert [tuple(row) for row in found] == [(1, NOON), (2, NOON)]


@pytest.mark.usefixtures("approved_alone")
def test_the_lowest_ticket_comes_first_and_stays_until_it_is_answered(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom, daily=2)
    give(monkeypatch, 30, 10, 20)
    last, first, second = (newsroom.approved(f"Number {n}.") for n in range(3))

    assert dealt(newsroom) == dealt(newsroom) == first
    answer(newsroom, first)
    assert dealt(newsroom) == second
    answer(newsroom, second)
    assert dealt(newsroom) is None  # two a day
    assert dealt(newsroom, minute=24 * 60) == last
    assert dealt(newsroom, minute=3 * 24 * 60) is None  # too long ago


@pytest.mark.usefixtures("approved_alone")
def test_what_a_person_has_decided_meanwhile_is_not_asked_about(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1, 2, 3)
    blocked, edited, stays = (newsroom.approved(f"Number {n}.") for n in range(3))
    seen = decisions.Seen(comment_id=blocked, revision=1, status="approved")
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, seen, clause="profanity",
            moderator_id=newsroom.ana.id, now=later(1),
        )  # fmt: skip
        comments.edit(session, newsroom.daily.id, edited, "In other words.", now=later(1))

    assert dealt(newsroom) == stays
    for gone in (blocked, edited):
        with pytest.raises(AlreadyDecided):
            answer(newsroom, gone)


@pytest.mark.usefixtures("approved_alone")
def test_what_is_erased_is_not_asked_about(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1)
    comment_id = newsroom.approved()
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))

    assert dealt(newsroom) is None
    for clause in (None, "profanity"):
        with pytest.raises(AlreadyDecided):
            answer(newsroom, comment_id, clause)


@pytest.mark.usefixtures("approved_alone")
def test_what_a_colleague_has_open_is_left_to_them(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1, 2)
    first, second = (newsroom.approved(f"Number {n}.") for n in range(2))
    with newsroom.db.transaction() as session:
        leases.take(session, newsroom.daily.id, first, moderator_id=newsroom.ana.id)

    assert dealt(newsroom) == first
    assert dealt(newsroom, to=newsroom.ben) == second


def test_held_ones_are_mixed_in_each_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom, daily=60)
    give(monkeypatch, *range(60))
    approved = {newsroom.approved(f"Number {n}.") for n in range(40)}
    held = {newsroom.held(f"Fool number {n}.") for n in range(20)}
    asked = []
    while (comment_id := dealt(newsroom)) is not None:
        asked.append(comment_id)
        answer(newsroom, comment_id)

    assert len(asked) == len(set(asked))
    assert approved < set(asked)
    mixed_in = held & set(asked)
    # One in three of all, about: 20 of 60. The odds of fewer than 8 are one in a thousand.
    assert len(mixed_in) >= 8
    assert asked.index(next(one for one in asked if one in held)) < 20
    assert tally(newsroom).held == Share(0, len(mixed_in))


@pytest.mark.usefixtures("approved_alone")
def test_fine_changes_nothing_and_can_be_taken_back(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1)
    comment_id = newsroom.approved()
    before = logged(newsroom)

    assert answer(newsroom, comment_id) is None

    assert logged(newsroom) == before
    assert newsroom.comment(comment_id).status == "approved"
    assert tally(newsroom).approved == Share(0, 1)
    with pytest.raises(AlreadyDecided):
        answer(newsroom, comment_id, "profanity")
    assert newsroom.comment(comment_id).status == "approved"
    by: dict[str, Any] = {"moderator_id": newsroom.ana.id}
    with pytest.raises(AlreadyDecided), newsroom.db.transaction() as session:
        spot_checks.take_back(
            session, newsroom.daily.id, comment_id, 1, moderator_id=newsroom.ben.id
        )
    with newsroom.db.transaction() as session:
        spot_checks.take_back(session, newsroom.daily.id, comment_id, 1, **by)
    assert tally(newsroom).approved == Share(0, 0)
    assert dealt(newsroom) == comment_id


def test_a_broken_one_is_blocked_as_by_any_decision(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1)
    comment_id = newsroom.approved()

    decision_id = answer(newsroom, comment_id, "personal-attacks")

    assert newsroom.comment(comment_id).status == "blocked"
    with newsroom.db.reading() as session:
        [*_, told] = decision_log.feed(session, newsroom.daily.id)
    assert told.decision.id == decision_id
    assert (told.decision.status_before, told.decision.clause) == ("approved", "personal-attacks")
    assert tally(newsroom).approved == Share(1, 1)

    with newsroom.db.transaction() as session:
        assert decision_id is not None
        decisions.undo(
            session, newsroom.daily.id, decision_id, moderator_id=newsroom.ana.id, now=later(2)
        )
    assert newsroom.comment(comment_id).status == "approved"
    assert tally(newsroom).approved == Share(0, 0)


def test_a_held_one_is_decided_as_usual(newsroom: Newsroom) -> None:
    fine, broken = newsroom.held("Fool number 1."), newsroom.held("Fool number 2.")

    answer(newsroom, fine)
    answer(newsroom, broken, "personal-attacks")

    assert newsroom.comment(fine).status == "approved"
    assert newsroom.comment(broken).status == "blocked"
    assert tally(newsroom).held == Share(1, 2)
    assert tally(newsroom).clauses == []


def test_what_nobody_was_asked_about_takes_no_answer(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, WINS + 1, 1)
    undrawn, asked = newsroom.approved("Undrawn."), newsroom.approved("Drawn.")

    with pytest.raises(AlreadyDecided):
        answer(newsroom, undrawn, "profanity")
    with pytest.raises(UnknownClause):
        answer(newsroom, asked, "no-such-clause")
    with pytest.raises(NotFound):
        answer(newsroom, new_id())
    assert newsroom.comment(undrawn).status == newsroom.comment(asked).status == "approved"
    assert tally(newsroom).approved == Share(0, 0)


def test_what_the_policy_misses_is_told_by_clause(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, *range(10))
    checked = [newsroom.approved(f"Number {n}.") for n in range(10)]
    for comment_id, clause in zip(
        checked, ["profanity", "personal-attacks", "personal-attacks", *[None] * 7], strict=True
    ):
        answer(newsroom, comment_id, clause)

    told = tally(newsroom)

    assert told.approved == Share(3, 10)
    assert told.clauses == [
        Missed(clause="personal-attacks", share=Share(2, 10)),
        Missed(clause="profanity", share=Share(1, 10)),
    ]
    with newsroom.db.reading() as session:
        later_on = spot_checks.tally(session, newsroom.daily.id, since=later(2))
    assert later_on.approved == Share(0, 0)


@pytest.mark.parametrize("wrong", [{"spot_share": 0.11}, {"spot_share": -0.1}, {"spot_daily": 501}])
def test_share_and_cap_have_bounds(newsroom: Newsroom, wrong: dict[str, Any]) -> None:
    with pytest.raises(sites.SiteError), newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), **wrong, now=NOON)


def logged(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Decision)) or 0
