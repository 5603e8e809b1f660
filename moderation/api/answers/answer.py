"""What answers share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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
