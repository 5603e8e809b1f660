"""A comment's life as the site leads it: received, edited, erased, read.

Scores and verdicts come from `judging`, a person's decisions from `decisions`.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from moderation import commenters, erasures, outbox, signals, stories
from moderation.erasures import Erased
from moderation.models import (
    Appeal,
    Comment,
    Event,
    Receipt,
    Refusal,
    Revision,
    Status,
    block_in_force,
    new_id,
)
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, insert_all, insert_new
from moderation.submission import CLOCK_SKEW, Submission


class Reason(StrEnum):
    """Why a submission was turned away."""

    COMMENTER_BLOCKED = "commenter-blocked"
    STORY_CLOSED = "story-closed"
    UNKNOWN_PARENT = "unknown-parent"
    FROM_THE_FUTURE = "from-the-future"
    KEY_REUSED = "key-reused"


@dataclass(frozen=True, slots=True)
class Received:
    """The comment was taken in, now or (`repeat`) by an earlier post of the same.

    `erased`: it has been deleted since, and a late repeat does not bring it back.
    """

    comment_id: UUID
    status: str
    revision: int
    repeat: bool
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The comment was not taken in; nothing of its words is kept."""

    reason: Reason
    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A submission that no earlier post answers, and the receipts written for it."""

    comment_id: UUID
    key_hashes: tuple[str, ...]


def receive(
    session: Session,
    site_id: UUID,
    submissions: Sequence[Submission],
    *,
    now: datetime,
    keys: Sequence[str | None] | None = None,
    request_id: str | None = None,
) -> list[Received | Refused]:
    """Take comments in, as `received`; one answer for each, in their order.

    `keys` are idempotency keys, one for each; an external id serves as one too. A repeat with the
    same body answers the comment of the first post, with another body it is refused
    (`KEY_REUSED`). `request_id` is kept with the words, so that the logs lead from the door to the
    decision. Commit whatever is answered: refusals are recorded as well.
    """
    claims = _claim(session, site_id, submissions, keys or [None] * len(submissions), now)
    fresh = [s for s, claim in zip(submissions, claims, strict=True) if isinstance(claim, _Fresh)]
    known = stories.make_known(session, site_id, {s.story.id: s.story for s in fresh}, now=now)
    writers = commenters.make_known(
        session, site_id, {s.commenter.id: s.commenter for s in fresh}, now=now
    )
    parents = _parents(session, site_id, {s.parent for s in fresh if s.parent is not None})

    comments, revisions, refusals = [], [], []
    answers: dict[UUID, Received | Refused] = {}
    for submission, claim in zip(submissions, claims, strict=True):
        if not isinstance(claim, _Fresh):
            continue
        story = known[submission.story.id]
        writer = writers[submission.commenter.id]
        parent_id = parents.get((submission.parent or "", story.id))
        refused = _refusal(submission, story, writer, parent_id, now)
        if refused is not None:
            answers[claim.comment_id] = refused
            _release(session, site_id, claim.key_hashes)
            refusals.append(
                {
                    "site_id": site_id,
                    "id": new_id(),
                    "commenter_id": writer.id,
                    "story_id": story.id,
                    "reason": refused.reason,
                    "at": now,
                }
            )
            continue
        if submission.external_id is not None:  # a later one of this batch may reply to it
            parents[submission.external_id, story.id] = claim.comment_id
        comments.append(
            _row(claim.comment_id, submission, now)
            | {
                "site_id": site_id,
                "story_id": story.id,
                "commenter_id": writer.id,
                "parent_id": parent_id,
            }
        )
        revisions.append(
            revision_row(site_id, claim.comment_id, 1, submission.text, request_id, now)
        )
        answers[claim.comment_id] = Received(claim.comment_id, Status.RECEIVED, 1, repeat=False)
    insert_all(session, Comment, comments)
    insert_all(session, Revision, revisions)
    insert_all(session, Refusal, refusals)

    repeated = {claim for claim in claims if isinstance(claim, UUID)} - answers.keys()
    answers |= _repeats(session, site_id, repeated)
    return [_answer(claim, answers) for claim in claims]


def _row(comment_id: UUID, submission: Submission, now: datetime) -> dict[str, Any]:
    """A comment, but for what it hangs on."""
    return {
        "id": comment_id,
        "external_id": submission.external_id,
        "status": Status.RECEIVED,
        "revision": 1,
        "language": submission.language,
        "flags": 0,
        "posted_at": submission.created_at or now,
        "received_at": now,
        "failed": False,
        "attempts": 0,
    }


def _repeats(
    session: Session, site_id: UUID, comment_ids: Collection[UUID]
) -> dict[UUID, Received | Refused]:
    """What is answered for comments that earlier posts brought: what became of them since."""
    if not comment_ids:
        return {}
    rows = session.execute(
        select(Comment.id, Comment.status, Comment.revision, Comment.erased_at).where(
            Comment.site_id == site_id, Comment.id.in_(comment_ids)
        )
    )
    return {
        comment_id: Received(
            comment_id, status, revision, repeat=True, erased=erased_at is not None
        )
        for comment_id, status, revision, erased_at in rows
    }


def _answer(
    claim: _Fresh | UUID | Refused, answers: Mapping[UUID, Received | Refused]
) -> Received | Refused:
    if isinstance(claim, Refused):
        return claim
    if isinstance(claim, _Fresh):
        return answers[claim.comment_id]
    first = answers[claim]
    return replace(first, repeat=True) if isinstance(first, Received) else first


def _refusal(
    submission: Submission,
    story: stories.Known,
    writer: commenters.Known,
    parent_id: UUID | None,
    now: datetime,
) -> Refused | None:
    """Why this submission is turned away, or None."""
    if block_in_force(writer.blocked_at, writer.blocked_until, now):
        return Refused(Reason.COMMENTER_BLOCKED, "commenter", "is blocked by the site")
    if story.closed_at is not None:
        return Refused(Reason.STORY_CLOSED, "story", "is closed to comments")
    if submission.created_at is not None and submission.created_at > now + CLOCK_SKEW:
        return Refused(Reason.FROM_THE_FUTURE, "created_at", "lies in the future")
    if submission.parent is not None and parent_id is None:
        return Refused(Reason.UNKNOWN_PARENT, "parent", "names no comment under this story")
    return None


def _claim(
    session: Session,
    site_id: UUID,
    submissions: Sequence[Submission],
    keys: Sequence[str | None],
    now: datetime,
) -> list[_Fresh | UUID | Refused]:
    """Write the receipts.

    A fresh claim for each submission that nobody posted before, the comment's id for a repeat, a
    refusal for a key that came with another body.
    """
    claims: list[_Fresh | UUID | Refused] = [_Fresh(new_id(), ()) for _ in submissions]
    bodies = [submission.body_hash() for submission in submissions]
    for kind, field, names in (
        ("key", "Idempotency-Key", keys),
        ("id", "external_id", [submission.external_id for submission in submissions]),
    ):
        fresh = {
            i: (claim, receipt_key(kind, name))
            for i, (claim, name) in enumerate(zip(claims, names, strict=True))
            if name is not None and isinstance(claim, _Fresh)
        }
        rows = [
            {
                "site_id": site_id,
                "key_hash": key_hash,
                "body_hash": bodies[i],
                "comment_id": claim.comment_id,
                "received_at": now,
            }
            for i, (claim, key_hash) in fresh.items()
        ]
        rows.sort(key=lambda row: str(row["key_hash"]))
        mine = {row.comment_id for row in insert_new(session, Receipt, rows, Receipt.comment_id)}
        theirs = _receipts(
            session,
            site_id,
            [key_hash for claim, key_hash in fresh.values() if claim.comment_id not in mine],
        )
        for i, (claim, key_hash) in fresh.items():
            if claim.comment_id in mine:
                claims[i] = replace(claim, key_hashes=(*claim.key_hashes, key_hash))
                continue
            receipt = theirs[key_hash]
            if receipt.body_hash == bodies[i]:
                claims[i] = receipt.comment_id
                _hand_over(session, site_id, claims, claim, receipt.comment_id)
            else:
                claims[i] = Refused(Reason.KEY_REUSED, field, "was used before, with another body")
                _release(session, site_id, claim.key_hashes)
    return claims


def receipt_key(kind: str, name: str) -> str:
    """What the receipt of a comment is kept under: of an Idempotency-Key (`key`), or of the site's
    own id (`id`)."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()


