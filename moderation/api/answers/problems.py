"""What is answered where a request is refused."""

from pydantic import ConfigDict, Field

from moderation.api.answers.answer import Answer


class Error(Answer):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="allow")

    field: str = Field(
        description="Where: a field of the body (`comments[3].text`), a header, a parameter;"
        " empty for the request as a whole.",
        examples=["text"],
    )
    detail: str = Field(examples=["has 10001 characters, at most 10000 are taken"])
    limit: int | None = Field(
        default=None, description="The limit, where there is one.", examples=[10000]
    )


class PolicyMistake(Answer):
    """One mistake in a policy."""

    where: str = Field(description="A key path, or a line.", examples=["clauses[0].rules[0].hold"])
    reason: str = Field(examples=["must be from 0 to 1"])


class ProblemDetails(Answer):
    """A refusal, as RFC 9457 has it (`application/problem+json`)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Where this kind is explained.", examples=["/api/docs#invalid"])
    title: str = Field(examples=["The request does not fit"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Each error names the field and what is wrong with it."])
    errors: list[Error] = Field(default=[], description="What exactly, where it can be said.")
    problems: list[PolicyMistake] = Field(
        default=[], description="For a policy: each mistake, with its place."
    )
