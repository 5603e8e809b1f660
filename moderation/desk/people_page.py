"""Who works for a site: for its admins, who invite, change roles and remove."""

from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from moderation.desk.door import desk, needs, now, own_site, person, see_other, tell
from moderation.models import Invitation, Role, Site
from moderation.services import services
from moderation.staff import people as colleagues
from moderation.staff.moderators import ModeratorError
from moderation.staff.people import LastAdmin, WorksHere
from moderation.staff.roles import Right

LAST_ADMIN = lazy_gettext("A site keeps at least one admin: make somebody else one first.")


@desk.get("/sites/<slug>/people")
@needs(Right.PEOPLE)
def people(slug: str) -> ResponseReturnValue:
    """Who works here, as what, and who is invited."""
    return _page(own_site(slug))


@desk.post("/sites/<slug>/people/invitations")
@needs(Right.PEOPLE)
def invite(slug: str) -> ResponseReturnValue:
    """Make an invitation, and show its link, this once: nobody else is sent it."""
    site, email, role = own_site(slug), request.form.get("email", ""), _role()
    try:
        with services().db.transaction() as session:
            invitation, token = colleagues.invite(
                session, site.id, email, role, by=person().moderator.id, now=now()
            )
    except WorksHere:
        wrong = gettext("They work here already: change their role instead.")
        return _page(site, wrong=wrong, typed=email), 422
    except ModeratorError:
        wrong = gettext("An e-mail address has the form name@host, at most 254 characters.")
        return _page(site, wrong=wrong, typed=email), 422
    return _page(site, made=invitation, link=_address(token))


@desk.post("/sites/<slug>/people/invitations/<uuid:invitation_id>/withdraw")
@needs(Right.PEOPLE)
def withdraw_invitation(slug: str, invitation_id: UUID) -> ResponseReturnValue:
    """Let its link be good for nothing."""
    site = own_site(slug)
    with services().db.transaction() as session:
        colleagues.withdraw(session, site.id, invitation_id, by=person().moderator.id, now=now())
    return _done(site, gettext("The invitation is withdrawn."))


@desk.post("/sites/<slug>/people/<uuid:moderator_id>/role")
@needs(Right.PEOPLE)
def change_role(slug: str, moderator_id: UUID) -> ResponseReturnValue:
    """Give a colleague another role, from their next request on."""
    site, role = own_site(slug), _role()
    try:
        with services().db.transaction() as session:
            colleagues.change_role(
                session, site.id, moderator_id, role, by=person().moderator.id, now=now()
            )
    except LastAdmin:
        return _page(site, wrong=LAST_ADMIN), 422
    return _done(site, gettext("The role is changed."))


@desk.post("/sites/<slug>/people/<uuid:moderator_id>/remove")
@needs(Right.PEOPLE)
def remove_moderator(slug: str, moderator_id: UUID) -> ResponseReturnValue:
    """Let them work here no longer."""
    site = own_site(slug)
    try:
        with services().db.transaction() as session:
            colleagues.remove(session, site.id, moderator_id, by=person().moderator.id, now=now())
    except LastAdmin:
        return _page(site, wrong=LAST_ADMIN), 422
    return _done(site, gettext("They work here no longer. What they decided stays."))


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(400)


def _address(token: str) -> str:
    base = services().settings.public_url or request.host_url
    return base.rstrip("/") + url_for("desk.invitation_form", token=token)


def _done(site: Site, says: str) -> ResponseReturnValue:
    tell(says)
    # Whoever gave up their own role may see this page no longer.
    own = (request.view_args or {}).get("moderator_id") == person().moderator.id
    return see_other(url_for("desk.queue") if own else url_for("desk.people", slug=site.slug))


def _page(
    site: Site,
    *,
    wrong: str = "",
    typed: str = "",
    made: Invitation | None = None,
    link: str = "",
) -> str:
    with services().db.reading() as session:
        here = colleagues.of_site(session, site.id)
        invited = colleagues.invited(session, site.id, now=now())
    return render_template(
        "desk/people.html",
        site=site,
        here=here,
        invited=invited,
        wrong=wrong,
        typed=typed,
        made=made,
        link=link,
        hours=colleagues.HOURS,
    )
