"""The queue, one card's own page, and what a moderator does about a comment."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy.orm import Session

from moderation import (
    cards,
    decisions,
    figures,
    hold_budgets,
    leases,
    queue,
    sites,
    threads,
    together,
    trays,
)
from moderation.cards import Card, Logged, Moved
from moderation.desk import drafts, filters, forms
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other, tell
from moderation.desk.drafts import Draft
from moderation.desk.filters import BadFilter, View
from moderation.desk.forms import Slip
from moderation.desk.replies_page import explanation
from moderation.desk.rule_words import rule_of
from moderation.desk.wording import STATUSES, ago, clause_title, decided, moved
from moderation.models import (
    Actor,
    Commenter,
    Concern,
    Decision,
    Move,
    Site,
    Status,
    Story,
    Tray,
)
from moderation.paging import EPOCH, PAGE, Page, Place
from moderation.queue import Bundle
from moderation.services import services
from moderation.sites import NotFound

FOLDED_BY = ("like", "commenter")
"""What cards are folded by, by the names of the filters that show the same."""
SEQ_MAX = 10**18 - 1
MILLISECONDS_MAX = 10**13 - 1
COMMITTED_WITHIN = timedelta(seconds=10)
"""Between a move's moment and its commit: no act at the desk takes longer."""
NOT_HERE: Mapping[type, Any] = {
    Story: lazy_gettext("no site shown here has such a story"),
    Commenter: lazy_gettext("no site shown here has such a commenter"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: what is said of it, the address that takes it back, and, where it was a
    decision, the status that the comment has now."""

    says: str
    undo: str | None = None
    status: str | None = None


@desk.get("/")
def front() -> ResponseReturnValue:
    """The way in."""
    return redirect(url_for("desk.queue"))


@desk.get("/queue", endpoint="queue")
def show_queue() -> ResponseReturnValue:
    """The held comments of the moderator's sites, or of the one that `site` names.

    Which of them, and in which order, the rest of the address says (`filters`).
    """
    shown, moment = shown_sites(), now()
    ids = [site.id for site in shown.values()]
    with services().db.reading() as session:
        in_force = sites.current_policies(session, ids)
        policies = [(site, in_force[site.id]) for site in shown.values()]
        clauses = {
            clause.key: clause.title
            for _, posted in policies
            if posted
            for clause in posted.policy.clauses
        }
        view = alike(session, filters.read(request.args, clauses=clauses, now=moment), ids)
        after = _place(view)
        story = _named(session, "story", Story, view.sieve.story_id, ids)
        commenter = _named(session, "commenter", Commenter, view.sieve.commenter_id, ids)
        tabs = tab_counts(session, ids)
        page = _page_of(session, view, ids, after)
        holds = hold_budgets.today(session, shown.values(), now=moment)
    return render_template(
        "desk/queue.html",
        page=page,
        view=view,
        tray=view.tray,
        after=after,
        shown=shown,
        tabs=tabs,
        total=sum(tabs.waiting[site_id] for site_id in ids),
        fitting=page.fitting if view.tray else None,
        story=story,
        commenter=commenter,
        clauses=clauses,
        signals=filters.SIGNALS,
        policies=policies,
        holds=holds,
        rule_of=rule_of,
        seen=_numbers(shown.values()),
        since=_told_up_to(moment),
        looked_through=queue.looked_through(view.sieve),
        full_page=PAGE,
    )


@desk.get("/sites/<slug>/comments/<uuid:comment_id>/folded")
def folded(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """The cards that a view folds under a comment's: those like it, or by its `commenter`.

    Without htmx it is the queue with these alone.
    """
    site, by = own_site(slug), request.args.get("by", "like")
    if by not in FOLDED_BY:
        abort(404)
    with services().db.reading() as session:
        first = _card_in(session, site, comment_id)
        whose = comment_id if by == "like" else first.commenter.id
        asked: dict[str, Any] = {by: str(whose)} | {
            name: said for name, said in request.args.items() if name in filters.NAMES
        }
        if not by_htmx():
            return see_other(url_for("desk.queue", site=slug, **asked))
        clauses = [clause.key for clause in first.policy.policy.clauses] if first.policy else []
        view = alike(session, filters.read(asked, clauses=clauses, now=now()), [site.id])
        page = queue.waiting(
            session,
            [site.id],
            order=view.order,
            sieve=replace(view.sieve, besides=comment_id),
            now=now(),
        )
    return render_template(
        "desk/folded.html",
        page=page,
        tray=Tray.WAITING,
        site=site,
        asked=view.asked,
        back=own_path(request.args.get("back")),
    )


def _page_of(
    session: Session, view: View, ids: Collection[UUID], after: Place | None
) -> Page[Bundle]:
    order, sieve = view.order, view.sieve
    if view.can_fold and not view.unfolded:
        return queue.waiting_in_bundles(
            session, ids, order=order, sieve=sieve, after=after, now=now()
        )
    if view.tray is None:
        me = person().moderator.id
        page = queue.mine(
            session, ids, moderator_id=me, order=order, sieve=sieve, after=after, now=now()
        )
    else:
        page = queue.waiting(
            session, ids, tray=view.tray, order=order, sieve=sieve, after=after, now=now()
        )
    return Page([Bundle(card) for card in page.items], page.next, page.fitting)


def alike(session: Session, view: View, ids: Collection[UUID]) -> View:
    """The view, with the words of the comment that it may name looked up."""
    if view.like is None:
        return view
    found = queue.fingerprint_of(session, view.like, ids)
    if found is None:
        raise BadFilter(
            "like", gettext("no site shown here has such a comment, or its words are gone")
        )
    return replace(view, sieve=replace(view.sieve, fingerprint=found))


def _place(view: View) -> Place | None:
    """Where the page begins; one of another order is no page."""
    place = forms.place("after")
    if place is not None and (place.rank is None) is not (view.order.rank is None):
        abort(404)
    return place


def _named(
    session: Session,
    field: str,
    kind: type[queue.Named],
    row_id: UUID | None,
    ids: Collection[UUID],
) -> queue.Named | None:
    """The story or commenter that a filter names."""
    if row_id is None:
        return None
    found = queue.named(session, kind, row_id, ids)
    if found is None:
        raise BadFilter(field, NOT_HERE[kind])
    return found


def tab_counts(session: Session, shown: Collection[UUID]) -> queue.Tabs:
    """What the tabs say: how much waits at each site of the moderator, what lies in the trays of
    those shown."""
    return queue.tabs(
        session,
        [site.id for site in person().sites.values()],
        shown=shown,
        moderator_id=person().moderator.id,
        now=now(),
    )


@desk.get("/queue/arrivals")
def arrivals() -> ResponseReturnValue:
    """What happened since the page was made: how many came, and cards that colleagues decided or
    laid elsewhere.

    `seen` are the sites' numbers of the last decision when the page was made, `told` when it was
    last told of decisions; `since` is when it was last told of moves, in milliseconds since 1970.
    """
    moment, me = now(), person().moderator.id
    seen, told, since = _parsed_numbers("seen"), _parsed_numbers("told"), _since(moment)
    with services().db.reading() as session:
        number = queue.arrived(session, seen)
        keys = queue.decided_by_others(session, told, moderator_id=me)
        keys += queue.moved_by_others(session, told, since=since, moderator_id=me)
        done = cards.cards(session, keys, now=now())
        total = sum(tab_counts(session, ()).waiting[site_id] for site_id in seen)
    return render_template(
        "desk/arrivals.html",
        number=number,
        total=total,
        done=done,
        tray=Tray.WAITING,  # the only tab that asks
        seen=request.args.getlist("seen"),
        told=_numbers(site for site in person().sites.values() if site.id in told),
        since=_told_up_to(moment),
        site=request.args.get("site"),
        back=own_path(request.args.get("back")),
        here=own_path(request.args.get("here")),
    )


@desk.get("/sites/<slug>/comments/<uuid:comment_id>")
def comment(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """One comment, whatever its status, with its whole log."""
    draft, notice = drafts.kept(comment_id, by=person().moderator.id), ""
    if draft:
        notice = gettext(
            "You were signed out before this was sent, and nothing was decided. What you had"
            " written is still here."
        )
    return _page(_card(own_site(slug), comment_id), notice, draft=draft)


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
        comment_id = queue.comment_of(session, site.id, decision_id)

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
        comment_id = queue.comment_moved(session, site.id, move_id)

    def act(session: Session) -> Done:
        trays.undo(session, site.id, move_id, moderator_id=person().moderator.id, now=now())
        return Done(gettext("Taken back."))

    return _act(site, comment_id or abort(404), None, act, undoes=move_id)


@desk.post("/sites/<slug>/comments/<uuid:comment_id>/lease")
def lease(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Say that one has it open, and hear who else does. A page sends it by itself."""
    site, me = own_site(slug), person().moderator
    try:
        with services().db.transaction() as session:
            leases.take(session, site.id, comment_id, moderator_id=me.id)
            opener = leases.holder(session, site.id, comment_id)
    except NotFound:
        abort(404)
    return render_template("desk/opener.html", opener=opener)


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


def shown_sites() -> Mapping[str, Site]:
    """The moderator's sites, or the one of them that the address names."""
    slug = request.args.get("site")
    return {slug: own_site(slug)} if slug else person().sites


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
        return _refused(
            site, comment_id, gettext("Choose the clause that it breaks: nothing was decided.")
        )
    except Slip as slip:
        return _refused(site, comment_id, str(slip))
    except NotFound:
        abort(404)
    if done.status is not None:
        figures.decided(site.slug, done.status, Actor.MODERATOR)
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
        return _card_in(session, site, comment_id)


def _card_in(session: Session, site: Site, comment_id: UUID) -> Card:
    try:
        return cards.card(session, site.id, comment_id, now=now())
    except NotFound:
        abort(404)


def _page(
    card: Card, notice: str = "", status: int = 200, draft: Draft | None = None
) -> ResponseReturnValue:
    """The card: alone for htmx, which puts it in the place of the old one, else on its page.

    `draft` is what was written about it and not taken.
    """
    back = own_path(request.form.get("back"))
    answers = _answers(card) if card.comment.status == Status.BLOCKED else 0
    template = "desk/card.html" if by_htmx() else "desk/comment.html"
    page = render_template(
        template,
        card=card,
        notice=notice,
        draft=draft or {},
        offer=offered(answers) if answers else None,
        back=back,
        tray=forms.tray("tab"),
        alone=not by_htmx(),
    )
    return page, status


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
        notice = gettext("The site has deleted this comment.")
    elif seen is not None and card.comment.revision != seen.revision:
        notice = gettext(
            "The commenter has edited this comment since you saw it: these are the new words."
        )
    elif card.waits and card.moved is not None and (seen is None or card.comment.tray != seen.tray):
        notice = f"{moved(card.moved)}, {ago(card.moved.move.moved_at)}."
    elif line is not None:
        clause = clause_title(line.decision.clause, card.judged_under)
        done, when = decided(line), ago(line.decision.decided_at)
        notice = f"{done}, {when}."
        if clause and card.comment.status == Status.BLOCKED:
            notice = gettext(
                "%(done)s for %(clause)s, %(when)s.", done=done, clause=clause, when=when
            )
    else:
        notice = gettext("This comment is %(status)s now.", status=STATUSES[card.comment.status])
    not_taken = gettext("Your decision was not taken.")
    return _page(card, f"{notice} {not_taken}", 409, drafts.of_form(request.endpoint))


def _refused(site: Site, comment_id: UUID, notice: str) -> ResponseReturnValue:
    return _page(_card(site, comment_id), notice, 422, drafts.of_form(request.endpoint))


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
        seq = forms.whole(number, SEQ_MAX)
        numbers[own_site(slug).id] = abort(400) if seq is None else seq
    return numbers


def _told_up_to(moment: datetime) -> int:
    """As `_since` reads it back: what was moved just before may not be committed yet, and is
    rather told twice than never."""
    return (moment - COMMITTED_WITHIN - EPOCH) // timedelta(milliseconds=1)


def _since(moment: datetime) -> datetime:
    """Since when moves are to be told; without it, none of before this moment."""
    if "since" not in request.args:
        return EPOCH + timedelta(milliseconds=_told_up_to(moment))
    milliseconds = forms.whole(request.args["since"], MILLISECONDS_MAX)
    return abort(400) if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
