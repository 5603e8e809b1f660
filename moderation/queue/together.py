"""Many comments decided at once, held ones and such as readers see, and that taken back as one.

All in one transaction, each only if it still is as it was seen: what has changed is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String, Uuid, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from moderation import decision_log, decisions, posted_policies
from moderation.decision_log import Change
from moderation.decisions import Seen, UnknownClause
from moderation.models import Actor, Comment, Decision, Status, new_id
from moderation.models.joins import in_force
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, given, past_orm, rows, table_of

MOST = 200
"""Comments decided at once: somebody has to have looked at them, and they are locked meanwhile."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided at once: the comments, and the status that each has now. `left_out` counts
    those that had changed since they were seen."""

    together: UUID
    comment_ids: Sequence[UUID]
    statuses: Sequence[str]
    left_out: int


# Made once, as the statements of `judging`.
_seen = given(site_id=Uuid, id=Uuid, revision=Integer, status=String, tray=String)
_STILL_SO = (
    select(Comment.id, Comment.commenter_id, Comment.revision, Comment.status)
    .select_from(_seen)
    .join(Comment, and_(Comment.site_id == _seen.c.site_id, Comment.id == _seen.c.id))
    .where(
        Comment.revision == _seen.c.revision,
        Comment.status == _seen.c.status,
        or_(Comment.status == Status.APPROVED, Comment.tray == _seen.c.tray),
        Comment.status.in_([Status.HELD, Status.APPROVED]),
        Comment.erased_at.is_(None),
    )
    .order_by(Comment.id)
    .with_for_update(of=Comment, **BESIDE_REPLIES)
)
_after = given(site_id=Uuid, id=Uuid, status=String, decision_id=Uuid)
_WRITE = (
    update(table_of(Comment))
    .where(Comment.site_id == _after.c.site_id, Comment.id == _after.c.id)
    .values(
        status=_after.c.status,
        decision_id=_after.c.decision_id,
        judged_at=bindparam("now"),
        failed=False,
    )
)


def decide(
    session: Session,
    site_id: UUID,
    seen: Sequence[Seen],
    after: Status,
    *,
    clause: str | None = None,
    note: str = "",
    explanation: str = "",
    moderator_id: UUID,
    now: datetime,
) -> Decided:
    """Approve these held comments, or block them, and such as are approved, for breaking `clause`.

    `note` and `explanation` are kept with each, as by `decisions.block`.
    UnknownClause when the site's policy has none such. Another site's comments are left out, as
    those are that have been decided, edited, moved or erased since they were seen.
    """
    posted = posted_policies.current(session, site_id)
    if after is Status.BLOCKED and (posted is None or clause not in posted.policy.clause_keys):
        raise UnknownClause(clause)
    # Each once, or it would be decided and counted twice; the others are so already.
    asked = [one for one in dict.fromkeys(seen) if one.status != after]
    looked_at = rows(
        {
            "site_id": site_id,
            "id": one.comment_id,
            "revision": one.revision,
            "status": one.status,
            "tray": one.tray or "",
        }
        for one in asked
    )
    together = new_id()
    changes = [
        Change(
            comment_id=row.id,
            commenter_id=row.commenter_id,
            revision=row.revision,
            before=row.status,
            after=after,
            actor=Actor.MODERATOR,
            moderator_id=moderator_id,
            clause=clause if after is Status.BLOCKED else None,
            policy_version=posted.version if posted else None,
            together=together,
        )
        for row in past_orm(session).execute(_STILL_SO, looked_at).all()
    ]
    _write(session, site_id, changes, now)
    made = [change.id for change in changes]
    decisions.write_beside(session, site_id, made, note=note, explanation=explanation)
    return _decided(together, changes, len(asked))


def undo(
    session: Session, site_id: UUID, together: UUID, *, moderator_id: UUID, now: datetime
) -> Decided:
    """Take back what was decided at once, as far as it is still in force.

    NotFound when the site has no such decisions.
    """
    made = session.scalar(
        select(func.count()).where(Decision.site_id == site_id, Decision.together == together)
    )
    if not made:
        raise NotFound("decision")
    still = session.execute(
        select(Decision, Comment.commenter_id)
        .join(Comment, in_force())
        .where(
            Decision.site_id == site_id,
            Decision.together == together,
            Decision.undoes.is_(None),
            Decision.comment_id == Comment.id,  # or all comments are read: by these they are found
            Decision.revision == Comment.revision,
            Comment.erased_at.is_(None),
        )
        .order_by(Comment.id)
        .with_for_update(of=Comment, **BESIDE_REPLIES)
    ).all()
    again = new_id()
    changes = [
        Change.taking_back(decision, commenter_id, moderator_id=moderator_id, together=again)
        for decision, commenter_id in still
    ]
    _write(session, site_id, changes, now)
    return _decided(again, changes, made)


def _write(session: Session, site_id: UUID, changes: Sequence[Change], now: datetime) -> None:
    """Give the comments, whose rows are locked, their status, and log it."""
    if not changes:
        return
    after = rows(
        {
            "site_id": site_id,
            "id": change.comment_id,
            "status": change.after,
            "decision_id": change.id,
        }
        for change in changes
    )
    past_orm(session).execute(_WRITE, after | {"now": now})
    decision_log.record(session, site_id, changes, now)


def _decided(together: UUID, changes: Sequence[Change], asked: int) -> Decided:
    return Decided(
        together,
        [change.comment_id for change in changes],
        [change.after for change in changes],
        asked - len(changes),
    )
