"""Appeals of blocks: taken in once for each block, decided by somebody who did not make it.

Locks are taken in the order comment or commenter, appeal, site: whoever lifts a block meanwhile
does the same (`complaints`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import commenter_blocks, commenters, complaints, decisions, sites
from moderation.complaints import FEED_PAGE, AlreadyEnded, Taken, WordsGone
from moderation.decisions import Seen
from moderation.models import (
    Appeal,
    Comment,
    Commenter,
    CommenterBlock,
    Decision,
    Outcome,
    Status,
)
from moderation.redress import statements
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES
from moderation.staff import moderators
from moderation.submission import AppealText


class AlreadyAppealed(Exception):
    """This block has been appealed before."""

    def __init__(self, appeal_id: UUID) -> None:
        super().__init__("the block has been appealed before")
        self.appeal_id = appeal_id


class TooLate(Exception):
    """The block was made more than so many days ago, or is older than the log of blocks."""

    def __init__(self, days: int) -> None:
        super().__init__("the time to appeal is over")
        self.days = days


class OwnBlock(Exception):
    """Whoever made the block does not decide about its appeal, while the site has others."""


@dataclass(frozen=True, slots=True)
class Told:
    """An appeal as the site is told of it: `commenter` is the site's own id."""

    appeal: Appeal
    commenter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """What is appealed."""

    commenter_id: UUID
    comment_id: UUID | None = None
    decision_id: UUID | None = None
    block_id: UUID | None = None
    by: UUID | None
    at: datetime


# --- by the commenter -------------------------------------------------------------------------


def of_comment(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    words: AppealText,
    *,
    key: str | None = None,
    days: int,
    now: datetime,
) -> Taken[Appeal]:
    """Take in the appeal of the block that a comment is under, for `days` days after it was made.

    `key` is an idempotency key, as `complaints.repeated` reads it. `statements.NotBlocked`,
    WordsGone, TooLate or AlreadyAppealed when there is nothing (more) to appeal; `sites.NotFound`
    when the site has no such comment.
    """
    # Locked, so that nobody lifts the block between the look and the appeal.
    comment = session.get(Comment, (site_id, comment_id), with_for_update=BESIDE_REPLIES)
    if comment is None:
        raise NotFound("comment")
    body_hash = words.body_hash(f"comment:{comment_id}")
    if before := complaints.repeated(session, Appeal, site_id, key, body_hash):
        return before
    decision = _decision_that_blocks(session, site_id, comment_id)
    if comment.status != Status.BLOCKED or decision is None:
        raise statements.NotBlocked
    if comment.erased_at is not None:
        raise WordsGone
    block = _Block(
        commenter_id=comment.commenter_id,
        comment_id=comment_id,
        decision_id=decision.id,
        by=decision.moderator_id,
        at=decision.decided_at,
    )
    return _file(session, site_id, block, words, key=key, body_hash=body_hash, days=days, now=now)


def _decision_that_blocks(session: Session, site_id: UUID, comment_id: UUID) -> Decision | None:
    log = session.scalars(
        select(Decision)
        .where(Decision.site_id == site_id, Decision.comment_id == comment_id)
        .order_by(Decision.seq)
    ).all()
    return statements.decision_that_blocks(log)


def of_commenter(
    session: Session,
    site_id: UUID,
    external_id: str,
    words: AppealText,
    *,
    key: str | None = None,
    days: int,
    now: datetime,
) -> Taken[Appeal]:
    """Take in the appeal of the block that a commenter is under; otherwise as `of_comment`."""
    found = commenters.named(session, site_id, external_id)
    commenter = session.get_one(
        Commenter, (site_id, found.id), with_for_update=BESIDE_REPLIES, populate_existing=True
    )
    if commenter.external_id != external_id:  # forgotten between the look and the lock
        raise NotFound("commenter")
    body_hash = words.body_hash(f"commenter:{commenter.id}")
    if before := complaints.repeated(session, Appeal, site_id, key, body_hash):
        return before
    if not commenter.is_blocked(now):
        raise statements.NotBlocked
    made = commenter_blocks.in_force(session, commenter)
    if made is None:
        raise TooLate(days)
    block = _Block(
        commenter_id=commenter.id, block_id=made.id, by=made.moderator_id, at=made.blocked_at
    )
    return _file(session, site_id, block, words, key=key, body_hash=body_hash, days=days, now=now)


