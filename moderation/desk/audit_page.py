"""The audit log of a site, for its admins. There is no address that changes it."""

from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation import acts
from moderation.desk import forms
from moderation.desk.audit_words import EVENTS
from moderation.desk.door import desk, needs, own_site
from moderation.services import services
from moderation.staff import people
from moderation.staff.roles import Right


@desk.get("/sites/<slug>/audit")
@needs(Right.AUDIT)
def audit(slug: str) -> ResponseReturnValue:
    """Who did what, newest first; of one person (`by`) or one act (`act`) alone."""
    site = own_site(slug)
    by, act = request.args.get("by") or None, request.args.get("act") or None
    try:
        whose = UUID(by) if by else None
    except ValueError:
        abort(404)
    if act is not None and act not in EVENTS:
        abort(404)
    before = forms.place("before")
    with services().db.reading() as session:
        page = acts.done(session, site.id, by=whose, event=act, before=before)
        here = people.of_site(session, site.id)
    return render_template(
        "desk/audit.html",
        site=site,
        page=page,
        here=here,
        by=by,
        act=act,
        before=before,
        events=EVENTS,
    )
