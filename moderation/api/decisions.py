"""The feed of decisions, by which a site learns what became of its comments."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from moderation import decisions, reading
from moderation.api.answers import Decisions, FedDecision, decision_fields
from moderation.api.auth import caller, needs, of_site
from moderation.api.bodies import Whole
from moderation.decisions import FEED_PAGE
from moderation.models import Scope
from moderation.services import services

bp = of_site("decisions", "Decisions")
LAST = 2**63 - 1


class FeedQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[int, Field(ge=0, le=LAST), Whole] = Field(
        0, description="The cursor: `next` of the answer before. 0: from the first decision."
    )
    limit: Annotated[int, Field(ge=1, le=FEED_PAGE), Whole] = Field(
        FEED_PAGE, description="Most decisions in the answer."
    )


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
        told = decisions.feed(session, caller().site_id, after=page.after, limit=page.limit + 1)
        shown = told[: page.limit]
        quoted = reading.quoted(session, caller().site_id, [entry.decision for entry in shown])
    return Decisions(
        decisions=[
            FedDecision.model_validate(
                decision_fields(quote)
                | {
                    "external_id": entry.external_id,
                    "story": entry.story,
                    "commenter": entry.commenter,
                }
            )
            for entry, quote in zip(shown, quoted, strict=True)
        ],
        next=shown[-1].decision.seq if shown else page.after,
        more=len(told) > page.limit,
    )
