"""A site's blocks of commenters: made, lifted, put in force again; those that are imported.

The block in force stands on the commenter, so that whoever takes a comment in sees it; the log of
blocks keeps each of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Row, or_, select, update
from sqlalchemy.orm import Session

from moderation import audit, commenters, complaints, outbox
from moderation.models import (
    Commenter,
    CommenterBlock,
    Event,
    Outcome,
    block_in_force,
    new_id,
)
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, insert_all
from moderation.submission import CommenterRef


def block(
    session: Session,
    commenter: Commenter,
    *,
    reason: str,
    until: datetime | None,
    moderator_id: UUID | None,
    now: datetime,
) -> None:
    """Refuse this commenter's comments from now on, until a date or without an end.

    What they wrote before keeps its status. NotFound when they have been erased.
    """
    _lock(session, commenter)
    if commenters.is_erased(commenter):  # what is said of somebody is erased once, with them
        raise NotFound("commenter")
    _end_block(session, commenter, moderator_id, now)
    commenter.blocked_at = now
    commenter.blocked_until = until
    commenter.block_reason = reason
    made = CommenterBlock(
        site_id=commenter.site_id,
        id=new_id(),
        commenter_id=commenter.id,
        moderator_id=moderator_id,
        reason=reason,
        blocked_at=now,
        until=until,
    )
    session.add(made)
    _log(session, commenter, "commenter_blocked", moderator_id, now)
    _end_appeals(session, commenter, Outcome.REPLACED, moderator_id, now)
    _tell(session, commenter, Event.COMMENTER_BLOCKED, made.id, now)


def unblock(
    session: Session, commenter: Commenter, *, moderator_id: UUID | None, now: datetime
) -> None:
    """Take this commenter's comments again. Unblocking one who is not blocked changes nothing."""
    _lock(session, commenter)
    if commenter.blocked_at is None:
        return
    _end_block(session, commenter, moderator_id, now)
    commenter.blocked_at = commenter.blocked_until = None
    commenter.block_reason = ""
    _log(session, commenter, "commenter_unblocked", moderator_id, now)
    _end_appeals(session, commenter, Outcome.LIFTED, moderator_id, now)
    _tell(session, commenter, Event.COMMENTER_UNBLOCKED, commenter.id, now)


def in_force(session: Session, commenter: Commenter) -> CommenterBlock | None:
    """The block that a commenter is under; None for one that is older than the log of blocks."""
    return session.scalar(
        select(CommenterBlock)
        .where(
            CommenterBlock.site_id == commenter.site_id,
            CommenterBlock.commenter_id == commenter.id,
            CommenterBlock.ended_at.is_(None),
        )
        .order_by(CommenterBlock.blocked_at.desc())
        .limit(1)
    )


