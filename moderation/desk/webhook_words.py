"""What webhooks are told, and how that went, in words."""

from typing import Any

from flask import Flask, url_for
from flask_babel import gettext, lazy_gettext, ngettext

from moderation.models import Delivery, DeliveryOutcome, Event
from moderation.webhooks.outgoing import Trouble

TOLD_OF: dict[str, Any] = {
    Event.APPROVED: lazy_gettext("a comment is approved"),
    Event.HELD: lazy_gettext("a comment is held"),
    Event.BLOCKED: lazy_gettext("a comment is blocked"),
    Event.REOPENED: lazy_gettext("a decision is taken back, and the comment is to be judged"),
    Event.WITHDRAWN: lazy_gettext("an approved comment is edited, and is to be judged again"),
    Event.OVERTURNED: lazy_gettext("the block of a comment is lifted"),
    Event.COMMENTER_BLOCKED: lazy_gettext("a commenter is blocked"),
    Event.COMMENTER_UNBLOCKED: lazy_gettext("a commenter is unblocked"),
    Event.APPEAL_ENDED: lazy_gettext("an appeal is answered, or ends otherwise"),
    Event.NOTICE_ENDED: lazy_gettext("a notice is answered, or ends otherwise"),
}
TROUBLES: dict[str, Any] = {
    Trouble.ADDRESS: lazy_gettext("the address leads into a private network"),
    Trouble.UNKNOWN: lazy_gettext("there is no such name"),
    Trouble.UNREACHED: lazy_gettext("nobody answers there"),
    Trouble.CERTIFICATE: lazy_gettext("its certificate is not valid"),
    Trouble.SLOW: lazy_gettext("it took too long"),
    Trouble.BROKEN: lazy_gettext("the connection broke"),
    Trouble.REDIRECT: lazy_gettext("it names another address, which is not followed"),
    Trouble.STATUS: lazy_gettext("it does not take it"),
    Trouble.SECRET: lazy_gettext("the secret cannot be read, so nothing was sent"),
    Trouble.UNSAID: lazy_gettext("what it is about is gone, so nothing was sent"),
}
OUTCOMES_TOLD: dict[str, Any] = {
    "waiting": lazy_gettext("not taken yet"),
    DeliveryOutcome.DEAD: lazy_gettext("never taken"),
    DeliveryOutcome.DELIVERED: lazy_gettext("taken"),
}
OUTCOMES: dict[str, Any] = {
    "waiting": lazy_gettext("Waiting"),
    DeliveryOutcome.DEAD: lazy_gettext("Dead letters"),
    DeliveryOutcome.DELIVERED: lazy_gettext("Delivered"),
}


def set_up(app: Flask) -> None:
    """Make these words available to the app's templates."""
    app.jinja_env.globals.update(TOLD_OF=TOLD_OF, OUTCOMES_TOLD=OUTCOMES_TOLD)
    app.add_template_global(went)
    app.add_template_global(told_about)


def came(trouble: str | None, status: int | None) -> str:
    """What came of a try: "answered 503, it does not take it"."""
    if trouble is None:
        return str(gettext("answered %(status)s", status=status))
    why = TROUBLES.get(trouble, trouble)
    if status is None:
        return str(why)
    return str(gettext("answered %(status)s, %(why)s", status=status, why=why))


def went(delivery: Delivery) -> str:
    """How often a delivery was tried, and what came of the last time."""
    if not delivery.attempts:
        return str(gettext("not tried yet"))
    tries = ngettext("%(num)d try", "%(num)d tries", delivery.attempts)
    if delivery.last_trouble is None and delivery.last_status is None:
        return str(tries)  # the first one is on its way
    return f"{tries}: {came(delivery.last_trouble, delivery.last_status)}"


def told_about(slug: str, delivery: Delivery) -> str:
    """The page of what it is about."""
    match delivery.event:
        case Event.COMMENTER_BLOCKED | Event.COMMENTER_UNBLOCKED:
            return url_for("desk.commenter", slug=slug, commenter_id=delivery.subject_id)
        case Event.APPEAL_ENDED:
            return url_for("desk.appeal", slug=slug, appeal_id=delivery.about_id)
        case Event.NOTICE_ENDED:
            return url_for("desk.notice", slug=slug, notice_id=delivery.about_id)
        case _:
            return url_for("desk.case", slug=slug, comment_id=delivery.subject_id)
