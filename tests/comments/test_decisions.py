"""A person decides: the last UPDATE says who won, and the feed misses none."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select

from moderation import comments, decision_log, decisions
from moderation.decisions import AlreadyDecided, Seen, UnknownClause
from moderation.models import Commenter, Decision, DecisionNote, Status, Strike
from moderation.sites import NotFound
from tests.newsroom import NOON, Newsroom, later


def seen(comment_id: UUID, status: Status = Status.HELD, revision: int = 1) -> Seen:
    return Seen(comment_id=comment_id, revision=revision, status=status)


def approve(newsroom: Newsroom, comment_id: UUID, status: Status = Status.HELD) -> UUID:
    with newsroom.db.transaction() as session:
        return decisions.approve(
            session,
            newsroom.daily.id,
            seen(comment_id, status),
            moderator_id=newsroom.ana.id,
            now=NOON,
        )


def block(
    newsroom: Newsroom,
    comment_id: UUID,
    clause: str = "personal-attacks",
    note: str = "",
) -> UUID:
    with newsroom.db.transaction() as session:
        return decisions.block(
            session,
            newsroom.daily.id,
            seen(comment_id),
            clause=clause,
            note=note,
            moderator_id=newsroom.ana.id,
            now=NOON,
        )


def test_ana_approves_a_held_comment(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    decision_id = approve(newsroom, comment_id)
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.decision_id) == (Status.APPROVED, decision_id)
    with newsroom.db.reading() as session:
        decision = session.get_one(Decision, (newsroom.daily.id, decision_id))
    assert (decision.actor, decision.moderator_id, decision.policy_version) == (
        "moderator",
        newsroom.ana.id,
        1,
    )


def test_a_block_names_its_clause_and_counts_a_strike(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    decision_id = block(newsroom, comment_id, note="Called Tom a fool.")
    with newsroom.db.reading() as session:
        decision = session.get_one(Decision, (newsroom.daily.id, decision_id))
        rita = session.scalars(select(Commenter)).one()
        strikes = session.scalar(select(func.count()).select_from(Strike))
        [note] = session.scalars(select(DecisionNote.text)).all()
    assert (decision.clause, rita.blocked, strikes, note) == (
        "personal-attacks",
        1,
        1,
        "Called Tom a fool.",
    )


def test_a_clause_that_the_policy_does_not_have_is_refused(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with pytest.raises(UnknownClause):
        block(newsroom, comment_id, clause="bad-hair")
    assert newsroom.comment(comment_id).status == Status.HELD


def test_overturning_a_block_lifts_its_strike(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    block(newsroom, comment_id)
    approve(newsroom, comment_id, Status.BLOCKED)
    with newsroom.db.reading() as session:
        rita = session.scalars(select(Commenter)).one()
        strikes = session.scalar(select(func.count()).select_from(Strike))
    assert (rita.approved, rita.blocked, strikes) == (1, 0, 0)


def test_undo_restores_what_was_and_keeps_both_lines(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    decision_id = block(newsroom, comment_id)
    with newsroom.db.transaction() as session:
        decisions.undo(
            session,
            newsroom.daily.id,
            decision_id,
            moderator_id=newsroom.ana.id,
            now=later(1),
        )
    assert newsroom.comment(comment_id).status == Status.HELD
    with newsroom.db.reading() as session:
        told = decision_log.feed(session, newsroom.daily.id)
        strikes = session.scalar(select(func.count()).select_from(Strike))
    assert [(t.decision.status_after, t.decision.undoes) for t in told] == [
        ("held", None),
        ("blocked", None),
        ("held", decision_id),
    ]
    assert strikes == 0


def test_only_the_decision_in_force_can_be_undone(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    first = block(newsroom, comment_id)
    approve(newsroom, comment_id, Status.BLOCKED)
    with pytest.raises(AlreadyDecided), newsroom.db.transaction() as session:
        decisions.undo(
            session,
            newsroom.daily.id,
            first,
            moderator_id=newsroom.ana.id,
            now=later(1),
        )


def test_a_verdict_of_the_policy_is_overturned_not_undone(newsroom: Newsroom) -> None:
    newsroom.held()
    with newsroom.db.reading() as session:
        [verdict] = session.scalars(select(Decision.id)).all()
    with pytest.raises(AlreadyDecided), newsroom.db.transaction() as session:
        decisions.undo(session, newsroom.daily.id, verdict, moderator_id=newsroom.ana.id, now=NOON)


def test_a_decision_on_words_that_have_changed_is_refused(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Worse words.", now=later(1))
    with pytest.raises(AlreadyDecided):
        approve(newsroom, comment_id)


def test_a_second_decision_hears_of_the_first(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    first = block(newsroom, comment_id)
    with pytest.raises(AlreadyDecided) as refusal:
        approve(newsroom, comment_id)
    assert refusal.value.decision is not None
    assert refusal.value.decision.id == first
    assert refusal.value.comment.status == Status.BLOCKED


def test_two_moderators_at_once_make_one_decision(newsroom: Newsroom) -> None:
    for round_number in range(5):
        comment_id = newsroom.held(f"You are a fool, Tom, number {round_number}.")
        gate = threading.Barrier(2)

        def decide(how: str, comment_id: UUID = comment_id, gate: threading.Barrier = gate) -> str:
            gate.wait()
            try:
                if how == "approve":
                    approve(newsroom, comment_id)
                else:
                    block(newsroom, comment_id)
            except AlreadyDecided:
                return "refused"
            return how

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(decide, ["approve", "block"]))
        assert answers in (["approve", "refused"], ["block", "refused"])
        with newsroom.db.reading() as session:
            decided = session.scalars(
                select(Decision.status_after).where(
                    Decision.comment_id == comment_id, Decision.actor == "moderator"
                )
            ).all()
        assert len(decided) == 1


def test_ben_can_decide_nothing_of_the_daily(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with pytest.raises(NotFound), newsroom.db.transaction() as session:
        decisions.approve(
            session,
            newsroom.post.id,
            seen(comment_id),
            moderator_id=newsroom.ben.id,
            now=NOON,
        )


def test_a_reader_of_the_feed_misses_none(newsroom: Newsroom) -> None:
    """Six writers decide at once while one reader follows the cursor."""
    comment_ids = [newsroom.receive(f"You are a fool, number {i}.") for i in range(60)]
    newsroom.judge({"insult": 0.9})
    held = len(comment_ids)
    done = threading.Event()
    read: list[int] = []

    def follow() -> None:
        cursor = 0
        while True:
            last_look = done.is_set()
            with newsroom.db.reading() as session:
                told = decision_log.feed(session, newsroom.daily.id, after=cursor, limit=7)
            read.extend(t.decision.seq for t in told)
            if told:
                cursor = told[-1].decision.seq
            elif last_look:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda comment_id: approve(newsroom, comment_id), comment_ids))
    done.set()
    reader.join(timeout=30)
    assert read == list(range(1, 2 * held + 1))


def test_a_comment_that_stands_as_received_again_is_judged(newsroom: Newsroom) -> None:
    comment_id = newsroom.receive()
    decision_id = approve(newsroom, comment_id, Status.RECEIVED)
    with newsroom.db.transaction() as session:
        decisions.undo(
            session, newsroom.daily.id, decision_id, moderator_id=newsroom.ana.id, now=later(1)
        )
    assert newsroom.comment(comment_id).status == Status.RECEIVED
    [judged] = newsroom.judge({"insult": 0.83})
    assert (judged.comment_id, judged.status) == (comment_id, Status.HELD)
