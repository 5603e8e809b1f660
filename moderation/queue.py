"""What waits for a moderator, and in which order. Reads only."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from moderation.cards import Card, cards
from moderation.models import Actor, Comment, Decision, Status, has_status
from moderation.models.joins import in_force
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, first_of

COUNTED_TO = 1000
"""Counts stop here: counting everything that waits is what makes such pages slow."""


class Order(StrEnum):
    """Which of the waiting comments comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"


def waiting(
    session: Session,
    site_ids: Collection[UUID],
    *,
    order: Order = Order.OLDEST,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[Card]:
    """The held comments of these sites beyond `after`, each with all that its card shows."""
    newest_first = order is Order.NEWEST

    def of(site_id: UUID) -> Rows:
        query = select(Comment.site_id, Comment.received_at.label("at"), Comment.id).where(
            Comment.site_id == site_id,
            has_status(Status.HELD),
            Comment.erased_at.is_(None),
        )
        return beyond(query, Comment.received_at, Comment.id, after, limit, newest_first)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, newest_first)
    return Page(cards(session, keys, now=now), end)


def counts(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many comments wait at each site, counted to COUNTED_TO + 1 (that is: more)."""
    counted = {}
    for site_id in site_ids:
        some = (
            select(literal(1))
            .where(
                Comment.site_id == site_id,
                has_status(Status.HELD),
                Comment.erased_at.is_(None),
            )
            .limit(COUNTED_TO + 1)
        )
        counted[site_id] = session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return counted


def oldest(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, datetime | None]:
    """Since when the oldest comment waits at each site; None where none does."""
    return {
        site_id: session.scalar(
            select(func.min(Comment.received_at)).where(
                Comment.site_id == site_id,
                has_status(Status.HELD),
                Comment.erased_at.is_(None),
            )
        )
        for site_id in site_ids
    }


def arrived(session: Session, seen: Mapping[UUID, int]) -> int:
    """How many comments the policy has held since, by each site's number of the last decision
    seen, and are held still; counted to COUNTED_TO + 1 a site.
    """
    total = 0
    for site_id, seq in seen.items():
        some = (
            select(literal(1))
            .select_from(Comment)
            .join(Decision, in_force())
            .where(
                Decision.site_id == site_id,
                Decision.seq > seq,
                Decision.actor == Actor.POLICY,
                Decision.status_before != Status.HELD,
                has_status(Status.HELD),
                Comment.erased_at.is_(None),
            )
            .limit(COUNTED_TO + 1)
        )
        total += session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return total


def decided_by_others(
    session: Session, seen: Mapping[UUID, int], *, moderator_id: UUID, limit: int = PAGE
) -> list[Key]:
    """Comments that colleagues have decided since, and that wait no more; the newest ones."""
    keys: list[Key] = []
    for site_id, seq in seen.items():
        rows = session.execute(
            select(Comment.site_id, Comment.id)
            .join(Decision, in_force())
            .where(
                Decision.site_id == site_id,
                Decision.seq > seq,
                Decision.moderator_id.is_not(None),
                Decision.moderator_id != moderator_id,
                Comment.status != Status.HELD,
            )
            .order_by(Decision.seq.desc())
            .limit(limit)
        )
        keys += [(row.site_id, row.id) for row in rows]
    return keys


def comment_of(session: Session, site_id: UUID, decision_id: UUID) -> UUID | None:
    """The comment that the site's decision is about."""
    return session.scalar(
        select(Decision.comment_id).where(Decision.site_id == site_id, Decision.id == decision_id)
    )
