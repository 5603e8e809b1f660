"""Notices that a comment is illegal: taken in, decided by a person, answered with a reason.

A notice takes nothing down by itself: whoever wanted a comment gone would only have to send one. It
waits in a list of its own until a moderator has looked, whoever had approved the comment. Locks are
taken in the order comment, notice, site.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import complaints, decisions, sites
from moderation.complaints import FEED_PAGE, AlreadyEnded, Taken, WordsGone
from moderation.decisions import Seen
from moderation.models import Comment, Notice, NoticeOutcome, Status, Urgency
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES
from moderation.submission import IllegalContent


def receive(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    given: IllegalContent,
    *,
    key: str | None = None,
    now: datetime,
) -> Taken[Notice]:
    """Take a notice in. Of a comment that is blocked already it ends at once.

    `key` is an idempotency key, as `complaints.repeated` reads it. WordsGone when the comment is
    erased, `sites.NotFound` when the site has none such.
    """
    # Locked, so that it is blocked before the notice is there, or with it.
    comment = session.get(Comment, (site_id, comment_id), with_for_update=BESIDE_REPLIES)
    if comment is None:
        raise NotFound("comment")
    body_hash = given.body_hash(comment_id)
    if before := complaints.repeated(session, Notice, site_id, key, body_hash):
        return before
    if comment.erased_at is not None:
        raise WordsGone
    is_blocked = comment.status == Status.BLOCKED
    who = given.notifier
    taken = complaints.take_in(
        session,
        Notice,
        site_id,
        key=key,
        body_hash=body_hash,
        comment_id=comment_id,
        kind=given.kind,
        text=given.text,
        name=who.name if who else None,
        email=who.email if who else None,
        outcome=NoticeOutcome.BLOCKED if is_blocked else None,
        settled_by=comment.decision_id if is_blocked else None,
        ended_at=now if is_blocked else None,
        now=now,
    )
    comment.urgency = min(comment.urgency, Urgency.REPORTED)
    if is_blocked:
        complaints.number(session, Notice, site_id, [taken.complaint.id], now=now)
        session.refresh(taken.complaint)  # the number went past it
    return taken


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
    complaints.answer(
        session, notice, NoticeOutcome.LEFT, reason=reason, moderator_id=moderator_id, now=now
    )
    if comment.revision != revision:
        raise decisions.overtaken(session, comment)
    complaints.log(session, notice, "notice_left", moderator_id=moderator_id, now=now)
    complaints.number(session, Notice, site_id, [notice_id], now=now)


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
    complaints.answer(
        session, notice, NoticeOutcome.BLOCKED, reason=reason, moderator_id=moderator_id, now=now
    )
    made = decisions.block(
        session,
        site_id,
        Seen(comment_id=notice.comment_id, revision=revision, status=status),
        clause=clause,
        moderator_id=moderator_id,
        now=now,
    )
    complaints.settle(session, notice, decision_id=made)
    complaints.log(session, notice, "notice_followed", moderator_id=moderator_id, now=now)
    complaints.number(session, Notice, site_id, [notice_id], now=now)
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
    complaints.take_back(session, notice)
    complaints.log(session, notice, "notice_taken_back", moderator_id=moderator_id, now=now)
    complaints.number(session, Notice, site_id, [notice_id], now=now)


def _locked(session: Session, site_id: UUID, notice_id: UUID) -> tuple[Notice, Comment]:
    """A notice with its comment, which nobody else changes until this is over."""
    notice = sites.owned(session, Notice, site_id, notice_id)
    key = (site_id, notice.comment_id)
    comment = session.get_one(Comment, key, with_for_update=BESIDE_REPLIES, populate_existing=True)
    return notice, comment


def feed(
    session: Session, site_id: UUID, *, after: int = 0, limit: int = FEED_PAGE
) -> Sequence[Notice]:
    """What became of the site's notices, as `complaints.fed` tells it."""
    query = complaints.fed(select(Notice), Notice, site_id, after=after, limit=limit)
    return session.scalars(query).all()
