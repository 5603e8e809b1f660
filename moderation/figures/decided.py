"""The decisions that figures are about, and how many of them stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from moderation.figures import days
from moderation.models import Decision, Status
from moderation.sql import utc_hour


@dataclass(slots=True, kw_only=True)
class Decided:
    """Decisions that stand: those that were undone, and the undoing, are left out."""

    approved: int = 0
    blocked: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.approved + self.blocked

    def add(self, status: str, number: int) -> None:
        """Count so many more that led to this status."""
        if status == Status.APPROVED:
            self.approved += number
        elif status == Status.BLOCKED:
            self.blocked += number


@dataclass(frozen=True, slots=True)
class Lately:
    """Which decisions are looked at: the site's, from `since` on, before `until`."""

    site_id: UUID
    since: datetime
    until: datetime

    @classmethod
    def on(cls, site_id: UUID, dates: Sequence[date]) -> Self:
        """Those of days that follow each other."""
        return cls(site_id, days.midnight(dates[0]), days.midnight(dates[-1] + timedelta(days=1)))

    def holds(self) -> ColumnElement[bool]:
        """That the decision is one of them."""
        return and_(
            Decision.site_id == self.site_id,
            Decision.decided_at >= self.since,
            Decision.decided_at < self.until,
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


def utc_day(moment: Any) -> ColumnElement[str]:
    """The day that a column's moment lies in, by UTC, as `2026-05-04`."""
    return func.substr(utc_hour(moment), 1, 10)
