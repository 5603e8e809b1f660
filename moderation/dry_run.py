"""What another policy would do with the comments judged lately, before it is posted.

Nothing is scored again and nothing is written: scores and language are those that were stored,
words are looked at as `judging` does. Standing and reports are those of today, and repeats are
looked for in the last `earlier.WITHIN`.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Subquery, and_, select
from sqlalchemy.orm import Session, aliased

from config.model import ModelFacts
from moderation import earlier, policy
from moderation.backlog import Waiting
from moderation.court import CASE, Case, Reading, held_against, languages_read
from moderation.models import (
    Actor,
    Comment,
    Commenter,
    Decision,
    Revision,
    Score,
    Site,
    Status,
    Story,
)
from moderation.models.joins import newest, story_of, writer_of
from moderation.paging import Page, Place, beyond

LAST = 500
"""Verdicts looked at, unless another number is asked for."""
LAST_MAX = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A comment that was judged, as it can be judged again: what is stored of it, texts that it may
    repeat, and what a person has decided of these words (None: nobody has, or it was undone)."""

    case: Case
    reading: Reading
    repeats: Sequence[str]
    person: Status | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A comment under the policy in force and under the other one."""

    comment_id: UUID
    text: str
    person: Status | None
    before: policy.Verdict
    after: policy.Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """Comments that have something in common, newest first."""

    comments: Sequence[Tried]

    def decided(self, person: Status | None) -> Sequence[Tried]:
        """Those that persons have approved, or blocked; with None those that nobody has decided."""
        return [tried for tried in self.comments if tried.person == person]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip(Some):
    """Those that would go from one outcome to another."""

    before: policy.Outcome
    after: policy.Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched(Some):
    """Those for which a rule of the other policy fires that only watches, by its keys."""

    clause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """All that were tried, newest first, and those of them that would flip."""

    tried: Sequence[Tried]

    @property
    def flips(self) -> list[Flip]:
        """Every kind of flip that there is, the most frequent first."""
        kinds: dict[tuple[policy.Outcome, policy.Outcome], list[Tried]] = {}
        for tried in self.tried:
            if tried.before.outcome is not tried.after.outcome:
                kind = (tried.before.outcome, tried.after.outcome)
                kinds.setdefault(kind, []).append(tried)
        flips = [
            Flip(before=before, after=after, comments=comments)
            for (before, after), comments in kinds.items()
        ]
        return sorted(flips, key=lambda flip: -len(flip.comments))

    @property
    def watched(self) -> list[Watched]:
        """Every rule that fires and only watches, the most frequent first."""
        rules: dict[tuple[str, str], list[Tried]] = {}
        for tried in self.tried:
            for one in tried.after.watched:
                rules.setdefault((one.clause, one.rule), []).append(tried)
        watched = [
            Watched(clause=clause, rule=rule, comments=comments)
            for (clause, rule), comments in rules.items()
        ]
        return sorted(watched, key=lambda one: -len(one.comments))

    def after(self, outcome: policy.Outcome) -> int:
        """How many would have this outcome."""
        return sum(tried.after.outcome is outcome for tried in self.tried)

    def before(self, outcome: policy.Outcome) -> int:
        """How many have it under the policy in force."""
        return sum(tried.before.outcome is outcome for tried in self.tried)


def try_out(
    in_force: policy.Policy | None,
    other: policy.Policy,
    kept: Sequence[Kept],
    *,
    readable: frozenset[str],
) -> DryRun:
    """Hold these comments against both policies, at a site that publishes what is not held. Pure.

    Both see the same: what differs between the verdicts is the policies' doing alone. A site that
    has no policy `in_force` holds everything.
    """
    cases = [one.case for one in kept]
    readings = {one.case.id: one.reading for one in kept}
    repeats = {one.case.id: one.repeats for one in kept}

    def verdicts(posted: policy.Policy) -> dict[UUID, policy.Verdict]:
        mode = policy.Mode.PUBLISH_UNLESS_HELD
        return held_against(posted, cases, readings, repeats, readable=readable, mode=mode)

    before = verdicts(in_force) if in_force else dict.fromkeys(readings, policy.NO_POLICY)
    after = verdicts(other)
    return DryRun(
        tried=[
            Tried(
                comment_id=one.case.id,
                text=one.reading.waiting.text,
                person=one.person,
                before=before[one.case.id],
                after=after[one.case.id],
            )
            for one in kept
        ]
    )


def readable_at(site: Site, model: ModelFacts) -> frozenset[str]:
    """The languages in which the site's comments can be judged."""
    return frozenset(languages_read(site.languages, model))


