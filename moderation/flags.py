"""Readers' reports. Their words are kept for the moderator, never shown in public, never scored."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from moderation import commenters, decision_log, policy, posted_policies, signals
from moderation.models import (
    Actor,
    Comment,
    Commenter,
    Decision,
    Flag,
    Revision,
    Score,
    Status,
    Story,
    Tray,
    Urgency,
)
from moderation.queue import triage
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, insert_new
from moderation.submission import FlagReport


@dataclass(frozen=True, slots=True)
class Flagged:
    """A reported comment as it stands now, and the change if the report has brought it down."""

    comment: Comment
    held_by: decision_log.Change | None = None


def flag(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    report: FlagReport,
    *,
    now: datetime,
) -> Flagged:
    """Count a reader's report, once per reader; hold an approved comment if the policy says so.

    After a person's approval flags hold nothing. NotFound for a comment that is erased.
    """
    comment = session.get(Comment, (site_id, comment_id), with_for_update=BESIDE_REPLIES)
    if comment is None or comment.erased_at is not None:
        raise NotFound("comment")
    row = {
        "site_id": site_id,
        "comment_id": comment_id,
        "reader_hash": commenters.reader_hash(site_id, report.reader),
        "reason": report.reason,
        "text": report.text,
        "flagged_at": now,
    }
    if not insert_new(session, Flag, [row], Flag.comment_id):
        return Flagged(comment)
    comment.flags += 1
    comment.urgency = min(comment.urgency, Urgency.REPORTED)
    session.flush()
    if comment.status != Status.APPROVED or _approved_by_a_person(session, comment):
        return Flagged(comment)
    return Flagged(comment, held_by=_hold_if_flagged_enough(session, comment, now))


def _approved_by_a_person(session: Session, comment: Comment) -> bool:
    """Whether the approval in force is a person's.

    Whoever takes a block back approves nothing: what the policy had let through is its own again.
    """
    approved_by = session.scalar(
        select(Decision.actor)
        .where(
            Decision.site_id == comment.site_id,
            Decision.comment_id == comment.id,
            Decision.status_after == Status.APPROVED,
            Decision.undoes.is_(None),
        )
        .order_by(Decision.seq.desc())
        .limit(1)
    )
    return approved_by == Actor.MODERATOR


def _hold_if_flagged_enough(
    session: Session, comment: Comment, now: datetime
) -> decision_log.Change | None:
    posted = posted_policies.current(session, comment.site_id)
    if posted is None:
        return None
    story = session.get_one(Story, (comment.site_id, comment.story_id))
    words = session.get_one(Revision, (comment.site_id, comment.id, comment.revision))
    evidence = _evidence(session, comment, story, words, posted.policy, now)
    verdict = _brought_about_by_flags(posted.policy, evidence)
    if not verdict.violations:
        return None
    change = decision_log.Change(
        comment_id=comment.id,
        commenter_id=comment.commenter_id,
        revision=comment.revision,
        before=Status.APPROVED,
        after=Status.HELD,
        actor=Actor.POLICY,
        clause=verdict.primary.clause if verdict.primary else None,
        policy_version=posted.version,
        evidence=verdict.as_json(),
    )
    sorted_by = triage.triage(
        verdict,
        scores=evidence.scores,
        language=words.language,
        flags=comment.flags,
        story_open=story.closed_at is None,
    )
    session.execute(
        update(Comment)
        .where(
            Comment.site_id == comment.site_id,
            Comment.id == comment.id,
            Comment.status == Status.APPROVED,
        )
        .values(
            status=Status.HELD,
            decision_id=change.id,
            tray=Tray.WAITING,
            move_id=None,
            moved_by=None,
            **asdict(sorted_by),
        )
        .execution_options(synchronize_session=False)
    )
    decision_log.record(session, comment.site_id, [change], now)
    session.refresh(comment)  # the update went past it, and the caller answers its status
    return change


def _evidence(
    session: Session,
    comment: Comment,
    story: Story,
    words: Revision,
    posted: policy.Policy,
    now: datetime,
) -> policy.Evidence:
    """What is known of an approved comment, its flags among it."""
    scores, quoted = session.execute(
        select(Score.attributes, Score.quoted)
        .where(
            Score.site_id == comment.site_id,
            Score.comment_id == comment.id,
            Score.revision == comment.revision,
        )
        .order_by(Score.scored_at.desc())
        .limit(1)
    ).first() or ({}, None)
    writer = session.get_one(Commenter, (comment.site_id, comment.commenter_id))
    key = (writer.site_id, writer.id)
    strikes = commenters.strikes_of(session, [key], now).get(key, 0)
    return policy.Evidence(
        scores=scores,
        quoted_scores=quoted,
        signals=_signals(words, posted),
        standing=commenters.standing_of(writer, strikes),
        flags=comment.flags,
        section=story.section,
        story=story.external_id,
    )


def _signals(words: Revision, posted: policy.Policy) -> tuple[signals.Signal, ...]:
    """What a rule may ask for together with flags, but for repeats and the language."""
    found = signals.collect(
        words.text or "", policy=posted, language=words.language, readable=(), earlier=()
    )
    return tuple(s for s in found if s.kind != signals.SignalKind.LANGUAGE_UNREADABLE)


def _brought_about_by_flags(posted: policy.Policy, evidence: policy.Evidence) -> policy.Verdict:
    """A verdict of those violations that would not be there without the flags."""
    mode = policy.Mode.PUBLISH_UNLESS_HELD
    unflagged = policy.evaluate(posted, replace(evidence, flags=0), mode)
    flagged = policy.evaluate(posted, evidence, mode)
    return policy.Verdict(
        policy.Outcome.HOLD,
        tuple(one for one in flagged.violations if one not in unflagged.violations),
        watched=tuple(one for one in flagged.watched if one not in unflagged.watched),
    )
