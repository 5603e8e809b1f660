"""Many comments at once: looked through first, then decided, then perhaps taken back as one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Session

from moderation import cards, decisions, metrics, posted_policies, queue, saved_replies, threads
from moderation.cards import Card
from moderation.decisions import Seen
from moderation.desk import filters, forms
from moderation.desk.door import desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.filters import BadFilter, View
from moderation.desk.forms import Slip
from moderation.desk.queue_page import FOLDED_BY, alike
from moderation.desk.saved_replies_page import explanation
from moderation.models import Actor, Site, Status, Tray
from moderation.paging import CARDS
from moderation.queue import Look, together
from moderation.services import services
from moderation.sites import NotFound

ACTS = {"approve": Status.APPROVED, "block": Status.BLOCKED}
DONE: Mapping[Status, Any] = {
    Status.APPROVED: lazy_gettext("%(number)s approved."),
    Status.BLOCKED: lazy_gettext("%(number)s blocked."),
    Status.HELD: lazy_gettext("%(number)s taken back."),
}


@desk.get("/sites/<slug>/together", endpoint="together")
def show_together(slug: str) -> ResponseReturnValue:
    """What would be decided at once: the comments that `picked` names, the replies to the one that
    `replies_to` names, or those that fit the filters of a view. Nothing is done yet."""
    return _preview(own_site(slug))


@desk.post("/sites/<slug>/together", endpoint="decide_together")
def decide(slug: str) -> ResponseReturnValue:
    """Approve or block those that were looked through."""
    site, act, clause = own_site(slug), request.form.get("act", ""), request.form.get("clause", "")
    after = ACTS.get(act)
    seen = [_seen(one) for one in request.form.getlist("seen")]
    if after is None or len(seen) > together.MOST:
        abort(400)
    try:
        with services().db.transaction() as session:
            done = together.decide(
                session,
                site.id,
                seen,
                after,
                clause=clause,
                note=forms.note(),
                explanation=explanation(session, site, clause) if act == "block" else "",
                moderator_id=person().moderator.id,
                now=now(),
            )
    except Slip as slip:
        return _preview(site, str(slip))
    except decisions.UnknownClause:
        return _preview(site, gettext("Choose the clause that they break: nothing was decided."))
    return _told(site, done, after)


@desk.post("/sites/<slug>/together/<uuid:together_id>/undo", endpoint="undo_together")
def undo(slug: str, together_id: UUID) -> ResponseReturnValue:
    """Take back all that was decided at once, as far as it is in force."""
    site = own_site(slug)
    with services().db.transaction() as session:
        done = together.undo(
            session, site.id, together_id, moderator_id=person().moderator.id, now=now()
        )
    return _told(site, done, Status.HELD)


def _told(site: Site, done: together.Decided, after: Status) -> ResponseReturnValue:
    for status in done.statuses:
        metrics.decided(site.slug, status, Actor.MODERATOR)
    says = str(DONE[after]) % {"number": len(done.comment_ids)}
    if done.left_out:
        left_out = ngettext(
            "%(num)d had changed meanwhile: it was left as it is.",
            "%(num)d had changed meanwhile: these were left as they are.",
            done.left_out,
        )
        says = f"{says} {left_out}"
    back = None
    if done.comment_ids and after is not Status.HELD:
        back = url_for("desk.undo_together", slug=site.slug, together_id=done.together)
    tell(says, undo=back)
    return see_other(own_path(request.form.get("back")))


def _preview(site: Site, wrong: str = "") -> ResponseReturnValue:
    picked = [
        _seen(one) for one in [*request.args.getlist("picked"), *request.form.getlist("seen")]
    ]
    folds = [_fold(one) for one in request.args.getlist("also")[:CARDS]]
    with services().db.reading() as session:
        posted = posted_policies.current(session, site.id)
        clauses = posted.policy.clauses if posted else ()
        saved = saved_replies.of_sites(session, [site.id]).get(site.id, [])
        keys = [one.key for one in clauses]
        clause = request.form.get("clause")
        if picked or folds:
            shown, more = _chosen(session, site, picked, folds, keys)
        elif "replies_to" in request.args:
            shown, more, clause = _replies(session, site, request.args["replies_to"])
        else:
            shown, more = _fitting(session, site, keys)
    page = render_template(
        "desk/together.html",
        site=site,
        shown=shown,
        more=more,
        most=together.MOST,
        clauses=clauses,
        clause_chosen=clause,
        wrong=wrong,
        note=request.form.get("note", ""),
        explanation=request.form.get("explanation", ""),
        chosen=request.form.get("reply"),
        saved=saved,
        back=own_path(request.values.get("back")),
    )
    return page, 422 if wrong else 200


def _chosen(
    session: Session,
    site: Site,
    picked: Sequence[Seen],
    folds: Sequence[tuple[str, str]],
    clauses: Sequence[str],
) -> tuple[list[Card], bool]:
    """Those that were picked and can still be decided, with what the view folds under them, and
    whether there are more."""
    ids = [one.comment_id for one in picked[: together.MOST]]
    shown = {one.comment.id: one for one in _undecided(session, site, ids)}
    further = False
    for by, which in folds:
        view = filters.read({**request.args, by: which}, clauses=clauses, now=now())
        found, more = _of_view(session, site, view)
        shown |= {one.comment.id: one for one in found if one.comment.id not in shown}
        further = further or more
    most = list(shown.values())[: together.MOST]
    return most, further or len(shown) > len(most)


def _replies(session: Session, site: Site, to: str) -> tuple[list[Card], bool, str | None]:
    """The replies to a comment, whether there are more, and the clause that it broke itself."""
    try:
        answered = cards.card(session, site.id, UUID(to), now=now())
    except (ValueError, NotFound):
        abort(404)
    found = threads.below(session, site.id, answered.comment.id, limit=together.MOST + 1)
    clause = answered.in_force.decision.clause if answered.in_force else None
    shown = _undecided(session, site, found[: together.MOST])
    return shown, len(found) > together.MOST, clause


def _undecided(session: Session, site: Site, comment_ids: Sequence[UUID]) -> list[Card]:
    """Those that wait, or that readers see."""
    found = cards.cards(session, [(site.id, comment_id) for comment_id in comment_ids], now=now())
    return [card for card in found if card.waits or is_shown(card)]


def _fitting(session: Session, site: Site, clauses: Sequence[str]) -> tuple[list[Card], bool]:
    """The first of those that fit the view's filters, and whether there are more."""
    view = filters.read(request.args, clauses=clauses, now=now())
    if not view.is_narrowed or view.tray is None or "chosen" in request.args:
        raise BadFilter(
            "picked", gettext("choose comments with their boxes, or set a filter first")
        )
    return _of_view(session, site, view)


