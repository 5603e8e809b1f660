"""How long comments waited for a person, and how long a card took one.

How long a card took is not written down anywhere. It is taken for the time since the same person's
decision before, at this site: to the second where one card follows the other, and of no meaning
after a PAUSE, where it is left out. So it counts reading, thinking, and what was laid aside between
two decisions, but neither the first card of a shift nor one that somebody pondered for longer than
a pause. Of cards that were decided at once the first has all of the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, bindparam, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from moderation.figures.decided import Lately, utc_day
from moderation.models import Actor, Comment, Decision, Instant, Status, has_status
from moderation.sql import seconds_between

PAUSE = timedelta(minutes=3)
"""Who decides nothing for longer does something else."""
WAITING_LOOKED_AT = 50_000
"""Of what waits just now so many are looked at, the oldest."""


@dataclass(frozen=True, slots=True)
class Waits:
    """How long comments were held until a person decided: the nearest ranks of `number` waits."""

    number: int
    median: timedelta
    p90: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a card took: the nearest rank of the `number` that could be measured. Without those
    that were decided at once."""

    number: int
    median: timedelta


def waits_by_day(session: Session, lately: Lately) -> Mapping[str, Waits]:
    """From the moment when the policy held it: one that was undone has waited all along."""
    earlier = aliased(Decision)
    held_at = (
        select(func.max(earlier.decided_at))
        .where(
            earlier.site_id == Decision.site_id,
            earlier.comment_id == Decision.comment_id,
            earlier.seq < Decision.seq,
            earlier.actor == Actor.POLICY,
            earlier.status_after == Status.HELD,
            earlier.status_before != Status.HELD,
        )
        .correlate(Decision)
        .scalar_subquery()
    )
    waited = (
        select(
            utc_day(Decision.decided_at).label("key"),
            seconds_between(held_at, Decision.decided_at).label("seconds"),
        )
        .where(
            lately.holds(),
            Decision.moderator_id.is_not(None),
            Decision.status_before == Status.HELD,
            lately.stands(),
        )
        .offset(0)  # or Postgres looks for it twice: the other time to see whether it is NULL
        .subquery()
    )
    return _spread(session, waited)


def waiting_now(session: Session, site_id: UUID, now: datetime) -> Waits | None:
    """How long what waits now has waited, of the oldest WAITING_LOOKED_AT; None where nothing
    does."""
    held = (
        select(Comment.received_at)
        .where(Comment.site_id == site_id, has_status(Status.HELD), Comment.erased_at.is_(None))
        .order_by(Comment.received_at)
        .limit(WAITING_LOOKED_AT)
        .subquery()
    )
    until = bindparam("now", now, type_=Instant())
    ages = select(
        literal("now").label("key"), seconds_between(held.c.received_at, until).label("seconds")
    ).subquery()
    return _spread(session, ages).get("now")


def paces_by_day(session: Session, lately: Lately) -> Mapping[str, Pace]:
    """Of everybody's cards; a day on which none could be measured is absent."""
    acts = acts_of(lately)
    return _paces(session, acts, utc_day(acts.c.decided_at))


def paces_by_person(
    session: Session, lately: Lately, moderator_id: UUID | None = None
) -> Mapping[str, Pace]:
    """By the id of the person, of all of them or of this one."""
    acts = acts_of(lately, moderator_id)
    return _paces(session, acts, acts.c.moderator_id)


def acts_of(lately: Lately, moderator_id: UUID | None = None) -> Subquery:
    """Every decision of a person, or of this one, undone ones and undoing too, with the `seconds`
    since their last one; NULL after a pause."""
    # What was decided just before the first of them is looked at as well, and left out again.
    earlier = Lately(lately.site_id, lately.since - PAUSE, lately.until)
    by: ColumnElement[bool] = Decision.moderator_id.is_not(None)
    if moderator_id is not None:
        by = Decision.moderator_id == moderator_id
    before = func.lag(Decision.decided_at).over(
        partition_by=Decision.moderator_id, order_by=(Decision.decided_at, Decision.seq)
    )
    acts = (
        select(
            Decision.site_id,
            Decision.comment_id,
            Decision.revision,
            Decision.seq,
            Decision.id,
            Decision.moderator_id,
            Decision.status_after,
            Decision.undoes,
            Decision.together,
            Decision.decided_at,
            seconds_between(before, Decision.decided_at).label("gap"),
        )
        .where(earlier.holds(), by)
        .subquery()
    )
    measured = case((acts.c.gap <= PAUSE.total_seconds(), acts.c.gap))
    return (
        select(acts, measured.label("seconds")).where(acts.c.decided_at >= lately.since).subquery()
    )


def _paces(session: Session, acts: Subquery, key: ColumnElement[Any]) -> Mapping[str, Pace]:
    cards = select(key.label("key"), acts.c.seconds).where(
        acts.c.undoes.is_(None), acts.c.together.is_(None)
    )
    spread = _spread(session, cards.subquery())
    return {key: Pace(found.number, found.median) for key, found in spread.items()}


def _spread(session: Session, lengths: Subquery) -> Mapping[str, Waits]:
    """How these `seconds` spread, by their `key`; those that are NULL are left out."""
    by = lengths.c.key
    ranked = (
        select(
            lengths,
            func.row_number().over(partition_by=by, order_by=lengths.c.seconds).label("n"),
            func.count().over(partition_by=by).label("number"),
        )
        .where(lengths.c.seconds.is_not(None))
        .subquery()
    )
    median, p90 = (ranked.c.number + 1) // 2, (ranked.c.number * 9 + 9) // 10
    rows = session.execute(
        select(
            ranked.c.key,
            ranked.c.number,
            func.max(case((ranked.c.n == median, ranked.c.seconds))).label("median"),
            func.max(case((ranked.c.n == p90, ranked.c.seconds))).label("p90"),
        ).group_by(ranked.c.key, ranked.c.number)
    )
    return {
        str(row.key): Waits(row.number, timedelta(seconds=row.median), timedelta(seconds=row.p90))
        for row in rows
    }
