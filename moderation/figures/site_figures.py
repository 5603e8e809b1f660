"""What a site's last weeks looked like, in figures. Reads only.

By day, in UTC. Comments count by their ids, decisions by when they were made; both are read in the
order of an index, no further back than DAYS: what is older costs nothing, however much it is. Days
that are over have been counted before (`site_days`), all but what one person did; today is counted
when somebody asks, and so is every day from the first one on that was not counted yet.

How long a card took is not written down anywhere. It is taken for the time since the same person's
decision before, at this site: to the second where one card follows the other, and of no meaning
after a PAUSE, where it is left out. So it counts reading, thinking, and what was laid aside between
two decisions, but neither the first card of a shift nor one that somebody pondered for longer than
a pause. Of cards that were decided at once the first has all of the time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, takewhile
from typing import Any, Self
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from moderation.figures.shares import Share
from moderation.models import (
    Actor,
    Comment,
    Decision,
    Instant,
    Moderator,
    SiteDay,
    Status,
    first_id,
    has_status,
    was_held,
)
from moderation.sql import elements, seconds_between, text_of, utc_hour

DAYS = 28
"""How far back the figures go, today included."""
PAUSE = timedelta(minutes=3)
"""Who decides nothing for longer does something else."""
WAITING_LOOKED_AT = 50_000
"""Of what waits just now so many are looked at, the oldest."""


@dataclass(slots=True, kw_only=True)
class Decided:
    """Decisions that stand: those that were undone, and the undoing, are left out."""

    approved: int = 0
    blocked: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.approved + self.blocked


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
class HeldFor:
    """Comments that the policy held with this clause first (None: for something beside the
    clauses), and how many of them are blocked, or approved, since. One that was held on two days
    counts for both."""

    clause: str | None
    held: int
    blocked: int
    approved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """Of what this rule held, alone or beside others, and a person decided: how much they blocked.

    Only decisions in force, and only about the words that were held. `spent` is what those cards
    took that could be `measured`, in seconds.
    """

    clause: str
    rule: str
    decided: int
    blocked: int
    measured: int = 0
    spent: float = 0.0

    @property
    def share(self) -> Share:
        """Of what was decided, what was blocked."""
        return Share(self.blocked, self.decided)

    @property
    def seconds(self) -> float | None:
        """What such a card took, on average; None where none could be measured."""
        return self.spent / self.measured if self.measured else None

    @property
    def minutes(self) -> float | None:
        """What all of it took, if those that could not be measured took as long as the others."""
        return None if self.seconds is None else self.seconds * self.decided / 60

    @property
    def minutes_per_block(self) -> float | None:
        """What it took until one was blocked. A card that several rules held counts for each."""
        return self.minutes / self.blocked if self.minutes is not None and self.blocked else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """All that is counted of a day, but for what one person did: `day.own` is empty. `hours` is
    what each of its 24 hours added to `day.net`."""

    day: Day
    hours: Sequence[int]
    clauses: Sequence[HeldFor]
    rules: Sequence[Precision]


KEPT = TypeAdapter(Counted)
"""How it is written down as JSON, and read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What one person decided, and how long a card took them; None where none was measured."""

    moderator: Moderator
    decided: Decided
    pace: Pace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The last DAYS, oldest first; `hours` is today's `net` by the end of each hour that has begun.
    Clauses and rules over all of these days, the most frequent first; `pace` is that of the person
    who asks. `waiting` is how long what waits now has waited, of the oldest WAITING_LOOKED_AT.

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
        return _midnight(self.days[0].date)


def figures(session: Session, site_id: UUID, *, moderator_id: UUID, now: datetime) -> Figures:
    """The site's figures, with the moderator's own. As many queries whatever has happened."""
    dates = last_days(now)
    kept = _kept(session, site_id, dates)
    found = [KEPT.validate_python(row.counted) for row in kept]
    found += count(session, site_id, dates[len(kept) :])
    lately = _Lately.days(site_id, dates)
    own = _own(session, lately, moderator_id)
    for one in found:
        one.day.own = own.get(str(one.day.date), Decided())
    this_hour = now.astimezone(UTC).hour
    return Figures(
        days=[one.day for one in found],
        hours=list(accumulate(found[-1].hours[: this_hour + 1])),
        pace=_pace(_paces(session, lately, _by_person, moderator_id).get(str(moderator_id))),
        waiting=_waiting(session, site_id, now),
        clauses=_clauses_of(found),
        rules=_rules_of(found),
        counted_at=min((row.counted_at for row in kept), default=None),
    )


def last_days(now: datetime) -> list[date]:
    """The DAYS that figures are about, today the last of them."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=DAYS - 1 - nth) for nth in range(DAYS)]


