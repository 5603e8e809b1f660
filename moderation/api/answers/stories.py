"""What is answered about stories, and what stands under them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from moderation.api.answers.answer import EXAMPLE_ID, NOON, Answer
from moderation.api.answers.policies import PostedPolicyAnswer
from moderation.models import Story
from moderation.reading import Shown
from moderation.threads import Gone


class StoryAnswer(Answer):
    """A story as the service knows it."""

    id: str = Field(description="The site's own id.", examples=["tram-7"])
    url: str = Field(examples=["https://daily.example/tram-7"])
    title: str = Field(examples=["Tram line 7 reopens"])
    section: str = Field(examples=["City"])
    closed: bool = Field(description="Whether it takes no more comments.", examples=[False])

    @classmethod
    def of(cls, story: Story) -> "StoryAnswer":
        """As the API tells it."""
        return cls(
            id=story.external_id,
            url=story.url,
            title=story.title,
            section=story.section,
            closed=story.closed_at is not None,
        )


class ShownComment(Answer):
    """One comment as readers see it, or a tombstone that holds the place of its replies."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    parent: UUID | None = Field(description="The comment that it replies to.")
    depth: int = Field(description="0 for the first of a thread.", examples=[0])
    posted_at: datetime = Field(examples=[NOON])
    gone: Gone | None = Field(
        description="Null for a comment; else why this is only a tombstone: `blocked`, `erased`,"
        " or `withdrawn` (it waits for a decision again)."
    )
    external_id: str | None
    revision: int | None = Field(description="Above 1: it was edited.", examples=[1])
    commenter: str | None = Field(examples=["rita"])
    commenter_name: str | None = Field(examples=["Rita"])
    text: str | None = Field(
        description="They are data: escape them.", examples=["A fair point, well made."]
    )

    @classmethod
    def of(cls, shown: Shown) -> "ShownComment":
        """As the API tells it."""
        return cls(
            id=shown.id,
            parent=shown.parent_id,
            depth=shown.depth,
            posted_at=shown.posted_at,
            gone=shown.gone,
            external_id=shown.external_id,
            revision=shown.revision,
            commenter=shown.commenter,
            commenter_name=shown.commenter_name,
            text=shown.text,
        )


class StoryComments(Answer):
    """What stands under a story: thread by thread, each reply below the comment that it answers."""

    story: StoryAnswer
    count: int = Field(description="Approved comments under the whole story.", examples=[37])
    policy: PostedPolicyAnswer | None = Field(description="The policy posted under it.")
    comments: list[ShownComment]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")
