"""The log of decisions: written once, numbered for the feed that tells the site, never changed.

What was decided stands on the comment already; whoever has written it there has it logged here.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from moderation import commenters, complaints, outbox, sites
from moderation.models import (
    EXPIRED,
    Actor,
    Comment,
    Commenter,
    Decision,
    Status,
    Story,
    Strike,
    new_id,
)
from moderation.models.joins import story_of, writer_of
from moderation.outbox import Happened
from moderation.sql import insert_all, insert_new

FEED_PAGE = 200
"""Most decisions in one answer of the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of status that has been written to its comment and is to be logged."""

    comment_id: UUID
    commenter_id: UUID
    revision: int
    before: str
    after: str
    actor: Actor
    moderator_id: UUID | None = None
    clause: str | None = None
    policy_version: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    undoes: UUID | None = None
    appeal_id: UUID | None = None
    together: UUID | None = None
    imported_as: str | None = None
    id: UUID = field(default_factory=new_id)

    @classmethod
    def taking_back(
        cls,
        decision: Decision,
        commenter_id: UUID,
        *,
        moderator_id: UUID,
        appeal_id: UUID | None = None,
        together: UUID | None = None,
    ) -> Self:
        """A person takes a decision back: its comment stands again as it stood before."""
        return cls(
            comment_id=decision.comment_id,
            commenter_id=commenter_id,
            revision=decision.revision,
            before=decision.status_after,
            after=decision.status_before,
            actor=Actor.MODERATOR,
            moderator_id=moderator_id,
            policy_version=decision.policy_version,
            undoes=decision.id,
            appeal_id=appeal_id,
            together=together,
        )

    @property
    def blocks(self) -> bool:
        """Whether the comment comes to be blocked."""
        return self.after == Status.BLOCKED != self.before

    @property
    def lifts(self) -> bool:
        """Whether a block of it ends."""
        return self.before == Status.BLOCKED != self.after


def record(session: Session, site_id: UUID, changes: Sequence[Change], now: datetime) -> None:
    """Log changes, count them on their commenters, and number them for the feed. A block for which
    nobody has looked counts on nobody, neither when it is made nor when it is lifted.

    The last thing a transaction does, as `sites.numbers` is. A block that is lifted ends an appeal
    of it that waits; a comment that is blocked ends the notices of it that wait. What the site's
    webhooks are to be told lies in their outbox then.
    """
    if not changes:
        return
    session.flush()  # what follows goes past the ORM
    unseen = _unseen(session, site_id, changes)
    _count(session, site_id, changes, unseen, now)
    _end_complaints(session, site_id, changes, now)
    numbers, heard = sites.numbers_heard(session, site_id, len(changes))
    numbered = list(zip(numbers, changes, strict=True))
    logged = [_row(site_id, seq, change, unseen, now) for seq, change in numbered]
    insert_all(session, Decision, logged)
    if heard:
        happened = [
            Happened(event=event, seq=seq, subject_id=change.comment_id, about_id=change.id)
            for seq, change in numbered
            for event in outbox.of_decision(change.before, change.after)
        ]
        outbox.keep(session, site_id, happened, now=now)


def _row(
    site_id: UUID, seq: int, change: Change, unseen: Collection[UUID], now: datetime
) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "id": change.id,
        "seq": seq,
        "comment_id": change.comment_id,
        "revision": change.revision,
        "status_before": change.before,
        "status_after": change.after,
        "actor": change.actor,
        "moderator_id": change.moderator_id,
        "clause": change.clause,
        "policy_version": change.policy_version,
        "evidence": change.evidence,
        "reason": EXPIRED if change.blocks and change.comment_id in unseen else None,
        "undoes": change.undoes,
        "appeal_id": change.appeal_id,
        "together": change.together,
        "imported_as": change.imported_as,
        "decided_at": now,
    }


def _count(
    session: Session,
    site_id: UUID,
    changes: Sequence[Change],
    unseen: Collection[UUID],
    now: datetime,
) -> None:
    """Count changes on their commenters; a block gives a strike, and takes it along when it is
    lifted."""
    commenters.tally(
        session,
        site_id,
        [
            (
                change.commenter_id,
                (change.after == Status.APPROVED) - (change.before == Status.APPROVED),
                0 if change.comment_id in unseen else change.blocks - change.lifts,
            )
            for change in changes
        ],
    )
    struck = [
        (change.comment_id, change.commenter_id, now)
        for change in changes
        if change.blocks and change.comment_id not in unseen
    ]
    _strike(session, site_id, struck)
    lifted = [one.comment_id for one in changes if one.lifts]
    if lifted:
        session.execute(
            delete(Strike).where(Strike.site_id == site_id, Strike.comment_id.in_(lifted))
        )


def _strike(
    session: Session, site_id: UUID, blocked: Iterable[tuple[UUID, UUID, datetime]]
) -> None:
    """Give strikes: (comment, commenter, when it was blocked)."""
    insert_new(
        session,
        Strike,
        [
            {
                "site_id": site_id,
                "comment_id": comment_id,
                "commenter_id": commenter_id,
                "expires_at": blocked_at + commenters.STRIKE_LASTS,
            }
            for comment_id, commenter_id, blocked_at in blocked
        ],
    )


def _end_complaints(
    session: Session, site_id: UUID, changes: Sequence[Change], now: datetime
) -> None:
    struck = _by_comment(one for one in changes if one.blocks)
    lifted = _by_comment(one for one in changes if one.lifts)
    if lifted:
        complaints.end_appeals_of_comments(session, site_id, lifted, now=now)
    if struck or lifted:
        complaints.settle_notices(session, site_id, struck, list(lifted), now=now)


def _unseen(session: Session, site_id: UUID, changes: Sequence[Change]) -> set[UUID]:
    """The comments of these changes that come to be blocked, or are no longer, for no other reason
    than that nobody had looked."""
    unseen = {change.comment_id for change in changes if change.reason == EXPIRED}
    # An undo may bring such a block back.
    asked = [
        change.comment_id
        for change in changes
        if change.lifts or (change.blocks and change.undoes is not None)
    ]
    if not asked:
        return unseen
    log = session.execute(
        select(Decision.comment_id, Decision.reason)
        .where(
            Decision.site_id == site_id,
            Decision.comment_id.in_(asked),
            Decision.status_after == Status.BLOCKED,
            Decision.status_before != Status.BLOCKED,
        )
        .order_by(Decision.seq)
    )
    blocked_for = {row.comment_id: row.reason for row in log}  # by the last one of each
    return unseen | {comment_id for comment_id, reason in blocked_for.items() if reason == EXPIRED}


def _by_comment(changes: Iterable[Change]) -> dict[UUID, complaints.DecidedBy]:
    return {one.comment_id: complaints.DecidedBy(one.moderator_id, one.id) for one in changes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was decided of a comment in the system that it is imported from.

    `imported_as` is how it stood there; `counts`: whether a block says something of its commenter.
    """

    id: UUID
    comment_id: UUID
    commenter_id: UUID
    status: Status
    imported_as: str
    counts: bool
    decided_at: datetime


