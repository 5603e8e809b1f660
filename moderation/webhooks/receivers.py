"""The addresses at which a site is told, and their secrets."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.settings import Network
from moderation import audit, sites
from moderation.models import Delivery, Event, Webhook, new_id
from moderation.sealing import Sealing, Unreadable
from moderation.sites import NotFound
from moderation.webhooks import outgoing, signing
from moderation.webhooks.outgoing import BadAddress

MOST = 10
"""Webhooks that a site may have: each is a row for each event."""
BOTH_FOR = timedelta(days=1)
"""How long the secret before signs, too, once another one is made."""


class ReceiverError(ValueError):
    """A webhook that cannot be so; the message says why."""


class NotAnAddress(ReceiverError):
    """It cannot be sent to."""


class AlreadyTold(ReceiverError):
    """The site has a webhook at this address."""


class TooMany(ReceiverError):
    """The site has MOST of them."""


class NoEvent(ReceiverError):
    """It would be told of nothing."""


def of_site(session: Session, site_id: UUID) -> Sequence[Webhook]:
    """The site's webhooks, oldest first."""
    return session.scalars(
        select(Webhook).where(Webhook.site_id == site_id).order_by(Webhook.created_at, Webhook.id)
    ).all()


def named(session: Session, site_id: UUID, name: str) -> Webhook:
    """The site's webhook of that id or address; NotFound when it has none."""
    for one in of_site(session, site_id):
        if name in {str(one.id), one.url}:
            return one
    raise NotFound("webhook")


def add(
    session: Session,
    site_id: UUID,
    url: str,
    events: Collection[Event],
    *,
    sealing: Sealing,
    allowed: Sequence[Network],
    moderator_id: UUID | None = None,
    now: datetime,
) -> tuple[Webhook, str]:
    """Make a webhook; the second value is its secret, which is shown once.

    ReceiverError for an address that cannot be sent to, one that the site has already, or no event.
    """
    url = _checked(url, events, allowed)
    sites.lock(session, site_id)  # so that two at once are counted one after the other
    there = of_site(session, site_id)
    if len(there) >= MOST:
        raise TooMany(f"a site has at most {MOST} webhooks")
    _refuse_twice(there, url)
    secret = signing.new_secret()
    webhook = Webhook(
        site_id=site_id,
        id=new_id(),
        url=url,
        events=sorted(events),
        secret=sealing.seal(secret),
        enabled=True,
        failures=0,
        created_at=now,
    )
    session.add(webhook)
    session.flush()
    _log(session, webhook, "webhook_added", moderator_id, now, events=webhook.events)
    return webhook, secret


def change(
    session: Session,
    site_id: UUID,
    webhook_id: UUID,
    *,
    url: str,
    events: Collection[Event],
    enabled: bool,
    allowed: Sequence[Network],
    moderator_id: UUID | None = None,
    now: datetime,
) -> None:
    """Have it told elsewhere, of other events, or switch it off or on. What waits for it goes to
    the new address. ReceiverError as of `add`; NotFound when the site has none such."""
    sites.lock(session, site_id)
    webhook = _locked(session, site_id, webhook_id)
    url = _checked(url, events, allowed)
    _refuse_twice([one for one in of_site(session, site_id) if one.id != webhook_id], url)
    if (webhook.url, webhook.events, webhook.enabled) == (url, sorted(events), enabled):
        return
    webhook.url, webhook.events, webhook.enabled = url, sorted(events), enabled
    webhook.failures, webhook.rests_until = 0, None
    switch = {"events": webhook.events, "enabled": enabled}
    _log(session, webhook, "webhook_changed", moderator_id, now, **switch)


def rotate(
    session: Session,
    site_id: UUID,
    webhook_id: UUID,
    *,
    sealing: Sealing,
    moderator_id: UUID | None = None,
    now: datetime,
) -> str:
    """Make another secret, which is shown once; the one before signs, too, for BOTH_FOR."""
    webhook = _locked(session, site_id, webhook_id)
    secret = signing.new_secret()
    webhook.previous_secret, webhook.previous_until = webhook.secret, now + BOTH_FOR
    webhook.secret = sealing.seal(secret)
    _log(session, webhook, "webhook_secret_rotated", moderator_id, now)
    return secret


def end_previous(
    session: Session,
    site_id: UUID,
    webhook_id: UUID,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> None:
    """Sign with the secret before no more, from now on."""
    webhook = _locked(session, site_id, webhook_id)
    if webhook.previous_secret is not None:
        webhook.previous_secret = webhook.previous_until = None
        _log(session, webhook, "webhook_secret_ended", moderator_id, now)


def remove(
    session: Session,
    site_id: UUID,
    webhook_id: UUID,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> None:
    """Tell it nothing more; what waits for it goes with it."""
    webhook = _locked(session, site_id, webhook_id)
    of_it = (
        delete(Delivery)
        .where(Delivery.site_id == site_id, Delivery.webhook_id == webhook_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(of_it)  # may be many: no decision of the site waits meanwhile
    # A decision that is just made has the site's row, and names the webhook (`outbox`).
    sites.lock(session, site_id)
    session.execute(of_it)
    session.delete(webhook)
    session.flush()
    _log(session, webhook, "webhook_removed", moderator_id, now)


def secrets_in_force(webhook: Webhook, sealing: Sealing, now: datetime) -> list[str]:
    """With which what is sent to it is signed, the newest first. Unreadable when the newest was
    sealed under another key; then nothing may be sent."""
    found = [sealing.open(webhook.secret)]
    if webhook.previous_secret and webhook.previous_until and now < webhook.previous_until:
        found.append(sealing.open(webhook.previous_secret))
    return found


def reseal(session: Session, sealing: Sealing) -> tuple[int, int]:
    """Seal every secret under the key in force; answers how many, and how many no key opens."""
    found = session.scalars(select(Webhook).with_for_update()).all()
    lost = 0
    for one in found:
        try:
            one.secret = sealing.again(one.secret)
            if one.previous_secret:
                one.previous_secret = sealing.again(one.previous_secret)
        except Unreadable:
            lost += 1
    return len(found) - lost, lost


def _locked(session: Session, site_id: UUID, webhook_id: UUID) -> Webhook:
    webhook = sites.owned(session, Webhook, site_id, webhook_id)
    session.flush()  # what waits to be written would be forgotten
    # Not the plain lock, which keeps out the foreign keys of what is just kept for it.
    session.refresh(webhook, with_for_update={"key_share": True})
    return webhook


def _checked(url: str, events: Collection[Event], allowed: Sequence[Network]) -> str:
    if not events:
        raise NoEvent("a webhook is told of one event at least")
    try:
        return outgoing.check(url, allowed)
    except BadAddress as bad:
        raise NotAnAddress(str(bad)) from None


def _refuse_twice(there: Sequence[Webhook], url: str) -> None:
    if any(one.url == url for one in there):
        raise AlreadyTold("the site has a webhook at this address already")


def _log(
    session: Session,
    webhook: Webhook,
    event: str,
    moderator_id: UUID | None,
    now: datetime,
    **more: object,
) -> None:
    """Without the address: the log is never erased, and an address may hold a password."""
    subject = {"webhook": str(webhook.id), **more}
    audit.record(session, webhook.site_id, event, subject, moderator_id=moderator_id, now=now)
