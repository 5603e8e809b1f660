"""What a site owns, and what it knows of one reader, as plain objects for a file.

Reads only, and in bounded memory: give it a session that reads one moment (`Database.snapshot`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import and_, inspect, select
from sqlalchemy.orm import Session

from moderation import commenters
from moderation.cards import Policies
from moderation.models import (
    Actor,
    ApiKey,
    Appeal,
    AuditEntry,
    Base,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterNote,
    CoralSecret,
    Decision,
    DecisionNote,
    Delivery,
    EmbedSecret,
    Explanation,
    Flag,
    Move,
    Notice,
    OutsideVerdict,
    PostedPolicy,
    Refusal,
    Revision,
    SavedReply,
    Score,
    Site,
    Spans,
    SpotCheck,
    Story,
    Strike,
    Suggestion,
    Webhook,
)
from moderation.models.joins import explanation_of, note_of, story_of

Object = dict[str, Any]
Row = TypeVar("Row", Revision, Score, Strike, Move, SpotCheck, OutsideVerdict)
OWNED = (
    ("key", ApiKey),
    ("embed_secret", EmbedSecret),
    ("policy", PostedPolicy),
    ("story", Story),
    ("commenter", Commenter),
    ("comment", Comment),
    ("revision", Revision),
    ("score", Score),
    ("spans", Spans),
    ("decision", Decision),
    ("note", DecisionNote),
    ("explanation", Explanation),
    ("move", Move),
    ("spot_check", SpotCheck),
    ("outside_verdict", OutsideVerdict),
    ("flag", Flag),
    ("strike", Strike),
    ("commenter_block", CommenterBlock),
    ("commenter_note", CommenterNote),
    ("appeal", Appeal),
    ("notice", Notice),
    ("refusal", Refusal),
    ("saved_reply", SavedReply),
    ("suggestion", Suggestion),
    ("coral_secret", CoralSecret),
    ("webhook", Webhook),
    ("delivery", Delivery),
    ("audit", AuditEntry),
)
"""The kinds of objects, parents before children. Receipts are hashes of what is here already."""
OURS = {
    "site_id",
    "secret",
    "previous_secret",
    "secret_hash",
    "key_hash",
    "body_hash",
    "leased_by",
    "leased_until",
    "fingerprint",
    "due",
    "tries",
}
"""Columns that are secret, or mean something to this service alone."""
ELSE_NAMED = {"kind": "illegality"}
"""A notice has a column of that name: an object's `kind` says what it is."""
BY = {
    Actor.POLICY: "the policy",
    Actor.MODERATOR: "a moderator",
    Actor.SITE: "the site",
    Actor.IMPORT: "the system that it was imported from",
}
RULE_BROKEN = ("clause", "rule", "outcome", "attribute", "signal", "score", "threshold")
ROWS_AT_ONCE = 500


def of_site(session: Session, site: Site) -> Iterator[Object]:
    """Everything that the site owns: a `kind` and the fields of a row, in the words of the tables.

    Moderators are people of their own: they appear by their ids.
    """
    yield _object("site", Site, [getattr(site, name) for name in _names(Site)])
    for kind, rows_of in OWNED:
        columns = [getattr(rows_of, name) for name in _names(rows_of)]
        rows = session.execute(
            select(*columns)
            .where(rows_of.site_id == site.id)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        for row in rows:
            yield _object(kind, rows_of, row)


def _names(rows_of: type[Base]) -> list[str]:
    return [one.name for one in inspect(rows_of).columns if one.name not in OURS]


def _object(kind: str, rows_of: type[Base], row: Sequence[Any]) -> Object:
    names = [ELSE_NAMED.get(name, name) for name in _names(rows_of)]
    return {"kind": kind} | dict(zip(names, row, strict=True))


def of_commenter(session: Session, person: Commenter) -> Iterator[Object]:
    """All that the site knows of one reader, for that reader, and nothing of anybody else.

    Who moderated, who reported, and what others wrote stays out of it; what moderators noted about
    the reader and the reader's comments is about the reader, and is in it.
    """
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
    yield from _comments_of(session, person)
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
    for refusal, story in session.execute(
        select(Refusal, Story.external_id)
        .join(Story, and_(Story.site_id == Refusal.site_id, Story.id == Refusal.story_id))
        .where(Refusal.site_id == person.site_id, Refusal.commenter_id == person.id)
        .order_by(Refusal.at)
        .execution_options(yield_per=ROWS_AT_ONCE)
    ):
        yield {"kind": "refusal", "story": story, "reason": refusal.reason, "at": refusal.at}
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
    for note in session.scalars(
        select(CommenterNote)
        .where(CommenterNote.site_id == person.site_id, CommenterNote.commenter_id == person.id)
        .order_by(CommenterNote.written_at)
    ):
        yield {"kind": "note", "text": note.text, "written_at": note.written_at}
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


def _comments_of(session: Session, person: Commenter) -> Iterator[Object]:
    policies = Policies(session, [person.site_id])
    rows = session.execute(
        select(Comment, Story)
        .join(Story, story_of())
        .where(Comment.site_id == person.site_id, Comment.commenter_id == person.id)
        .order_by(Comment.received_at, Comment.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for some in rows.partitions():
        ids = [comment.id for comment, _ in some]
        revisions = _by_comment(session, Revision, person.site_id, ids)
        scores = _by_comment(session, Score, person.site_id, ids)
        strikes = _by_comment(session, Strike, person.site_id, ids)
        moves = _by_comment(session, Move, person.site_id, ids)
        checks = _by_comment(session, SpotCheck, person.site_id, ids)
        outside = _by_comment(session, OutsideVerdict, person.site_id, ids)
        decisions = _decisions(session, policies, person.site_id, ids)
        for comment, story in some:
            yield {
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
                "in_another_system": next((one.status for one in outside[comment.id]), None),
                "strike_until": next((s.expires_at for s in strikes[comment.id]), None),
                "revisions": [
                    {
                        "number": revision.number,
                        "text": revision.text,
                        "language": revision.language,
                        "written_at": revision.created_at,
                    }
                    for revision in revisions[comment.id]
                ],
                "scores": [
                    {
                        "revision": score.revision,
                        "model": score.model,
                        "model_version": score.model_version,
                        "attributes": score.attributes,
                        "quoted": score.quoted,
                        "scored_at": score.scored_at,
                    }
                    for score in scores[comment.id]
                ],
                "decisions": decisions[comment.id],
                "moves": [
                    {
                        "to": move.tray_after,
                        "concern": move.concern,
                        "note": move.note,
                        "moved_at": move.moved_at,
                    }
                    for move in moves[comment.id]
                ],
                "spot_checks": [
                    {"revision": check.revision, "drawn_at": check.drawn_at}
                    | {"found": check.answer, "clause": check.clause, "at": check.answered_at}
                    for check in checks[comment.id]
                ],
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
