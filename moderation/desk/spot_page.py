"""The spot check: a pass of its own, one comment at a time, by people who are not told why."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation import cards, decisions, metrics, site_settings
from moderation.desk import forms
from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.figures import spot_checks
from moderation.models import Actor, Site, Status
from moderation.services import services
from moderation.staff.roles import Right


@desk.get("/sites/<slug>/spot-check")
def spot_check(slug: str) -> ResponseReturnValue:
    """The comment that is asked about next, without what the policy said of it."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/spot-check/<uuid:comment_id>/fine")
def find_fine(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Nothing is wrong with it: it stays public, or is let through."""
    return _answer(own_site(slug), comment_id, None)


@desk.post("/sites/<slug>/spot-check/<uuid:comment_id>/broken")
def find_broken(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """It breaks a clause: it is blocked, whatever the policy said."""
    return _answer(own_site(slug), comment_id, request.form.get("clause", ""))


@desk.post("/sites/<slug>/spot-check/<uuid:comment_id>/again")
def find_again(slug: str, comment_id: UUID) -> ResponseReturnValue:
    """Take one's own "fine" back, to be asked again."""
    site = own_site(slug)
    try:
        with services().db.transaction() as session:
            spot_checks.take_back(
                session, site.id, comment_id, _revision(), moderator_id=person().moderator.id
            )
    except decisions.AlreadyDecided:
        return _page(site, says=gettext("There is no such answer of yours any more.")), 409
    tell(gettext("Taken back."))
    return see_other(url_for("desk.spot_check", slug=slug))


@desk.post("/sites/<slug>/spot-check/settings")
@needs(Right.FIGURES)
def set_spot_check(slug: str) -> ResponseReturnValue:
    """How much is drawn, and how many are asked about in a day."""
    site = own_site(slug)
    try:
        share = float(request.form.get("percent", "")) / 100
        daily = int(request.form.get("daily", ""))
        with services().db.transaction() as session:
            site_settings.change(
                session,
                session.get_one(Site, site.id),
                spot_share=share,
                spot_daily=daily,
                moderator_id=person().moderator.id,
                now=now(),
            )
    except ValueError:  # a SiteError is one
        wrong = gettext(
            "The share is 0 to %(share)s per cent, and the most in a day 0 to %(daily)s:"
            " nothing was changed.",
            share=round(site_settings.SPOT_SHARE_MAX * 100),
            daily=site_settings.SPOT_DAILY_MAX,
        )
        return _page(site, wrong=wrong), 422
    tell(gettext("Set. What is approved from now on is drawn by it."))
    return see_other(url_for("desk.spot_check", slug=slug))


def _revision() -> int:
    return forms.revision(request.values.get("revision", ""))  # a way back has it in its address


def _answer(site: Site, comment_id: UUID, clause: str | None) -> ResponseReturnValue:
    revision = _revision()
    try:
        with services().db.transaction() as session:
            decision_id = spot_checks.answer(
                session,
                site.id,
                comment_id,
                revision,
                clause=clause,
                note=forms.note(),
                moderator_id=person().moderator.id,
                now=now(),
            )
    except decisions.AlreadyDecided:
        gone = gettext("That comment has changed since you saw it. Your answer was not taken.")
        return _page(site, says=gone), 409
    except Slip as slip:
        return _page(site, says=str(slip)), 422
    except decisions.UnknownClause:
        return _page(site, says=str(forms.NO_CLAUSE)), 422
    if decision_id is not None:
        status = Status.APPROVED if clause is None else Status.BLOCKED
        metrics.decided(site.slug, status, Actor.MODERATOR)
        undo = url_for("desk.undo", slug=site.slug, decision_id=decision_id)
    else:
        undo = url_for("desk.find_again", slug=site.slug, comment_id=comment_id, revision=revision)
    tell(gettext("Found fine.") if clause is None else gettext("Blocked."), undo=undo)
    return see_other(url_for("desk.spot_check", slug=site.slug))


def _page(site: Site, *, says: str = "", wrong: str = "") -> str:
    me, moment = person().moderator.id, now()
    with services().db.reading() as session:
        so_far = spot_checks.progress(session, site, now=moment)
        dealt = spot_checks.deal(session, site, so_far, moderator_id=me, now=moment)
        card = cards.card(session, site.id, dealt, now=moment) if dealt else None
    return render_template(
        "desk/spot_check.html",
        site=site,
        so_far=so_far,
        card=card,
        says=says,
        wrong=wrong,
        may_set=person().may(Right.FIGURES, site.slug),
        share_max=site_settings.SPOT_SHARE_MAX,
        daily_max=site_settings.SPOT_DAILY_MAX,
    )
