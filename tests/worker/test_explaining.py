"""What carries the score of a held comment is found when nothing waits, kept, and lost with it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select, update

from config.model import ModelFacts
from config.settings import Settings
from moderation import comments, decisions, site_settings, sites, spans
from moderation.models import Spans, Status
from moderation.sql import from_now
from tests.newsroom import MODEL, NOON, Newsroom, unrecorded
from tests.processes import QUICK_SWEEP, judged, until, working
from tests.stand_in import StandIn
from worker import scorers
from worker.explaining import FEW_CHARACTERS, FEW_TEXTS, Explaining
from worker.model import Model
from worker.scorers import Scorer

INSULT = "👍🏽 You are a fool, Tom."
"""The fool stands from the 13th code point on; counted in UTF-16, as JavaScript does, later."""


def explaining(newsroom: Newsroom, scorer: Scorer | None = None) -> Explaining:
    return Explaining(Settings(), newsroom.db, Model(lambda: scorer or StandIn()))


def explain(
    newsroom: Newsroom, scorer: Scorer | None = None, first: Callable[[], object] = lambda: None
) -> None:
    explaining(newsroom, scorer).explain_some(first)


def kept(newsroom: Newsroom) -> list[Spans]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Spans).order_by(Spans.comment_id, Spans.revision)))


def end_leases(newsroom: Newsroom) -> None:
    """So much time passes that whoever was at it is taken for dead."""
    with newsroom.db.transaction() as session:
        session.execute(update(Spans).where(Spans.due.is_not(None)).values(due=from_now(-1)))


def words(newsroom: Newsroom) -> list[str]:
    [one] = kept(newsroom)
    return [INSULT[span.start : span.end] for span in spans.read(one.found).get("insult", ())]


def test_a_held_comments_words_are_found_and_kept_as_offsets(newsroom: Newsroom) -> None:
    comment_id = newsroom.held(INSULT)
    [before] = kept(newsroom)
    assert (before.found, before.asked) == (None, ["insult"])

    explain(newsroom)

    [one] = kept(newsroom)
    assert (one.comment_id, one.revision, one.model_version) == (comment_id, 1, MODEL.version)
    assert one.found is not None
    [[start, end, share]] = one.found["insult"]
    assert (start, end, INSULT[start:end]) == (13, 17, "fool")
    assert 0.9 < share <= 1.0
    assert one.due is None


@pytest.mark.parametrize(
    ("scores", "status", "asked"),
    [
        ({}, Status.APPROVED, None),
        ({"insult": 0.59, "toxicity": 0.99}, Status.APPROVED, None),
        ({"insult": 0.6, "toxicity": 0.99}, Status.HELD, ["insult"]),
        ({"insult": 0.6, "obscene": 0.99}, Status.BLOCKED, ["insult", "obscene"]),
    ],
)
def test_what_is_asked_is_what_the_verdict_names(
    newsroom: Newsroom, scores: dict[str, float], status: Status, asked: list[str] | None
) -> None:
    newsroom.receive(INSULT)
    [one] = newsroom.judge(scores)
    assert one.status == status
    assert [sorted(row.asked) for row in kept(newsroom)] == ([asked] if asked else [])


def test_nothing_is_asked_about_what_is_held_for_another_reason(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, hold_everything=True, now=NOON)
    newsroom.receive("A fine morning.")
    [one] = newsroom.judge({"insult": 0.3})
    assert one.status == Status.HELD
    assert kept(newsroom) == []


def test_words_that_are_quoted_are_not_marked(newsroom: Newsroom) -> None:
    text = "> You are a fool, Tom.\nAnd so is every fool."
    newsroom.held(text)
    explain(newsroom)
    [span] = spans.read(kept(newsroom)[0].found)["insult"]
    assert span.start > text.index("\n")


# --- after what waits -------------------------------------------------------------------------


def test_what_comes_meanwhile_goes_first(newsroom: Newsroom) -> None:
    newsroom.held("You fool. " * 30)
    came: list[UUID] = []

    def first() -> None:
        if len(model.calls) == 1 and not came:
            came.append(newsroom.receive("A fair point, well made."))
            newsroom.judge()
            assert newsroom.comment(came[0]).status == Status.APPROVED
            assert kept(newsroom)[0].found is None

    model = StandIn()
    explain(newsroom, model, first)

    assert came
    assert kept(newsroom)[0].found
    assert max(len(call) for call in model.calls) <= FEW_TEXTS
    assert max(sum(map(len, call)) for call in model.calls) <= FEW_CHARACTERS


def test_a_comment_costs_a_bounded_number_of_runs(newsroom: Newsroom) -> None:
    newsroom.held("You fool, and so on and so forth, with ever other words. " * 170)
    model = StandIn()
    explain(newsroom, model)
    assert sum(map(len, model.calls)) <= 64
    assert kept(newsroom)[0].found


def test_the_rest_is_left_for_the_next_look(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.explaining.AT_ONCE", 2)
    for n in range(3):
        newsroom.held(f"You are a fool, number {n}.")
    assert explaining(newsroom).explain_some(lambda: None)
    assert [one.found is None for one in kept(newsroom)] == [False, False, True]
    assert not explaining(newsroom).explain_some(lambda: None)
    assert all(one.found for one in kept(newsroom))


def test_a_worker_that_is_to_stop_begins_with_no_other(newsroom: Newsroom) -> None:
    newsroom.held(INSULT)
    assert not explaining(newsroom).explain_some(lambda: None, lambda: True)
    assert kept(newsroom)[0].tries == 0


def test_a_worker_that_is_to_stop_leaves_the_comment_in_hand_to_others(newsroom: Newsroom) -> None:
    newsroom.held(INSULT)
    model = StandIn()
    assert not explaining(newsroom, model).explain_some(lambda: None, lambda: bool(model.calls))
    assert len(model.calls) == 1
    assert (kept(newsroom)[0].found, kept(newsroom)[0].tries) == (None, 0)
    explain(newsroom)
    assert words(newsroom) == ["fool"]


def test_without_a_model_it_waits_untried(newsroom: Newsroom) -> None:
    def load() -> Scorer:
        raise OSError("the model's file is gone")

    newsroom.held(INSULT)
    Explaining(Settings(), newsroom.db, Model(load)).explain_some(lambda: None)
    assert kept(newsroom)[0].tries == 0


def test_a_worker_explains_what_it_holds(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    with working(newsroom, QUICK_SWEEP):
        assert judged(newsroom, newsroom.receive(INSULT)) == "held"
        until(lambda: kept(newsroom)[0].found)
    assert words(newsroom) == ["fool"]


def test_what_comes_meanwhile_goes_first_though_nobody_rings(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "A fine evening, dear neighbours."

    class Slow(StandIn):
        """While its second question is asked, a comment comes in, and a sweep's time goes by."""

        def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
            if len(self.calls) == 1:
                newsroom.receive(late)
                time.sleep(QUICK_SWEEP.sweep_seconds)
            return super().score(texts)

    model = Slow()
    monkeypatch.setattr(scorers, "load", lambda *_: model)
    newsroom.receive(INSULT)
    with working(newsroom, QUICK_SWEEP):
        until(lambda: [one for one in kept(newsroom) if one.found])
    assert model.calls[2] == [late]
    assert len(model.calls) > 3


