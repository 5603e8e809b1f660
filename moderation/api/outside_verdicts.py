"""What another system decided of the site's comments, while it works beside this one."""

from datetime import UTC, datetime

from moderation import outside_verdicts
from moderation.api.answers import OutsideDecisionsTaken
from moderation.api.auth import caller, needs, of_site
from moderation.models import Scope
from moderation.services import services
from moderation.submission import OutsideDecisions

bp = of_site("outside_verdicts", "Comments")


@bp.put("/outside-verdicts")
@needs(bp, Scope.SUBMIT)
@bp.input(
    OutsideDecisions,
    arg_name="told",
    example={"verdicts": [{"comment": "daily-88121", "status": "approved"}]},
)
@bp.output(OutsideDecisionsTaken, description="How many are noted.")
def tell_outside_verdicts(told: OutsideDecisions) -> OutsideDecisionsTaken:
    """Tell what another system decided.

    For a site that tries this service beside the one that it has (mode `shadow`): the desk compares
    what the policy says with what was done there. Nothing is decided by it here. Told again, the
    last word about a comment counts, so a request may be repeated.
    """
    with services().db.transaction() as session:
        unknown = outside_verdicts.tell(
            session, caller().site_id, told.verdicts, now=datetime.now(UTC)
        )
    return OutsideDecisionsTaken(noted=len(told.verdicts) - len(unknown), unknown=unknown)
