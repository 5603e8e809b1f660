"""What is done about a comment, in one transaction, and answered with its card."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import get_template_attribute, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from moderation import cards, decisions, metrics, threads
from moderation.cards import Card, Logged, Moved
from moderation.desk import drafts, forms
from moderation.desk.door import by_htmx, now, own_path, person, see_other, tell
from moderation.desk.drafts import Draft
from moderation.desk.forms import Slip
from moderation.desk.reason_words import clause_title
from moderation.desk.wording import STATUSES, ago, decided, moved
from moderation.models import Actor, Decision, Move, Site, Status, Tray
from moderation.queue import together
from moderation.services import services


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: what is said of it, the address that takes it back, and, where it was a
    decision, the status that the comment has now."""

    says: str
    undo: str | None = None
    status: str | None = None


def act_on(
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
        card = card_of(site, comment_id)
        done_before = _the_same(card, to, undoes)
        return _done(card, done_before) if done_before else _conflict(card, seen)
    except decisions.UnknownClause:
        return _refused(site, comment_id, str(forms.NO_CLAUSE))
    except Slip as slip:
        return _refused(site, comment_id, str(slip))
    if done.status is not None:
        metrics.decided(site.slug, done.status, Actor.MODERATOR)
    is_shown = by_htmx() or done.status == Status.BLOCKED
    return _done(card_of(site, comment_id) if is_shown else None, done)


def _the_same(card: Card, to: Status | Tray | None, undoes: UUID | None) -> Done | None:
    """What was done last about the comment, if that was this very act, by the same person."""
    last = card.trail[-1] if card.trail else None
    made: Decision | Move
    if isinstance(last, Logged):
        made = decision = last.decision
        done = Done(f"{decided(last)}.", undo_of(card.site, made.id))
        as_asked = decision.status_after == to and decision.clause == request.form.get("clause")
    elif isinstance(last, Moved):
        made = move = last.move
        done = Done(f"{moved(last)}.", undo_of_move(card.site, made.id))
        as_asked = move.tray_after == to
    else:
        return None
    if made.moderator_id != person().moderator.id or made.undoes != undoes:
        return None
    if undoes is not None:
        return Done(done.says)
    return done if as_asked else None


def undo_of_move(site: Site, move_id: UUID) -> str:
    """The address that takes a move back."""
    return url_for("desk.undo_move", slug=site.slug, move_id=move_id)


def undo_of(site: Site, decision_id: UUID) -> str:
    """The address that takes a decision back."""
    return url_for("desk.undo", slug=site.slug, decision_id=decision_id)


def card_of(site: Site, comment_id: UUID) -> Card:
    """As it is now; `sites.NotFound` when the site has no such comment."""
    with services().db.reading() as session:
        return cards.card(session, site.id, comment_id, now=now())


def page_of(
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
        response = make_response(page_of(card))
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
    return page_of(card, f"{says} {forms.NOT_TAKEN}", 409, drafts.of_form(request.endpoint))


def _refused(site: Site, comment_id: UUID, says: str) -> ResponseReturnValue:
    return page_of(card_of(site, comment_id), says, 422, drafts.of_form(request.endpoint))
