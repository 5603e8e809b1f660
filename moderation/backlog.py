"""What waits to be judged: claimed with a lease, given back, opened again.

The table is the queue. A claim writes a lease and commits, so that the model can think with no
transaction open; a lease that runs out makes the comment free for another worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from moderation.models import Comment, Revision, Site, Status
from moderation.models.joins import newest
from moderation.sql import BESIDE_REPLIES, from_now, given, past_orm, rows, table_of

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


_Picked = dict[tuple[UUID, UUID], tuple[int, bool]]
"""Comments by site and id: how often each was tried, and whether a lease of it has run out."""


def _is_claimable(comment: type[Comment] = Comment) -> list[ColumnElement[bool]]:
    return [
        comment.judged_at.is_(None),
        comment.erased_at.is_(None),
        or_(comment.leased_until.is_(None), comment.leased_until < from_now(0)),
    ]


# The statements of a claim are made once: to put them together takes as long as to run them.
_waiting = aliased(Comment)
_HEADS = (
    select(Comment.site_id, Comment.attempts > 0)
    .join(
        Site,
        and_(
            Comment.site_id == Site.id,
            Comment.id
            == select(_waiting.id)
            .where(_waiting.site_id == Site.id, *_is_claimable(_waiting))
            .order_by(_waiting.received_at, _waiting.id)
            .limit(1)
            .scalar_subquery(),
        ),
    )
    .order_by(Comment.received_at, Comment.id)
    .limit(bindparam("count", type_=Integer))
)
_PICK = (
    select(Comment.id, Comment.attempts, Comment.leased_until.is_not(None))
    .where(Comment.site_id == bindparam("site"), *_is_claimable())
    .order_by(Comment.received_at, Comment.id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update(skip_locked=True, key_share=True)
)
_PICK_FRESH = _PICK.where(Comment.attempts == 0)
_PICK_NEWEST = _PICK_FRESH.order_by(None).order_by(Comment.received_at.desc(), Comment.id.desc())
_picked = given(site_id=Uuid, id=Uuid)
_is_picked = and_(Comment.site_id == _picked.c.site_id, Comment.id == _picked.c.id)
_LEASE = (
    update(table_of(Comment))
    .where(_is_picked)
    .values(
        leased_by=bindparam("worker"),
        leased_until=from_now(bindparam("seconds", type_=Integer)),
        attempts=Comment.attempts + 1,
    )
)
_IN_ORDER = (
    select(Comment.id)
    .select_from(_picked)
    .join(Comment, _is_picked)
    .order_by(Comment.site_id, Comment.id)
    .with_for_update(of=Comment, **BESIDE_REPLIES)
)
_above, _above_words = aliased(Comment), aliased(Revision)
_WORDS = (
    select(
        Comment.site_id,
        Comment.id,
        Comment.revision,
        Revision.text,
        _above_words.text,
        Revision.request_id,
    )
    .select_from(_picked)
    .join(Comment, _is_picked)
    .join(Revision, newest())
    .outerjoin(_above, and_(_above.site_id == Comment.site_id, _above.id == Comment.parent_id))
    .outerjoin(_above_words, newest(_above, _above_words))
    .order_by(Comment.received_at, Comment.id)
)


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
    site's comment waiting (with more sites than `limit`, those whose oldest came first). Of a site
    of which more waits, as when it has left shadow mode, half are the newest. A comment
    that was tried before is claimed alone, once it is its site's oldest: should it crash the
    worker again, it takes no others with it. `tried_first` says which of the two is looked for
    first; a worker takes turns, so that neither keeps the other waiting.

    None can mean that others are claiming what there is at this very moment (`is_claimable`).
    """
    heads = _heads(session, limit)
    picks = [_one_tried, _fresh_of_all] if tried_first else [_fresh_of_all, _one_tried]
    picked = picks[0](session, heads, limit) or picks[1](session, heads, limit)
    if not picked:
        return []
    these = rows({"site_id": site_id, "id": comment_id} for site_id, comment_id in picked)
    run = past_orm(session).execute
    run(_LEASE, these | {"worker": worker, "seconds": lease_seconds})
    batch = []
    for site_id, comment_id, revision, text, parent_text, request_id in run(_WORDS, these).all():
        tried, expired = picked[site_id, comment_id]
        batch.append(
            Waiting(
                site_id=site_id,
                comment_id=comment_id,
                revision=revision,
                text=text or "",
                parent_text=parent_text,
                attempts=tried + 1,
                expired=expired,
                request_id=request_id,
            )
        )
    return batch


def is_claimable(session: Session) -> bool:
    """Whether something could be claimed now, were nobody else just claiming it."""
    return bool(_heads(session, 1))


def _heads(session: Session, limit: int) -> list[_Head]:
    """The sites that have something to claim, the one whose oldest is the youngest first.

    One look into the index for each site, however many comments wait.
    """
    heads = [_Head(*row) for row in past_orm(session).execute(_HEADS, {"count": limit}).all()]
    return heads[::-1]


def _one_tried(session: Session, heads: Sequence[_Head], _limit: int) -> _Picked:
    """One of a site whose oldest was tried before."""
    for head in reversed(heads):
        if head.tried and (picked := _pick(session, _PICK, head.site_id, 1)):
            return picked
    return {}


def _fresh_of_all(session: Session, heads: Sequence[_Head], limit: int) -> _Picked:
    """Those of each site that nobody has tried. What one site does not use of its share, the next
    ones get; the last is the one that has waited longest."""
    picked: _Picked = {}
    for nth, head in enumerate(heads):
        share = ceil((limit - len(picked)) / (len(heads) - nth))
        picked |= _fresh_of(session, head.site_id, share)
    return picked


def _fresh_of(session: Session, site_id: UUID, share: int) -> _Picked:
    """The oldest of a site, and where more than its share waits, the newest for half of it: what a
    reader has just written would otherwise wait behind everything that is to be judged once more.
    Neither end keeps the other waiting."""
    oldest = _pick(session, _PICK_FRESH, site_id, share)
    if len(oldest) < share:
        return oldest
    newest = _pick(session, _PICK_NEWEST, site_id, share // 2)
    others = [one for one in oldest.items() if one[0] not in newest]
    return newest | dict(others[: share - len(newest)])


def _pick(session: Session, statement: Executable, site_id: UUID, count: int) -> _Picked:
    found = past_orm(session).execute(statement, {"site": site_id, "count": count}).all()
    return {(site_id, comment_id): (tried, expired) for comment_id, tried, expired in found}


def give_back(session: Session, batch: Sequence[Waiting], *, worker: UUID, uncounted: bool) -> None:
    """End the leases of a batch. `uncounted`: nothing was tried, so the attempt does not count."""
    these = rows({"site_id": item.site_id, "id": item.comment_id} for item in batch)
    # Locked in the order in which `judge` locks them: a worker that is stopped gives back what its
    # own thread may be judging just now, and the two would wait for each other.
    session.execute(_IN_ORDER, these)
    session.execute(
        update(table_of(Comment))
        .where(_is_picked, Comment.leased_by == worker)
        .values(
            leased_by=None,
            leased_until=None,
            attempts=Comment.attempts - 1 if uncounted else Comment.attempts,
        ),
        these,
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
    without an end. So are those that took their worker with them: of several, each would end a
    worker whose successor opens the others again. They stay held until a verdict is there.
    """
    result = session.execute(
        update(Comment)
        .where(
            Comment.failed,
            Comment.status == Status.HELD,
            Comment.erased_at.is_(None),
            Comment.judged_at < before,
            Comment.attempts <= ATTEMPTS,
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
