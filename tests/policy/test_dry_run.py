"""Another policy, tried on the comments judged lately: what flips, and what persons had said."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from moderation import comments, decisions, dry_run, flags, policy
from moderation.decisions import Seen
from moderation.dry_run import DryRun, Kept
from moderation.models import AuditEntry, Decision, Score, Status
from moderation.policy import Outcome
from moderation.submission import FlagReport
from tests.desk.test_queue import counted
from tests.newsroom import NOON, POLICY, Newsroom, later, unrecorded

STRICTER = POLICY.replace("hold = 0.6", "hold = 0.3")
MILDER = POLICY.replace("hold = 0.6", "hold = 0.9")


def kept(newsroom: Newsroom, **options: Any) -> list[Kept]:
    with newsroom.db.reading() as session:
        return dry_run.judged_lately(session, newsroom.daily.id, **{"now": NOON} | options)


def tried(newsroom: Newsroom, source: str, in_force: str | None = POLICY) -> DryRun:
    return dry_run.try_out(
        policy.parse(in_force) if in_force else None,
        policy.parse(source),
        kept(newsroom),
        readable=frozenset({"en"}),
    )


def flips(run: DryRun) -> dict[tuple[str, str], list[UUID]]:
    return {
        (flip.before.value, flip.after.value): [one.comment_id for one in flip.comments]
        for flip in run.flips
    }


def judged(newsroom: Newsroom, text: str, **scores: float) -> UUID:
    comment_id = newsroom.receive(text)
    newsroom.judge(scores)
    return comment_id


def by_ana(newsroom: Newsroom, comment_id: UUID, act: str, status: str = "held") -> UUID:
    seen = Seen(comment_id=comment_id, revision=1, status=status)
    said: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": later(1)}
    with newsroom.db.transaction() as session:
        if act == "approve":
            return decisions.approve(session, newsroom.daily.id, seen, **said)
        return decisions.block(session, newsroom.daily.id, seen, clause="profanity", **said)


def test_a_stricter_threshold_holds_what_was_approved(newsroom: Newsroom) -> None:
    mild = judged(newsroom, "He is a little slow.", insult=0.4)
    judged(newsroom, "A fair point.", insult=0.1)
    judged(newsroom, "You are a fool.", insult=0.8)
    run = tried(newsroom, STRICTER)
    assert flips(run) == {("approve", "hold"): [mild]}
    assert [run.before(outcome) for outcome in Outcome] == [2, 1, 0]
    assert [run.after(outcome) for outcome in Outcome] == [1, 2, 0]
    assert newsroom.comment(mild).status == "approved"


def test_flips_are_split_by_what_persons_had_decided(newsroom: Newsroom) -> None:
    approved, blocked, waiting, undone = (
        judged(newsroom, f"Fool number {number}.", insult=0.8) for number in range(4)
    )
    by_ana(newsroom, approved, "approve")
    by_ana(newsroom, blocked, "block")
    taken_back = by_ana(newsroom, undone, "block")
    with newsroom.db.transaction() as session:
        decisions.undo(
            session, newsroom.daily.id, taken_back, moderator_id=newsroom.ana.id, now=later(2)
        )
    [flip] = tried(newsroom, MILDER).flips
    assert (flip.before, flip.after) == (Outcome.HOLD, Outcome.APPROVE)

    def ids(person: Status | None) -> list[UUID]:
        return [one.comment_id for one in flip.decided(person)]

    assert ids(Status.APPROVED) == [approved]
    assert ids(Status.BLOCKED) == [blocked]
    assert ids(None) == [undone, waiting]


def test_every_kind_of_flip_is_told_the_most_frequent_first(newsroom: Newsroom) -> None:
    fools = [judged(newsroom, f"Fool {number}.", insult=0.8) for number in range(2)]
    foul = judged(newsroom, "A foul word.", obscene=0.96)
    run = tried(newsroom, MILDER.replace("block = 0.95", "block = 0.99"))
    assert list(flips(run)) == [("hold", "approve"), ("block", "hold")]
    assert set(flips(run)["hold", "approve"]) == set(fools)
    assert flips(run)["block", "hold"] == [foul]


def test_words_links_and_repeats_are_looked_for_anew(newsroom: Newsroom) -> None:
    listed = judged(newsroom, "Buy tyres, buy them now.")
    linked = judged(newsroom, "See http://a.example and http://b.example")
    judged(newsroom, "The council has voted for the new tram line at last.")
    repeated = judged(newsroom, "The council has voted for the new tram line, at last!")
    twin = newsroom.receive(
        "the council HAS voted for the new tram line at last",
        commenter={"id": "tom", "name": "Tom"},
    )
    newsroom.judge()
    rules = """
