"""All that a site knows of one reader, for that reader, as plain objects for a file.

Nothing of anybody else: who moderated, who reported, and what others wrote stays out of it; what
moderators noted about the reader and the reader's comments is about the reader, and is in it. Reads
only, as `exports`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, inspect, select
from sqlalchemy.orm import Session

from moderation import commenters
from moderation.cards import Policies
from moderation.keeping.exports import ROWS_AT_ONCE, Object
from moderation.models import (
    Actor,
    Appeal,
    AuditEntry,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterNote,
    Decision,
    DecisionNote,
    Explanation,
    Flag,
    Move,
    OutsideVerdict,
    Refusal,
    Revision,
    Score,
    SpotCheck,
    Story,
    Strike,
)
from moderation.models.joins import explanation_of, note_of, story_of

Row = TypeVar("Row", Revision, Score, Strike, Move, SpotCheck, OutsideVerdict)
BY = {
    Actor.POLICY: "the policy",
    Actor.MODERATOR: "a moderator",
    Actor.SITE: "the site",
    Actor.IMPORT: "the system that it was imported from",
}
RULE_BROKEN = ("clause", "rule", "outcome", "attribute", "signal", "score", "threshold")


def of_reader(session: Session, person: Commenter) -> Iterator[Object]:
    """A `kind` and what is known, object by object: the reader, then what they wrote, then what
    else is kept of them."""
    yield {
        "kind": "commenter",
        "id": person.external_id,
        "name": person.name,
        "known_since": person.created_at,
        "standing": person.standing,
        "comments_approved": person.approved,
        "comments_blocked": person.blocked,
        "blocked_since": person.blocked_at,
        "blocked_until": person.blocked_until,
        "block_reason": person.block_reason,
    }
    for kept in (_comments, _reports, _refusals, _blocks, _appeals, _notes, _events):
        yield from kept(session, person)


def _comments(session: Session, person: Commenter) -> Iterator[Object]:
    policies, site_id = Policies(session, [person.site_id]), person.site_id
    rows = session.execute(
        select(Comment, Story)
        .join(Story, story_of())
        .where(Comment.site_id == site_id, Comment.commenter_id == person.id)
        .order_by(Comment.received_at, Comment.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for some in rows.partitions():
        ids = [comment.id for comment, _ in some]
        revisions = _by_comment(session, Revision, site_id, ids)
        scores = _by_comment(session, Score, site_id, ids)
        strikes = _by_comment(session, Strike, site_id, ids)
        moves = _by_comment(session, Move, site_id, ids)
        checks = _by_comment(session, SpotCheck, site_id, ids)
        outside = _by_comment(session, OutsideVerdict, site_id, ids)
        decisions = _decisions(session, policies, site_id, ids)
        for comment, story in some:
            yield _comment(comment, story) | {
                "in_another_system": next((one.status for one in outside[comment.id]), None),
                "strike_until": next((one.expires_at for one in strikes[comment.id]), None),
                "revisions": [_revision(one) for one in revisions[comment.id]],
                "scores": [_score(one) for one in scores[comment.id]],
                "decisions": decisions[comment.id],
                "moves": [_move(one) for one in moves[comment.id]],
                "spot_checks": [_check(one) for one in checks[comment.id]],
            }


def _comment(comment: Comment, story: Story) -> Object:
    return {
        "kind": "comment",
        "id": comment.id,
        "external_id": comment.external_id,
        "story": {"id": story.external_id, "title": story.title, "url": story.url},
        "is_reply": comment.parent_id is not None,
        "status": comment.status,
        "posted_at": comment.posted_at,
        "received_at": comment.received_at,
        "erased_at": comment.erased_at,
        "reported_by_readers": comment.flags,
    }


def _revision(revision: Revision) -> Object:
    return {
        "number": revision.number,
        "text": revision.text,
        "language": revision.language,
        "written_at": revision.created_at,
    }


def _score(score: Score) -> Object:
    return {
        "revision": score.revision,
        "model": score.model,
        "model_version": score.model_version,
        "attributes": score.attributes,
        "quoted": score.quoted,
        "scored_at": score.scored_at,
    }


def _move(move: Move) -> Object:
    return {
        "to": move.tray_after,
        "concern": move.concern,
        "note": move.note,
        "moved_at": move.moved_at,
    }


def _check(check: SpotCheck) -> Object:
    return {
        "revision": check.revision,
        "drawn_at": check.drawn_at,
        "found": check.answer,
        "clause": check.clause,
        "at": check.answered_at,
    }


def _by_comment(
    session: Session, rows_of: type[Row], site_id: UUID, comment_ids: Sequence[UUID]
) -> dict[UUID, list[Row]]:
    """The rows of each of these comments, in the order of their keys."""
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in session.scalars(
        select(rows_of)
        .where(rows_of.site_id == site_id, rows_of.comment_id.in_(comment_ids))
        .order_by(*inspect(rows_of).primary_key)
    ):
        found[row.comment_id].append(row)
    return found


def _decisions(
    session: Session, policies: Policies, site_id: UUID, comment_ids: Sequence[UUID]
) -> dict[UUID, list[Object]]:
    told: dict[UUID, list[Object]] = defaultdict(list)
    for decision, note, explanation in session.execute(
        select(Decision, DecisionNote.text, Explanation.text)
        .outerjoin(DecisionNote, note_of())
        .outerjoin(Explanation, explanation_of())
        .where(Decision.site_id == site_id, Decision.comment_id.in_(comment_ids))
        .order_by(Decision.seq)
    ):
        posted = policies.version(site_id, decision.policy_version)
        clause = posted.policy.clause(decision.clause) if posted and decision.clause else None
        told[decision.comment_id].append(
            {
                "revision": decision.revision,
                "from": decision.status_before,
                "to": decision.status_after,
                "by": BY[Actor(decision.actor)],
                "imported_as": decision.imported_as,
                "clause": decision.clause,
                "clause_title": clause.title if clause else None,
                "policy_version": decision.policy_version,
                "takes_back_another": decision.undoes is not None,
                "rules_broken": _rules(decision, "violations"),
                "rules_watched": _rules(decision, "watched"),
                "other_reasons": decision.evidence.get("reasons") or [],
                "note": note,
                "explanation": explanation,
                "decided_at": decision.decided_at,
            }
        )
    return told


def _rules(decision: Decision, kind: str) -> list[Object]:
    return [
        {name: violation.get(name) for name in RULE_BROKEN}
        for violation in decision.evidence.get(kind) or []
    ]


def _reports(session: Session, person: Commenter) -> Iterator[Object]:
    reader = commenters.reader_hash(person.site_id, person.external_id)
    for report in session.scalars(
        select(Flag)
        .where(Flag.site_id == person.site_id, Flag.reader_hash == reader)
        .order_by(Flag.flagged_at)
        .execution_options(yield_per=ROWS_AT_ONCE)
    ):
        yield {
            "kind": "report",
            "comment": report.comment_id,
            "reason": report.reason,
            "text": report.text,
            "reported_at": report.flagged_at,
        }


def _refusals(session: Session, person: Commenter) -> Iterator[Object]:
    for refusal, story in session.execute(
        select(Refusal, Story.external_id)
        .join(Story, and_(Story.site_id == Refusal.site_id, Story.id == Refusal.story_id))
        .where(Refusal.site_id == person.site_id, Refusal.commenter_id == person.id)
        .order_by(Refusal.at)
        .execution_options(yield_per=ROWS_AT_ONCE)
    ):
        yield {"kind": "refusal", "story": story, "reason": refusal.reason, "at": refusal.at}


def _blocks(session: Session, person: Commenter) -> Iterator[Object]:
    for block in session.scalars(
        select(CommenterBlock)
        .where(CommenterBlock.site_id == person.site_id, CommenterBlock.commenter_id == person.id)
        .order_by(CommenterBlock.blocked_at)
    ):
        yield {
            "kind": "block",
            "reason": block.reason,
            "blocked_at": block.blocked_at,
            "until": block.until,
            "ended_at": block.ended_at,
        }


def _appeals(session: Session, person: Commenter) -> Iterator[Object]:
    for appeal in session.scalars(
        select(Appeal)
        .where(Appeal.site_id == person.site_id, Appeal.commenter_id == person.id)
        .order_by(Appeal.received_at)
    ):
        yield {
            "kind": "appeal",
            "comment": appeal.comment_id,
            "text": appeal.text,
            "appealed_at": appeal.received_at,
            "outcome": appeal.outcome,
            "reason": appeal.reason,
            "ended_at": appeal.ended_at,
        }


def _notes(session: Session, person: Commenter) -> Iterator[Object]:
    for note in session.scalars(
        select(CommenterNote)
        .where(CommenterNote.site_id == person.site_id, CommenterNote.commenter_id == person.id)
        .order_by(CommenterNote.written_at)
    ):
        yield {"kind": "note", "text": note.text, "written_at": note.written_at}


def _events(session: Session, person: Commenter) -> Iterator[Object]:
    for entry in session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.site_id == person.site_id,
            AuditEntry.event.startswith("commenter_"),
            AuditEntry.subject["commenter"].as_string() == str(person.id),
        )
        .order_by(AuditEntry.at)
        .execution_options(yield_per=ROWS_AT_ONCE)
    ):
        yield {"kind": "event", "event": entry.event, "at": entry.at}
