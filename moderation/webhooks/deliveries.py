"""What sites are told, as people see it: what waits, what was given up, and that they may have it
sent again. How it is sent: `tries`.
"""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, literal, select, update
from sqlalchemy.orm import Session

from moderation import audit, paging, sites
from moderation.models import Delivery, DeliveryOutcome, Event, Site, Webhook
from moderation.paging import PAGE, Page, Place

SHOWN = 200
"""Deliveries of one comment that are shown."""
THROWN_AT_ONCE = 500
WAITS = Delivery.outcome.is_(None)
"""Of a delivery: it is still to be told."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery for a moderator's eyes: of the address the host alone, the rest may be secret."""

    delivery: Delivery
    host: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Since when the oldest waits of what a site is to be told, and how much was given up."""

    since: datetime | None
    dead: int

    def seconds(self, now: datetime) -> float:
        """How long it has waited; 0 where nothing waits."""
        return max((now - self.since).total_seconds(), 0.0) if self.since else 0.0


def page(
    session: Session,
    site_id: UUID,
    outcome: DeliveryOutcome | None,
    *,
    webhook_id: UUID | None = None,
    event: Event | None = None,
    before: Place | None = None,
    limit: int = PAGE,
) -> Page[Delivery]:
    """The site's deliveries of that outcome (None: those that wait), newest first."""
    query = select(Delivery).where(Delivery.site_id == site_id, _is(outcome))
    if webhook_id is not None:
        query = query.where(Delivery.webhook_id == webhook_id)
    if event is not None:
        query = query.where(Delivery.event == event)
    found = session.scalars(
        paging.beyond(query, Delivery.happened_at, Delivery.id, before, limit, descending=True)
    ).all()
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], Place(last.happened_at, last.id) if last else None)


def of_subject(session: Session, site_id: UUID, subject_id: UUID) -> list[Sent]:
    """What the site's webhooks are told of a comment or commenter, in its order."""
    rows = session.execute(
        select(Delivery, Webhook.url)
        .join(Webhook, and_(Webhook.site_id == Delivery.site_id, Webhook.id == Delivery.webhook_id))
        .where(Delivery.site_id == site_id, Delivery.subject_id == subject_id)
        .order_by(Delivery.seq, Delivery.event, Delivery.id)
        .limit(SHOWN)
    )
    return [Sent(delivery, urlsplit(url).hostname or "") for delivery, url in rows]


def undelivered(session: Session, site_id: UUID | None = None) -> dict[str, Undelivered]:
    """What waits to be told, by slug, of all sites that have a webhook or of one. What waits for a
    webhook that is switched off is not counted: it waits for somebody to switch it on."""
    told = and_(Delivery.site_id == Site.id, WAITS)
    oldest = (
        select(func.min(Delivery.waits_since))
        .where(told, Delivery.webhook_id.in_(_switched_on()))
        .scalar_subquery()
    )
    dead = (
        select(func.count())
        .where(Delivery.site_id == Site.id, _is(DeliveryOutcome.DEAD))
        .scalar_subquery()
    )
    query = select(Site.slug, oldest, dead).where(
        select(literal(1)).where(Webhook.site_id == Site.id).exists()
    )
    if site_id is not None:
        query = query.where(Site.id == site_id)
    return {slug: Undelivered(at, count) for slug, at, count in session.execute(query)}


def _switched_on() -> Select[UUID]:
    return select(Webhook.id).where(Webhook.site_id == Site.id, Webhook.enabled)


def _is(outcome: DeliveryOutcome | None) -> ColumnElement[bool]:
    return WAITS if outcome is None else Delivery.outcome == outcome


def let_go(session: Session, site_id: UUID, now: datetime, *which: ColumnElement[bool]) -> None:
    """Have what waits sent now, and not at its next try."""
    session.execute(
        update(Delivery)
        .where(Delivery.site_id == site_id, WAITS, Delivery.next_try > now, *which)
        .values(next_try=now)
        .execution_options(synchronize_session=False)
    )


def wake(session: Session, site_id: UUID, *webhook_ids: UUID, now: datetime) -> None:
    """Have what waits for these webhooks of the site sent now, however often it failed before."""
    session.execute(
        update(Webhook)
        .where(Webhook.site_id == site_id, Webhook.id.in_(webhook_ids))
        .values(rests_until=None)
        .execution_options(synchronize_session=False)
    )
    let_go(session, site_id, now, Delivery.webhook_id.in_(webhook_ids))


def send_again(
    session: Session,
    site_id: UUID,
    which: Collection[UUID] | None = None,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> int:
    """Let these dead letters of the site wait again, or all of them, and be tried for as long as if
    they had come now; answers how many. They keep their ids."""
    chosen = [_is(DeliveryOutcome.DEAD)] + ([] if which is None else [Delivery.id.in_(which)])
    about = select(Delivery.webhook_id).where(Delivery.site_id == site_id, *chosen).distinct()
    wake(session, site_id, *session.scalars(about).all(), now=now)
    woken = session.scalars(
        update(Delivery)
        .where(Delivery.site_id == site_id, *chosen)
        .values(outcome=None, ended_at=None, attempts=0, next_try=now, waits_since=now)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).all()
    if woken:
        subject = {"deliveries": len(woken)}
        audit.record(
            session, site_id, "deliveries_sent_again", subject, moderator_id=moderator_id, now=now
        )
    return len(woken)


def throw_away(
    session: Session, site_id: UUID, *, days: int, now: datetime, limit: int = THROWN_AT_ONCE
) -> int:
    """Delete up to `limit` of the site's deliveries that ended more than `days` ago, dead letters
    among them; answers how many."""
    past = now - timedelta(days=days)
    old = session.scalars(
        select(Delivery.id)
        .where(
            Delivery.site_id == site_id,
            Delivery.outcome.in_(list(DeliveryOutcome)),
            Delivery.happened_at < past,
            Delivery.ended_at < past,
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(
        delete(Delivery)
        .where(Delivery.site_id == site_id, Delivery.id.in_(old))
        .execution_options(synchronize_session=False)
    )
    return len(old)


def throw_away_of_all(
    begin: Callable[[], AbstractContextManager[Session]], *, days: int, now: datetime
) -> int:
    """The same at every site until none is left, each time in a transaction that `begin` begins."""
    with begin() as session:
        every = [site.id for site in sites.all_sites(session)]
    total = 0
    for site_id in every:
        count = THROWN_AT_ONCE
        while count == THROWN_AT_ONCE:
            with begin() as session:
                count = throw_away(session, site_id, days=days, now=now)
            total += count
    return total
