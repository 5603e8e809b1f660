"""A card, and what a moderator does about its comment."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import (
    abort,
    get_template_attribute,
    make_response,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from moderation import cards, decisions, leases, metrics, threads
from moderation.cards import Card, Logged, Moved
from moderation.desk import drafts, forms
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.drafts import Draft
from moderation.desk.forms import Slip
from moderation.desk.reason_words import clause_title
from moderation.desk.saved_replies_page import explanation
from moderation.desk.wording import STATUSES, ago, decided, moved
from moderation.models import Actor, Concern, Decision, Move, Site, Status, Tray
from moderation.queue import together, trays
from moderation.services import services


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: what is said of it, the address that takes it back, and, where it was a
    decision, the status that the comment has now."""

    says: str
    undo: str | None = None
    status: str | None = None


@desk.get("/sites/<slug>/comments/<uuid:comment_id>")
def comment(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """One comment, whatever its status, with its whole log."""
    draft, says = drafts.kept(comment_id, by=person().moderator.id), ""
    if draft:
        says = gettext(
            "You were signed out before this was sent, and nothing was decided. What you had"
            " written is still here."
        )
    return _page(_card(own_site(slug), comment_id), says, draft=draft)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/approve")
def approve(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Let it through."""
    site, seen = own_site(slug), _seen(comment_id)

    def act(session: Session) -> Done:
        made = decisions.approve(
            session, site.id, seen, moderator_id=person().moderator.id, now=now()
        )
        return Done(gettext("Approved."), _undo_of(site, made), Status.APPROVED)

    return _act(site, comment_id, seen, act, to=Status.APPROVED)


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
        return Done(gettext("Blocked."), _undo_of(site, made), Status.BLOCKED)

    return _act(site, comment_id, seen, act, to=Status.BLOCKED)


@desk.post("/sites/<slug>/decisions/<uuid:decision_id>/undo")
def undo(slug: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back. The log keeps both."""
    site = own_site(slug)
    with services().db.reading() as session:
        comment_id = decisions.comment_of(session, site.id, decision_id)

    def act(session: Session) -> Done:
        by = person().moderator.id
        status = decisions.undo(session, site.id, decision_id, moderator_id=by, now=now())
        return Done(gettext("Taken back."), status=status)

    return _act(site, comment_id or abort(404), None, act, undoes=decision_id)


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

    return _act(site, comment_id or abort(404), None, act, undoes=move_id)


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
        return Done(says, _undo_of_move(site, made))

    return _act(site, comment_id, seen, act, to=to)


# --- answers ----------------------------------------------------------------------------------


def _act(
    site: Site,
    comment_id: UUID,
    seen: decisions.Seen | None,
    act: Callable[[Session], Done],
    *,
    to: Status | Tray | None = None,
    undoes: UUID | None = None,
) -> ResponseReturnValue:
    """Do something about a comment, in one transaction, and answer with its card: as it is then,
    or as it was left, with the reason why.

    `to` is where the act brings the comment, `undoes` what it takes back: by these it is told from
    a colleague's whether it was done a moment before already, by the first of two clicks.
    """
    try:
        with services().db.transaction() as session:
            done = act(session)
    except decisions.AlreadyDecided:
        card = _card(site, comment_id)
        done_before = _the_same(card, to, undoes)
        return _done(card, done_before) if done_before else _conflict(card, seen)
    except decisions.UnknownClause:
        return _refused(site, comment_id, str(forms.NO_CLAUSE))
    except Slip as slip:
        return _refused(site, comment_id, str(slip))
    if done.status is not None:
        metrics.decided(site.slug, done.status, Actor.MODERATOR)
    is_shown = by_htmx() or done.status == Status.BLOCKED
    return _done(_card(site, comment_id) if is_shown else None, done)


def _the_same(card: Card, to: Status | Tray | None, undoes: UUID | None) -> Done | None:
    """What was done last about the comment, if that was this very act, by the same person."""
    last = card.trail[-1] if card.trail else None
    made: Decision | Move
    if isinstance(last, Logged):
        made = decision = last.decision
        done = Done(f"{decided(last)}.", _undo_of(card.site, made.id))
        as_asked = decision.status_after == to and decision.clause == request.form.get("clause")
    elif isinstance(last, Moved):
        made = move = last.move
        done = Done(f"{moved(last)}.", _undo_of_move(card.site, made.id))
        as_asked = move.tray_after == to
    else:
        return None
    if made.moderator_id != person().moderator.id or made.undoes != undoes:
        return None
    if undoes is not None:
        return Done(done.says)
    return done if as_asked else None


def _undo_of_move(site: Site, move_id: UUID) -> str:
    return url_for("desk.undo_move", slug=site.slug, move_id=move_id)


def _undo_of(site: Site, decision_id: UUID) -> str:
    return url_for("desk.undo", slug=site.slug, decision_id=decision_id)


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


def _card(site: Site, comment_id: UUID) -> Card:
    with services().db.reading() as session:
        return cards.card(session, site.id, comment_id, now=now())


def _page(
    card: Card, says: str = "", status: int = 200, draft: Draft | None = None
) -> ResponseReturnValue:
    """The card: alone for htmx, which puts it in the place of the old one, else on its page.

    `draft` is what was written about it and not taken.
    """
    back = own_path(request.form.get("back"))
    answers = _answers(card) if card.comment.status == Status.BLOCKED else 0
    shown = {
        "card": card,
        "says": says,
        "draft": draft or {},
        "offer": offered(answers) if answers else "",
        "back": back,
        "tray": forms.tray("tab"),
    }
    if by_htmx():
        return str(get_template_attribute("desk/card.html", "card_of")(**shown)), status
    return render_template("desk/comment.html", **shown), status


def _answers(card: Card) -> int:
    """How many replies to it wait, or are seen by readers; counted to together.MOST + 1."""
    with services().db.reading() as session:
        most = together.MOST + 1
        return len(threads.below(session, card.site.id, card.comment.id, limit=most))


def offered(answers: int) -> str:
    """The offer to decide so many replies, too."""
    if answers > together.MOST:
        return str(gettext("Decide its first %(number)s replies, too", number=together.MOST))
    return str(ngettext("Decide its reply, too", "Decide its %(num)d replies, too", answers))


def _done(card: Card | None, done: Done) -> ResponseReturnValue:
    """What was done is shown on the card, for htmx, or said on the next page."""
    if card is not None and by_htmx():
        response = make_response(_page(card))
    else:
        with_it = None
        if card is not None and (answers := _answers(card)):
            there = url_for("desk.together", slug=card.site.slug, replies_to=card.comment.id)
            with_it = there, offered(answers)
        tell(done.says, undo=done.undo, more=with_it)
        response = see_other(own_path(request.form.get("back")))
    drafts.forget(response)
    return response


def _conflict(card: Card, seen: decisions.Seen | None) -> ResponseReturnValue:
    """Somebody was faster: the card as it is now, with what happened."""
    line = card.in_force
    if card.comment.erased_at is not None:
        says = gettext("The site has deleted this comment.")
    elif seen is not None and card.comment.revision != seen.revision:
        says = gettext(
            "The commenter has edited this comment since you saw it: these are the new words."
        )
    elif card.waits and card.moved is not None and (seen is None or card.comment.tray != seen.tray):
        says = f"{moved(card.moved)}, {ago(card.moved.move.moved_at)}."
    elif line is not None:
        clause = clause_title(line.decision.clause, card.judged_under)
        done, when = decided(line), ago(line.decision.decided_at)
        says = f"{done}, {when}."
        if clause and card.comment.status == Status.BLOCKED:
            says = gettext(
                "%(done)s for %(clause)s, %(when)s.", done=done, clause=clause, when=when
            )
    else:
        says = gettext("This comment is %(status)s now.", status=STATUSES[card.comment.status])
    return _page(card, f"{says} {forms.NOT_TAKEN}", 409, drafts.of_form(request.endpoint))


def _refused(site: Site, comment_id: UUID, says: str) -> ResponseReturnValue:
    return _page(_card(site, comment_id), says, 422, drafts.of_form(request.endpoint))
