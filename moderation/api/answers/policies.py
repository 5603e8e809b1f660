"""What is answered about policies."""

from datetime import datetime
from typing import Any

from pydantic import Field

from moderation.api.answers.answer import NOON, Answer
from moderation.policy import Policy
from moderation.posted_policies import Posted


class ClauseAnswer(Answer):
    """One paragraph of a policy."""

    key: str = Field(examples=["personal-attacks"])
    title: str = Field(examples=["Personal attacks"])
    text: str = Field(examples=["Argue with what was said, not with who said it."])


class PostedPolicyAnswer(Answer):
    """The policy as readers see it under a story."""

    version: int = Field(examples=[3])
    title: str = Field(examples=["What we print"])
    text: str = Field(examples=["Write as you would speak to a neighbour."])
    language: str | None = Field(description="What the policy is written in.")
    clauses: list[ClauseAnswer]

    @classmethod
    def of(cls, posted: Posted) -> "PostedPolicyAnswer":
        """As the API tells it."""
        return cls(**policy_fields(posted.version, posted.policy))


def policy_fields(version: int, policy: Policy) -> dict[str, Any]:
    """What readers see of a policy."""
    return {
        "version": version,
        "title": policy.title,
        "text": policy.text,
        "language": policy.language,
        "clauses": [
            ClauseAnswer(key=clause.key, title=clause.title, text=clause.text)
            for clause in policy.clauses
        ],
    }


class PolicyAnswer(PostedPolicyAnswer):
    """The version of the policy that is in force, with its source."""

    source: str = Field(description="The TOML as it was posted.")
    posted_at: datetime = Field(examples=[NOON])

    @classmethod
    def of(cls, posted: Posted) -> "PolicyAnswer":
        """As the API tells it."""
        return cls(
            **policy_fields(posted.version, posted.policy),
            source=posted.source,
            posted_at=posted.posted_at,
        )


class PolicyVersion(Answer):
    """A new version is in force. What was judged before stays as it is."""

    version: int = Field(examples=[4])
