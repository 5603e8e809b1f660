"""What is answered about notices of illegal content, and the feed of them."""

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
from moderation.models import Notice, NoticeOutcome, Site
from moderation.staff.pseudonyms import pseudonym
from moderation.telling import of_notice


class NoticeDecision(Answer):
    """Who decided about a notice, and why."""

    automated: bool = Field(description="Whether no person decided.")
    moderator: Pseudonym
    reason: str | None = Field(
        description="What the notifier is to be told, where a moderator has written it. Null once"
        " it is erased."
    )


class NoticeAnswer(Answer):
    """A notice that a comment is illegal, as it stands now. Who gave it is not in it."""

    id: UUID
    comment: UUID = Field(examples=[EXAMPLE_ID])
    kind: str = Field(examples=["defamation"])
    received_at: datetime = Field(examples=[NOON])
    outcome: NoticeOutcome | None = Field(
        description="Null while it waits for a moderator. `blocked`: the comment is, because of it"
        " or otherwise; `left`: a moderator has looked, and it stays as it was; `deleted`: the"
        " comment is gone."
    )
    ended_at: datetime | None
    decision: NoticeDecision | None = Field(description="Null while it waits, or if deleted.")
    settled_by: UUID | None = Field(
        description="The decision by which the comment is blocked, in the feed of decisions."
    )
    seq: FedUnder
    sentences: list[str] = Field(
        description="What became of it, in English, to whoever gave it, and what they can do. Plain"
        " text: escape it."
    )

    @classmethod
    def of(cls, notice: Notice, site: Site, key: str) -> "NoticeAnswer":
        """As the API tells it. `key` makes the pseudonyms."""
        by = notice.moderator_id
        moderator = pseudonym(key, site.id, by)
        decided = notice.outcome in {NoticeOutcome.BLOCKED, NoticeOutcome.LEFT}
        decision = NoticeDecision(automated=by is None, moderator=moderator, reason=notice.reason)
        return cls(
            **complaint_fields(notice),
            kind=notice.kind,
            decision=decision if decided else None,
            sentences=of_notice(notice, site, moderator),
        )


class NoticeTaken(NoticeAnswer):
    """The notice is taken in: this confirms its receipt."""

    url: str = Field(
        description="Where it can be read.",
        examples=[f"https://moderation.example/api/v1/sites/the-daily/notices/{EXAMPLE_ID}"],
    )
    repeat: Repeat


class Notices(Answer):
    """A page of the feed of notices that have ended, or wait again."""

    notices: list[NoticeAnswer]
    next: Next
    more: More
