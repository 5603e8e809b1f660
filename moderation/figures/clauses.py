"""What the policy held by which clause, and how often its rules were right."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Subquery, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased

from moderation.figures.decided import Lately, utc_day
from moderation.figures.durations import acts_of
from moderation.figures.shares import Share
from moderation.models import Actor, Comment, Decision, Status, was_held
from moderation.sql import elements, text_of


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


def held_by_day(session: Session, lately: Lately) -> Mapping[str, list[HeldFor]]:
    """What was held on each day."""
    # A comment counts once for a day, however often it was held.
    held = (
        select(
            utc_day(Decision.decided_at).label("key"),
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


def precision_by_day(session: Session, lately: Lately) -> Mapping[str, list[Precision]]:
    """By the day of the decision in force."""
    theirs = _with_evidence(lately)
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


def _with_evidence(lately: Lately) -> Subquery:
    """The acts of people that are in force, each with what the policy had held the comment for."""
    verdict, acts = aliased(Decision), acts_of(lately)
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
    return (
        select(
            utc_day(acts.c.decided_at).label("key"),
            acts.c.status_after,
            acts.c.seconds,
            evidence.label("evidence"),
        )
        .where(acts.c.undoes.is_(None), in_force == acts.c.id)
        .offset(0)
        .subquery()
    )


def held_in_all(found: Iterable[HeldFor]) -> list[HeldFor]:
    """What was found of several days, by clause; what holds most is the first."""
    of: dict[str | None, list[HeldFor]] = defaultdict(list)
    for one in found:
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


def precision_in_all(found: Iterable[Precision]) -> list[Precision]:
    """What was found of several days, by rule; of what most was decided is the first."""
    of: dict[tuple[str, str], list[Precision]] = defaultdict(list)
    for one in found:
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
