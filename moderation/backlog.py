"""What waits to be judged: claimed with a lease, given back, opened again.

The table is the queue. A claim writes a lease and commits, so that the model can think with no
transaction open; a lease that runs out makes the comment free for another worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from moderation.models import Comment, Revision, Status
from moderation.models.joins import newest
from moderation.sql import from_now

ATTEMPTS = 3
"""A text that failed this often is held for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed revision. `attempts` counts this one; above ATTEMPTS it is not to be scored."""

    site_id: UUID
    comment_id: UUID
    revision: int
    text: str
    parent_text: str | None
    attempts: int


def _is_waiting() -> list[ColumnElement[bool]]:
    return [
        Comment.judged_at.is_(None),
        Comment.erased_at.is_(None),
        or_(Comment.leased_until.is_(None), Comment.leased_until < from_now(0)),
    ]


def claim(session: Session, *, worker: UUID, limit: int, lease_seconds: int) -> list[Waiting]:
    """Lease up to `limit` waiting revisions to `worker`, oldest first; the attempt is counted.

    A comment that was tried before is claimed alone: should it crash the worker again, it takes no
    others with it.
    """
    retried = _pick(session, limit=1, fresh=False)
    picked = retried or _pick(session, limit=limit, fresh=True)
    if not picked:
        return []
    session.execute(
        update(Comment)
        .where(tuple_(Comment.site_id, Comment.id).in_(picked))
        .values(
            leased_by=worker,
            leased_until=from_now(lease_seconds),
            attempts=Comment.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    above, above_words = aliased(Comment), aliased(Revision)
    rows = session.execute(
        select(
            Comment.site_id,
            Comment.id,
            Comment.revision,
            Revision.text,
            above_words.text,
            Comment.attempts,
        )
        .join(Revision, newest())
        .outerjoin(above, and_(above.site_id == Comment.site_id, above.id == Comment.parent_id))
        .outerjoin(above_words, newest(above, above_words))
        .where(tuple_(Comment.site_id, Comment.id).in_(picked))
        .order_by(Comment.received_at, Comment.id)
    )
    return [
        Waiting(
            site_id=site_id,
            comment_id=comment_id,
            revision=revision,
            text=text or "",
            parent_text=parent_text,
            attempts=attempts,
        )
        for site_id, comment_id, revision, text, parent_text, attempts in rows
    ]


def _pick(session: Session, *, limit: int, fresh: bool) -> list[tuple[UUID, UUID]]:
    rows = session.execute(
        select(Comment.site_id, Comment.id)
        .where(*_is_waiting(), Comment.attempts == 0 if fresh else Comment.attempts > 0)
        .order_by(Comment.received_at, Comment.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return [(site_id, comment_id) for site_id, comment_id in rows]


def give_back(session: Session, batch: Sequence[Waiting], *, worker: UUID, uncounted: bool) -> None:
    """End the leases of a batch. `uncounted`: nothing was tried, so the attempt does not count."""
    session.execute(
        update(Comment)
        .where(
            tuple_(Comment.site_id, Comment.id).in_(
                [(item.site_id, item.comment_id) for item in batch]
            ),
            Comment.leased_by == worker,
        )
        .values(
            leased_by=None,
            leased_until=None,
            attempts=Comment.attempts - 1 if uncounted else Comment.attempts,
        )
        .execution_options(synchronize_session=False)
    )


def end_leases(session: Session) -> None:
    """End every lease, for a worker that starts and knows itself to be the only one.

    Those of its predecessor, killed in the middle of a batch, need not run out first.
    """
    session.execute(
        update(Comment)
        .where(Comment.judged_at.is_(None), Comment.leased_until.is_not(None))
        .values(leased_by=None, leased_until=None)
        .execution_options(synchronize_session=False)
    )


def reopen_failed(session: Session, *, before: datetime) -> int:
    """Let comments that are held only because something failed be judged again; answers how many.

    Those judged since `before` are left alone, so that a text that always fails is not tried
    without an end. They stay held until a verdict is there.
    """
    result = session.execute(
        update(Comment)
        .where(
            Comment.failed,
            Comment.status == Status.HELD,
            Comment.erased_at.is_(None),
            Comment.judged_at < before,
        )
        .values(judged_at=None, leased_by=None, leased_until=None, attempts=0)
        .returning(Comment.id)
        .execution_options(synchronize_session=False)
    )
    return len(result.all())


def since(session: Session) -> tuple[int, datetime | None]:
    """How many comments wait to be judged (counted to 1000), and since when the oldest does."""
    waiting = (
        select(Comment.received_at)
        .where(Comment.judged_at.is_(None), Comment.erased_at.is_(None))
        .order_by(Comment.received_at)
        .limit(1000)
        .subquery()
    )
    count, oldest = session.execute(select(func.count(), func.min(waiting.c.received_at))).one()
    return count, oldest