def count(session: Session, site_id: UUID, dates: Sequence[date]) -> list[Counted]:
    """Count these days, which follow each other. As many queries however many they are."""
    lately = _Lately.days(site_id, dates)
    received, waits = _received(session, site_id, dates), _waits(session, lately)
    paces = _paces(session, lately, _by_day)
    clauses, rules = _clauses(session, lately), _rules(session, lately)
    days = {
        str(day): Day(
            date=day,
            received=received[day],
            waits=waits.get(str(day)),
            pace=_pace(paces.get(str(day))),
        )
        for day in dates
    }
    hours = {key: [0] * 24 for key in days}
    for row in session.execute(_changes(lately)):
        key, hour = row.hour.split()
        _count(days[key], row)
        hours[key][int(hour)] += _net(row)
    return [
        Counted(day=day, hours=hours[key], clauses=clauses[key], rules=rules[key])
        for key, day in days.items()
    ]


def _kept(session: Session, site_id: UUID, dates: Sequence[date]) -> list[SiteDay]:
    """What was counted before of days that are over: from the first one on, without a gap."""
    rows = session.scalars(
        select(SiteDay)
        .where(SiteDay.site_id == site_id, SiteDay.day >= dates[0], SiteDay.day < dates[-1])
        .order_by(SiteDay.day)
    )
    pairs = zip(rows, dates, strict=False)
    return [row for row, _ in takewhile(lambda pair: pair[0].day == pair[1], pairs)]


def _clauses_of(found: Iterable[Counted]) -> list[HeldFor]:
    of: dict[str | None, list[HeldFor]] = defaultdict(list)
    for counted in found:
        for one in counted.clauses:
            of[one.clause].append(one)
    clauses = [
        HeldFor(
            clause=clause,
            held=sum(one.held for one in ones),
            blocked=sum(one.blocked for one in ones),
            approved=sum(one.approved for one in ones),
        )
        for clause, ones in of.items()
    ]
    return sorted(clauses, key=lambda one: (-one.held, one.clause or ""))


def _rules_of(found: Iterable[Counted]) -> list[Precision]:
    of: dict[tuple[str, str], list[Precision]] = defaultdict(list)
    for counted in found:
        for one in counted.rules:
            of[one.clause, one.rule].append(one)
    rules = [
        Precision(
            clause=clause,
            rule=rule,
            decided=sum(one.decided for one in ones),
            blocked=sum(one.blocked for one in ones),
            measured=sum(one.measured for one in ones),
            spent=sum(one.spent for one in ones),
        )
        for (clause, rule), ones in of.items()
    ]
    return sorted(rules, key=lambda one: (-one.decided, one.clause, one.rule))


@dataclass(frozen=True, slots=True)
class _Lately:
    """Which decisions are looked at: the site's, from `since` on, before `until`."""

    site_id: UUID
    since: datetime
    until: datetime

    @classmethod
    def days(cls, site_id: UUID, dates: Sequence[date]) -> Self:
        """Those of days that follow each other."""
        return cls(site_id, _midnight(dates[0]), _midnight(dates[-1] + timedelta(days=1)))

    def holds(self, decision: type[Decision] = Decision) -> ColumnElement[bool]:
        return and_(
            decision.site_id == self.site_id,
            decision.decided_at >= self.since,
            decision.decided_at < self.until,
        )

    def taken_back(self) -> Select[Any]:
        """The decisions that were undone; each was made before it was."""
        undoing = aliased(Decision)
        return select(undoing.undoes).where(
            undoing.site_id == self.site_id,
            undoing.moderator_id.is_not(None),
            undoing.decided_at >= self.since,
            undoing.undoes.is_not(None),
        )

    def stands(self) -> ColumnElement[bool]:
        """That the decision was not undone, and undoes none."""
        return Decision.undoes.is_(None) & Decision.id.not_in(self.taken_back())


