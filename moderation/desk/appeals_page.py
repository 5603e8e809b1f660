"""Appeals: those that wait, and what a moderator decides about them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from moderation import decisions, metrics, outcomes
from moderation.desk import forms
from moderation.desk.card_page import Done
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.tabs import shown_sites
from moderation.desk.wording import ago, ended
from moderation.models import Actor, Site, Status
from moderation.paging import Place
from moderation.redress import appeal_cards, appeals
from moderation.redress.appeal_cards import AppealCard
from moderation.services import services
from moderation.sites import NotFound

REASON_MAX = 1000
NOT_A_REASON = lazy_gettext(
    "Give the commenter a reason, at most %(number)s characters: nothing was decided.",
    number=REASON_MAX,
)
NOT_YOURS = lazy_gettext(
    "You have blocked this yourself: a colleague decides. Your decision was not taken."
)


@desk.get("/appeals", endpoint="appeals")
def show_appeals() -> ResponseReturnValue:
    """The appeals that wait at the moderator's sites, or at the one that `site` names; with
    `show=answered` those that have ended."""
    answered, place = which_page()
    with services().db.reading() as session:
        shown = shown_sites(session)
        ids = shown.ids
        look: dict[str, Any] = {"moderator_id": person().moderator.id, "now": now()}
        if answered:
            page = appeal_cards.answered(session, ids, before=place, **look)
        else:
            page = appeal_cards.waiting(session, ids, after=place, **look)
    return render_template(
        "desk/appeals.html",
        page=page,
        answered_ones=answered,
        place=place,
        shown=shown,
        reason_max=REASON_MAX,
    )


def which_page() -> tuple[bool, Place | None]:
    """Whether those are asked for that have ended, and from which place on: of appeals, and of
    notices. 404 for anything else."""
    show = request.args.get("show", "")
    if show not in {"", "answered"}:
        abort(404)
    return bool(show), forms.place("before" if show else "after")


@desk.get("/sites/<slug>/appeals/<uuid:appeal_id>")
def appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """One appeal, whatever became of it."""
    return _page(_card(own_site(slug), appeal_id))


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/uphold")
def uphold_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Leave the block as it is, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        appeals.uphold(
            session,
            site.id,
            appeal_id,
            reason=_reason(),
            moderator_id=person().moderator.id,
            now=now(),
        )
        return Done(gettext("The block is upheld."), _undo_of(site, appeal_id))

    return _act(site, appeal_id, "uphold", act)


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/overturn")
def overturn_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Lift the block, and say why."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        seen = _revision()
        appeals.overturn(
            session,
            site.id,
            appeal_id,
            revision=seen or 0,
            reason=_reason(),
            moderator_id=person().moderator.id,
            now=now(),
        )
        status = Status.APPROVED if seen else None
        return Done(gettext("The block is overturned."), _undo_of(site, appeal_id), status)

    return _act(site, appeal_id, "overturn", act)


@desk.post("/sites/<slug>/appeals/<uuid:appeal_id>/undo")
def undo_appeal(slug: str, appeal_id: UUID) -> ResponseReturnValue:
    """Take one's own answer back: the appeal waits again, and the site is told again."""
    site = own_site(slug)

    def act(session: Session) -> Done:
        appeals.take_back(
            session, site.id, appeal_id, moderator_id=person().moderator.id, now=now()
        )
        return Done(gettext("Taken back: the appeal waits again."))

    return _act(site, appeal_id, "", act)


def _act(
    site: Site, appeal_id: UUID, which: str, act: Callable[[Session], Done]
) -> ResponseReturnValue:
    """Do something about an appeal, in one transaction, and answer with its card: as it is then, or
    as it was left, with the reason why and with what was typed for `which` act."""
    try:
        with services().db.transaction() as session:
            done = act(session)
    except appeals.OwnBlock:
        return _page(_card(site, appeal_id), str(NOT_YOURS), 409, which)
    except (outcomes.AlreadyEnded, decisions.AlreadyDecided):
        card = _card(site, appeal_id)
        return _page(card, _what_happened(card), 409, which)
    except Slip as slip:
        return _page(_card(site, appeal_id), str(slip), 422, which)
    except NotFound:
        abort(404)
    if done.status is not None:
        metrics.decided(site.slug, done.status, Actor.MODERATOR)
    if by_htmx():
        return _page(_card(site, appeal_id))
    tell(done.says, undo=done.undo)
    return see_other(own_path(request.form.get("back")))


def _what_happened(card: AppealCard) -> str:
    """Why nothing was done, after a look at what is there now."""
    not_taken = gettext("Your decision was not taken.")
    if card.waits:
        edited = gettext(
            "The commenter has edited this comment since you saw it: these are the new words."
        )
        return f"{edited} {not_taken}"
    when = ago(card.appeal.ended_at) if card.appeal.ended_at else ""
    return f"{ended(card.appeal, card.ended_by)}, {when}. {not_taken}"


def _undo_of(site: Site, appeal_id: UUID) -> str:
    return url_for("desk.undo_appeal", slug=site.slug, appeal_id=appeal_id)


def _reason() -> str:
    """What the commenter is told."""
    return forms.text("reason", REASON_MAX, NOT_A_REASON)


def _revision() -> int | None:
    """Which words the moderator had before their eyes; None where it is about no comment."""
    given = request.form.get("revision")
    return forms.revision(given) if given else None


def _card(site: Site, appeal_id: UUID) -> AppealCard:
    with services().db.reading() as session:
        try:
            return appeal_cards.one(
                session, site.id, appeal_id, moderator_id=person().moderator.id, now=now()
            )
        except NotFound:
            abort(404)


def _page(
    card: AppealCard, notice: str = "", status: int = 200, which: str = ""
) -> ResponseReturnValue:
    """The card: alone for htmx, which puts it in the place of the old one, else on its page."""
    typed: dict[str, Any] = {which: forms.typed("reason")} if which and status != 200 else {}
    page = render_template(
        "desk/appeal.html" if by_htmx() else "desk/appeal_page.html",
        one=card,
        notice=notice,
        typed=typed,
        back=own_path(request.form.get("back") or url_for("desk.appeals")),
        alone=not by_htmx(),
        reason_max=REASON_MAX,
    )
    return page, status
