"""What is answered about readers who write."""

from datetime import datetime

from pydantic import Field

from moderation.api.answers.answer import NOON, Answer
from moderation.models import Commenter
from moderation.policy import Standing


class Block(Answer):
    """The site's block of a reader."""

    reason: str = Field(examples=["Insults under three stories."])
    since: datetime = Field(examples=[NOON])
    until: datetime | None = Field(description="Null: without an end.")


class History(Answer):
    """What is counted on a reader."""

    approved: int = Field(description="Comments approved now.", examples=[12])
    blocked: int = Field(description="Comments blocked now.", examples=[1])
    strikes: int = Field(description="Blocked comments that still count.", examples=[1])


class CommenterAnswer(Answer):
    """A reader, as the site's moderators know them."""

    id: str = Field(description="The site's own id.", examples=["rita"])
    name: str = Field(examples=["Rita"])
    standing: Standing
    history: History
    known_since: datetime = Field(examples=[NOON])
    block: Block | None = Field(description="The block in force.")

    @classmethod
    def of(
        cls, commenter: Commenter, standing: Standing, strikes: int, now: datetime
    ) -> "CommenterAnswer":
        """As the API tells it."""
        block = None
        if commenter.blocked_at is not None and commenter.is_blocked(now):
            block = Block(
                reason=commenter.block_reason,
                since=commenter.blocked_at,
                until=commenter.blocked_until,
            )
        return cls(
            id=commenter.external_id,
            name=commenter.name,
            standing=standing,
            history=History(
                approved=commenter.approved, blocked=commenter.blocked, strikes=strikes
            ),
            known_since=commenter.created_at,
            block=block,
        )
