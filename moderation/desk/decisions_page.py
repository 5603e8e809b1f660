"""The log: what was decided lately, by whom, why."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation import history
from moderation.desk import forms
from moderation.desk.door import desk, person
from moderation.desk.tabs import shown_sites
from moderation.models import Actor
from moderation.services import services

DECIDED_BY = {
    "people": Actor.MODERATOR,
    "me": Actor.MODERATOR,
    "policy": Actor.POLICY,
    "expired": Actor.SITE,
    "all": None,
}


@desk.get("/decisions", endpoint="decisions")
def show_decisions() -> ResponseReturnValue:
    """The decisions at the moderator's sites, newest first; of persons unless `by` says other."""
    by = request.args.get("by", "people")
    if by not in DECIDED_BY:
        abort(404)
    before = forms.place("before")
    with services().db.reading() as session:
        shown = shown_sites(session)
        page = history.decided(
            session,
            shown.ids,
            by=DECIDED_BY[by],
            moderator_id=person().moderator.id if by == "me" else None,
            expired=by == "expired",
            before=before,
        )
    return render_template(
        "desk/decisions.html",
        page=page,
        by=by,
        shown=shown,
        before=before,
        person=person(),
    )