def record_earlier(
    session: Session, site_id: UUID, earlier: Sequence[Earlier], now: datetime
) -> None:
    """Log what was decided elsewhere of comments that were just imported, and count it on their
    commenters. A block gives a strike as long as it would if it had been made here.

    Nobody is told, neither the site by its feed nor the commenter: to them it is no news. Hence the
    numbers below zero. The last thing a transaction does, as `record`: it locks the site's row.
    """
    commenters.tally(
        session,
        site_id,
        [
            (
                one.commenter_id,
                int(one.status == Status.APPROVED),
                int(one.status == Status.BLOCKED and one.counts),
            )
            for one in earlier
        ],
    )
    struck = [
        (one.comment_id, one.commenter_id, one.decided_at)
        for one in earlier
        if one.status == Status.BLOCKED
        and one.counts
        and one.decided_at + commenters.STRIKE_LASTS > now
    ]
    _strike(session, site_id, struck)
    first = sites.numbers_before(session, site_id, len(earlier))
    insert_all(
        session,
        Decision,
        [
            {
                "site_id": site_id,
                "id": one.id,
                "seq": seq,
                "comment_id": one.comment_id,
                "revision": 1,
                # What was held there is held here: nothing has changed.
                "status_before": Status.HELD if one.status == Status.HELD else Status.RECEIVED,
                "status_after": one.status,
                "actor": Actor.IMPORT,
                "evidence": {},
                "decided_at": one.decided_at,
                "imported_as": one.imported_as,
            }
            for seq, one in zip(first, earlier, strict=True)
        ],
    )


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as the site is told of it."""

    decision: Decision
    external_id: str | None
    story: str
    commenter: str


def feed(session: Session, site_id: UUID, *, after: int = 0, limit: int = FEED_PAGE) -> list[Told]:
    """The site's decisions numbered above `after`, in order, at most `limit`.

    None that commits later has a lower number than one that is here.
    """
    rows = session.execute(
        select(Decision, Comment.external_id, Story.external_id, Commenter.external_id)
        .join(
            Comment,
            and_(Comment.site_id == Decision.site_id, Comment.id == Decision.comment_id),
        )
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .where(Decision.site_id == site_id, Decision.seq > after)
        .order_by(Decision.seq)
        .limit(limit)
    )
    return [Told(*row) for row in rows]


def comment_of(session: Session, site_id: UUID, decision_id: UUID) -> UUID | None:
    """The comment that the site's decision is about."""
    return session.scalar(
        select(Decision.comment_id).where(Decision.site_id == site_id, Decision.id == decision_id)
    )
