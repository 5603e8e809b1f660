"""The policy beside another system, for leads: where the two agree, and where not."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation import posted_policies
from moderation.desk.door import desk, needs, own_site
from moderation.desk.figures_page import day_of
from moderation.figures import comparison, shares
from moderation.models import Status
from moderation.services import services
from moderation.staff.roles import Right


@desk.get("/sites/<slug>/compare")
@needs(Right.FIGURES)
def compare(slug: str) -> ResponseReturnValue:
    """The newest that both have judged; with `theirs` and `ours` some of those decided so."""
    site = own_site(slug)
    theirs, ours = _status("theirs"), _status("ours")
    with services().db.reading() as session:
        shown = comparison.compare(session, site.id)
        samples = (
            comparison.samples(session, site.id, theirs=theirs, ours=ours)
            if theirs and ours
            else []
        )
        posted = posted_policies.current(session, site.id)
        versions = {one.policy_version for one in samples if one.policy_version}
        judged_under = posted_policies.of_versions(session, site.id, versions)
    return render_template(
        "desk/compare.html",
        site=site,
        shown=shown,
        theirs=theirs,
        ours=ours,
        samples=samples,
        posted=posted,
        judged_under=judged_under,
        statuses=comparison.STATUSES,
        looked_at=comparison.LOOKED_AT,
        samples_max=comparison.SAMPLES,
        confidence=shares.CONFIDENCE,
        day_of=day_of,
    )


def _status(name: str) -> Status | None:
    given = request.args.get(name)
    if given is None:
        return None
    if given not in comparison.STATUSES:
        abort(404)
    return Status(given)
