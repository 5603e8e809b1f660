"""The queue: what of it is looked at, in which order, and what is folded under a card."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from moderation import cards, posted_policies, queue
from moderation.desk import filters, forms
from moderation.desk.arrivals_page import numbers, told_up_to
from moderation.desk.door import by_htmx, desk, now, own_path, own_site, person, see_other
from moderation.desk.filters import BadFilter, View
from moderation.desk.rule_words import rule_of
from moderation.desk.tabs import shown_sites
from moderation.figures import hold_budgets
from moderation.models import Commenter, Story, Tray
from moderation.paging import CARDS, Page, Place
from moderation.queue import BundleCard, Look
from moderation.services import services

FOLDED_BY = ("like", "commenter")
"""What cards are folded by, by the names of the filters that show the same."""
NOT_HERE: Mapping[type, Any] = {
    Story: lazy_gettext("no site shown here has such a story"),
    Commenter: lazy_gettext("no site shown here has such a commenter"),
}


@desk.get("/")
def front() -> ResponseReturnValue:
    """The way in."""
    return redirect(url_for("desk.queue"))


@desk.get("/queue", endpoint="queue")
def show_queue() -> ResponseReturnValue:
    """The held comments of the moderator's sites, or of the one that `site` names.

    Which of them, and in which order, the rest of the address says (`filters`).
    """
    moment = now()
    with services().db.reading() as session:
        shown = shown_sites(session)
        ids = shown.ids
        in_force = posted_policies.current_of_sites(session, ids)
        policies = [(site, in_force[site.id]) for site in shown.sites.values()]
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
        page = _page_of(session, view, ids, after)
        holds = hold_budgets.today(session, shown.sites.values(), now=moment)
    return render_template(
        "desk/queue.html",
        page=page,
        view=view,
        tray=view.tray,
        after=after,
        shown=shown,
        fitting=page.fitting if view.tray else None,
        story=story,
        commenter=commenter,
        clauses=clauses,
        signals=filters.SIGNALS,
        policies=policies,
        holds=holds,
        rule_of=rule_of,
        seen=numbers(shown.sites.values()),
        since=told_up_to(moment),
        looked_through=view.sieve.looked_through,
        full_page=CARDS,
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
        first = cards.card(session, site.id, comment_id, now=now())
        whose = comment_id if by == "like" else first.commenter.id
        asked: dict[str, Any] = {by: str(whose)} | {
            name: said for name, said in request.args.items() if name in filters.NAMES
        }
        if not by_htmx():
            return see_other(url_for("desk.queue", site=slug, **asked))
        clauses = [clause.key for clause in first.policy.policy.clauses] if first.policy else []
        view = alike(session, filters.read(asked, clauses=clauses, now=now()), [site.id])
        look = Look(order=view.order, sieve=replace(view.sieve, besides=comment_id))
        page = queue.waiting(session, [site.id], look, now=now())
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
) -> Page[BundleCard]:
    look = Look(order=view.order, sieve=view.sieve, after=after)
    if view.can_fold and not view.unfolded:
        return queue.waiting_in_bundles(session, ids, look, now=now())
    if view.tray is None:
        page = queue.mine(session, ids, look, moderator_id=person().moderator.id, now=now())
    else:
        page = queue.waiting(session, ids, look, tray=view.tray, now=now())
    return Page([BundleCard(card) for card in page.items], page.next, page.fitting)


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
