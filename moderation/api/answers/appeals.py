"""What is answered about appeals, and the feed of them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from moderation.api.answers.answer import (
    EXAMPLE_ID,
    NOON,
    Answer,
    FedUnder,
    More,
    Next,
    Pseudonym,
    Repeat,
    complaint_fields,
)
from moderation.models import Outcome, Site
from moderation.redress.appeals import Told
from moderation.staff.pseudonyms import pseudonym
from moderation.telling import of_appeal


class AppealDecision(Answer):
    """Who decided about an appeal. Always a person."""

    moderator: Pseudonym
    own: bool = Field(
        description="Whether it is the person who had made the block: only where the site had"
        " nobody else."
    )
    reason: str | None = Field(
        description="What the commenter is to be told. Null once it is erased.",
        examples=["He is called a fool in it, and that is about Tom and not about his point."],
    )


class AppealAnswer(Answer):
    """An appeal of a block, as it stands now."""

    id: UUID
    reference: UUID = Field(description="The block, as its statement of reasons names it.")
    comment: UUID | None = Field(description="The comment that is blocked; null for a commenter.")
    commenter: str = Field(description="The site's id of the reader.", examples=["rita"])
    text: str | None = Field(description="What the commenter wrote. Null once it is erased.")
    received_at: datetime = Field(examples=[NOON])
    outcome: Outcome | None = Field(
        description="Null while it waits. `upheld` and `overturned` were decided by a person;"
        " `lifted`: the block was lifted before, and not because of the appeal; `replaced`: another"
        " block of the commenter took its place; `deleted`: what it was about is gone."
    )
    ended_at: datetime | None
    decision: AppealDecision | None = Field(description="Null unless a person has decided it.")
    settled_by: UUID | None = Field(
        description="The decision by which the comment was let through, in the feed of decisions."
    )
    seq: FedUnder
    sentences: list[str] = Field(
        description="What became of it, in English, to the commenter. Plain text: escape it."
    )

    @classmethod
    def of(cls, told: Told, site: Site, key: str) -> "AppealAnswer":
        """As the API tells it. `key` makes the pseudonyms."""
        appeal = told.appeal
        decided = appeal.outcome in {Outcome.UPHELD, Outcome.OVERTURNED}
        moderator = pseudonym(key, site.id, appeal.moderator_id) if decided else None
        decision = AppealDecision(moderator=moderator, own=appeal.own, reason=appeal.reason)
        return cls(
            **complaint_fields(appeal),
            reference=appeal.decision_id or appeal.block_id,
            commenter=told.commenter,
            text=appeal.text,
            decision=decision if decided else None,
            sentences=of_appeal(appeal, site, moderator),
        )


class AppealTaken(AppealAnswer):
    """The appeal is taken in."""

    url: str = Field(
        description="Where it can be read.",
        examples=[f"https://moderation.example/api/v1/sites/the-daily/appeals/{EXAMPLE_ID}"],
    )
    repeat: Repeat


class Appeals(Answer):
    """A page of the feed of appeals that have ended, or wait again."""

    appeals: list[AppealAnswer]
    next: Next
    more: More
