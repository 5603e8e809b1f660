"""What waits to be told: claimed with a lease, sent by whoever claimed it, tried again for days.

The table is the outbox. A claim commits, so that nothing is open while a receiver takes its time; a
lease that runs out makes the delivery free for another worker. So it is sent at least once, and
under the same id. Locks are taken in the order webhook, delivery.
"""

import random
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from moderation import audit, paging, sites
from moderation.models import Delivery, DeliveryOutcome, Event, Instant, Site, Webhook
from moderation.paging import PAGE, Page, Place
from moderation.sql import from_now, past_orm
from moderation.webhooks.outgoing import Reply, Trouble

LEASE_SECONDS = 60
"""Longer than a try can take: a name's look-up has a time limit of the system's own."""
AGAIN_AFTER = (5, 30, 120, 600, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600)
"""Seconds to the next try, by how many failed; the last one again and again."""
JITTER = 0.2
"""By how much of it it may come sooner or later, so that many do not come at once."""
PUT_BACK_FOR = timedelta(seconds=1)
"""How long what is not to be told yet is left alone, at least."""
PUT_BACK_MOST = 100
"""How many such are put back in one look."""
GIVEN_UP_AFTER = timedelta(days=5)
"""From a Friday's evening to a Monday's morning, twice."""
RESTS_MOST = 900
"""Seconds for which a receiver that fails is left alone, at most."""
DOWN_FROM = 3
"""Tries that failed in a row from which on a receiver counts as down, and not the one delivery as
what it cannot take. It is asked with one delivery after each rest, whichever was tried longest ago;
once it takes one, it gets at once all that it has missed."""
SHOWN = 200
"""Deliveries of one comment that are shown."""
THROWN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that is to be sent now, with its receiver as it was then."""

    delivery: Delivery
    webhook: Webhook


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook for which something is due; `failing` if the last try failed."""

    site_id: UUID
    webhook_id: UUID
    failing: bool


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


_waits = (Delivery.outcome.is_(None),)
_is_free = or_(Delivery.leased_until.is_(None), Delivery.leased_until < from_now(0))
_now: BindParameter[datetime] = bindparam("now", type_=Instant())
_AWAKE = (Webhook.enabled, or_(Webhook.rests_until.is_(None), Webhook.rests_until <= _now))
_DUE = select(Webhook.site_id, Webhook.id, Webhook.failures > 0).where(
    *_AWAKE,
    select(literal(1))
    .where(
        Delivery.site_id == Webhook.site_id,
        Delivery.webhook_id == Webhook.id,
        or_(Delivery.next_try <= _now, Webhook.failures >= DOWN_FROM),
        *_waits,
        _is_free,
    )
    .exists(),
)
_PICK = (
    select(Delivery)
    .where(
        Delivery.site_id == bindparam("site"),
        Delivery.webhook_id == bindparam("webhook"),
        or_(Delivery.next_try <= _now, bindparam("down", type_=Boolean())),
        *_waits,
        _is_free,
    )
    # As its index has them: to sort thousands that wait would take longer than to send one. Of one
    # decision two things may be told: the order of their names is the one they came in.
    .order_by(Delivery.next_try, Delivery.seq, Delivery.event)
    .limit(1)
    .with_for_update(skip_locked=True)
)
"""Made once, as those of `backlog`: they are asked every second."""


def due(session: Session, *, now: datetime) -> list[Due]:
    """The webhooks for which something can be sent now, those that fail behind the others."""
    found = [Due(*row) for row in past_orm(session).execute(_DUE, {"now": now}).all()]
    return sorted(found, key=lambda one: one.failing)


def claim(
    session: Session, site_id: UUID, webhook_id: UUID, *, worker: UUID, now: datetime
) -> Claimed | None:
    """Lease what waits longest for this webhook; the attempt is counted. None: nothing is due, or
    others have it."""
    webhook = session.scalar(
        select(Webhook).where(Webhook.site_id == site_id, Webhook.id == webhook_id, *_AWAKE),
        {"now": now},
    )
    if webhook is None:
        return None
    down = webhook.failures >= DOWN_FROM
    asked = {"site": site_id, "webhook": webhook_id, "now": now, "down": down}
    for _ in range(PUT_BACK_MOST):
        picked = session.scalar(_PICK, asked)
        if picked is None:
            return None
        if (turn := _turn(session, picked, now)) is None:
            break
        picked.next_try = turn
        session.flush()
    else:
        return None
    delivery = session.scalars(
        update(Delivery)
        .where(Delivery.site_id == site_id, Delivery.id == picked.id)
        .values(
            leased_by=worker,
            leased_until=from_now(LEASE_SECONDS),
            attempts=Delivery.attempts + 1,
        )
        .returning(Delivery)
        .execution_options(populate_existing=True)
    ).one()
    return Claimed(delivery=delivery, webhook=webhook)


