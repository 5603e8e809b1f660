"""What is answered about decisions, and the feed of them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from moderation.api.answers.answer import EXAMPLE_ID, NOON, Answer, More, Next
from moderation.decision_log import Told
from moderation.models import Actor, Decision, Status
from moderation.reading import Quoted


class ClauseName(Answer):
    """A clause as a decision names it."""

    key: str = Field(examples=["personal-attacks"])
    title: str | None = Field(
        description="As that policy version has it.", examples=["Personal attacks"]
    )


class ViolationAnswer(Answer):
    """A rule that fired, in numbers and offsets: never the words."""

    model_config = ConfigDict(extra="ignore")

    clause: str = Field(examples=["personal-attacks"])
    rule: str = Field(examples=["insult"])
    outcome: Literal["approve", "hold", "block"]
    attribute: str | None = Field(description="The attribute scored.", examples=["insult"])
    score: float | None = Field(
        description="The score, or the value of the signal.", examples=[0.83]
    )
    threshold: float | None = Field(description="What it reached.", examples=[0.6])
    signal: str | None = Field(description="The finding, where no score decided.")
    spans: list[tuple[int, int]] = Field(
        description="Where in the text: offsets in code points, the end excluded."
    )
    detail: str | None


class DecisionAnswer(Answer):
    """What was decided of a comment, why, by whom and when."""

    seq: int = Field(
        description="Counts up per site: the cursor of the feed. The feed of appeals has numbers of"
        " the same count. Below zero: imported, and in no feed.",
        examples=[41],
    )
    id: UUID
    comment_id: UUID = Field(examples=[EXAMPLE_ID])
    revision: int = Field(description="The revision it is about.", examples=[1])
    status_before: Status
    status: Status = Field(description="The status it led to.")
    by: Actor = Field(
        description="`import`: whoever it was in the system that the comment was imported from."
        " The feed has none of these."
    )
    imported_as: str | None = Field(
        description="How the comment stood there: `approved`, `pending`, `rejected`, `spam`,"
        " `trash`, `deleted`, or `unknown`, for which it is held. Null for what was decided here."
    )
    clause: ClauseName | None = Field(description="The clause that was broken, the main one.")
    explanation: str | None = Field(
        description="What the moderator wrote for the commenter, if anything; gone once the comment"
        " is deleted. Plain text: escape it."
    )
    policy_version: int | None = Field(examples=[3])
    violations: list[ViolationAnswer] = Field(description="Every rule that fired.")
    watched: list[ViolationAnswer] = Field(
        description="Rules that fired and only watch: `outcome` is what each would have done."
    )
    reasons: list[str] = Field(
        description="What held it beside the clauses, such as `language-unreadable`."
    )
    override: str | None = Field(description="The section's or story's stricter rule in force.")
    reason: str | None = Field(
        description="`expired-unreviewed`: blocked for no clause, because nobody had looked long"
        " after the story was closed; no strike. Null in every other decision."
    )
    undoes: UUID | None = Field(description="The decision that this one takes back.")
    appeal: UUID | None = Field(
        description="The appeal that it answers, or an answer to which it takes back."
    )
    decided_at: datetime = Field(examples=[NOON])

    @classmethod
    def of(cls, quoted: Quoted) -> "DecisionAnswer":
        """As the API tells it."""
        return cls.model_validate(decision_fields(quoted))


def decision_fields(quoted: Quoted) -> dict[str, Any]:
    """The fields of a decision's answer."""
    decision: Decision = quoted.decision
    evidence = decision.evidence
    return {
        "seq": decision.seq,
        "id": decision.id,
        "comment_id": decision.comment_id,
        "revision": decision.revision,
        "status_before": decision.status_before,
        "status": decision.status_after,
        "by": decision.actor,
        "imported_as": decision.imported_as,
        "clause": {"key": decision.clause, "title": quoted.clause_title}
        if decision.clause is not None
        else None,
        "explanation": quoted.explanation,
        "policy_version": decision.policy_version,
        "violations": evidence.get("violations") or [],
        "watched": evidence.get("watched") or [],
        "reasons": evidence.get("reasons") or [],
        "override": evidence.get("override"),
        "reason": decision.reason,
        "undoes": decision.undoes,
        "appeal": decision.appeal_id,
        "decided_at": decision.decided_at,
    }


class FedDecision(DecisionAnswer):
    """A decision in the feed, with the site's own ids."""

    external_id: str | None = Field(description="The site's id of the comment.")
    story: str = Field(description="The site's id of the story.", examples=["tram-7"])
    commenter: str = Field(description="The site's id of the reader.", examples=["rita"])

    @classmethod
    def of_fed(cls, fed: Told, quoted: Quoted) -> "FedDecision":
        """As the feed, and a webhook, tell it."""
        ids = {"external_id": fed.external_id, "story": fed.story, "commenter": fed.commenter}
        return cls.model_validate(decision_fields(quoted) | ids)


class Decisions(Answer):
    """A page of the feed of decisions, in the order in which they were made."""

    decisions: list[FedDecision]
    next: Next
    more: More
