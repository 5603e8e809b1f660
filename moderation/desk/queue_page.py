"""The queue, one card's own page, and what a moderator does about a comment."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from moderation import cards, decisions, figures, queue
from moderation.cards import Card
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.wording import ago, clause_title, decided
from moderation.models import Actor, Site, Status
from moderation.paging import Place
from moderation.queue import Order
from moderation.services import services
from moderation.sites import NotFound

NOTE_MAX = 1000


@desk.get("/")
def front() -> ResponseReturnValue:
    """The way in."""
    return redirect(url_for("desk.queue"))


@desk.get("/queue", endpoint="queue")
def show_queue() -> ResponseReturnValue:
    """The held comments of the moderator's sites, or of the one that `site` names."""
    shown = shown_sites()
    try:
        order = Order(request.args.get("order", Order.OLDEST))
        after = Place.parse(request.args["after"]) if "after" in request.args else None
    except ValueError:
        abort(404)
    ids = [site.id for site in shown.values()]
    with services().db.reading() as session:
        counts = queue.counts(session, [site.id for site in person().sites.values()])
        page = queue.waiting(session, ids, order=order, after=after, now=now())
        policies = [(site, cards.Policies(session).current(site.id)) for site in shown.values()]
    return render_template(
        "desk/queue.html",
        page=page,
        order=order,
        after=after,
        shown=shown,
        counts=counts,
        total=sum(counts[site_id] for site_id in ids),
        policies=policies,
        seen=_numbers(shown.values()),
    )


@desk.get("/queue/arrivals")
def arrivals() -> ResponseReturnValue:
    """What happened since the page was made: how many came, and cards that colleagues decided.

    `seen` are the sites' numbers of the last decision when the page was made, `told` when it was
    last told of decisions.
    """
    seen, told = _parsed_numbers("seen"), _parsed_numbers("told")
    with services().db.reading() as session:
        number = queue.arrived(session, seen)
        keys = queue.decided_by_others(session, told, moderator_id=person().moderator.id)
        done = cards.cards(session, keys, now=now())
        total = sum(queue.counts(session, seen).values())
    return render_template(
        "desk/arrivals.html",
        number=number,
        total=total,
        done=done,
        seen=request.args.getlist("seen"),
        told=_numbers(site for site in person().sites.values() if site.id in told),
        site=request.args.get("site"),
        back=own_path(request.args.get("back")),
    )


