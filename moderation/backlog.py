"""What waits to be judged: claimed with a lease, given back, opened again.

The table is the queue. A claim writes a lease and commits, so that the model can think with no
transaction open; a lease that runs out makes the comment free for another worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from moderation.models import Comment, Revision, Site, Status
from moderation.models.joins import newest
from moderation.sql import from_now, given

ATTEMPTS = 3
"""A text that failed this often is held for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A claimed revision. `attempts` counts this one; above ATTEMPTS it is not to be scored.

    `expired`: another worker had it, and its lease ran out. `request_id` names the request that
    brought it, where one is known.
    """

    site_id: UUID
    comment_id: UUID
    revision: int
    text: str
    parent_text: str | None
    attempts: int
    expired: bool
    request_id: str | None


@dataclass(frozen=True, slots=True)
class _Head:
    """The oldest claimable comment of a site; `tried` when a worker has had it before."""

    site_id: UUID
    tried: bool


_Picked = dict[tuple[UUID, UUID], bool]
"""Comments by site and id, and whether a lease of each has run out."""


def _is_claimable(comment: type[Comment] = Comment) -> list[ColumnElement[bool]]:
    return [
        comment.judged_at.is_(None),
        comment.erased_at.is_(None),
        or_(comment.leased_until.is_(None), comment.leased_until < from_now(0)),
    ]


def claim(
    session: Session,
    *,
    worker: UUID,
    limit: int,
    lease_seconds: int,
    tried_first: bool = True,
) -> list[Waiting]:
    """Lease up to `limit` waiting revisions to `worker`; the attempt is counted.

    The sites share the batch, each with its oldest, so that one site's flood does not keep another
    site's comment waiting (with more sites than `limit`, those whose oldest came first). A comment
    that was tried before is claimed alone, once it is its site's oldest: should it crash the
    worker again, it takes no others with it. `tried_first` says which of the two is looked for
    first; a worker takes turns, so that neither keeps the other waiting.

    None can mean that others are claiming what there is at this very moment (`is_claimable`).
    """
    heads = _heads(session, limit)
    picks = [_one_tried, _fresh_of_all] if tried_first else [_fresh_of_all, _one_tried]
    expired = picks[0](session, heads, limit) or picks[1](session, heads, limit)
    if not expired:
        return []
    picked = given(session, {"site_id": Uuid(), "id": Uuid()}, expired)
    attempts = {
        comment_id: count
        for comment_id, count in session.execute(
            update(Comment)
            .where(Comment.site_id == picked.c.site_id, Comment.id == picked.c.id)
            .values(
                leased_by=worker,
                leased_until=from_now(lease_seconds),
                attempts=Comment.attempts + 1,
            )
            .returning(Comment.id, Comment.attempts)
            .execution_options(synchronize_session=False)
        )
    }
    above, above_words = aliased(Comment), aliased(Revision)
    rows = session.execute(
        select(
            Comment.site_id,
            Comment.id,
            Comment.revision,
            Revision.text,
            above_words.text,
            Revision.request_id,
        )
        .select_from(picked)
        .join(Comment, and_(Comment.site_id == picked.c.site_id, Comment.id == picked.c.id))
        .join(Revision, newest())
        .outerjoin(above, and_(above.site_id == Comment.site_id, above.id == Comment.parent_id))
        .outerjoin(above_words, newest(above, above_words))
        .order_by(Comment.received_at, Comment.id)
    )
    return [
        Waiting(
            site_id=site_id,
            comment_id=comment_id,
            revision=revision,
            text=text or "",
            parent_text=parent_text,
            attempts=attempts[comment_id],
            expired=expired[site_id, comment_id],
            request_id=request_id,
        )
        for site_id, comment_id, revision, text, parent_text, request_id in rows
    ]


def is_claimable(session: Session) -> bool:
    """Whether something could be claimed now, were nobody else just claiming it."""
    return bool(_heads(session, 1))


def _heads(session: Session, limit: int) -> list[_Head]:
    """The sites that have something to claim, the one whose oldest is the youngest first.

    One look into the index for each site, however many comments wait.
    """
    waiting = aliased(Comment)
    oldest = (
        select(waiting.id)
        .where(waiting.site_id == Site.id, *_is_claimable(waiting))
        .order_by(waiting.received_at, waiting.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Comment.site_id, Comment.attempts)
        .join(Site, and_(Comment.site_id == Site.id, Comment.id == oldest))
        .order_by(Comment.received_at, Comment.id)
        .limit(limit)
    ).all()
    return [_Head(site_id, attempts > 0) for site_id, attempts in reversed(rows)]


def _one_tried(session: Session, heads: Sequence[_Head], _limit: int) -> _Picked:
    """One of a site whose oldest was tried before."""
    for head in reversed(heads):
        if head.tried and (picked := _pick(session, head.site_id, limit=1)):
            return picked
    return {}


def _fresh_of_all(session: Session, heads: Sequence[_Head], limit: int) -> _Picked:
    """The oldest of each site that nobody has tried. What one site does not use of its share, the
    next ones get; the last is the one that has waited longest."""
    picked: _Picked = {}
    for nth, head in enumerate(heads):
        share = ceil((limit - len(picked)) / (len(heads) - nth))
        picked |= _pick(session, head.site_id, Comment.attempts == 0, limit=share)
    return picked


def _pick(session: Session, site_id: UUID, *conditions: ColumnElement[bool], limit: int) -> _Picked:
    rows = session.execute(
        select(Comment.id, Comment.leased_until.is_not(None))
        .where(Comment.site_id == site_id, *_is_claimable(), *conditions)
        .order_by(Comment.received_at, Comment.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return {(site_id, comment_id): expired for comment_id, expired in rows}


def give_back(session: Session, batch: Sequence[Waiting], *, worker: UUID, uncounted: bool) -> None:
    """End the leases of a batch. `uncounted`: nothing was tried, so the attempt does not count."""
    ids = [(item.site_id, item.comment_id) for item in batch]
    back = given(session, {"site_id": Uuid(), "id": Uuid()}, ids)
    session.execute(
        update(Comment)
        .where(
            Comment.site_id == back.c.site_id,
            Comment.id == back.c.id,
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
    waits = [Comment.judged_at.is_(None), Comment.erased_at.is_(None)]
    some = select(literal(1)).where(*waits).limit(1000).subquery()
    # By site, as the index is: each site's oldest is its first entry.
    of_site = select(func.min(Comment.received_at)).where(Comment.site_id == Site.id, *waits)
    oldest = select(of_site.scalar_subquery().label("at")).select_from(Site).subquery()
    count, at = session.execute(
        select(
            select(func.count()).select_from(some).scalar_subquery(),
            select(func.min(oldest.c.at)).scalar_subquery(),
        )
    ).one()
    return count, at