def _receipts(session: Session, site_id: UUID, key_hashes: Collection[str]) -> dict[str, Receipt]:
    """The receipts of earlier posts, by the hash of their key."""
    if not key_hashes:
        return {}
    receipts = session.scalars(
        select(Receipt).where(Receipt.site_id == site_id, Receipt.key_hash.in_(key_hashes))
    )
    return {receipt.key_hash: receipt for receipt in receipts}


def _hand_over(
    session: Session,
    site_id: UUID,
    claims: list[_Fresh | UUID | Refused],
    twin: _Fresh,
    comment_id: UUID,
) -> None:
    """Give the receipts of a twin to the comment that it repeats.

    Where that one is a fresh claim of the same batch, and is refused, they are taken back with its
    own.
    """
    if not twin.key_hashes:
        return
    session.execute(
        update(Receipt)
        .where(Receipt.site_id == site_id, Receipt.key_hash.in_(twin.key_hashes))
        .values(comment_id=comment_id)
    )
    for i, claim in enumerate(claims):
        if isinstance(claim, _Fresh) and claim.comment_id == comment_id:
            claims[i] = replace(claim, key_hashes=(*claim.key_hashes, *twin.key_hashes))


def _release(session: Session, site_id: UUID, key_hashes: Sequence[str]) -> None:
    """Take back the receipts of a submission that is refused after all."""
    if key_hashes:
        session.execute(
            delete(Receipt).where(Receipt.site_id == site_id, Receipt.key_hash.in_(key_hashes))
        )


