"""What happened since a page of the queue was made: what came, what colleagues did. Reads only."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session

from moderation.models import Actor, Comment, Decision, Move, Status, first_id, has_status
from moderation.paging import CARDS, Key
from moderation.queue import COUNTED_TO

LOOKED_THROUGH = 5000
"""So many of a site's last decisions, or of all last moves, are looked through."""


def arrived(session: Session, seen: Mapping[UUID, int]) -> int:
    """How many comments the policy has held since, by each site's number of the last decision
    seen, and are held still; counted to COUNTED_TO + 1 a site, among its last LOOKED_THROUGH
    decisions.
    """
    if not seen:
        return 0
    came = []
    for site_id, seq in seen.items():
        since = _since(site_id, seq)
        came.append(
            select(literal(1))
            .select_from(since)
            .where(
                since.c.actor == Actor.POLICY,
                since.c.status_before != Status.HELD,
                _stands(since) == Status.HELD,
            )
            .limit(COUNTED_TO + 1)
        )
    together = union_all(*(select(some.subquery()) for some in came)).subquery()
    return session.scalar(select(func.count()).select_from(together)) or 0


def decided_by_others(
    session: Session, seen: Mapping[UUID, int], *, moderator_id: UUID, limit: int = CARDS
) -> list[Key]:
    """Comments that colleagues have decided since, or let wait again by taking a decision back; the
    newest ones of each site's last LOOKED_THROUGH decisions."""
    if not seen:
        return []
    done = []
    for site_id, seq in seen.items():
        since = _since(site_id, seq)
        done.append(
            select(since.c.site_id, since.c.comment_id)
            .where(
                since.c.moderator_id.is_not(None),
                since.c.moderator_id != moderator_id,
                _stands(since).is_not(None),
            )
            .order_by(since.c.seq.desc())
            .limit(limit)
        )
    rows = session.execute(union_all(*(select(some.subquery()) for some in done)))
    return [(row.site_id, row.comment_id) for row in rows]


def moved_by_others(
    session: Session,
    site_ids: Collection[UUID],
    *,
    since: datetime,
    moderator_id: UUID,
    limit: int = CARDS,
) -> list[Key]:
    """Held comments that colleagues have laid into another tray since, or back; the newest ones."""
    moves = (
        select(Move.site_id, Move.id, Move.comment_id, Move.moderator_id)
        .where(Move.site_id.in_(site_ids), Move.id >= first_id(since))
        .order_by(Move.id.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )
    lies_there = (  # asked move by move, as `_stands`
        select(literal(1))
        .where(
            Comment.site_id == moves.c.site_id,
            Comment.id == moves.c.comment_id,
            Comment.move_id == moves.c.id,
            has_status(Status.HELD),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(moves.c.site_id, moves.c.comment_id)
        .where(moves.c.moderator_id != moderator_id, lies_there == 1)
        .order_by(moves.c.id.desc())
        .limit(limit)
    )
    return [(row.site_id, row.comment_id) for row in rows]


def _since(site_id: UUID, seq: int) -> Subquery:
    """The site's decisions beyond a number, the newest first."""
    return (
        select(
            Decision.site_id,
            Decision.id,
            Decision.seq,
            Decision.comment_id,
            Decision.actor,
            Decision.moderator_id,
            Decision.status_before,
        )
        .where(Decision.site_id == site_id, Decision.seq > seq)
        .order_by(Decision.seq.desc())
        .limit(LOOKED_THROUGH)
        .subquery()
    )


def _stands(decision: Subquery) -> Any:
    """Where the comment stands by this decision; NULL once another one is in force.

    Asked decision by decision. In a join Postgres may begin with all that is held: it takes a
    third of the log for newer than any number that it does not know yet.
    """
    return (
        select(Comment.status)
        .where(
            Comment.site_id == decision.c.site_id,
            Comment.id == decision.c.comment_id,
            Comment.decision_id == decision.c.id,
            Comment.erased_at.is_(None),
        )
        .scalar_subquery()
    )