@desk.get("/sites/<slug>/comments/<uuid:comment_id>")
def comment(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """One comment, whatever its status, with its whole log."""
    return _page(_card(own_site(slug), comment_id))


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/approve")
def approve(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Let it through."""
    site, seen = own_site(slug), _seen(comment_id)
    try:
        with services().db.transaction() as session:
            decision_id = decisions.approve(
                session, site.id, seen, moderator_id=person().moderator.id, now=now()
            )
    except decisions.AlreadyDecided:
        return _conflict(site, comment_id, seen)
    except NotFound:
        abort(404)
    figures.decided(site.slug, Status.APPROVED, Actor.MODERATOR)
    return _done(site, comment_id, "Approved.", decision_id)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/block")
def block(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Block it for breaking a clause, with a note if there is one to make."""
    site, seen = own_site(slug), _seen(comment_id)
    clause, note = request.form.get("clause", ""), request.form.get("note", "").strip()
    if len(note) > NOTE_MAX or "\0" in note:
        return _refused(site, comment_id, f"A note has at most {NOTE_MAX} characters.")
    try:
        with services().db.transaction() as session:
            decision_id = decisions.block(
                session,
                site.id,
                seen,
                clause=clause,
                note=note,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except decisions.AlreadyDecided:
        return _conflict(site, comment_id, seen)
    except decisions.UnknownClause:
        return _refused(site, comment_id, "Choose the clause that it breaks: nothing was decided.")
    except NotFound:
        abort(404)
    figures.decided(site.slug, Status.BLOCKED, Actor.MODERATOR)
    return _done(site, comment_id, "Blocked.", decision_id)


@desk.post("/sites/<slug>/decisions/<uuid:decision_id>/undo")
def undo(slug: str, decision_id: UUID) -> ResponseReturnValue:
    """Take a decision back. The log keeps both."""
    site = own_site(slug)
    with services().db.reading() as session:
        comment_id = queue.comment_of(session, site.id, decision_id)
    if comment_id is None:
        abort(404)
    try:
        with services().db.transaction() as session:
            status = decisions.undo(
                session, site.id, decision_id, moderator_id=person().moderator.id, now=now()
            )
    except decisions.AlreadyDecided:
        return _conflict(site, comment_id, None)
    figures.decided(site.slug, status, Actor.MODERATOR)
    return _done(site, comment_id, "Taken back.")


# --- answers ----------------------------------------------------------------------------------


def shown_sites() -> Mapping[str, Site]:
    """The moderator's sites, or the one of them that the address names."""
    slug = request.args.get("site")
    return {slug: own_site(slug)} if slug else person().sites


def _seen(comment_id: UUID) -> decisions.Seen:
    """What the form says that the moderator had before their eyes."""
    revision, status = request.form.get("revision", ""), request.form.get("status", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        abort(400)
    if status not in list(Status):
        abort(400)
    return decisions.Seen(comment_id=comment_id, revision=int(revision), status=status)


def _card(site: Site, comment_id: UUID) -> Card:
    with services().db.reading() as session:
        try:
            return cards.card(session, site.id, comment_id, now=now())
        except NotFound:
            abort(404)


def _page(card: Card, notice: str = "", status: int = 200) -> ResponseReturnValue:
    """The card: alone for htmx, which puts it in the place of the old one, else on its page."""
    back = own_path(request.form.get("back"))
    template = "desk/card.html" if by_htmx() else "desk/comment.html"
    page = render_template(template, card=card, notice=notice, back=back, alone=not by_htmx())
    return page, status


def _done(
    site: Site, comment_id: UUID, says: str, decision_id: UUID | None = None
) -> ResponseReturnValue:
    if by_htmx():
        return _page(_card(site, comment_id))
    tell(says, site=site, decision=decision_id)
    return see_other(own_path(request.form.get("back")))


def _conflict(site: Site, comment_id: UUID, seen: decisions.Seen | None) -> ResponseReturnValue:
    """Somebody was faster: the card as it is now, with what happened."""
    card = _card(site, comment_id)
    line = card.in_force
    if card.comment.erased_at is not None:
        notice = "The site has deleted this comment."
    elif seen is not None and card.comment.revision != seen.revision:
        notice = "The commenter has edited this comment since you saw it: these are the new words."
    elif line is not None:
        clause = clause_title(line.decision.clause, card.judged_under)
        for_it = f" for {clause}" if clause and card.comment.status == Status.BLOCKED else ""
        notice = f"{decided(line)}{for_it}, {ago(line.decision.decided_at)}."
    else:
        notice = f"This comment is {card.comment.status} now."
    return _page(card, f"{notice} Your decision was not taken.", 409)


def _refused(site: Site, comment_id: UUID, notice: str) -> ResponseReturnValue:
    return _page(_card(site, comment_id), notice, 422)


def _numbers(shown: Iterable[Site]) -> list[str]:
    """Each site's number of its last decision, as `arrivals` reads it back.

    Taken with the sign-in, so before the cards were read: one decided in between is told twice
    rather than never.
    """
    return [f"{site.slug}:{site.decisions_seq}" for site in shown]


def _parsed_numbers(name: str) -> dict[UUID, int]:
    numbers = {}
    for entry in request.args.getlist(name):
        slug, _, number = entry.partition(":")
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            abort(400)
        numbers[own_site(slug).id] = int(number)
    return numbers
