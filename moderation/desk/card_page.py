"""A card, and what a moderator does about its comment."""

from uuid import UUID

from flask import abort, get_template_attribute, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from moderation import decision_log, decisions, leases
from moderation.desk import drafts, forms
from moderation.desk.acting import Done, act_on, card_of, page_of, undo_of, undo_of_move
from moderation.desk.door import desk, now, own_site, person
from moderation.desk.forms import Slip
from moderation.desk.saved_replies_page import explanation
from moderation.models import Concern, Status, Tray
from moderation.queue import trays
from moderation.services import services


@desk.get("/sites/<slug>/comments/<uuid:comment_id>")
def comment(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """One comment, whatever its status, with its whole log."""
    draft, says = drafts.kept(comment_id, by=person().moderator.id), ""
    if draft:
        says = gettext(
            "You were signed out before this was sent, and nothing was decided. What you had"
            " written is still here."
        )
    return page_of(card_of(own_site(slug), comment_id), says, draft=draft)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/approve")
def approve(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Let it through."""
    site, seen = own_site(slug), _seen(comment_id)

    def act(session: Session) -> Done:
        made = decisions.approve(
            session, site.id, seen, moderator_id=person().moderator.id, now=now()
        )
        return Done(gettext("Approved."), undo_of(site, made), Status.APPROVED)

    return act_on(site, comment_id, seen, act, to=Status.APPROVED)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/block")
def block(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Block it for breaking a clause, with a note if there is one to make, and with what the
    commenter is told."""
    site, seen = own_site(slug), _seen(comment_id)
    clause = request.form.get("clause", "")

    def act(session: Session) -> Done:
        made = decisions.block(
            session,
            site.id,
            seen,
            clause=clause,
            note=forms.note(),
            explanation=explanation(session, site, clause),
            moderator_id=person().moderator.id,
            now=now(),
        )
        return Done(gettext("Blocked."), undo_of(site, made), Status.BLOCKED)

    return act_on(site, comment_id, seen, act, to=Status.BLOCKED)


@desk.post("/sites/<slug>/decisions/<uuid:decision_id>/undo")
def undo(slug: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back. The log keeps both."""
    site = own_site(slug)
    with services().db.reading() as session:
        comment_id = decision_log.comment_of(session, site.id, decision_id)

    def act(session: Session) -> Done:
        by = person().moderator.id
        status = decisions.undo(session, site.id, decision_id, moderator_id=by, now=now())
        return Done(gettext("Taken back."), status=status)

    return act_on(site, comment_id or abort(404), None, act, undoes=decision_id)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/later")
def leave_for_later(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Lay a held comment aside, to come back to it."""
    return _move(slug, comment_id, Tray.LATER, gettext("Left for later."))


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/put-back")
def put_back(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Lay a held comment back to those that wait."""
    return _move(slug, comment_id, Tray.WAITING, gettext("Put back."))


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/escalate")
def escalate(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Leave a held comment to a lead, with what it is about and a note if there is one to make."""
    return _move(slug, comment_id, Tray.ESCALATED, gettext("Escalated."))


@desk.post("/sites/<slug>/moves/<uuid:move_id>/undo")
def undo_move(slug: str, move_id: UUID) -> ResponseReturnValue:
    """Lay a comment back to where it was. The log keeps both."""
    site = own_site(slug)
    with services().db.reading() as session:
        comment_id = trays.comment_of(session, site.id, move_id)

    def act(session: Session) -> Done:
        trays.undo(session, site.id, move_id, moderator_id=person().moderator.id, now=now())
        return Done(gettext("Taken back."))

    return act_on(site, comment_id or abort(404), None, act, undoes=move_id)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/lease")
def lease(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Say that one has it open, and hear who else does. A page sends it by itself."""
    site, me = own_site(slug), person().moderator
    with services().db.transaction() as session:
        leases.take(session, site.id, comment_id, moderator_id=me.id)
        opener = leases.holder(session, site.id, comment_id)
    return str(get_template_attribute("desk/opener.html", "who_has_it_open")(opener))


def _move(slug: str, comment_id: UUID, to: Tray, says: str) -> ResponseReturnValue:
    site, seen = own_site(slug), _seen(comment_id)

    def act(session: Session) -> Done:
        made = trays.move(
            session,
            site.id,
            seen,
            to,
            concern=_concern() if to is Tray.ESCALATED else None,
            note=forms.note(),
            moderator_id=person().moderator.id,
            now=now(),
        )
        return Done(says, undo_of_move(site, made))

    return act_on(site, comment_id, seen, act, to=to)


def _concern() -> Concern:
    """What the form says that a lead should look at."""
    concern = request.form.get("concern", "")
    if concern not in list(Concern):
        raise Slip(gettext("Choose what it is about: nothing was escalated."))
    return Concern(concern)


def _seen(comment_id: UUID) -> decisions.Seen:
    """What the form says that the moderator had before their eyes."""
    return decisions.Seen(
        comment_id=comment_id,
        revision=forms.revision(request.form.get("revision", "")),
        status=forms.status(),
        tray=forms.tray("tray"),
    )
