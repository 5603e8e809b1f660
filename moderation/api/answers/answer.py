"""What answers share."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from moderation.models import Appeal, Notice

EXAMPLE_ID = "019df2c4-5e80-7c1a-9d3e-4b6f8a2c1e70"
EXAMPLE_URL = f"https://moderation.example/api/v1/sites/the-daily/comments/{EXAMPLE_ID}"
NOON = "2026-05-04T12:00:00Z"

Pseudonym = Annotated[
    str | None,
    Field(
        description="A pseudonym: the same for one person at one site.",
        examples=["Moderator K7QD-2MXA"],
    ),
]
"""A moderator's."""
Next = Annotated[
    int,
    Field(description="Send it as `after` to go on; keep it for the next visit.", examples=[41]),
]
"""Where a feed goes on."""
More = Annotated[bool, Field(description="Whether there is more at once.")]
FedUnder = Annotated[
    int | None,
    Field(description="The number under which the feed has it now; null while it never was in it."),
]
Repeat = Annotated[
    bool,
    Field(
        description="Whether an earlier request posted it, with the same `Idempotency-Key`. Nothing"
        " was stored again.",
        examples=[False],
    ),
]


class Answer(BaseModel):
    """What every answer shares. A field without a value is there, and is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def complaint_fields(complaint: Appeal | Notice) -> dict[str, Any]:
    """What is told of an appeal and of a notice alike."""
    return {
        "id": complaint.id,
        "comment": complaint.comment_id,
        "received_at": complaint.received_at,
        "outcome": complaint.outcome,
        "ended_at": complaint.ended_at,
        "settled_by": complaint.settled_by,
        "seq": complaint.seq,
    }
