"""Notices that a comment is illegal: taken in, decided by a person, answered with a reason.

A notice takes nothing down by itself: whoever wanted a comment gone would only have to send one. It
waits in a list of its own until a moderator has looked, whoever had approved the comment. Locks are
taken in the order comment, notice, site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import audit, decisions, outcomes, sites
from moderation.decisions import Seen
from moderation.models import Comment, Notice, NoticeOutcome, Status, Urgency, new_id
from moderation.outcomes import AlreadyEnded
from moderation.redress.appeals import KeyReused, WordsGone, key_hash_of
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, insert_new
from moderation.submission import IllegalContent

FEED_PAGE = 200
"""Most notices in one answer of the feed."""


@dataclass(frozen=True, slots=True)
class Given:
    """A notice that was taken in, now or (`repeat`) by an earlier post of the same."""

    notice: Notice
    repeat: bool


def receive(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    given: IllegalContent,
    *,
    key: str | None = None,
    now: datetime,
) -> Given:
    """Take a notice in. Of a comment that is blocked already it ends at once.

    `key` is an idempotency key: the same notice under the same key is a repeat, another one
    KeyReused. WordsGone when the comment is erased, `sites.NotFound` when the site has none such.
    """
    # Locked, so that it is blocked before the notice is there, or with it.
    comment = session.get(Comment, (site_id, comment_id), with_for_update=BESIDE_REPLIES)
    if comment is None:
        raise NotFound("comment")
    body_hash = given.body_hash(comment_id)
    key_hash = key and key_hash_of(key)
    if key_hash:
        first = session.scalar(
            select(Notice).where(Notice.site_id == site_id, Notice.key_hash == key_hash)
        )
        if first is not None and first.body_hash != body_hash:
            raise KeyReused
        if first is not None:
            return Given(first, repeat=True)
    if comment.erased_at is not None:
        raise WordsGone
    is_blocked = comment.status == Status.BLOCKED
    who = given.notifier
    row: dict[str, Any] = {
        "site_id": site_id,
        "id": new_id(),
        "comment_id": comment_id,
        "kind": given.kind,
        "text": given.text,
        "name": who.name if who else None,
        "email": who.email if who else None,
        "key_hash": key_hash,
        "body_hash": body_hash,
        "received_at": now,
        "outcome": NoticeOutcome.BLOCKED if is_blocked else None,
        "settled_by": comment.decision_id if is_blocked else None,
        "ended_at": now if is_blocked else None,
    }
    if not insert_new(session, Notice, [row], Notice.id):
        raise KeyReused  # by another notice, at this very moment
    comment.urgency = min(comment.urgency, Urgency.REPORTED)
    if is_blocked:
        outcomes.number(session, Notice, site_id, [row["id"]])
    return Given(session.get_one(Notice, (site_id, row["id"])), repeat=False)


def leave(
    session: Session,
    site_id: UUID,
    notice_id: UUID,
    *,
    revision: int,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    """Leave the comment as it is, and say why.

    AlreadyEnded when somebody was faster, `decisions.AlreadyDecided` when its words are no longer
    those of `revision`; NotFound when the site has none such.
    """
    notice, comment = _locked(session, site_id, notice_id)
    _end(session, notice, NoticeOutcome.LEFT, reason, moderator_id, now)
    if comment.revision != revision:
        raise decisions.overtaken(session, comment)
    _log(session, notice, "notice_left", moderator_id, now)
    outcomes.number(session, Notice, site_id, [notice_id])


def block(
    session: Session,
    site_id: UUID,
    notice_id: UUID,
    *,
    revision: int,
    status: str,
    clause: str,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """Block the comment, as it was seen, for breaking a clause of the policy, and say why; answers
    the decision's id. Other notices of it end with it.

    `decisions.UnknownClause`, `decisions.AlreadyDecided`; otherwise as `leave`.
    """
    notice, _ = _locked(session, site_id, notice_id)
    _end(session, notice, NoticeOutcome.BLOCKED, reason, moderator_id, now)
    made = decisions.block(
        session,
        site_id,
        Seen(comment_id=notice.comment_id, revision=revision, status=status),
        clause=clause,
        moderator_id=moderator_id,
        now=now,
    )
    outcomes.settle(session, Notice, site_id, notice_id, decision_id=made)
    _log(session, notice, "notice_followed", moderator_id, now)
    outcomes.number(session, Notice, site_id, [notice_id])
    return made


def take_back(
    session: Session, site_id: UUID, notice_id: UUID, *, moderator_id: UUID, now: datetime
) -> None:
    """Take back that one has left a comment as it was: the notice waits again.

    AlreadyEnded for another's answer, or once the comment is blocked or erased. A block is taken
    back in the log of decisions, and its notices wait again with it.
    """
    notice, comment = _locked(session, site_id, notice_id)
    session.refresh(notice)
    if (
        notice.outcome != NoticeOutcome.LEFT
        or notice.moderator_id != moderator_id
        or comment.status == Status.BLOCKED
        or comment.erased_at is not None
        or notice.text is None
    ):
        raise AlreadyEnded
    as_seen = (Notice.id == notice_id, Notice.seq == notice.seq)
    won = outcomes.reopen(session, Notice, site_id, *as_seen)
    if not won:
        raise AlreadyEnded
    _log(session, notice, "notice_taken_back", moderator_id, now)
    outcomes.number(session, Notice, site_id, won)


def _locked(session: Session, site_id: UUID, notice_id: UUID) -> tuple[Notice, Comment]:
    """A notice with its comment, which nobody else changes until this is over."""
    notice = sites.owned(session, Notice, site_id, notice_id)
    key = (site_id, notice.comment_id)
    comment = session.get_one(Comment, key, with_for_update=BESIDE_REPLIES, populate_existing=True)
    return notice, comment


def _end(
    session: Session,
    notice: Notice,
    outcome: NoticeOutcome,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    ended = outcomes.end(
        session,
        Notice,
        notice.site_id,
        Notice.id == notice.id,
        outcome=outcome,
        reason=reason,
        moderator_id=moderator_id,
        ended_at=now,
    )
    if not ended:
        raise AlreadyEnded


def _log(session: Session, notice: Notice, event: str, moderator_id: UUID, now: datetime) -> None:
    subject = {"notice": str(notice.id)}
    audit.record(session, notice.site_id, event, subject, moderator_id=moderator_id, now=now)


def feed(
    session: Session, site_id: UUID, *, after: int = 0, limit: int = FEED_PAGE
) -> Sequence[Notice]:
    """What became of the site's notices, numbered above `after`, in order, at most `limit`.

    Each as it stands now, under its newest number, as of appeals.
    """
    return session.scalars(
        select(Notice)
        .where(Notice.site_id == site_id, Notice.seq > after)
        .order_by(Notice.seq)
        .limit(limit)
    ).all()
