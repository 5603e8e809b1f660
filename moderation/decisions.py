"""What is done about a comment: the log, a person's decisions, and the feed that tells the site.

Whoever decides writes one conditional UPDATE that states what must still be true of the comment;
its row count says who won.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from moderation import commenters, complaints, outbox, posted_policies, sites
from moderation.models import (
    CAN_BE_TAKEN_BACK,
    EXPIRED,
    Actor,
    Comment,
    Commenter,
    Decision,
    DecisionNote,
    Explanation,
    Status,
    Story,
    Strike,
    new_id,
)
from moderation.models.joins import story_of, writer_of
from moderation.outbox import Happened
from moderation.sql import insert_all, insert_new

FEED_PAGE = 200
"""Most decisions in one answer of the feed."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of status that has been written to its comment and is to be logged."""

    comment_id: UUID
    commenter_id: UUID
    revision: int
    before: str
    after: str
    actor: Actor
    moderator_id: UUID | None = None
    clause: str | None = None
    policy_version: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    undoes: UUID | None = None
    appeal_id: UUID | None = None
    together: UUID | None = None
    imported_as: str | None = None
    id: UUID = field(default_factory=new_id)


def record(session: Session, site_id: UUID, changes: Sequence[Change], now: datetime) -> None:
    """Log changes, count them on their commenters, and number them for the feed. A block for which
    nobody has looked counts on nobody, neither when it is made nor when it is lifted.

    The last thing a transaction does, as `sites.numbers` is. A block that is lifted ends an appeal
    of it that waits; a comment that is blocked ends the notices of it that wait. What the site's
    webhooks are to be told lies in their outbox then.
    """
    if not changes:
        return
    session.flush()  # what follows goes past the ORM
    unseen = _unseen(session, site_id, changes)
    commenters.tally(
        session,
        site_id,
        [
            (
                change.commenter_id,
                (change.after == Status.APPROVED) - (change.before == Status.APPROVED),
                0
                if change.comment_id in unseen
                else (change.after == Status.BLOCKED) - (change.before == Status.BLOCKED),
            )
            for change in changes
        ],
    )
    struck = [c for c in changes if c.after == Status.BLOCKED != c.before]
    lifted = [c for c in changes if c.before == Status.BLOCKED != c.after]
    insert_new(
        session,
        Strike,
        [
            {
                "site_id": site_id,
                "comment_id": change.comment_id,
                "commenter_id": change.commenter_id,
                "expires_at": now + commenters.STRIKE_LASTS,
            }
            for change in struck
            if change.comment_id not in unseen
        ],
    )
    if lifted:
        session.execute(
            delete(Strike).where(
                Strike.site_id == site_id,
                Strike.comment_id.in_([change.comment_id for change in lifted]),
            )
        )
        complaints.end_appeals_of_comments(session, site_id, _by_comment(lifted), now=now)
    if struck or lifted:
        again = [one.comment_id for one in lifted]
        complaints.settle_notices(session, site_id, _by_comment(struck), again, now=now)
    numbers, heard = sites.numbers_heard(session, site_id, len(changes))
    numbered = list(zip(numbers, changes, strict=True))
    insert_all(
        session,
        Decision,
        [
            {
                "site_id": site_id,
                "id": change.id,
                "seq": seq,
                "comment_id": change.comment_id,
                "revision": change.revision,
                "status_before": change.before,
                "status_after": change.after,
                "actor": change.actor,
                "moderator_id": change.moderator_id,
                "clause": change.clause,
                "policy_version": change.policy_version,
                "evidence": change.evidence,
                "reason": (
                    EXPIRED
                    if change.comment_id in unseen and change.after == Status.BLOCKED
                    else None
                ),
                "undoes": change.undoes,
                "appeal_id": change.appeal_id,
                "together": change.together,
                "imported_as": change.imported_as,
                "decided_at": now,
            }
            for seq, change in numbered
        ],
    )
    if heard:
        happened = [
            Happened(event=event, seq=seq, subject_id=change.comment_id, about_id=change.id)
            for seq, change in numbered
            for event in outbox.of_decision(change.before, change.after)
        ]
        outbox.keep(session, site_id, happened, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was decided of a comment in the system that it is imported from.

    `imported_as` is how it stood there; `counts`: whether a block says something of its commenter.
    """

    id: UUID
    comment_id: UUID
    commenter_id: UUID
    status: Status
    imported_as: str
    counts: bool
    decided_at: datetime


def record_earlier(
    session: Session, site_id: UUID, earlier: Sequence[Earlier], now: datetime
) -> None:
    """Log what was decided elsewhere of comments that were just imported, and count it on their
    commenters. A block gives a strike as long as it would if it had been made here.

    Nobody is told, neither the site by its feed nor the commenter: to them it is no news. Hence the
    numbers below zero. The last thing a transaction does, as `record`: it locks the site's row.
    """
    commenters.tally(
        session,
        site_id,
        [
            (
                one.commenter_id,
                int(one.status == Status.APPROVED),
                int(one.status == Status.BLOCKED and one.counts),
            )
            for one in earlier
        ],
    )
    insert_all(
        session,
        Strike,
        [
            {
                "site_id": site_id,
                "comment_id": one.comment_id,
                "commenter_id": one.commenter_id,
                "expires_at": one.decided_at + commenters.STRIKE_LASTS,
            }
            for one in earlier
            if one.status == Status.BLOCKED
            and one.counts
            and one.decided_at + commenters.STRIKE_LASTS > now
        ],
    )
    first = sites.numbers_before(session, site_id, len(earlier))
    insert_all(
        session,
        Decision,
        [
            {
                "site_id": site_id,
                "id": one.id,
                "seq": seq,
                "comment_id": one.comment_id,
                "revision": 1,
                # What was held there is held here: nothing has changed.
                "status_before": Status.HELD if one.status == Status.HELD else Status.RECEIVED,
                "status_after": one.status,
                "actor": Actor.IMPORT,
                "evidence": {},
                "decided_at": one.decided_at,
                "imported_as": one.imported_as,
            }
            for seq, one in zip(first, earlier, strict=True)
        ],
    )


def _unseen(session: Session, site_id: UUID, changes: Sequence[Change]) -> set[UUID]:
    """The comments of these changes that come to be blocked, or are no longer, for no other reason
    than that nobody had looked."""
    unseen = {change.comment_id for change in changes if change.reason == EXPIRED}
    # An undo may bring such a block back.
    asked = [
        change.comment_id
        for change in changes
        if change.before != change.after
        and (
            change.before == Status.BLOCKED
            or (change.after == Status.BLOCKED and change.undoes is not None)
        )
    ]
    if not asked:
        return unseen
    log = session.execute(
        select(Decision.comment_id, Decision.reason)
        .where(
            Decision.site_id == site_id,
            Decision.comment_id.in_(asked),
            Decision.status_after == Status.BLOCKED,
            Decision.status_before != Status.BLOCKED,
        )
        .order_by(Decision.seq)
    )
    blocked_for = {row.comment_id: row.reason for row in log}  # by the last one of each
    return unseen | {comment_id for comment_id, reason in blocked_for.items() if reason == EXPIRED}


def _by_comment(changes: Sequence[Change]) -> dict[UUID, complaints.DecidedBy]:
    return {one.comment_id: complaints.DecidedBy(one.moderator_id, one.id) for one in changes}


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
    change = Change(
        comment_id=comment.id,
        commenter_id=comment.commenter_id,
        revision=decision.revision,
        before=decision.status_after,
        after=decision.status_before,
        actor=Actor.MODERATOR,
        moderator_id=moderator_id,
        policy_version=decision.policy_version,
        undoes=decision.id,
        appeal_id=appeal_id,
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
    record(session, site_id, [change], now)


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


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as the site is told of it."""

    decision: Decision
    external_id: str | None
    story: str
    commenter: str


def feed(session: Session, site_id: UUID, *, after: int = 0, limit: int = FEED_PAGE) -> list[Told]:
    """The site's decisions numbered above `after`, in order, at most `limit`.

    None that commits later has a lower number than one that is here.
    """
    rows = session.execute(
        select(Decision, Comment.external_id, Story.external_id, Commenter.external_id)
        .join(
            Comment,
            and_(Comment.site_id == Decision.site_id, Comment.id == Decision.comment_id),
        )
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .where(Decision.site_id == site_id, Decision.seq > after)
        .order_by(Decision.seq)
        .limit(limit)
    )
    return [Told(*row) for row in rows]


def comment_of(session: Session, site_id: UUID, decision_id: UUID) -> UUID | None:
    """The comment that the site's decision is about."""
    return session.scalar(
        select(Decision.comment_id).where(Decision.site_id == site_id, Decision.id == decision_id)
    )