def colleagues(session: Session, site_id: UUID, *, since: datetime, now: datetime) -> list[Person]:
    """What each person did at the site since that moment, the busiest first. For those alone who
    may see it."""
    lately = _Lately(site_id, since, now + timedelta(microseconds=1))
    paces, acts = _paces(session, lately, _by_person), _acts(lately)
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
            pace=_pace(paces.get(str(moderator.id))),
        )
        for moderator, approved, blocked in rows
    ]
    return sorted(found, key=lambda one: (-one.decided.total, one.moderator.email))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _received(session: Session, site_id: UUID, dates: Sequence[date]) -> Mapping[date, int]:
    """An id has the moment in it at which the comment came: no row is read but the index's."""
    of_day = [
        select(func.count())
        .where(
            Comment.site_id == site_id,
            Comment.id >= first_id(_midnight(day)),
            Comment.id < first_id(_midnight(day + timedelta(days=1))),
        )
        .scalar_subquery()
        for day in dates
    ]
    return dict(zip(dates, session.execute(select(*of_day)).one(), strict=True))


def _changes(lately: _Lately) -> Select[Any]:
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
        _add(day.people, row)
    else:
        _add(day.policy, row)
        day.held += row.number if row.after == Status.HELD else 0


def _net(row: Any) -> int:
    """How much longer the queue has become by it."""
    came, left = int(row.after == Status.HELD), int(row.before == Status.HELD)
    return (came - left) * int(row.number)


def _add(decided: Decided, row: Any) -> None:
    decided.approved += row.number if row.after == Status.APPROVED else 0
    decided.blocked += row.number if row.after == Status.BLOCKED else 0


