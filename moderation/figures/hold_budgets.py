"""How many comments a site wants held in a day, and which rules hold most where it is more.

Reads only, and never changes what is held: a budget warns those who write the policy.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, true, union_all
from sqlalchemy.orm import Session

from moderation.figures import days
from moderation.models import Decision, Site, was_held
from moderation.sql import elements, text_of

COUNTED_TO = 10_000
"""Counts stop here."""
LOOKED_AT = 500
"""Of the last so many that were held today it is told which rules held them."""
RULES = 3
"""Rules that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBy:
    """How many of the last LOOKED_AT this rule held, alone or beside others."""

    clause: str
    rule: str
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What the policy held today, by UTC, at a site that has a budget; counted to COUNTED_TO.
    `rules` hold the most, the first of all; empty while the budget lasts."""

    held: int
    budget: int
    rules: Sequence[HeldBy] = ()

    @property
    def is_over(self) -> bool:
        """Whether more was held than the site wants."""
        return self.held > self.budget


def today(session: Session, sites: Collection[Site], *, now: datetime) -> Mapping[UUID, Holds]:
    """By site; one that has no budget is absent. One query, and one for each that is over it."""
    budgets = {site.id: site.hold_budget for site in sites if site.hold_budget}
    if not budgets:
        return {}
    midnight = days.began(now)
    ids = list(budgets)
    counted = session.execute(
        union_all(
            *(
                select(literal(nth).label("nth"), _counted(site_id, midnight).label("held"))
                for nth, site_id in enumerate(ids)
            )
        )
    ).all()
    found = {}
    for row in counted:
        site_id = ids[row.nth]
        budget = budgets[site_id]
        rules = _rules(session, site_id, midnight) if row.held > budget else ()
        found[site_id] = Holds(held=row.held, budget=budget, rules=rules)
    return found


def _counted(site_id: UUID, midnight: datetime) -> Any:
    some = (
        select(literal(1))
        .select_from(Decision)
        .where(Decision.site_id == site_id, was_held(), Decision.decided_at >= midnight)
        .limit(COUNTED_TO)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()


def _rules(session: Session, site_id: UUID, midnight: datetime) -> list[HeldBy]:
    verdicts = (
        select(Decision.evidence)
        .where(Decision.site_id == site_id, was_held(), Decision.decided_at >= midnight)
        .order_by(Decision.decided_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    broken = elements(verdicts.c.evidence["violations"])
    fired = (
        select(
            text_of(broken.c.value, "clause").label("clause"),
            text_of(broken.c.value, "rule").label("rule"),
        )
        .select_from(verdicts)
        .join(broken, true())
        .subquery()
    )
    held = func.count().label("held")
    rows = session.execute(
        select(fired.c.clause, fired.c.rule, held)
        .where(fired.c.rule.is_not(None))
        .group_by(fired.c.clause, fired.c.rule)
        .order_by(held.desc(), fired.c.clause, fired.c.rule)
        .limit(RULES)
    )
    return [HeldBy(clause=row.clause, rule=row.rule, held=row.held) for row in rows]
