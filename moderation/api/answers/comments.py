"""What is answered about comments."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from moderation.api.answers.answer import EXAMPLE_ID, EXAMPLE_URL, NOON, Answer
from moderation.api.answers.decisions import DecisionAnswer
from moderation.api.answers.problems import ProblemDetails
from moderation.models import Status
from moderation.reading import KnownComment


class Accepted(Answer):
    """The comment is taken in. It will be scored and judged in a moment."""

    id: UUID = Field(description="Our id of the comment.", examples=[EXAMPLE_ID])
    status: Status = Field(
        description="`received` until it is judged; a repeat answers what it is by now."
    )
    revision: int = Field(description="Counts up with each edit, from 1.", examples=[1])
    url: str = Field(description="Where it can be read.", examples=[EXAMPLE_URL])
    repeat: bool = Field(
        description="Whether an earlier request posted it: with the same `Idempotency-Key`, or the"
        " same external id. Nothing was stored again.",
        examples=[False],
    )


class BatchItem(Answer):
    """What became of one comment of a batch: `comment`, or else `problem`."""

    index: int = Field(description="Its place in the batch, from 0.", examples=[0])
    comment: Accepted | None
    problem: ProblemDetails | None


class BatchAnswer(Answer):
    """One entry for each comment of the batch, in its order."""

    comments: list[BatchItem]


class Edited(Answer):
    """The comment has new words, which wait to be judged."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    status: Status
    revision: int = Field(examples=[2])


class Flagged(Answer):
    """The report is counted."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    status: Status = Field(description="`held` where the policy's flag rule has held it.")
    flags: int = Field(description="Readers who reported it.", examples=[1])


class ScoreAnswer(Answer):
    """What one model said of the newest revision."""

    model: str = Field(examples=["bundled"])
    model_version: str = Field(
        description="A hash of the model's content.", examples=["8f14e45fceea"]
    )
    attributes: dict[str, float] = Field(
        description="Each attribute that the model scores, 0 to 1.",
        examples=[{"toxicity": 0.8, "insult": 0.83}],
    )
    quoted: dict[str, float] | None = Field(
        description="The same for words quoted from others; they never block."
    )
    scored_at: datetime = Field(examples=[NOON])


class CommentAnswer(Answer):
    """A comment with all that is known of it. For the site's own eyes."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    external_id: str | None
    status: Status
    revision: int = Field(examples=[1])
    story: str = Field(examples=["tram-7"])
    commenter: str = Field(examples=["rita"])
    parent: UUID | None = Field(description="Our id of the comment that it replies to.")
    text: str | None = Field(
        description="The words of the newest revision. They are data: escape them.",
        examples=["You are a fool, Tom."],
    )
    language: str | None = Field(
        description="As it was detected (ISO 639-1); null before, and where nobody can tell.",
        examples=["en"],
    )
    posted_at: datetime = Field(examples=[NOON])
    received_at: datetime = Field(examples=[NOON])
    judged: bool = Field(description="Whether the newest revision has been judged.")
    flags: int = Field(description="Readers who reported it.", examples=[0])
    scores: list[ScoreAnswer] = Field(description="Of the newest revision, the latest first.")
    decision: DecisionAnswer | None = Field(description="The one in force.")

    @classmethod
    def of(cls, known: KnownComment) -> "CommentAnswer":
        """As the API tells it."""
        comment = known.comment
        return cls(
            id=comment.id,
            external_id=comment.external_id,
            status=Status(comment.status),
            revision=comment.revision,
            story=known.story.external_id,
            commenter=known.commenter.external_id,
            parent=comment.parent_id,
            text=known.revision.text,
            language=known.revision.language,
            posted_at=comment.posted_at,
            received_at=comment.received_at,
            judged=comment.judged_at is not None,
            flags=comment.flags,
            scores=[
                ScoreAnswer(
                    model=score.model,
                    model_version=score.model_version,
                    attributes=score.attributes,
                    quoted=score.quoted,
                    scored_at=score.scored_at,
                )
                for score in known.scores
            ],
            decision=DecisionAnswer.of(known.decision) if known.decision else None,
        )
