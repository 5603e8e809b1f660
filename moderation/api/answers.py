"""What the API answers, as models: the descriptions and examples here are the API's reference."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from moderation.models import (
    Actor,
    Commenter,
    Decision,
    Notice,
    NoticeOutcome,
    Outcome,
    Site,
    Status,
    Story,
)
from moderation.policy import Policy, Standing
from moderation.reading import KnownComment, Quoted, Shown
from moderation.redress.appeals import Told
from moderation.redress.statements import REPORTS_COUNTED, Blocked, By, Statement
from moderation.sites import CurrentPolicy
from moderation.staff.pseudonyms import pseudonym
from moderation.telling import in_sentences, of_appeal, of_notice, redress
from moderation.threads import Gone

EXAMPLE_ID = "019df2c4-5e80-7c1a-9d3e-4b6f8a2c1e70"
EXAMPLE_URL = f"https://moderation.example/api/v1/sites/the-daily/comments/{EXAMPLE_ID}"
NOON = "2026-05-04T12:00:00Z"


class Answer(BaseModel):
    """What every answer shares. A field without a value is there, and is null."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Decisions(Answer):
    """A page of the feed of decisions, in the order in which they were made."""

    decisions: list[FedDecision]
    next: int = Field(
        description="Send it as `after` to go on; keep it for the next visit.", examples=[41]
    )
    more: bool = Field(description="Whether there is more at once.")


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
    def of(cls, posted: CurrentPolicy) -> "PostedPolicyAnswer":
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
    def of(cls, posted: CurrentPolicy) -> "PolicyAnswer":
        """As the API tells it."""
        return cls(
            **policy_fields(posted.version, posted.policy),
            source=posted.source,
            posted_at=posted.posted_at,
        )


class PolicyVersion(Answer):
    """A new version is in force. What was judged before stays as it is."""

    version: int = Field(examples=[4])


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


class Block(Answer):
    """The site's block of a reader."""

    reason: str = Field(examples=["Insults under three stories."])
    since: datetime = Field(examples=[NOON])
    until: datetime | None = Field(description="Null: without an end.")


class History(Answer):
    """What is counted on a reader."""

    approved: int = Field(description="Comments approved now.", examples=[12])
    blocked: int = Field(description="Comments blocked now.", examples=[1])
    strikes: int = Field(description="Blocked comments that still count.", examples=[1])


class CommenterAnswer(Answer):
    """A reader, as the site's moderators know them."""

    id: str = Field(description="The site's own id.", examples=["rita"])
    name: str = Field(examples=["Rita"])
    standing: Standing
    history: History
    known_since: datetime = Field(examples=[NOON])
    block: Block | None = Field(description="The block in force.")

    @classmethod
    def of(
        cls, commenter: Commenter, standing: Standing, strikes: int, now: datetime
    ) -> "CommenterAnswer":
        """As the API tells it."""
        block = None
        if commenter.blocked_at is not None and commenter.is_blocked(now):
            block = Block(
                reason=commenter.block_reason,
                since=commenter.blocked_at,
                until=commenter.blocked_until,
            )
        return cls(
            id=commenter.external_id,
            name=commenter.name,
            standing=standing,
            history=History(
                approved=commenter.approved, blocked=commenter.blocked, strikes=strikes
            ),
            known_since=commenter.created_at,
            block=block,
        )


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
    moderator: str | None = Field(
        description="A pseudonym: the same for one person at one site.",
        examples=["Moderator K7QD-2MXA"],
    )
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


class AppealDecision(Answer):
    """Who decided about an appeal. Always a person."""

    moderator: str | None = Field(
        description="A pseudonym: the same for one person at one site.",
        examples=["Moderator K7QD-2MXA"],
    )
    own: bool = Field(
        description="Whether it is the person who had made the block: only where the site had"
        " nobody else."
    )
    reason: str | None = Field(
        description="What the commenter is to be told. Null once it is erased.",
        examples=["He is called a fool in it, and that is about Tom and not about his point."],
    )


class AppealAnswer(Answer):
    """An appeal of a block, as it stands now."""

    id: UUID
    reference: UUID = Field(description="The block, as its statement of reasons names it.")
    comment: UUID | None = Field(description="The comment that is blocked; null for a commenter.")
    commenter: str = Field(description="The site's id of the reader.", examples=["rita"])
    text: str | None = Field(description="What the commenter wrote. Null once it is erased.")
    received_at: datetime = Field(examples=[NOON])
    outcome: Outcome | None = Field(
        description="Null while it waits. `upheld` and `overturned` were decided by a person;"
        " `lifted`: the block was lifted before, and not because of the appeal; `replaced`: another"
        " block of the commenter took its place; `deleted`: what it was about is gone."
    )
    ended_at: datetime | None
    decision: AppealDecision | None = Field(description="Null unless a person has decided it.")
    settled_by: UUID | None = Field(
        description="The decision by which the comment was let through, in the feed of decisions."
    )
    seq: int | None = Field(
        description="The number under which the feed has it now; null while it never was in it."
    )
    sentences: list[str] = Field(
        description="What became of it, in English, to the commenter. Plain text: escape it."
    )

    @classmethod
    def of(cls, told: Told, site: Site, key: str) -> "AppealAnswer":
        """As the API tells it. `key` makes the pseudonyms."""
        return cls.model_validate(appeal_fields(told, site, key))