def _of_view(session: Session, site: Site, view: View) -> tuple[list[Card], bool]:
    sieve = alike(session, view, [site.id]).sieve
    look = Look(order=view.order, sieve=sieve, limit=together.MOST)
    page = queue.waiting(session, [site.id], look, tray=view.tray or Tray.WAITING, now=now())
    return list(page.items), page.next is not None


def _fold(text: str) -> tuple[str, str]:
    """A filter that shows what is folded under a card, from `<name>:<id>`."""
    by, _, which = text.partition(":")
    if by not in FOLDED_BY or not which:  # an empty filter is none: all that waits
        abort(400)
    return by, which


def is_shown(card: Card) -> bool:
    """Whether it is approved, and still has words."""
    return card.comment.status == Status.APPROVED and card.comment.erased_at is None


def _seen(text: str) -> Seen:
    """A comment as it was looked at, from `<id>:<revision>:<tray>`, or `<id>:<revision>:approved`
    for one that readers see."""
    comment_id, _, rest = text.partition(":")
    revision, _, lay = rest.partition(":")
    if lay not in [*Tray, Status.APPROVED]:
        abort(400)
    held = lay != Status.APPROVED
    try:
        return Seen(
            comment_id=UUID(comment_id),
            revision=forms.revision(revision),
            status=Status.HELD if held else Status.APPROVED,
            tray=lay if held else None,
        )
    except ValueError:
        abort(400)
