"""The spot check: what the policy let through, looked at by somebody who is not told that.

Comments that were drawn (`drawing`) are dealt one at a time, held ones mixed in, reasons hidden.
What is found broken is blocked, a decision as any other; what is found fine is recorded, and
changes nothing. So a site learns what its policy misses, which no look at the queue can tell.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, update
from sqlalchemy.orm import Session

from moderation import decisions, leases, sites
from moderation.decisions import Seen, overtaken
from moderation.figures import days, drawing
from moderation.figures.shares import Share
from moderation.models import (
    Actor,
    Answer,
    Comment,
    Decision,
    Site,
    SpotCheck,
    Status,
    Tray,
    has_status,
    lies_in,
)
from moderation.models.joins import in_force

WITHIN = timedelta(days=2)
"""What was drawn longer ago is asked about no more: the answers shall say how it is now."""
HELD_ONE_IN = 3
"""Of the cards that are dealt so many are held, about: enough that nobody says "fine" by rote."""
LOOKED_AT = 200
"""Among so many one is looked for: of those drawn with the lowest tickets, or held the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """How far a site has come today, by UTC, with those drawn: `done` were answered, `left` may
    still be asked. `answers` counts those about held ones, too."""

    done: int
    left: int
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Of the approved comments that were checked, those that break this clause."""

    clause: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What blind answers said: which share was found broken of the `approved`, and of the `held`.

    Only answers that stand: not those whose decision was undone, or overtaken by another one.
    """

    approved: Share
    held: Share
    clauses: Sequence[Missed]


def progress(session: Session, site: Site, *, now: datetime) -> Pass:
    """How far the site has come today."""
    rows = session.execute(
        select(SpotCheck.stood_as, func.count().label("number"))
        .where(SpotCheck.site_id == site.id, SpotCheck.answered_at >= days.began(now))
        .group_by(SpotCheck.stood_as)
    )
    counted = {row.stood_as: row.number for row in rows}
    done = counted.get(Status.APPROVED, 0)
    most = max(site.spot_daily - done, 0) if site.spot_share else 0
    askable = _askable(_open(site.id, now)).limit(most).subquery()
    left = session.scalar(select(func.count()).select_from(askable)) if most else 0
    return Pass(done=done, left=left or 0, answers=sum(counted.values()))


def deal(
    session: Session, site: Site, so_far: Pass, *, moderator_id: UUID, now: datetime
) -> UUID | None:
    """The comment that this moderator is asked about next; None when the day's pass is over.

    The same one as long as nobody answers. What a colleague has open is left to them.
    """
    if not so_far.left:
        return None
    drawn = session.scalar(
        _askable(_open(site.id, now)).where(~leases.is_open(besides=moderator_id)).limit(1)
    )
    if drawn is None or not _is_helds_turn(drawn, so_far.answers):
        return drawn
    held = session.scalars(_unasked(_waiting(site.id)).where(~leases.is_open(besides=moderator_id)))
    # By their tickets, too: the one that waits the longest would tell that it waits.
    return min(held, key=drawing.ticket, default=drawn)


def _open(site_id: UUID, now: datetime) -> Subquery:
    """Those drawn lately that nobody has answered, the lowest tickets first."""
    return (
        select(SpotCheck.site_id, SpotCheck.comment_id, SpotCheck.revision, SpotCheck.ticket)
        .where(
            SpotCheck.site_id == site_id,
            SpotCheck.answered_at.is_(None),
            SpotCheck.drawn_at > now - WITHIN,
        )
        .order_by(SpotCheck.ticket, SpotCheck.comment_id)
        .limit(LOOKED_AT)
        .subquery()
    )


def _askable(drawn: Subquery) -> Select[UUID]:
    """Those of them that still stand as the policy has left them."""
    return (
        select(Comment.id)
        .select_from(drawn)
        .join(
            Comment,
            and_(
                Comment.site_id == drawn.c.site_id,
                Comment.id == drawn.c.comment_id,
                Comment.revision == drawn.c.revision,
            ),
        )
        .join(Decision, in_force())
        .where(
            Comment.status == Status.APPROVED,
            Comment.erased_at.is_(None),
            Decision.actor == Actor.POLICY,
        )
        .order_by(drawn.c.ticket, drawn.c.comment_id)
    )


def _waiting(site_id: UUID) -> Subquery:
    """What has waited the longest in the queue."""
    return (
        select(Comment.site_id, Comment.id, Comment.revision)
        .where(
            Comment.site_id == site_id,
            has_status(Status.HELD),
            lies_in(Tray.WAITING),
            Comment.erased_at.is_(None),
        )
        .order_by(Comment.received_at, Comment.id)
        .limit(LOOKED_AT)
        .subquery()
    )


def _unasked(held: Subquery) -> Select[UUID]:
    """Those of them about which nobody was asked."""
    return (
        select(Comment.id)
        .select_from(held)
        .join(Comment, and_(Comment.site_id == held.c.site_id, Comment.id == held.c.id))
        .outerjoin(
            SpotCheck,
            and_(
                SpotCheck.site_id == held.c.site_id,
                SpotCheck.comment_id == held.c.id,
                SpotCheck.revision == held.c.revision,
            ),
        )
        .where(SpotCheck.comment_id.is_(None))
    )