def appeal_fields(told: Told, site: Site, key: str) -> dict[str, Any]:
    """The fields of an appeal's answer."""
    appeal = told.appeal
    decided = appeal.outcome in {Outcome.UPHELD, Outcome.OVERTURNED}
    moderator = None
    if decided and appeal.moderator_id is not None:
        moderator = pseudonym(key, site.id, appeal.moderator_id)
    decision = AppealDecision(moderator=moderator, own=appeal.own, reason=appeal.reason)
    return {
        "id": appeal.id,
        "reference": appeal.decision_id or appeal.block_id,
        "comment": appeal.comment_id,
        "commenter": told.commenter,
        "text": appeal.text,
        "received_at": appeal.received_at,
        "outcome": appeal.outcome,
        "ended_at": appeal.ended_at,
        "decision": decision if decided else None,
        "settled_by": appeal.settled_by,
        "seq": appeal.seq,
        "sentences": of_appeal(appeal, site, moderator),
    }


class AppealTaken(AppealAnswer):
    """The appeal is taken in."""

    url: str = Field(
        description="Where it can be read.",
        examples=[f"https://moderation.example/api/v1/sites/the-daily/appeals/{EXAMPLE_ID}"],
    )
    repeat: bool = Field(
        description="Whether an earlier request posted it, with the same `Idempotency-Key`. Nothing"
        " was stored again.",
        examples=[False],
    )


class Appeals(Answer):
    """A page of the feed of appeals that have ended, or wait again."""

    appeals: list[AppealAnswer]
    next: int = Field(
        description="Send it as `after` to go on; keep it for the next visit.", examples=[41]
    )
    more: bool = Field(description="Whether there is more at once.")


class NoticeDecision(Answer):
    """Who decided about a notice, and why."""

    automated: bool = Field(description="Whether no person decided.")
    moderator: str | None = Field(
        description="A pseudonym: the same for one person at one site.",
        examples=["Moderator K7QD-2MXA"],
    )
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
    seq: int | None = Field(
        description="The number under which the feed has it now; null while it never was in it."
    )
    sentences: list[str] = Field(
        description="What became of it, in English, to whoever gave it, and what they can do. Plain"
        " text: escape it."
    )

    @classmethod
    def of(cls, notice: Notice, site: Site, key: str) -> "NoticeAnswer":
        """As the API tells it. `key` makes the pseudonyms."""
        return cls.model_validate(notice_fields(notice, site, key))


def notice_fields(notice: Notice, site: Site, key: str) -> dict[str, Any]:
    """The fields of a notice's answer."""
    by = notice.moderator_id
    moderator = pseudonym(key, site.id, by) if by is not None else None
    decided = notice.outcome in {NoticeOutcome.BLOCKED, NoticeOutcome.LEFT}
    return {
        "id": notice.id,
        "comment": notice.comment_id,
        "kind": notice.kind,
        "received_at": notice.received_at,
        "outcome": notice.outcome,
        "ended_at": notice.ended_at,
        "decision": NoticeDecision(automated=by is None, moderator=moderator, reason=notice.reason)
        if decided
        else None,
        "settled_by": notice.settled_by,
        "seq": notice.seq,
        "sentences": of_notice(notice, site, moderator),
    }


class NoticeTaken(NoticeAnswer):
    """The notice is taken in: this confirms its receipt."""

    url: str = Field(
        description="Where it can be read.",
        examples=[f"https://moderation.example/api/v1/sites/the-daily/notices/{EXAMPLE_ID}"],
    )
    repeat: bool = Field(
        description="Whether an earlier request posted it, with the same `Idempotency-Key`. Nothing"
        " was stored again.",
        examples=[False],
    )


class Notices(Answer):
    """A page of the feed of notices that have ended, or wait again."""

    notices: list[NoticeAnswer]
    next: int = Field(
        description="Send it as `after` to go on; keep it for the next visit.", examples=[41]
    )
    more: bool = Field(description="Whether there is more at once.")


class Analysis(Answer):
    """What the model makes of a text."""

    language: str | None = Field(
        description="The language it is in (ISO 639-1); null when nobody can tell.", examples=["en"]
    )
    readable: bool = Field(
        description="Whether the model reads that language. Where it does not, the scores say"
        " nothing.",
        examples=[True],
    )
    scores: dict[str, float] = Field(
        description="Each attribute, 0..1, of the writer's own words.",
        examples=[{"toxicity": 0.91, "insult": 0.88}],
    )
    quoted: dict[str, float] | None = Field(
        description="The same of words quoted from others (after `>`); null without any."
    )
    model: str = Field(examples=["moderation-minilm-en"])
    model_version: str = Field(examples=["3b80adb2905a"])