def _parents(
    session: Session, site_id: UUID, names: Collection[str]
) -> dict[tuple[str, UUID], UUID]:
    """Comments by (our id or the site's external id, story)."""
    if not names:
        return {}
    ids = {}
    for name in names:
        with suppress(ValueError):
            ids[UUID(name)] = name
    found = {}
    for comment_id, external_id, story_id in session.execute(
        select(Comment.id, Comment.external_id, Comment.story_id).where(
            Comment.site_id == site_id,
            or_(Comment.external_id.in_(names), Comment.id.in_(ids)),
        )
    ):
        if comment_id in ids:
            found[ids[comment_id], story_id] = comment_id
        if external_id is not None and external_id in names:
            found[external_id, story_id] = comment_id
    return found


def revision_row(
    site_id: UUID,
    comment_id: UUID,
    number: int,
    text: str | None,
    request_id: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The row of a comment's words. Without a text they are erased."""
    return {
        "site_id": site_id,
        "comment_id": comment_id,
        "number": number,
        "text": text,
        "fingerprint": None if text is None else signals.fingerprint(text),
        "request_id": request_id,
        "created_at": now,
    }


def edit(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    text: str,
    *,
    now: datetime,
    request_id: str | None = None,
) -> Comment:
    """Give a comment new words: a new revision, which waits to be judged.

    An approved comment is withdrawn from readers until then, and the site's webhooks are told. A
    held or blocked one keeps its status: new words that nobody has read do not improve it. NotFound
    also once it is erased.
    """
    comment = _locked(session, site_id, comment_id)
    withdrawn = None
    if comment.status == Status.APPROVED:
        comment.status = Status.RECEIVED
        withdrawn, comment.decision_id = comment.decision_id, None
        commenters.tally(session, site_id, [(comment.commenter_id, -1, 0)])
    comment.revision += 1
    comment.judged_at = comment.leased_by = comment.leased_until = None
    comment.attempts = 0
    session.flush()
    words = revision_row(site_id, comment_id, comment.revision, text, request_id, now)
    insert_all(session, Revision, [words])
    if withdrawn is not None:
        outbox.beside_decisions(session, site_id, Event.WITHDRAWN, comment_id, withdrawn, now)
    return comment


def erase(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    *,
    record: Callable[[Erased], None],
    now: datetime,
) -> None:
    """Delete a comment: every word of it goes, its decisions stay. NotFound once it is erased.

    `record` writes the journal; what it raises must undo the transaction.
    """
    _locked(session, site_id, comment_id)
    erasures.words_of(session, site_id, [comment_id], now=now)
    erasures.end_what_waits(session, site_id, Appeal.comment_id == comment_id, now=now)
    record(Erased(kind=erasures.Kind.COMMENT, site_id=site_id, id=comment_id, at=now))


def _locked(session: Session, site_id: UUID, comment_id: UUID) -> Comment:
    comment = session.get(Comment, (site_id, comment_id), with_for_update=BESIDE_REPLIES)
    if comment is None or comment.erased_at is not None:
        raise NotFound("comment")
    return comment