def judged_lately(
    session: Session, site_id: UUID, *, last: int = LAST, now: datetime
) -> list[Kept]:
    """The comments of the site's `last` verdicts, newest first, each once.

    Left out are those that are erased, and those edited since. As many queries for all as for one.
    """
    # What is read beside them is found by their own site, which no other condition names: of a site
    # that is new to its statistics, Postgres would read all that there is for each of them (`sql`).
    verdicts = (
        select(
            Decision.site_id,
            Decision.comment_id,
            Decision.revision,
            Decision.decided_at,
            Decision.id,
        )
        .where(Decision.site_id == site_id, Decision.actor == Actor.POLICY)
        .order_by(Decision.decided_at.desc(), Decision.id.desc())
        .limit(min(last, LAST_MAX))
        .subquery()
    )
    scores = {
        score.comment_id: score
        for score in session.scalars(
            select(Score)
            .join(
                verdicts,
                and_(
                    Score.site_id == verdicts.c.site_id,
                    Score.comment_id == verdicts.c.comment_id,
                    Score.revision == verdicts.c.revision,
                ),
            )
            .order_by(Score.scored_at)  # the newest model's stay
        )
    }
    asked = {"now": now, "since": now - earlier.WITHIN}
    judged: dict[UUID, Any] = {}
    for row in session.execute(_judged(verdicts), asked):
        judged.setdefault(row.id, row)  # one that readers reported was judged twice
    cases = {row.id: Case(*row[: len(CASE)]) for row in judged.values()}
    repeats = _repeats(session, site_id, list(cases.values()), now=now)
    return [
        Kept(
            case=cases[row.id],
            reading=_reading(site_id, row, scores.get(row.id)),
            repeats=[*repeats[row.id], *([row.text] if row.has_twin else ())],
            person=_person(row),
        )
        for row in judged.values()
    ]


@dataclass(frozen=True, slots=True)
class Imported:
    """A comment that was imported, and how it stood where it comes from (`imports.Stood`)."""

    kept: Kept
    stood: str


def imported(
    session: Session, site_id: UUID, *, before: Place | None, limit: int, now: datetime
) -> Page[Imported]:
    """The site's imported comments, newest first, from a place in the log on. Nothing has scored
    them, and repeats are not looked for. Of `limit` that are looked at those are left out that are
    erased, or edited since."""
    query = select(
        Decision.site_id,
        Decision.comment_id,
        Decision.revision,
        Decision.decided_at,
        Decision.id,
        Decision.imported_as,
    ).where(Decision.site_id == site_id, Decision.actor == Actor.IMPORT)
    query = beyond(query, Decision.decided_at, Decision.id, before, limit, True)
    decided = session.execute(query).all()
    stood = {row.comment_id: row.imported_as for row in decided[:limit]}
    asked = {"now": now, "since": now - earlier.WITHIN}
    found = session.execute(_judged(query.limit(limit).subquery()), asked)
    last = decided[limit - 1] if len(decided) > limit else None
    return Page(
        [
            Imported(
                Kept(
                    case=Case(*row[: len(CASE)]),
                    reading=_reading(site_id, row, None),
                    repeats=(),
                    person=_person(row),
                ),
                stood[row.id],
            )
            for row in found
        ],
        Place(last.decided_at, last.id) if last else None,
    )


def _judged(verdicts: Subquery) -> Select[Any]:
    above, above_words, latest = aliased(Comment), aliased(Revision), aliased(Decision)
    return (
        select(
            *CASE,
            Revision.text,
            Revision.language,
            above_words.text.label("parent_text"),
            latest.actor,
            latest.undoes,
        )
        .select_from(verdicts)
        .join(
            Comment,
            and_(
                Comment.site_id == verdicts.c.site_id,
                Comment.id == verdicts.c.comment_id,
                Comment.revision == verdicts.c.revision,
            ),
        )
        .join(Revision, newest())
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .join(latest, and_(latest.site_id == Comment.site_id, latest.id == Comment.decision_id))
        .outerjoin(above, and_(above.site_id == Comment.site_id, above.id == Comment.parent_id))
        .outerjoin(above_words, newest(above, above_words))
        .where(Comment.erased_at.is_(None))
        .order_by(verdicts.c.decided_at.desc(), verdicts.c.id.desc())
    )


def _reading(site_id: UUID, row: Any, score: Score | None) -> Reading:
    return Reading(
        waiting=Waiting(
            site_id=site_id,
            comment_id=row.id,
            revision=row.revision,
            text=row.text or "",
            parent_text=row.parent_text,
            attempts=1,
            expired=False,
            request_id=None,
        ),
        language=row.language,
        scores=score.attributes if score else None,
        quoted=score.quoted if score else None,
    )


def _person(row: Any) -> Status | None:
    if row.actor != Actor.MODERATOR or row.undoes is not None:
        return None
    return Status(row.status) if row.status in (Status.APPROVED, Status.BLOCKED) else None


def _repeats(
    session: Session, site_id: UUID, cases: Sequence[Case], *, now: datetime
) -> Mapping[UUID, Sequence[str]]:
    """For each comment the texts of its writer right before it. Of somebody else's with the same
    words it is enough to know that there is one: it is alike to the comment itself."""
    latest = earlier.latest_of_writers(session, site_id, cases, now=now)
    for own in latest.values():
        own.sort()  # ids sort by the time they were made
    before = {}
    for case in cases:
        own = latest[case.commenter_id]
        place = bisect_left(own, (case.id, ""))
        before[case.id] = [text for _, text in own[max(place - earlier.MOST, 0) : place]]
    return before
