"""The policy beside another system: how often the two agree, and where they do not.

Of the newest comments that both have judged: as much is looked at however many there are. What a
person has decided here since has no part in it: it is the policy that is compared.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Subquery, and_, func, select
from sqlalchemy.orm import Session, aliased

from moderation.figures.shares import Share
from moderation.models import Actor, Comment, Decision, OutsideVerdict, Revision, Status
from moderation.models.joins import newest
from moderation.policy import Outcome
from moderation.sql import table_of, text_of, utc_hour

LOOKED_AT = 5000
"""Verdicts of the other system, the newest."""
SAMPLES = 20
BY_OUTCOME = {
    Outcome.APPROVE: Status.APPROVED,
    Outcome.HOLD: Status.HELD,
    Outcome.BLOCK: Status.BLOCKED,
}
"""What the policy wants, in the words of what the other system has done."""
STATUSES = tuple(BY_OUTCOME.values())
"""Mildest first."""


@dataclass(frozen=True, slots=True)
class Counted:
    """So many comments, alike in what was decided there and here, in the clause that was broken
    first here, and in the day on which we were told."""

    theirs: Status
    ours: Status
    clause: str | None
    day: date
    count: int


@dataclass(frozen=True)
class Day:
    """One day: how many both have judged, and of how many the policy thinks more or less strictly
    than the other system."""

    date: date
    all: int
    stricter: int
    milder: int

    @property
    def agree(self) -> Share:
        """Those of which both say the same."""
        return Share(self.all - self.stricter - self.milder, self.all)


@dataclass(frozen=True)
class Comparison:
    """What was counted, to be read in several ways."""

    counted: Sequence[Counted]

    @cached_property
    def pairs(self) -> Mapping[tuple[Status, Status], int]:
        """Comments by what was decided there and here; none where there is none."""
        pairs: Counter[tuple[Status, Status]] = Counter()
        for one in self.counted:
            pairs[one.theirs, one.ours] += one.count
        return pairs

    @property
    def agree(self) -> Share:
        """Those of which both say the same."""
        same = sum(count for (theirs, ours), count in self.pairs.items() if theirs == ours)
        return Share(same, sum(self.pairs.values()))

    @property
    def clauses(self) -> list[tuple[str | None, Counter[Status]]]:
        """By the clause for which the policy would hold or block (None: for something beside the
        clauses), what was decided there; the most frequent first."""
        by_clause: dict[str | None, Counter[Status]] = {}
        for one in self.counted:
            if one.ours is not Status.APPROVED:
                by_clause.setdefault(one.clause, Counter())[one.theirs] += one.count
        return sorted(by_clause.items(), key=lambda entry: -entry[1].total())

    @property
    def days(self) -> list[Day]:
        """Each day of which something was told, the newest first."""
        by_day: dict[date, list[Counted]] = {}
        for one in self.counted:
            by_day.setdefault(one.day, []).append(one)
        return [_day(day, by_day[day]) for day in sorted(by_day, reverse=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A comment that both have judged; `evidence` is the policy's verdict, as it is stored."""

    comment_id: UUID
    text: str
    evidence: dict[str, Any]
    policy_version: int | None
    told_at: datetime


def compare(session: Session, site_id: UUID) -> Comparison:
    """Count the newest LOOKED_AT."""
    judged = _judged_by_both(site_id)
    alike = (judged.c.theirs, judged.c.ours, judged.c.clause, judged.c.day)
    counted = session.execute(select(*alike, func.count()).group_by(*alike))
    return Comparison(
        [
            Counted(
                Status(theirs), BY_OUTCOME[Outcome(ours)], clause, date.fromisoformat(day), count
            )
            for theirs, ours, clause, day, count in counted
        ]
    )


def samples(session: Session, site_id: UUID, *, theirs: Status, ours: Status) -> list[Sample]:
    """The newest of those that were decided so there and here, as far as their words are kept."""
    outcome = next(outcome for outcome, status in BY_OUTCOME.items() if status is ours)
    judged = _judged_by_both(site_id)
    found = session.execute(
        select(
            judged.c.comment_id,
            Revision.text,
            judged.c.evidence,
            judged.c.policy_version,
            judged.c.told_at,
        )
        .select_from(judged)
        .join(Comment, and_(Comment.site_id == site_id, Comment.id == judged.c.comment_id))
        .join(Revision, newest())
        .where(
            judged.c.theirs == theirs,
            judged.c.ours == outcome.value,
            Comment.erased_at.is_(None),
            Comment.revision == judged.c.revision,
        )
        .order_by(judged.c.told_at.desc(), judged.c.comment_id.desc())
        .limit(SAMPLES)
    )
    return [
        Sample(
            comment_id=row.comment_id,
            text=row.text or "",
            evidence=row.evidence,
            policy_version=row.policy_version,
            told_at=row.told_at,
        )
        for row in found
    ]


def _judged_by_both(site_id: UUID) -> Subquery:
    """The newest verdicts of the other system, each with the policy's latest of the same words."""
    told = (
        select(OutsideVerdict)
        .where(OutsideVerdict.site_id == site_id)
        .order_by(OutsideVerdict.told_at.desc(), OutsideVerdict.comment_id.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    ours = aliased(Decision)
    latest = (
        select(func.max(ours.seq))
        .where(
            ours.site_id == site_id,
            ours.comment_id == told.c.comment_id,
            ours.revision == told.c.revision,
            ours.actor == Actor.POLICY,
        )
        .scalar_subquery()
    )
    both = (
        select(
            told.c.comment_id,
            told.c.revision,
            told.c.status.label("theirs"),
            told.c.told_at,
            func.substr(utc_hour(told.c.told_at), 1, 10).label("day"),
            text_of(table_of(Decision).c.evidence, "outcome").label("ours"),
            Decision.clause,
            Decision.evidence,
            Decision.policy_version,
        )
        .select_from(told)
        .join(Decision, and_(Decision.site_id == site_id, Decision.seq == latest))
    )
    return both.subquery()


def _day(day: date, counted: Sequence[Counted]) -> Day:
    strictness = STATUSES.index
    return Day(
        day,
        sum(one.count for one in counted),
        sum(one.count for one in counted if strictness(one.ours) > strictness(one.theirs)),
        sum(one.count for one in counted if strictness(one.ours) < strictness(one.theirs)),
    )
