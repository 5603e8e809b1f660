"""What is answered to a site that tells what its other system decided."""

from pydantic import Field

from moderation.api.answers.answer import Answer


class OutsideDecisionsTaken(Answer):
    """What another system decided is noted."""

    noted: int = Field(description="About so many comments.", examples=[1])
    unknown: list[int] = Field(
        description="The places, from 0, of those that name no comment of the site. A comment that"
        " was deleted is not known any more.",
        examples=[[]],
    )
