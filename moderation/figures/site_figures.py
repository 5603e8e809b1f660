"""What a site's last weeks looked like, in figures. Reads only.

By day, in UTC. Comments count by their ids, decisions by when they were made; both are read in the
order of an index, no further back than `days.DAYS`: what is older costs nothing, however much it
is. Days that are over have been counted before (`site_days`), all but what one person did; today is
counted when somebody asks, and so is every day from the first one on that was not counted yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, takewhile
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from moderation.figures import clauses, days, durations, people
from moderation.figures.clauses import HeldFor, Precision
from moderation.figures.decided import Decided, Lately
from moderation.figures.durations import Pace, Waits
from moderation.models import Actor, Comment, Decision, SiteDay, Status, first_id
from moderation.sql import utc_hour


@dataclass(slots=True, kw_only=True)
class Day:
    """One day. `held` counts what the policy held; `net` what came to lie in the queue minus what
    left it, undoing included. An edit is judged again, and counted again."""

    date: date
    received: int = 0
    held: int = 0
    net: int = 0
    expired: int = 0
    """Blocked unreviewed: neither the policy's nor a person's."""
    policy: Decided = field(default_factory=Decided)
    people: Decided = field(default_factory=Decided)
    own: Decided = field(default_factory=Decided)
    """Of `people`, what the person did who asks."""
    waits: Waits | None = None
    """Of the decisions of that day; None where there is none about a held comment."""
    pace: Pace | None = None
    """None where no card of that day could be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """All that is counted of a day, but for what one person did: `day.own` is empty. `hours` is
    what each of its 24 hours added to `day.net`."""

    day: Day
    hours: list[int]
    clauses: Sequence[HeldFor]
    rules: Sequence[Precision]


KEPT = TypeAdapter(Counted)
"""How it is written down as JSON, and read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The last DAYS, oldest first; `hours` is today's `net` by the end of each hour that has begun.
    Clauses and rules over all of these days, the most frequent first; `pace` is that of the person
    who asks; `waiting` is how long what waits now has waited (`durations.waiting_now`).

    `counted_at` is when the first of the days was counted that were counted before: what has been
    decided, or undone, about them since may not be in yet. None where all was counted just now."""

    days: Sequence[Day]
    hours: Sequence[int]
    pace: Pace | None
    waiting: Waits | None
    clauses: Sequence[HeldFor]
    rules: Sequence[Precision]
    counted_at: datetime | None

    @property
    def today(self) -> Day:
        """The day that is not over."""
        return self.days[-1]

    @property
    def since(self) -> datetime:
        """When the first of the days began."""
        return days.midnight(self.days[0].date)


def figures(session: Session, site_id: UUID, *, moderator_id: UUID, now: datetime) -> Figures:
    """The site's figures, with the moderator's own. As many queries whatever has happened."""
    dates = days.last(now)
    kept = _kept(session, site_id, dates)
    found = [KEPT.validate_python(row.counted) for row in kept]
    found += count(session, site_id, dates[len(kept) :])
    lately = Lately.on(site_id, dates)
    own = people.decided_by_day(session, lately, moderator_id)
    for one in found:
        one.day.own = own.get(str(one.day.date), Decided())
    paces = durations.paces_by_person(session, lately, moderator_id)
    this_hour = now.astimezone(UTC).hour
    return Figures(
        days=[one.day for one in found],
        hours=list(accumulate(found[-1].hours[: this_hour + 1])),
        pace=paces.get(str(moderator_id)),
        waiting=durations.waiting_now(session, site_id, now),
        clauses=clauses.held_in_all(held for one in found for held in one.clauses),
        rules=clauses.precision_in_all(rule for one in found for rule in one.rules),
        counted_at=min((row.counted_at for row in kept), default=None),
    )


def count(session: Session, site_id: UUID, dates: Sequence[date]) -> list[Counted]:
    """Count these days, which follow each other. As many queries however many they are."""
    lately = Lately.on(site_id, dates)
    received = _received(session, site_id, dates)
    waits = durations.waits_by_day(session, lately)
    paces = durations.paces_by_day(session, lately)
    held = clauses.held_by_day(session, lately)
    rules = clauses.precision_by_day(session, lately)
    counted = {
        str(day): Counted(
            day=Day(
                date=day,
                received=received[day],
                waits=waits.get(str(day)),
                pace=paces.get(str(day)),
            ),
            hours=[0] * 24,
            clauses=held.get(str(day), []),
            rules=rules.get(str(day), []),
        )
        for day in dates
    }
    for row in session.execute(_changes(lately)):
        key, hour = row.hour.split()
        _count(counted[key].day, row)
        counted[key].hours[int(hour)] += _net(row)
    return list(counted.values())


def _kept(session: Session, site_id: UUID, dates: Sequence[date]) -> list[SiteDay]:
    """What was counted before of days that are over: from the first one on, without a gap."""
    rows = session.scalars(
        select(SiteDay)
        .where(SiteDay.site_id == site_id, SiteDay.day >= dates[0], SiteDay.day < dates[-1])
        .order_by(SiteDay.day)
    )
    pairs = zip(rows, dates, strict=False)
    return [row for row, _ in takewhile(lambda pair: pair[0].day == pair[1], pairs)]


def _received(session: Session, site_id: UUID, dates: Sequence[date]) -> Mapping[date, int]:
    """An id has the moment in it at which the comment came: no row is read but the index's."""
    of_day = [
        select(func.count())
        .where(
            Comment.site_id == site_id,
            Comment.id >= first_id(days.midnight(day)),
            Comment.id < first_id(days.midnight(day + timedelta(days=1))),
        )
        .scalar_subquery()
        for day in dates
    ]
    return dict(zip(dates, session.execute(select(*of_day)).one(), strict=True))


def _changes(lately: Lately) -> Select[Any]:
    """Every change of status, counted by hour and by what it was."""
    # Grouped by the names of columns, not by the expressions again: those carry parameters, which
    # are others each time they are written, and Postgres would not know them for the same.
    changes = (
        select(
            utc_hour(Decision.decided_at).label("hour"),
            Decision.actor.label("actor"),
            Decision.status_before.label("before"),
            Decision.status_after.label("after"),
            lately.stands().label("stands"),
        )
        .where(lately.holds(), Decision.status_before != Decision.status_after)
        .subquery()
    )
    return select(changes, func.count().label("number")).group_by(*changes.c)


def _count(day: Day, row: Any) -> None:
    day.net += _net(row)
    if not row.stands:
        return
    if row.actor == Actor.SITE:
        day.expired += row.number
    elif row.actor == Actor.MODERATOR:
        day.people.add(row.after, row.number)
    elif row.actor == Actor.POLICY:  # and nothing of what was decided elsewhere
        day.policy.add(row.after, row.number)
        day.held += row.number if row.after == Status.HELD else 0


def _net(row: Any) -> int:
    """How much longer the queue has become by it."""
    came, left = int(row.after == Status.HELD), int(row.before == Status.HELD)
    return (came - left) * int(row.number)
