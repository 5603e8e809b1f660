"""A statement of reasons, as the API tells it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from moderation.api.answers.answer import EXAMPLE_ID, NOON, Answer, Pseudonym
from moderation.api.answers.decisions import ViolationAnswer
from moderation.api.answers.policies import ClauseAnswer
from moderation.redress.statements import REPORTS_COUNTED, Blocked, By, Statement
from moderation.telling import in_sentences, redress


class StatedComment(Answer):
    """The comment that a statement is about."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    external_id: str | None
    story: str = Field(description="The site's id of the story.", examples=["tram-7"])
    revision: int = Field(description="The revision that was blocked.", examples=[1])
    was_public: bool = Field(description="Whether readers had been shown it.")


class StatedDetection(Answer):
    """What had been found in the comment: a block by a person may follow it or not."""

    automated: bool = Field(
        description="Whether a rule of the policy found something in it by itself. Readers'"
        " reports are not automated."
    )
    at: datetime | None = Field(description="When; null where no rule found anything.")
    policy_version: int | None = Field(description="The version that it was held against.")
    violations: list[ViolationAnswer] = Field(description="Every rule that fired.")
    reasons: list[str] = Field(description="What brought it before a person beside the clauses.")
    override: str | None = Field(description="The section's or story's stricter rule in force.")
    reports: int = Field(
        description="Readers who had reported it before it was decided, as far as the decision"
        f" could go by that; counted up to {REPORTS_COUNTED}. Who they are is never told.",
        examples=[2],
    )


class StatedDecision(Answer):
    """Who decided."""

    automated: bool | None = Field(
        description="Whether no person decided; null where that is not known here."
    )
    by: By | None = Field(
        description="`site`: by its key, or, where it is `expired`, by its setting. `import`: in"
        " the system that it was imported from. Null: the block is older than the log of blocks."
    )
    expired: bool = Field(
        description="Whether nobody had looked at the comment in time, and no clause is broken."
    )
    moderator: Pseudonym
    on_notice: bool = Field(
        description="Whether a person answered a notice of illegal content with it. Who gave that"
        " is never told."
    )
    at: datetime = Field(examples=[NOON])


class StatementAnswer(Answer):
    """A statement of reasons for a block that is in force, as facts and as sentences."""

    reference: UUID = Field(description="Names the block: the decision's id, or the block's own.")
    restriction: Literal["comment-not-shown", "comments-not-taken"]
    where: Literal["everywhere"]
    since: datetime = Field(examples=[NOON])
    until: datetime | None = Field(description="Null: without an end.")
    site: str = Field(description="Its name.", examples=["The Daily"])
    commenter: str = Field(description="The site's id of the reader.", examples=["rita"])
    comment: StatedComment | None = Field(description="Null where the commenter is blocked.")
    policy_version: int | None = Field(
        description="The version that it was decided under; for a commenter, the one in force then."
    )
    policy_title: str | None = Field(examples=["What we print"])
    clause: ClauseAnswer | None = Field(
        description="The clause that was broken, as that version has it. A block of a commenter"
        " names none."
    )
    reason: str | None = Field(
        description="What whoever decided wrote for the commenter, beside the clause. Plain text:"
        " escape it."
    )
    detection: StatedDetection | None = Field(description="Null where the commenter is blocked.")
    decision: StatedDecision
    appeal_until: datetime | None = Field(
        description="Until when it can be appealed, once; null where nobody could look at it again:"
        " the comment is deleted, or the block older than the log of blocks."
    )
    appeal: UUID | None = Field(description="The appeal of this block, where there is one.")
    redress: list[str] = Field(description="What the commenter can do about it, in sentences.")
    sentences: list[str] = Field(
        description="All of it in English, to the commenter, to be shown or mailed. Plain text:"
        " escape it.",
        examples=[["This was decided automatically, without a person, on 4 May 2026, 12:00 UTC."]],
    )

    @classmethod
    def of(cls, statement: Statement) -> "StatementAnswer":
        """As the API tells it."""
        posted, blocked = statement.posted, statement.blocked
        return cls(
            reference=statement.reference,
            restriction="comment-not-shown" if blocked else "comments-not-taken",
            where="everywhere",
            since=statement.since,
            until=statement.until,
            site=statement.site.name,
            commenter=statement.commenter.external_id,
            comment=_stated(blocked) if blocked else None,
            policy_version=posted.version if posted else None,
            policy_title=posted.policy.title if posted else None,
            clause=_clause(statement),
            reason=statement.reason,
            detection=_detection(blocked) if blocked else None,
            decision=StatedDecision(
                automated=statement.automated,
                by=statement.by,
                expired=statement.blocked is not None and statement.blocked.expired,
                moderator=statement.moderator,
                on_notice=statement.blocked is not None and statement.blocked.noticed,
                at=statement.since,
            ),
            appeal_until=statement.appeal_until,
            appeal=statement.appeal.id if statement.appeal else None,
            redress=redress(statement),
            sentences=in_sentences(statement),
        )


def _stated(blocked: Blocked) -> StatedComment:
    return StatedComment(
        id=blocked.comment.id,
        external_id=blocked.comment.external_id,
        story=blocked.story.external_id,
        revision=blocked.revision,
        was_public=blocked.was_public,
    )


def _clause(statement: Statement) -> ClauseAnswer | None:
    posted = statement.posted
    clause = posted.policy.clause(statement.clause) if posted and statement.clause else None
    return ClauseAnswer(key=clause.key, title=clause.title, text=clause.text) if clause else None


def _detection(blocked: Blocked) -> StatedDetection:
    found = blocked.found
    verdict = found.verdict if found else None
    return StatedDetection(
        automated=found is not None and found.automated,
        at=found.at if found else None,
        policy_version=found.policy_version if found else None,
        violations=[
            ViolationAnswer.model_validate(violation.as_json())
            for violation in (verdict.violations if verdict else ())
        ],
        reasons=list(verdict.reasons) if verdict else [],
        override=verdict.override if verdict else None,
        reports=blocked.reports,
    )