def _file(
    session: Session,
    site_id: UUID,
    block: _Block,
    words: AppealText,
    *,
    key: str | None,
    body_hash: str,
    days: int,
    now: datetime,
) -> Taken[Appeal]:
    before = session.scalar(
        select(Appeal.id).where(
            Appeal.site_id == site_id,
            Appeal.decision_id == block.decision_id
            if block.decision_id is not None
            else Appeal.block_id == block.block_id,
        )
    )
    if before is not None:
        raise AlreadyAppealed(before)
    if now > block.at + timedelta(days=days):
        raise TooLate(days)
    # Of this block there is no other: only another appeal can have taken the key.
    return complaints.take_in(
        session,
        Appeal,
        site_id,
        key=key,
        body_hash=body_hash,
        text=words.text,
        commenter_id=block.commenter_id,
        comment_id=block.comment_id,
        decision_id=block.decision_id,
        block_id=block.block_id,
        against=block.by,
        own=False,
        now=now,
    )


# --- by a moderator ---------------------------------------------------------------------------


def may_decide(appeal: Appeal, moderator_id: UUID, *, alone: bool) -> bool:
    """Whether they may decide it: not about their own block, unless the site has nobody else."""
    return appeal.against != moderator_id or alone


def uphold(
    session: Session,
    site_id: UUID,
    appeal_id: UUID,
    *,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    """Leave the block as it is, and say why.

    AlreadyEnded when somebody was faster, OwnBlock when they may not; NotFound when the site has
    none such.
    """
    appeal = sites.owned(session, Appeal, site_id, appeal_id)
    _end(session, appeal, Outcome.UPHELD, reason, moderator_id, now)
    _log(session, appeal, "appeal_upheld", moderator_id, now)
    complaints.number(session, Appeal, site_id, [appeal_id], now=now)


def overturn(
    session: Session,
    site_id: UUID,
    appeal_id: UUID,
    *,
    revision: int,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    """Lift the block, and say why: the comment is approved as it was seen, at its `revision`, or
    the commenter may write again.

    `decisions.AlreadyDecided` when the comment is not as it was seen; otherwise as `uphold`.
    """
    appeal = sites.owned(session, Appeal, site_id, appeal_id)
    _lock(session, appeal)
    _end(session, appeal, Outcome.OVERTURNED, reason, moderator_id, now)
    if appeal.comment_id is not None:
        seen = Seen(comment_id=appeal.comment_id, revision=revision, status=Status.BLOCKED)
        made = decisions.approve(
            session, site_id, seen, appeal_id=appeal_id, moderator_id=moderator_id, now=now
        )
        complaints.settle(session, appeal, decision_id=made)
    else:
        commenter, block = _block_of(session, appeal)
        if commenter.blocked_at == block.blocked_at:  # and not run out, with another one since
            commenter_blocks.unblock(session, commenter, moderator_id=moderator_id, now=now)
    _log(session, appeal, "appeal_overturned", moderator_id, now)
    complaints.number(session, Appeal, site_id, [appeal_id], now=now)


def take_back(
    session: Session, site_id: UUID, appeal_id: UUID, *, moderator_id: UUID, now: datetime
) -> None:
    """Take back one's own answer: the appeal waits again, and what was lifted is blocked again.

    AlreadyEnded or `decisions.AlreadyDecided` when something has happened since, or the answer is
    another's: whoever made the block could otherwise put it back.
    """
    appeal = sites.owned(session, Appeal, site_id, appeal_id)
    _lock(session, appeal)
    outcome, settled_by = appeal.outcome, appeal.settled_by
    if outcome not in {Outcome.UPHELD, Outcome.OVERTURNED} or appeal.moderator_id != moderator_id:
        raise AlreadyEnded
    complaints.take_back(session, appeal, own=False)
    if not _can_be_decided_again(session, appeal, now):
        raise AlreadyEnded
    if settled_by is not None:
        decisions.undo(
            session, site_id, settled_by, appeal_id=appeal_id, moderator_id=moderator_id, now=now
        )
    elif outcome == Outcome.OVERTURNED:
        commenter, block = _block_of(session, appeal)
        if block.ended_at is not None:
            commenter_blocks.restore(session, commenter, block, moderator_id=moderator_id, now=now)
    _log(session, appeal, "appeal_taken_back", moderator_id, now)
    complaints.number(session, Appeal, site_id, [appeal_id], now=now)


def _lock(session: Session, appeal: Appeal) -> None:
    """Lock what it is about, before its own row."""
    if appeal.comment_id is not None:
        key = (appeal.site_id, appeal.comment_id)
        session.get_one(Comment, key, with_for_update=BESIDE_REPLIES, populate_existing=True)
    else:
        key = (appeal.site_id, appeal.commenter_id)
        session.get_one(Commenter, key, with_for_update=BESIDE_REPLIES, populate_existing=True)
    session.refresh(appeal)


def _end(
    session: Session,
    appeal: Appeal,
    outcome: Outcome,
    reason: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    alone = not moderators.with_others(session, [appeal.site_id], moderator_id)
    if not may_decide(appeal, moderator_id, alone=alone):
        raise OwnBlock
    complaints.answer(
        session,
        appeal,
        outcome,
        reason=reason,
        moderator_id=moderator_id,
        own=appeal.against == moderator_id,
        now=now,
    )


def _block_of(session: Session, appeal: Appeal) -> tuple[Commenter, CommenterBlock]:
    return (
        session.get_one(Commenter, (appeal.site_id, appeal.commenter_id)),
        session.get_one(CommenterBlock, (appeal.site_id, appeal.block_id)),
    )


def _can_be_decided_again(session: Session, appeal: Appeal, now: datetime) -> bool:
    """Whether an answer that is taken back leaves an appeal that somebody can answer."""
    if appeal.comment_id is not None:
        comment = session.get_one(Comment, (appeal.site_id, appeal.comment_id))
        if comment.erased_at is not None:
            return False
        if appeal.outcome == Outcome.OVERTURNED:
            return comment.status == Status.APPROVED
        # Not a block that was made since: that one is to be appealed by itself.
        made = _decision_that_blocks(session, appeal.site_id, appeal.comment_id)
        is_it = made is not None and made.id == appeal.decision_id
        return is_it and comment.status == Status.BLOCKED
    commenter, block = _block_of(session, appeal)
    if appeal.outcome == Outcome.OVERTURNED:
        return appeal.text is not None and not commenter.is_blocked(now)
    return appeal.text is not None and block.ended_at is None


def _log(session: Session, appeal: Appeal, event: str, moderator_id: UUID, now: datetime) -> None:
    own = {"own": True} if appeal.against == moderator_id else {}
    complaints.log(session, appeal, event, moderator_id=moderator_id, now=now, **own)


# --- told to the site -------------------------------------------------------------------------


def told(session: Session, site_id: UUID, appeal_id: UUID) -> Told:
    """One appeal. NotFound when the site has none such."""
    appeal = sites.owned(session, Appeal, site_id, appeal_id)
    commenter = session.get_one(Commenter, (site_id, appeal.commenter_id))
    return Told(appeal, commenter.external_id)


def feed(
    session: Session, site_id: UUID, *, after: int = 0, limit: int = FEED_PAGE
) -> Sequence[Told]:
    """What became of the site's appeals, as `complaints.fed` tells it."""
    query = select(Appeal, Commenter.external_id).join(
        Commenter, (Commenter.site_id == Appeal.site_id) & (Commenter.id == Appeal.commenter_id)
    )
    rows = session.execute(complaints.fed(query, Appeal, site_id, after=after, limit=limit))
    return [Told(*row) for row in rows]
