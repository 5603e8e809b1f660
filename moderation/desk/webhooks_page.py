"""Where a site is told what was decided, for its admins: webhooks, and what they were sent."""

from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from moderation import secret_key, sites
from moderation.desk import forms
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.desk.webhook_words import OUTCOMES, TOLD_OF, came
from moderation.models import DeliveryOutcome, Event, Site, Webhook
from moderation.services import services
from moderation.staff.roles import Right
from moderation.webhooks import deliveries as sent
from moderation.webhooks import receivers, sending
from moderation.webhooks.outgoing import URL_MAX, Reply
from moderation.webhooks.receivers import ReceiverError

WRONG: dict[type[ReceiverError], Any] = {
    receivers.NotAnAddress: lazy_gettext(
        "An address begins with https:// and has only plain letters, no spaces, no password and no"
        " part after #."
    ),
    receivers.AlreadyTold: lazy_gettext("The site has a webhook at this address already."),
    receivers.TooMany: lazy_gettext(
        "A site has at most %(number)s webhooks.", number=receivers.MOST
    ),
    receivers.NoEvent: lazy_gettext("Choose what it is told of."),
}
WAITING = "waiting"


# --- webhooks ---------------------------------------------------------------------------------


@desk.get("/sites/<slug>/webhooks")
@needs(Right.WEBHOOKS)
def webhooks(slug: str) -> ResponseReturnValue:
    """Those that the site has, and how each is doing."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/webhooks")
@needs(Right.WEBHOOKS)
def add_webhook(slug: str) -> ResponseReturnValue:
    """Make another one, and show its secret, this once."""
    site = own_site(slug)
    settings = services().settings
    try:
        with services().db.transaction() as session:
            webhook, secret = receivers.add(
                session,
                site.id,
                request.form.get("url", ""),
                _events(),
                sealing=secret_key.sealing(settings),
                allowed=settings.webhooks_allowed,
                **_by(),
            )
    except ReceiverError as error:
        return _page(site, wrong=str(WRONG[type(error)])), 422
    return _page(site, made=webhook.id, secret=secret)


@desk.post("/sites/<slug>/webhooks/<uuid:webhook_id>/change")
@needs(Right.WEBHOOKS)
def change_webhook(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    """Tell it elsewhere, of other things, or nothing for now."""
    site = own_site(slug)
    try:
        with services().db.transaction() as session:
            receivers.change(
                session,
                site.id,
                webhook_id,
                url=request.form.get("url", ""),
                events=_events(),
                enabled="enabled" in request.form,
                allowed=services().settings.webhooks_allowed,
                **_by(),
            )
    except ReceiverError as error:
        return _page(site, wrong=str(WRONG[type(error)]), about=webhook_id), 422
    return _done(site, gettext("The webhook is changed."))


@desk.post("/sites/<slug>/webhooks/<uuid:webhook_id>/secret")
@needs(Right.WEBHOOKS)
def rotate_webhook(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    """Make another secret, and show it, this once; the former one signs, too, for a day."""
    site, sealing = own_site(slug), secret_key.sealing(services().settings)

    with services().db.transaction() as session:
        secret = receivers.rotate(session, site.id, webhook_id, sealing=sealing, **_by())
    return _page(site, made=webhook_id, secret=secret)


@desk.post("/sites/<slug>/webhooks/<uuid:webhook_id>/secret/end")
@needs(Right.WEBHOOKS)
def end_webhook_secret(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    """Sign with the former secret no more."""
    site = own_site(slug)
    with services().db.transaction() as session:
        receivers.end_previous(session, site.id, webhook_id, **_by())
    return _done(site, gettext("The former secret signs nothing any more."))


@desk.post("/sites/<slug>/webhooks/<uuid:webhook_id>/test")
@needs(Right.WEBHOOKS)
def check_webhook(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    """Send it a test, and show what came back. Once that is taken, so is what waits for it."""
    site, settings = own_site(slug), services().settings
    with services().db.reading() as session:
        webhook = sites.owned(session, Webhook, site.id, webhook_id)
    reply = sending.send_test(
        webhook,
        site,
        sealing=secret_key.sealing(settings),
        allowed=settings.webhooks_allowed,
        now=now(),
    )
    if reply.trouble is None and webhook.failures:
        with services().db.transaction() as session:
            sent.wake(session, site.id, webhook_id, now=now())
    return _page(site, about=webhook_id, reply=reply)


@desk.post("/sites/<slug>/webhooks/<uuid:webhook_id>/remove")
@needs(Right.WEBHOOKS)
def remove_webhook(slug: str, webhook_id: UUID) -> ResponseReturnValue:
    """Tell it nothing more."""
    site = own_site(slug)
    with services().db.transaction() as session:
        receivers.remove(session, site.id, webhook_id, **_by())
    return _done(site, gettext("The webhook is removed."))


# --- what they were sent ----------------------------------------------------------------------


@desk.get("/sites/<slug>/deliveries")
@needs(Right.WEBHOOKS)
def deliveries(slug: str) -> ResponseReturnValue:
    """What waits, what was given up, or what was taken (`show`); of one webhook (`webhook`) or one
    event (`event`) alone."""
    site, before = own_site(slug), forms.place("before")
    show, event = request.args.get("show") or WAITING, request.args.get("event") or None
    if show not in OUTCOMES or (event is not None and event not in TOLD_OF):
        abort(404)
    try:
        webhook_id = UUID(request.args["webhook"]) if request.args.get("webhook") else None
    except ValueError:
        abort(404)
    outcome = None if show == WAITING else DeliveryOutcome(show)
    with services().db.reading() as session:
        page = sent.page(
            session,
            site.id,
            outcome,
            webhook_id=webhook_id,
            event=Event(event) if event else None,
            before=before,
        )
        there = receivers.of_site(session, site.id)
        told = sent.undelivered(session, site.id).get(slug)  # none without a webhook
    return render_template(
        "desk/deliveries.html",
        site=site,
        page=page,
        webhooks={one.id: one for one in there},
        dead=told.dead if told else 0,
        show=show,
        webhook=webhook_id,
        event=event,
        before=before,
        outcomes=OUTCOMES,
    )


@desk.post("/sites/<slug>/deliveries/<uuid:delivery_id>/again")
@needs(Right.WEBHOOKS)
def send_again(slug: str, delivery_id: UUID) -> ResponseReturnValue:
    """Have one dead letter sent again."""
    site = own_site(slug)
    with services().db.transaction() as session:
        if not sent.send_again(session, site.id, [delivery_id], **_by()):
            abort(404)
    tell(gettext("It is sent again."))
    return _to_dead_letters(site)


@desk.post("/sites/<slug>/deliveries/again")
@needs(Right.WEBHOOKS)
def send_all_again(slug: str) -> ResponseReturnValue:
    """Have all dead letters of the site sent again."""
    site = own_site(slug)
    with services().db.transaction() as session:
        sent.send_again(session, site.id, **_by())
    tell(gettext("All of them are sent again."))
    return _to_dead_letters(site)


def _to_dead_letters(site: Site) -> ResponseReturnValue:
    return see_other(url_for("desk.deliveries", slug=site.slug, show=DeliveryOutcome.DEAD))


def _events() -> list[Event]:
    return [event for event in Event if event in request.form.getlist("events")]


def _by() -> dict[str, Any]:
    return {"moderator_id": person().moderator.id, "now": now()}


def _done(site: Site, says: str) -> ResponseReturnValue:
    tell(says)
    return see_other(url_for("desk.webhooks", slug=site.slug))


def _page(
    site: Site,
    *,
    wrong: str = "",
    about: UUID | None = None,
    made: UUID | None = None,
    secret: str = "",
    reply: Reply | None = None,
) -> str:
    """`wrong` is about the webhook `about`, or about the new one; what was typed stays. `reply` is
    what it answered to a test, `secret` that of the webhook `made`."""
    with services().db.reading() as session:
        found = receivers.of_site(session, site.id)
    return render_template(
        "desk/webhooks.html",
        site=site,
        webhooks=found,
        moment=now(),
        wrong=wrong,
        about=about,
        made=made,
        secret=secret,
        reply=reply,
        came=came,
        url_max=URL_MAX,
        most=receivers.MOST,
    )
