"""What the queue sorts and filters a held comment by."""

import secrets
from uuid import uuid4

from sqlalchemy import update

from moderation.models import HELD_FOR_MAX, Comment
from moderation.policy import Outcome, Reason, Verdict, Violation
from moderation.queue.triage import mark, triage
from tests.newsroom import Newsroom


def test_what_a_comment_is_held_for_has_room_for_every_clause() -> None:
    """Fifty, with names as long as there may be; what comes behind them is left out as a whole."""
    clauses = [f"{uuid4().hex}-{nth:07}" for nth in range(50)]
    verdict = Verdict(
        Outcome.HOLD,
        tuple(Violation(clause=clause, rule="1", outcome=Outcome.HOLD) for clause in clauses),
        reasons=tuple(Reason),
    )
    held_for = triage(verdict, scores=None, language="en", flags=0, story_open=True).held_for
    assert len(held_for) <= HELD_FOR_MAX
    assert all(mark("clause", clause) in held_for for clause in clauses)
    signals = [reason for reason in Reason if mark("signal", reason) in held_for]
    assert 0 < len(signals) < len(Reason)
    assert held_for.endswith(mark("signal", signals[-1]))


def test_the_indexes_have_room_for_it(newsroom: Newsroom) -> None:
    """However little there is that Postgres could make shorter."""
    comment_id = newsroom.held()
    held_for = secrets.token_urlsafe(HELD_FOR_MAX)[:HELD_FOR_MAX]
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).where(Comment.id == comment_id).values(held_for=held_for))
    assert newsroom.comment(comment_id).held_for == held_for