def _turn(session: Session, delivery: Delivery, now: datetime) -> datetime | None:
    """When it is to be looked at again, because something that happened earlier to the same comment
    still waits; None: it is its turn. A receiver would otherwise be told last of what was first."""
    before = session.scalar(
        select(func.max(Delivery.next_try)).where(
            Delivery.site_id == delivery.site_id,
            Delivery.subject_id == delivery.subject_id,
            Delivery.webhook_id == delivery.webhook_id,
            *_waits,
            tuple_(Delivery.seq, Delivery.event) < (delivery.seq, delivery.event),
        )
    )
    return None if before is None else max(before, now + PUT_BACK_FOR)


def record(
    session: Session, claimed: Claimed, reply: Reply, *, worker: UUID, now: datetime
) -> DeliveryOutcome | None:
    """Write down what came of a try; answers the outcome of the delivery, None while it waits.

    Nothing is changed when the lease has run out and another worker has it.
    """
    delivery = claimed.delivery
    taken = reply.trouble is None
    failures = 0
    if reply.trouble is not Trouble.UNSAID:  # that is not the receiver's fault
        failures = _note_on_webhook(session, claimed.webhook, taken=taken, now=now)
    outcome = _outcome(delivery, taken=taken, now=now)
    won = session.execute(
        update(Delivery)
        .where(
            Delivery.site_id == delivery.site_id,
            Delivery.id == delivery.id,
            Delivery.leased_by == worker,
            Delivery.attempts == delivery.attempts,
            *_waits,
        )
        .values(
            leased_by=None,
            leased_until=None,
            last_status=reply.status,
            last_trouble=reply.trouble,
            outcome=outcome,
            ended_at=now if outcome else None,
            next_try=now + pause(delivery.attempts),
        )
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    ).first()
    if won is None:
        return None
    if failures >= DOWN_FROM:
        end_of_rest = _let_go if taken else _give_up
        end_of_rest(session, delivery.site_id, now, Delivery.webhook_id == delivery.webhook_id)
    return outcome


def _outcome(delivery: Delivery, *, taken: bool, now: datetime) -> DeliveryOutcome | None:
    if taken:
        return DeliveryOutcome.DELIVERED
    return DeliveryOutcome.DEAD if now - delivery.waits_since >= GIVEN_UP_AFTER else None


def _note_on_webhook(session: Session, webhook: Webhook, *, taken: bool, now: datetime) -> int:
    """Let a receiver that fails rest; answers how often in a row it had failed before."""
    if taken and not webhook.failures:
        return 0
    before = session.scalar(
        select(Webhook.failures)
        .where(Webhook.site_id == webhook.site_id, Webhook.id == webhook.id)
        .with_for_update()
    )
    if before is None:  # removed meanwhile
        return 0
    rests = None if taken else now + min(pause(before + 1), timedelta(seconds=RESTS_MOST))
    session.execute(
        update(Webhook)
        .where(Webhook.site_id == webhook.site_id, Webhook.id == webhook.id)
        .values(failures=0 if taken else before + 1, rests_until=rests)
        .execution_options(synchronize_session=False)
    )
    return before


def pause(failures: int) -> timedelta:
    """How long it is until the next try, after so many that failed."""
    seconds = AGAIN_AFTER[min(max(failures, 1), len(AGAIN_AFTER)) - 1]
    return timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret


def _let_go(session: Session, site_id: UUID, now: datetime, *which: ColumnElement[bool]) -> None:
    """Have what waits sent now, and not at its next try."""
    session.execute(
        update(Delivery)
        .where(Delivery.site_id == site_id, *_waits, Delivery.next_try > now, *which)
        .values(next_try=now)
        .execution_options(synchronize_session=False)
    )


def _give_up(session: Session, site_id: UUID, now: datetime, *which: ColumnElement[bool]) -> None:
    """End what has waited twice too long behind a receiver that is down, tried or not: only one is
    tried now and then, and more may come than that."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.site_id == site_id,
            *_waits,
            Delivery.waits_since <= now - 2 * GIVEN_UP_AFTER,
            Delivery.leased_until.is_(None),
            *which,
        )
        .values(outcome=DeliveryOutcome.DEAD, ended_at=now)
        .execution_options(synchronize_session=False)
    )


def end_leases(session: Session) -> None:
    """End every lease, as `backlog.end_leases` does."""
    session.execute(
        update(Delivery)
        .where(*_waits, Delivery.leased_until.is_not(None))
        .values(leased_by=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )


# --- what people see of it, and do about it ---------------------------------------------------


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
    told = and_(Delivery.site_id == Site.id, _is(None))
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
    return Delivery.outcome.is_(None) if outcome is None else Delivery.outcome == outcome


def wake(session: Session, site_id: UUID, *webhook_ids: UUID, now: datetime) -> None:
    """Have what waits for these webhooks of the site sent now, however often it failed before."""
    session.execute(
        update(Webhook)
        .where(Webhook.site_id == site_id, Webhook.id.in_(webhook_ids))
        .values(rests_until=None)
        .execution_options(synchronize_session=False)
    )
    _let_go(session, site_id, now, Delivery.webhook_id.in_(webhook_ids))


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