def _is_helds_turn(drawn: UUID, answers: int) -> bool:
    """Whether a held one is dealt before this one: nobody can guess it, and it stays so until the
    next answer."""
    told = hashlib.sha256(drawn.bytes + answers.to_bytes(8, "big")).digest()
    return (told[0] + 1) * HELD_ONE_IN <= 256


def answer(
    session: Session,
    site_id: UUID,
    comment_id: UUID,
    revision: int,
    *,
    clause: str | None = None,
    note: str = "",
    moderator_id: UUID,
    now: datetime,
) -> UUID | None:
    """Record what was found: that it breaks `clause`, or, without one, that it is fine.

    Answers the decision that this was; None where an approved comment was found fine. Raises as
    `decisions.block` does, and AlreadyDecided as well when it was answered already.
    """
    comment = sites.owned(session, Comment, site_id, comment_id)
    drawn = session.get(SpotCheck, (site_id, comment_id, revision))
    if drawn.answered_at is not None if drawn else comment.status != Status.HELD:
        raise overtaken(session, comment)
    stood_as = Status(drawn.stood_as) if drawn else Status.HELD
    seen = Seen(comment_id=comment_id, revision=revision, status=stood_as, tray=Tray.WAITING)
    decision_id = None
    if clause is not None:
        decision_id = decisions.block(
            session, site_id, seen, clause=clause, note=note, moderator_id=moderator_id, now=now
        )
    elif stood_as is Status.HELD:
        decision_id = decisions.approve(session, site_id, seen, moderator_id=moderator_id, now=now)
    said = {
        "answer": Answer.FINE if clause is None else Answer.BROKEN,
        "clause": clause,
        "decision_id": decision_id,
        "moderator_id": moderator_id,
        "answered_at": now,
    }
    if drawn is None:
        session.add(
            SpotCheck(
                site_id=site_id,
                comment_id=comment_id,
                revision=revision,
                stood_as=stood_as,
                ticket=drawing.ticket(comment_id),
                drawn_at=now,
                **said,
            )
        )
    elif not _write_down(session, drawn, said):
        raise overtaken(session, sites.owned(session, Comment, site_id, comment_id))
    return decision_id


def _write_down(session: Session, drawn: SpotCheck, said: Mapping[str, Any]) -> bool:
    """Give what was drawn its answer; False when it has one, or the comment stands otherwise by
    now, and not by the answer's own decision."""
    still = select(Comment.id).where(
        Comment.site_id == drawn.site_id,
        Comment.id == drawn.comment_id,
        Comment.revision == drawn.revision,
        or_(Comment.status == drawn.stood_as, Comment.decision_id == said["decision_id"]),
        Comment.erased_at.is_(None),
    )
    which = _is(drawn.site_id, drawn.comment_id, drawn.revision)
    won = session.execute(
        update(SpotCheck)
        .where(*which, SpotCheck.answered_at.is_(None), still.exists())
        .values(**said)
        .returning(SpotCheck.comment_id)
        .execution_options(synchronize_session=False)
    ).first()
    return won is not None


def take_back(
    session: Session, site_id: UUID, comment_id: UUID, revision: int, *, moderator_id: UUID
) -> None:
    """Take one's own "fine" about an approved comment back: it will be asked about again.

    AlreadyDecided when there is no such answer of theirs; NotFound when the site has no such
    comment. What was a decision is undone as one (`decisions.undo`).
    """
    comment = sites.owned(session, Comment, site_id, comment_id)
    won = session.execute(
        update(SpotCheck)
        .where(
            *_is(site_id, comment_id, revision),
            SpotCheck.answer == Answer.FINE,
            SpotCheck.decision_id.is_(None),
            SpotCheck.moderator_id == moderator_id,
        )
        .values(answer=None, moderator_id=None, answered_at=None)
        .returning(SpotCheck.comment_id)
        .execution_options(synchronize_session=False)
    ).first()
    if won is None:
        raise overtaken(session, comment)


def _is(site_id: UUID, comment_id: UUID, revision: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SpotCheck.site_id == site_id,
        SpotCheck.comment_id == comment_id,
        SpotCheck.revision == revision,
    )


def tally(session: Session, site_id: UUID, *, since: datetime) -> Tally:
    """What was answered at the site since that moment."""
    answered = (
        select(SpotCheck)
        .where(SpotCheck.site_id == site_id, SpotCheck.answered_at >= since)
        .offset(0)  # or Postgres reads all comments of a site that is new to it (`sql`)
        .subquery()
    ).c
    rows = session.execute(
        select(answered.stood_as, answered.answer, answered.clause, func.count().label("number"))
        .join(
            Comment,
            and_(Comment.site_id == answered.site_id, Comment.id == answered.comment_id),
        )
        .where(or_(answered.decision_id.is_(None), answered.decision_id == Comment.decision_id))
        .group_by(answered.stood_as, answered.answer, answered.clause)
    ).all()

    def share(stood_as: Status) -> Share:
        of = [row for row in rows if row.stood_as == stood_as]
        broken = sum(row.number for row in of if row.answer == Answer.BROKEN)
        return Share(broken, sum(row.number for row in of))

    approved = share(Status.APPROVED)
    missed = [
        Missed(clause=row.clause, share=Share(row.number, approved.of))
        for row in rows
        if row.stood_as == Status.APPROVED and row.clause is not None
    ]
    return Tally(
        approved=approved,
        held=share(Status.HELD),
        clauses=sorted(missed, key=lambda one: (-one.share.hits, one.clause)),
    )