# --- failures ---------------------------------------------------------------------------------


class Failing(StandIn):
    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        super().score(texts)
        raise self._error


def test_a_model_that_fails_on_the_words_is_not_asked_again(newsroom: Newsroom) -> None:
    comment_id = newsroom.held(INSULT)
    failing = Failing(RuntimeError(INSULT))
    with structlog.testing.capture_logs() as said:
        explain(newsroom, failing)
    explain(newsroom, failing)
    assert len(failing.calls) == 1
    [one] = kept(newsroom)
    assert (one.found, one.due) == ({}, None)
    [line] = [line for line in said if line["event"] == "explaining_failed"]
    assert line["comment"] == str(comment_id)
    assert INSULT not in str(said)
    assert newsroom.comment(comment_id).status == Status.HELD


def test_what_a_killed_worker_left_is_found_by_another_and_only_once(newsroom: Newsroom) -> None:
    newsroom.held(INSULT)
    with pytest.raises(SystemExit):
        explain(newsroom, Failing(SystemExit()))
    explain(newsroom)
    assert words(newsroom) == []  # it may still be at work
    end_leases(newsroom)
    explain(newsroom)
    assert words(newsroom) == ["fool"]


def test_a_text_that_takes_its_worker_with_it_is_left_alone(newsroom: Newsroom) -> None:
    newsroom.held(INSULT)
    for _ in range(spans.TRIES):
        with pytest.raises(SystemExit):
            explain(newsroom, Failing(SystemExit()))
        end_leases(newsroom)
    model = StandIn()
    explain(newsroom, model)
    assert model.calls == []
    assert kept(newsroom)[0].due is None


