"""What a person decides about a comment: approve, block, take back.

Whoever decides writes one conditional UPDATE that states what must still be true of the comment;
its row count says who won.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.orm import Session

from moderation import decision_log, posted_policies, sites
from moderation.decision_log import Change
from moderation.models import (
    CAN_BE_TAKEN_BACK,
    Actor,
    Comment,
    Decision,
    DecisionNote,
    Explanation,
    Status,
)


class AlreadyDecided(Exception):
    """The comment is no longer as it was when it was looked at: decided, edited or erased.

    An ordinary answer, not a fault: `decision` is the one in force now, where there is one.
    """

    def __init__(self, comment: Comment, decision: Decision | None) -> None:
        super().__init__("the comment has changed since it was shown")
        self.comment = comment
        self.decision = decision


class UnknownClause(ValueError):
    """The site's policy has no clause of that key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a person had before their eyes when they decided: a decision names it.

    `tray` is where a held comment lay; None where that was not looked at.
    """

    comment_id: UUID
    revision: int
    status: str
    tray: str | None = None


def approve(
    session: Session,
    site_id: UUID,
    seen: Seen,
    *,
    appeal_id: UUID | None = None,
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """A person lets the comment through, perhaps on an appeal; answers the decision's id.

    AlreadyDecided when it is not as it was seen; `sites.NotFound` when the site has none such.
    """
    return _decide(
        session,
        site_id,
        seen,
        Status.APPROVED,
        appeal_id=appeal_id,
        moderator_id=moderator_id,
        now=now,
    )


def block(
    session: Session,
    site_id: UUID,
    seen: Seen,
    *,
    clause: str,
    note: str = "",
    explanation: str = "",
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """A person blocks the comment for breaking `clause` of the policy; answers the decision's id.

    `note` is for colleagues, `explanation` is told to the site and the commenter. UnknownClause
    when the site's policy has none such; otherwise as `approve`.
    """
    return _decide(
        session,
        site_id,
        seen,
        Status.BLOCKED,
        clause=clause,
        note=note,
        explanation=explanation,
        moderator_id=moderator_id,
        now=now,
    )


def _decide(
    session: Session,
    site_id: UUID,
    seen: Seen,
    after: Status,
    *,
    moderator_id: UUID,
    now: datetime,
    clause: str | None = None,
    note: str = "",
    explanation: str = "",
    appeal_id: UUID | None = None,
) -> UUID:
    comment = sites.owned(session, Comment, site_id, seen.comment_id)
    posted = posted_policies.current(session, site_id)
    if clause is not None and (posted is None or clause not in posted.policy.clause_keys):
        raise UnknownClause(clause)
    change = Change(
        comment_id=comment.id,
        commenter_id=comment.commenter_id,
        revision=seen.revision,
        before=seen.status,
        after=after,
        actor=Actor.MODERATOR,
        moderator_id=moderator_id,
        clause=clause,
        policy_version=posted.version if posted else None,
        appeal_id=appeal_id,
    )
    if seen.status == after:
        raise overtaken(session, comment)
    # What a colleague has escalated meanwhile is not decided by somebody who has not seen that.
    lay_there = [Comment.tray == seen.tray] if seen.tray and seen.status == Status.HELD else []
    _apply(session, site_id, change, now, *lay_there)
    write_beside(session, site_id, [change.id], note=note, explanation=explanation)
    return change.id


def write_beside(
    session: Session,
    site_id: UUID,
    decision_ids: Sequence[UUID],
    *,
    note: str = "",
    explanation: str = "",
) -> None:
    """Keep words with each of these decisions: what is noted for colleagues, and what the
    commenters are told."""
    for rows_of, text in ((DecisionNote, note), (Explanation, explanation)):
        if text and decision_ids:
            session.execute(
                insert(rows_of),
                [{"site_id": site_id, "decision_id": id_, "text": text} for id_ in decision_ids],
            )


def undo(
    session: Session,
    site_id: UUID,
    decision_id: UUID,
    *,
    appeal_id: UUID | None = None,
    moderator_id: UUID,
    now: datetime,
) -> str:
    """Take back a person's decision, or that nobody had looked in time: the comment stands again as
    it stood before, which is what is answered.

    Only the decision in force can be taken back; AlreadyDecided for any other, or once the comment
    has been edited or erased. The log keeps both. What was decided on an appeal is taken back with
    its answer (`appeals.take_back`), which names it here.
    """
    decision = sites.owned(session, Decision, site_id, decision_id)
    comment = sites.owned(session, Comment, site_id, decision.comment_id)
    lasts = decision.actor not in CAN_BE_TAKEN_BACK
    if lasts or decision.undoes is not None or decision.appeal_id != appeal_id:
        raise overtaken(session, comment)
    change = Change.taking_back(
        decision, comment.commenter_id, moderator_id=moderator_id, appeal_id=appeal_id
    )
    _apply(session, site_id, change, now, Comment.decision_id == decision.id)
    return change.after


def _apply(
    session: Session,
    site_id: UUID,
    change: Change,
    now: datetime,
    *also: ColumnElement[bool],
) -> None:
    """Write a person's change to its comment and log it, if the comment is still as they saw it."""
    # judged_at: a revision that is still waiting for its scores no longer needs a verdict, but for
    # one that stands as received again: nobody else would ever look at it.
    judged_at = None if change.after == Status.RECEIVED else now
    won = session.execute(
        update(Comment)
        .where(
            Comment.site_id == site_id,
            Comment.id == change.comment_id,
            Comment.revision == change.revision,
            Comment.status == change.before,
            Comment.erased_at.is_(None),
            *also,
        )
        .values(status=change.after, decision_id=change.id, judged_at=judged_at, failed=False)
        .returning(Comment.id)
        .execution_options(synchronize_session=False)
    ).first()
    if won is None:
        raise overtaken(session, sites.owned(session, Comment, site_id, change.comment_id))
    decision_log.record(session, site_id, [change], now)


def overtaken(session: Session, comment: Comment) -> AlreadyDecided:
    """What is raised when the comment is not as it was seen: with what it is now."""
    session.refresh(comment)
    decision = (
        session.get(Decision, (comment.site_id, comment.decision_id))
        if comment.decision_id
        else None
    )
    # The refusal rolls this transaction back, which would take the rows' values along.
    session.expunge_all()
    return AlreadyDecided(comment, decision)
