"""What one person decided at a site, and how long a card took them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from moderation.figures.decided import Decided, Lately, utc_day
from moderation.figures.durations import Pace, acts_of, paces_by_person
from moderation.models import Decision, Moderator, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What one person decided, and how long a card took them; None where none was measured."""

    moderator: Moderator
    decided: Decided
    pace: Pace | None


def decided_by_day(session: Session, lately: Lately, moderator_id: UUID) -> Mapping[str, Decided]:
    """What this person decided, by day."""
    theirs = (
        select(
            utc_day(Decision.decided_at).label("key"),
            Decision.status_after.label("after"),
        )
        .where(
            lately.holds(),
            Decision.moderator_id == moderator_id,
            Decision.status_before != Decision.status_after,
            lately.stands(),
        )
        .subquery()
    )
    found: dict[str, Decided] = defaultdict(Decided)
    for row in session.execute(select(theirs, func.count().label("number")).group_by(*theirs.c)):
        found[row.key].add(row.after, row.number)
    return found


def colleagues(session: Session, site_id: UUID, *, since: datetime, now: datetime) -> list[Person]:
    """What each person did at the site since that moment, the busiest first. For those alone who
    may see it."""
    lately = Lately(site_id, since, now + timedelta(microseconds=1))
    paces, acts = paces_by_person(session, lately), acts_of(lately)
    counted = (
        select(
            acts.c.moderator_id,
            func.sum(case((acts.c.status_after == Status.APPROVED, 1), else_=0)).label("approved"),
            func.sum(case((acts.c.status_after == Status.BLOCKED, 1), else_=0)).label("blocked"),
        )
        .where(acts.c.undoes.is_(None), acts.c.id.not_in(lately.taken_back()))
        .group_by(acts.c.moderator_id)
        .subquery()
    )
    rows = session.execute(
        select(Moderator, counted.c.approved, counted.c.blocked).join(
            counted, counted.c.moderator_id == Moderator.id
        )
    )
    found = [
        Person(
            moderator=moderator,
            decided=Decided(approved=approved, blocked=blocked),
            pace=paces.get(str(moderator.id)),
        )
        for moderator, approved, blocked in rows
    ]
    return sorted(found, key=lambda one: (-one.decided.total, one.moderator.email))
