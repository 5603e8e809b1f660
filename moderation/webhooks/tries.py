"""A try to deliver: claimed with a lease, sent by whoever claimed it, and what came of it.

The table is the outbox. A claim commits, so that nothing is open while a receiver takes its time; a
lease that runs out makes the delivery free for another worker. So it is sent at least once, and
under the same id, for days. Locks are taken in the order webhook, delivery.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from moderation.models import Delivery, DeliveryOutcome, Instant, Webhook
from moderation.sql import from_now, past_orm
from moderation.webhooks import deliveries
from moderation.webhooks.deliveries import WAITS
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
        WAITS,
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
        WAITS,
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
            WAITS,
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
            WAITS,
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
        end_of_rest = deliveries.let_go if taken else _give_up
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


def _give_up(session: Session, site_id: UUID, now: datetime, *which: ColumnElement[bool]) -> None:
    """End what has waited twice too long behind a receiver that is down, tried or not: only one is
    tried now and then, and more may come than that."""
    session.execute(
        update(Delivery)
        .where(
            Delivery.site_id == site_id,
            WAITS,
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
        .where(WAITS, Delivery.leased_until.is_not(None))
        .values(leased_by=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )
