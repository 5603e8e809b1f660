"""A budget of held comments: counted by day, told with the rules that hold most, binding nobody."""

from typing import Any

import pytest

from moderation import site_settings, sites
from moderation.figures import hold_budgets
from moderation.figures.hold_budgets import HeldBy, Holds
from tests.figures.test_site_figures import At, approve, at, past_noon, undo
from tests.newsroom import NOON, Newsroom, later

__all__ = ["at"]


def set_budget(newsroom: Newsroom, budget: int) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(
            session, sites.named(session, "the-daily"), hold_budget=budget, now=NOON
        )


def told(newsroom: Newsroom, minute: float = 5) -> Holds | None:
    with newsroom.db.reading() as session:
        every = sites.all_sites(session)
        found = hold_budgets.today(session, every, now=later(minute))
    assert set(found) <= {newsroom.daily.id}
    return found.get(newsroom.daily.id)


def test_without_a_budget_nothing_is_counted(newsroom: Newsroom) -> None:
    newsroom.held()

    assert told(newsroom) is None


def test_what_the_policy_held_today_is_counted_once_each(newsroom: Newsroom, at: At) -> None:
    set_budget(newsroom, 3)
    at(past_noon(-24 * 60))
    newsroom.held("Fool, yesterday")
    at(NOON)
    newsroom.approved()
    decided = newsroom.held("Fool, decided")
    again = approve(newsroom, newsroom.held("Fool, undone"), past_noon(1), by=newsroom.ana)
    approve(newsroom, decided, past_noon(1), by=newsroom.ana)
    undo(newsroom, again, past_noon(2), by=newsroom.ana)  # held again, and not by the policy
    newsroom.held("Fool, waiting")

    assert told(newsroom) == Holds(held=3, budget=3)
    assert told(newsroom, minute=24 * 60) == Holds(held=0, budget=3)


def test_beyond_it_the_rules_are_told_that_hold_most(newsroom: Newsroom) -> None:
    set_budget(newsroom, 2)
    newsroom.held("Fool number 1")
    newsroom.held("Fool number 2")
    newsroom.receive("Fool with an oath")
    newsroom.judge({"insult": 0.9, "obscene": 0.6})
    newsroom.receive("Բարև ձեզ")
    newsroom.judge(language="hy")

    assert told(newsroom) == Holds(
        held=4,
        budget=2,
        rules=[
            HeldBy(clause="personal-attacks", rule="insult", held=3),
            HeldBy(clause="profanity", rule="obscene", held=1),
        ],
    )


@pytest.mark.parametrize("budget", [0, 1])
def test_it_holds_and_lets_through_nothing_else(newsroom: Newsroom, budget: int) -> None:
    set_budget(newsroom, budget)
    held = [newsroom.held(f"Fool number {number}") for number in range(3)]

    assert {newsroom.comment(one).status for one in held} == {"held"}
    assert newsroom.comment(newsroom.approved()).status == "approved"


@pytest.mark.parametrize("wrong", [{"hold_budget": -1}, {"hold_budget": 10_000}])
def test_it_has_bounds(newsroom: Newsroom, wrong: dict[str, Any]) -> None:
    with pytest.raises(sites.SiteError), newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), **wrong, now=NOON)