def _own(session: Session, lately: _Lately, moderator_id: UUID) -> Mapping[str, Decided]:
    """What this person decided, by day."""
    theirs = (
        select(
            func.substr(utc_hour(Decision.decided_at), 1, 10).label("key"),
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
        _add(found[row.key], row)
    return found


def _waits(session: Session, lately: _Lately) -> Mapping[str, Waits]:
    """By day. From the moment when the policy held it: one that was undone has waited all along."""
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
            func.substr(utc_hour(Decision.decided_at), 1, 10).label("key"),
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


def _waiting(session: Session, site_id: UUID, now: datetime) -> Waits | None:
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


def _acts(lately: _Lately, moderator_id: UUID | None = None) -> Subquery:
    """Every decision of a person, or of this one, undone ones and undoing too, with the `seconds`
    since their last one; NULL after a pause."""
    # What was decided just before the first of them is looked at as well, and left out again.
    earlier = _Lately(lately.site_id, lately.since - PAUSE, lately.until)
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


def _paces(
    session: Session,
    lately: _Lately,
    by: Callable[[Subquery], ColumnElement[Any]],
    moderator_id: UUID | None = None,
) -> Mapping[str, Waits]:
    """How long the cards took, of everybody or of one person, by what `by` makes of the acts."""
    acts = _acts(lately, moderator_id)
    cards = select(by(acts).label("key"), acts.c.seconds).where(
        acts.c.undoes.is_(None), acts.c.together.is_(None)
    )
    return _spread(session, cards.subquery())


def _by_day(acts: Subquery) -> ColumnElement[Any]:
    return func.substr(utc_hour(acts.c.decided_at), 1, 10)


def _by_person(acts: Subquery) -> ColumnElement[Any]:
    return acts.c.moderator_id


def _pace(spread: Waits | None) -> Pace | None:
    return Pace(spread.number, spread.median) if spread else None


def _clauses(session: Session, lately: _Lately) -> Mapping[str, list[HeldFor]]:
    """By day."""
    # A comment counts once for a day, however often it was held.
    held = (
        select(
            func.substr(utc_hour(Decision.decided_at), 1, 10).label("key"),
            Decision.site_id,
            Decision.comment_id,
            Decision.clause,
        )
        .where(lately.holds(), was_held())
        .distinct()
        .subquery()
    )
    decision = aliased(Decision)
    # What expired was blocked for no clause. Asked for comment by comment: as a join Postgres read
    # all comments that there are.
    outcome = (
        select(case((decision.reason.is_(None), Comment.status)))
        .outerjoin(
            decision, and_(decision.site_id == Comment.site_id, decision.id == Comment.decision_id)
        )
        .where(Comment.site_id == held.c.site_id, Comment.id == held.c.comment_id)
        .correlate(held)
        .scalar_subquery()
    )
    became = select(held.c.key, held.c.clause, outcome.label("outcome")).offset(0).subquery()
    rows = session.execute(
        select(
            became.c.key,
            became.c.clause,
            func.count().label("held"),
            func.sum(case((became.c.outcome == Status.BLOCKED, 1), else_=0)).label("blocked"),
            func.sum(case((became.c.outcome == Status.APPROVED, 1), else_=0)).label("approved"),
        ).group_by(became.c.key, became.c.clause)
    )
    found: dict[str, list[HeldFor]] = defaultdict(list)
    for row in rows:
        found[row.key].append(
            HeldFor(clause=row.clause, held=row.held, blocked=row.blocked, approved=row.approved)
        )
    return found


def _rules(session: Session, lately: _Lately) -> Mapping[str, list[Precision]]:
    """By the day of the decision in force."""
    verdict, acts = aliased(Decision), _acts(lately)
    evidence = (
        select(case((verdict.status_after == Status.HELD, verdict.evidence)))
        .where(
            verdict.site_id == acts.c.site_id,
            verdict.comment_id == acts.c.comment_id,
            verdict.revision == acts.c.revision,
            verdict.actor == Actor.POLICY,
            verdict.seq < acts.c.seq,
        )
        # `+ 0`: or Postgres, new to a site, walks back through all its decisions for each.
        .order_by((verdict.seq + 0).desc())
        .limit(1)
        .correlate(acts)
        .scalar_subquery()
    )
    in_force = (
        select(Comment.decision_id)
        .where(Comment.site_id == acts.c.site_id, Comment.id == acts.c.comment_id)
        .correlate(acts)
        .scalar_subquery()
    )
    # The OFFSET keeps Postgres from looking into it, and what is read beside is asked for act by
    # act: joined, it was looked for among all that the site has.
    theirs = (
        select(
            _by_day(acts).label("key"),
            acts.c.status_after,
            acts.c.seconds,
            evidence.label("evidence"),
        )
        .where(acts.c.undoes.is_(None), in_force == acts.c.id)
        .offset(0)
        .subquery()
    )
    broken = elements(theirs.c.evidence["violations"])
    found = (
        select(
            theirs.c.key,
            text_of(broken.c.value, "clause").label("clause"),
            text_of(broken.c.value, "rule").label("rule"),
            case((theirs.c.status_after == Status.BLOCKED, 1), else_=0).label("blocked"),
            theirs.c.seconds,
        )
        .select_from(theirs)
        .join(broken, true())
        .where(theirs.c.evidence.is_not(None))
        .subquery()
    )
    rows = session.execute(
        select(
            found.c.key,
            found.c.clause,
            found.c.rule,
            func.count().label("decided"),
            func.sum(found.c.blocked).label("blocked"),
            func.count(found.c.seconds).label("measured"),
            func.coalesce(func.sum(found.c.seconds), 0.0).label("spent"),
        )
        .where(found.c.rule.is_not(None))
        .group_by(found.c.key, found.c.clause, found.c.rule)
    )
    rules: dict[str, list[Precision]] = defaultdict(list)
    for row in rows:
        rules[row.key].append(
            Precision(
                clause=row.clause,
                rule=row.rule,
                decided=row.decided,
                blocked=row.blocked,
                measured=row.measured,
                spent=row.spent,
            )
        )
    return rules
