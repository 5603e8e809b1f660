"""The log: what was decided lately, by whom, why."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation import history
from moderation.desk.door import desk, person
from moderation.desk.queue_page import shown_sites
from moderation.models import Actor
from moderation.paging import Place
from moderation.services import services

DECIDED_BY = {"people": Actor.MODERATOR, "policy": Actor.POLICY, "all": None}


@desk.get("/decisions", endpoint="decisions")
def show_decisions() -> ResponseReturnValue:
    """The decisions at the moderator's sites, newest first; of persons unless `by` says other."""
    shown = shown_sites()
    by = request.args.get("by", "people")
    try:
        before = Place.parse(request.args["before"]) if "before" in request.args else None
        actor = DECIDED_BY[by]
    except (ValueError, KeyError):
        abort(404)
    with services().db.reading() as session:
        page = history.decided(
            session, [site.id for site in shown.values()], by=actor, before=before
        )
    return render_template(
        "desk/decisions.html", page=page, by=by, shown=shown, before=before, person=person()
    )
