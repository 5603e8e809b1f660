"""What sites are to be told of: rows written in the transaction in which it happened.

They are kept for the webhooks that want to hear of it; whoever sends them looks there (`webhooks`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from moderation import sites
from moderation.models import Delivery, Event, Status, Webhook, new_id
from moderation.sql import insert_all, past_orm

STANDS_AS = {
    Status.APPROVED: Event.APPROVED,
    Status.HELD: Event.HELD,
    Status.BLOCKED: Event.BLOCKED,
    Status.RECEIVED: Event.REOPENED,
}
_WANTED = select(Webhook.id, Webhook.events).where(
    Webhook.site_id == bindparam("site"), Webhook.enabled
)
"""Made once, as the statements of `backlog`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something that a site may want to be told of: `subject_id` is the comment or commenter, and
    `about_id` what says more of it, as of a `Delivery`."""

    event: Event
    seq: int
    subject_id: UUID
    about_id: UUID


def of_decision(before: str, after: str) -> Iterable[Event]:
    """What is told of a decision, in this order."""
    yield STANDS_AS[Status(after)]
    if before == Status.BLOCKED != after:
        yield Event.OVERTURNED


def keep(session: Session, site_id: UUID, happened: Iterable[Happened], *, now: datetime) -> None:
    """Keep it for the site's webhooks that want to hear of it.

    After the site's row is locked (`sites.numbers`): so none of them is removed between the look
    and the rows that name it.
    """
    wanted = _wanted(session, site_id)
    insert_all(
        session,
        Delivery,
        [
            {
                "site_id": site_id,
                "id": new_id(),
                "webhook_id": webhook_id,
                "event": one.event,
                "seq": one.seq,
                "subject_id": one.subject_id,
                "about_id": one.about_id,
                "happened_at": now,
                "waits_since": now,
                "attempts": 0,
                "next_try": now,
            }
            for one in happened
            for webhook_id, events in wanted
            if one.event in events
        ],
    )


def beside_decisions(
    session: Session, site_id: UUID, event: Event, subject_id: UUID, about_id: UUID, now: datetime
) -> None:
    """Keep what happened without a decision of a comment, under a number of its own if any webhook
    wants to hear of it. As `sites.numbers`, among the last things of a transaction."""
    if not any(event in events for _, events in _wanted(session, site_id)):
        return
    session.flush()  # a row that waits to be written would be locked after the site's
    [seq] = sites.numbers(session, site_id, 1)
    one = Happened(event=event, seq=seq, subject_id=subject_id, about_id=about_id)
    keep(session, site_id, [one], now=now)


def _wanted(session: Session, site_id: UUID) -> list[tuple[UUID, Collection[str]]]:
    found = past_orm(session).execute(_WANTED, {"site": site_id}).all()
    return [(row.id, row.events) for row in found]