def test_a_failure_of_what_goes_first_is_no_failure_of_the_model(newsroom: Newsroom) -> None:
    def away() -> None:
        raise ConnectionError("the server is gone")

    newsroom.held(INSULT)
    with pytest.raises(ConnectionError):
        explain(newsroom, first=away)
    end_leases(newsroom)
    explain(newsroom)
    assert words(newsroom) == ["fool"]


# --- what has lost its sense ------------------------------------------------------------------


def erase(newsroom: Newsroom, comment_id: UUID) -> None:
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=NOON)


def edit(newsroom: Newsroom, comment_id: UUID) -> None:
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "You old fool.", now=NOON)


def approve(newsroom: Newsroom, comment_id: UUID) -> None:
    seen = decisions.Seen(comment_id=comment_id, revision=1, status="held")
    with newsroom.db.transaction() as session:
        decisions.approve(session, newsroom.daily.id, seen, moderator_id=newsroom.ana.id, now=NOON)


@pytest.mark.parametrize("change", [erase, edit, approve])
def test_nobody_looks_for_the_words_of_a_comment_that_has_changed(
    newsroom: Newsroom, change: Callable[[Newsroom, UUID], None]
) -> None:
    comment_id, other = newsroom.held(INSULT), newsroom.held("Another fool.")
    change(newsroom, comment_id)
    model = StandIn()
    explain(newsroom, model)
    assert not any("Tom" in text for call in model.calls for text in call)
    assert [one.comment_id for one in kept(newsroom) if one.found] == [other]
    assert all(one.due is None for one in kept(newsroom))


def test_an_erased_comments_words_are_gone_and_do_not_come_back(newsroom: Newsroom) -> None:
    erase(newsroom, explained(newsroom))
    assert kept(newsroom) == []

    comment_id = newsroom.held("You fool.")
    erased: list[UUID] = []

    def first() -> None:
        if not erased:
            erased.append(comment_id)
            erase(newsroom, comment_id)

    explain(newsroom, first=first)
    assert erased
    assert kept(newsroom) == []


def explained(newsroom: Newsroom) -> UUID:
    comment_id = newsroom.held(INSULT)
    explain(newsroom)
    assert kept(newsroom)[0].found
    return comment_id


def test_an_edit_has_words_of_its_own(newsroom: Newsroom) -> None:
    comment_id = explained(newsroom)
    edit(newsroom, comment_id)
    newsroom.judge({"insult": 0.9})
    explain(newsroom)
    first, second = kept(newsroom)
    assert (first.revision, second.revision) == (1, 2)
    assert second.found is not None
    [[start, end, _]] = second.found["insult"]
    assert "You old fool."[start:end] == "fool"


def test_another_model_does_not_explain_this_ones_score(newsroom: Newsroom) -> None:
    class Another(StandIn):
        @property
        def facts(self) -> ModelFacts:
            return replace(MODEL, version="1" * 12)

    newsroom.held(INSULT)
    another = Another()
    explain(newsroom, another)
    assert another.calls == []
    assert kept(newsroom)[0].found is None


def test_what_has_lost_its_sense_is_struck_off_a_few_at_a_time(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "AT_ONCE", 2)
    for n in range(3):
        approve(newsroom, newsroom.held(f"You are a fool, number {n}."))
    newsroom.held(INSULT)
    with newsroom.db.transaction() as session:
        assert spans.claim(session, model_version=MODEL.version, lease_seconds=60) is None
    assert [one.due is None for one in kept(newsroom)] == [True, True, False, False]
    explain(newsroom)
    assert [one.due is None for one in kept(newsroom)] == [True] * 4
    assert kept(newsroom)[-1].found


def test_two_workers_take_different_comments(newsroom: Newsroom) -> None:
    held = {newsroom.held(f"You are a fool, number {n}.") for n in range(2)}
    taken: list[Any] = []
    for _ in range(3):
        with newsroom.db.transaction() as session:
            taken.append(spans.claim(session, model_version=MODEL.version, lease_seconds=60))
    assert {one.comment_id for one in taken[:2]} == held
    assert taken[2] is None
