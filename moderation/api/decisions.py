"""The feed of decisions, by which a site learns what became of its comments."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from moderation import decision_log, reading
from moderation.api.answers import Decisions, FedDecision
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import Whole
from moderation.decision_log import FEED_PAGE
from moderation.models import Scope
from moderation.services import services

bp = of_site("decisions", "Decisions")
LAST = 2**63 - 1


class FeedQuery(BaseModel):
    """Which page of a feed: of decisions, of appeals, of notices."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[int, Field(ge=0, le=LAST), Whole] = Field(
        0, description="The cursor: `next` of the answer before. 0: from the start."
    )
    limit: Annotated[int, Field(ge=1, le=FEED_PAGE), Whole] = Field(
        FEED_PAGE, description="Most of them in the answer."
    )

    def goes_on(self, numbers: Iterable[int | None]) -> dict[str, Any]:
        """What its answer says of where the feed goes on, `next` and `more`: of the `numbers` of
        what was found, which are one more than is told where there is more."""
        found = list(numbers)
        told = found[: self.limit]
        return {"next": told[-1] if told else self.after, "more": len(found) > self.limit}


@bp.get("/decisions")
@needs(bp, Scope.READ)
@bp.input(FeedQuery, location="query", arg_name="page")
@bp.output(Decisions, description="A page of the feed.")
def list_decisions(page: FeedQuery) -> Decisions:
    """Follow the decisions.

    In the order in which they were made, none left out: a decision that is committed late never
    has a lower number than one that was here before. Keep `next`, and come back with it.
    """
    with services().db.reading() as session:
        told = decision_log.feed(session, caller().site_id, after=page.after, limit=page.limit + 1)
        shown = told[: page.limit]
        quoted = reading.quoted(session, caller().site_id, [entry.decision for entry in shown])
    return Decisions(
        decisions=[
            FedDecision.of_fed(entry, quote) for entry, quote in zip(shown, quoted, strict=True)
        ],
        **page.goes_on(entry.decision.seq for entry in told),
    )
