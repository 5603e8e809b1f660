"""Notices of illegal content: those that wait, and what a moderator decides about them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from moderation import decisions, metrics, outcomes
from moderation.desk import forms
from moderation.desk.appeals_page import which_page
from moderation.desk.card_page import Done
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.tabs import shown_sites
from moderation.desk.wording import ago, answered
from moderation.models import Actor, Site, Status
from moderation.redress import notice_cards, notices
from moderation.redress.notice_cards import NoticeCard
from moderation.services import services
from moderation.sites import NotFound

REASON_MAX = 1000
NOT_A_REASON = lazy_gettext(
    "Give the notifier a reason, at most %(number)s characters: nothing was decided.",
    number=REASON_MAX,
)


@desk.get("/notices", endpoint="notices")
def show_notices() -> ResponseReturnValue:
    """The notices that wait at the moderator's sites, or at the one that `site` names; with
    `show=answered` those that have ended."""
    answered, place = which_page()
    with services().db.reading() as session:
        shown = shown_sites(session)
        ids = shown.ids
        if answered:
            page = notice_cards.answered(session, ids, before=place, now=now())
        else:
            page = notice_cards.waiting(session, ids, after=place, now=now())
    return render_template(
        "desk/notices.html",
        page=page,
        answered_ones=answered,
        place=place,
        shown=shown,
        reason_max=REASON_MAX,
    )


@desk.get("/sites/<slug>/notices/<uuid:notice_id>")
def notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """One notice, whatever became of it."""
    return _page(_card(own_site(slug), notice_id))


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/leave")
def leave_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Leave the comment as it is, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        by = person().moderator.id
        notices.leave(
            session,
            site.id,
            notice_id,
            revision=_revision(),
            reason=_reason(),
            moderator_id=by,
            now=now(),
        )
        undo = url_for("desk.undo_notice", slug=site.slug, notice_id=notice_id)
        return Done(gettext("The comment stays as it is."), undo)

    return _act(site, notice_id, "leave", act)


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/block")
def follow_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Block the comment for breaking a clause, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        made = notices.block(
            session,
            site.id,
            notice_id,
            revision=_revision(),
            status=forms.status(),
            clause=request.form.get("clause", ""),
            reason=_reason(),
            moderator_id=person().moderator.id,
            now=now(),
        )
        undo = url_for("desk.undo", slug=site.slug, decision_id=made)
        return Done(gettext("Blocked."), undo, Status.BLOCKED)

    return _act(site, notice_id, "block", act)


@desk.post("/sites/<slug>/notices/<uuid:notice_id>/undo")
def undo_notice(slug: str, notice_id: UUID) -> ResponseReturnValue:
    """Take one's own answer back: the notice waits again, and the site is told again."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        by = person().moderator.id
        notices.take_back(session, site.id, notice_id, moderator_id=by, now=now())
        return Done(gettext("Taken back: the notice waits again."))

    return _act(site, notice_id, "", act)


def _act(
    site: Site, notice_id: UUID, which: str, act: Callable[[Session], Done]
) -> ResponseReturnValue:
    """As of appeals: in one transaction, answered with the card as it is then, or was left."""
    try:
        with services().db.transaction() as session:
            done = act(session)
    except (outcomes.AlreadyEnded, decisions.AlreadyDecided):
        card = _card(site, notice_id)
        return _page(card, _what_happened(card), 409, which)
    except decisions.UnknownClause:
        says = gettext("Choose the clause that it breaks: nothing was decided.")
        return _page(_card(site, notice_id), says, 422, which)
    except Slip as slip:
        return _page(_card(site, notice_id), str(slip), 422, which)
    except NotFound:
        abort(404)
    if done.status is not None:
        metrics.decided(site.slug, done.status, Actor.MODERATOR)
    if by_htmx():
        return _page(_card(site, notice_id))
    tell(done.says, undo=done.undo)
    return see_other(own_path(request.form.get("back")))


def _what_happened(card: NoticeCard) -> str:
    """Why nothing was done, after a look at what is there now."""
    not_taken = gettext("Your decision was not taken.")
    if card.waits:
        changed = gettext("The comment has changed since you saw it: this is how it stands now.")
        return f"{changed} {not_taken}"
    when = ago(card.notice.ended_at) if card.notice.ended_at else ""
    return f"{answered(card.notice, card.ended_by)}, {when}. {not_taken}"


def _revision() -> int:
    return forms.revision(request.form.get("revision", ""))


def _reason() -> str:
    """What the notifier is told."""
    return forms.text("reason", REASON_MAX, NOT_A_REASON)


def _card(site: Site, notice_id: UUID) -> NoticeCard:
    with services().db.reading() as session:
        try:
            return notice_cards.one(session, site.id, notice_id, now=now())
        except NotFound:
            abort(404)


def _page(
    card: NoticeCard, notice: str = "", status: int = 200, which: str = ""
) -> ResponseReturnValue:
    typed: dict[str, Any] = {which: forms.typed("reason")} if which and status != 200 else {}
    page = render_template(
        "desk/notice.html" if by_htmx() else "desk/notice_page.html",
        one=card,
        notice=notice,
        typed=typed,
        back=own_path(request.form.get("back") or url_for("desk.notices")),
        alone=not by_htmx(),
        reason_max=REASON_MAX,
    )
    return page, status