[[clauses.rules]]
words = {en = ["tyres"]}

[[clauses.rules]]
links = 1

[[clauses.rules]]
repeats = 0.9
"""
    run = tried(newsroom, POLICY + rules)
    assert set(flips(run)["approve", "hold"]) == {listed, linked, repeated, twin}


def test_without_a_policy_everything_was_held(newsroom: Newsroom) -> None:
    fair = judged(newsroom, "A fair point.")
    assert flips(tried(newsroom, POLICY, in_force=None)) == {("hold", "approve"): [fair]}


def test_what_the_model_failed_on_stays_held(newsroom: Newsroom) -> None:
    judged(newsroom, "Half a reading.", insult=float("nan"))
    run = tried(newsroom, MILDER)
    assert run.flips == []
    assert run.before(Outcome.HOLD) == 1


def test_erased_and_edited_ones_are_left_out_and_those_judged_twice_count_once(
    newsroom: Newsroom,
) -> None:
    erased, edited, reported = (
        judged(newsroom, f"Number {number}.", insult=0.4) for number in range(3)
    )
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, erased, record=unrecorded, now=later(1))
        comments.edit(session, newsroom.daily.id, edited, "Other words.", now=later(1))
        for reader in ("r1", "r2"):
            report = FlagReport(reader=reader, reason="abusive", text=None)
            flags.flag(session, newsroom.daily.id, reported, report, now=later(1))
    assert [one.case.id for one in kept(newsroom)] == [reported]


def test_the_last_ones_come_first_and_no_more_than_asked_for(newsroom: Newsroom) -> None:
    ids = [judged(newsroom, f"Number {number}.") for number in range(4)]
    assert [one.case.id for one in kept(newsroom, last=2)] == [ids[3], ids[2]]


def test_another_papers_comments_are_not_looked_at(newsroom: Newsroom) -> None:
    judged(newsroom, "A fair point.")
    with newsroom.db.reading() as session:
        assert dry_run.judged_lately(session, newsroom.post.id, now=NOON) == []


def test_it_writes_nothing_and_asks_as_often_for_thirty_as_for_one(newsroom: Newsroom) -> None:
    judged(newsroom, "The only one.")
    with counted(newsroom.db) as one:
        kept(newsroom)
    for number in range(30):
        newsroom.receive(f"Comment number {number} of thirty, as it were.")
    newsroom.judge()
    with newsroom.db.reading() as session:
        before = [session.scalar(select(func.count()).select_from(t)) for t in WRITTEN]
    with counted(newsroom.db) as many:
        assert len(kept(newsroom)) == 31
    assert len(many) == len(one) <= 3
    tried(newsroom, STRICTER)
    with newsroom.db.reading() as session:
        assert before == [session.scalar(select(func.count()).select_from(t)) for t in WRITTEN]


WRITTEN = (Decision, Score, AuditEntry)


@pytest.mark.parametrize("score", [0.3, 0.299])
def test_the_threshold_itself_holds(newsroom: Newsroom, score: float) -> None:
    judged(newsroom, "He is a little slow.", insult=score)
    assert bool(tried(newsroom, STRICTER).flips) == (score >= 0.3)