def restore(
    session: Session,
    commenter: Commenter,
    block: CommenterBlock,
    *,
    moderator_id: UUID,
    now: datetime,
) -> None:
    """Put a block in force again that was ended, for one who is not blocked otherwise now."""
    block.ended_at = block.ended_by = None
    commenter.blocked_at, commenter.blocked_until = block.blocked_at, block.until
    commenter.block_reason = block.reason or ""
    _log(session, commenter, "commenter_blocked", moderator_id, now)
    _tell(session, commenter, Event.COMMENTER_BLOCKED, block.id, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """That a commenter was blocked in the system that they are imported from; `ended_at` where that
    was lifted."""

    ref: CommenterRef
    reason: str
    blocked_at: datetime
    until: datetime | None
    ended_at: datetime | None


def record_earlier(
    session: Session, site_id: UUID, blocks: Sequence[Earlier], *, now: datetime
) -> int:
    """Log blocks that are imported, and put in force those that are; answers how many are new.

    Whoever is blocked here already stays so, by that block. One that is logged already is not put
    in force again: it may have been lifted here since. Of several that run, the one that ends last
    is in force, and has taken the place of the others.
    """
    brought = {one.ref.id: (one.ref, one.blocked_at) for one in blocks}
    known = commenters.bring_in(session, site_id, brought)
    here = _locked(session, site_id, [person.id for person in known.values()])
    logged = session.execute(
        select(CommenterBlock.commenter_id, CommenterBlock.blocked_at).where(
            CommenterBlock.site_id == site_id, CommenterBlock.commenter_id.in_(here)
        )
    )
    there = {(row.commenter_id, row.blocked_at) for row in logged}
    made = []
    running: dict[UUID, Earlier] = {}
    for one in sorted(blocks, key=_ends, reverse=True):
        person = here[known[one.ref.id].id]
        runs = one.ended_at is None and block_in_force(one.blocked_at, one.until, now)
        stays = block_in_force(person.blocked_at, person.blocked_until, now)
        if (person.id, one.blocked_at) in there or (runs and stays):
            continue
        there.add((person.id, one.blocked_at))
        stronger = running.setdefault(person.id, one) if runs else one
        replaced_at = None if stronger is one else max(one.blocked_at, stronger.blocked_at)
        made.append(
            {
                "site_id": site_id,
                "id": new_id(int(one.blocked_at.timestamp() * 1000)),
                "commenter_id": person.id,
                "reason": one.reason,
                "blocked_at": one.blocked_at,
                "until": one.until,
                "ended_at": one.ended_at or replaced_at,
            }
        )
    insert_all(session, CommenterBlock, made)
    _put_in_force(session, site_id, running)
    return len(made)


def _locked(
    session: Session, site_id: UUID, commenter_ids: Sequence[UUID]
) -> dict[UUID, Row[UUID, datetime | None, datetime | None]]:
    """Lock their rows as `_lock` does; answers by id how they are blocked then, which a moderator
    may have changed since they were found."""
    found = session.execute(
        select(Commenter.id, Commenter.blocked_at, Commenter.blocked_until)
        .where(Commenter.site_id == site_id, Commenter.id.in_(commenter_ids))
        .order_by(Commenter.id)
        .with_for_update(**BESIDE_REPLIES)
    )
    return {row.id: row for row in found}


def _put_in_force(session: Session, site_id: UUID, blocks: Mapping[UUID, Earlier]) -> None:
    for commenter_id, one in sorted(blocks.items()):
        session.execute(
            update(Commenter)
            .where(Commenter.site_id == site_id, Commenter.id == commenter_id)
            .values(blocked_at=one.blocked_at, blocked_until=one.until, block_reason=one.reason)
            .execution_options(synchronize_session=False)
        )


def _ends(block: Earlier) -> datetime:
    return block.until or datetime.max.replace(tzinfo=UTC)


def _lock(session: Session, commenter: Commenter) -> None:
    """Lock their row, before that of a block or of an appeal, as whoever decides an appeal does;
    and so of two blocks at once the second one replaces the first."""
    session.refresh(commenter, with_for_update=BESIDE_REPLIES)


def _end_block(
    session: Session, commenter: Commenter, moderator_id: UUID | None, now: datetime
) -> None:
    """The block in force ends here; one that has run to its end has ended already."""
    session.execute(
        update(CommenterBlock)
        .where(
            CommenterBlock.site_id == commenter.site_id,
            CommenterBlock.commenter_id == commenter.id,
            CommenterBlock.ended_at.is_(None),
            or_(CommenterBlock.until.is_(None), CommenterBlock.until > now),
        )
        .values(ended_at=now, ended_by=moderator_id)
    )


def _log(
    session: Session, commenter: Commenter, event: str, moderator_id: UUID | None, now: datetime
) -> None:
    who = {"commenter": str(commenter.id)}
    audit.record(session, commenter.site_id, event, who, moderator_id=moderator_id, now=now)


def _end_appeals(
    session: Session,
    commenter: Commenter,
    outcome: Outcome,
    moderator_id: UUID | None,
    now: datetime,
) -> None:
    complaints.end_appeals_of_commenter(
        session, commenter.site_id, commenter.id, outcome, moderator_id=moderator_id, now=now
    )


def _tell(
    session: Session, commenter: Commenter, event: Event, about_id: UUID, now: datetime
) -> None:
    outbox.beside_decisions(session, commenter.site_id, event, commenter.id, about_id, now)
