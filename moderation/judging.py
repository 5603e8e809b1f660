"""How a comment gets its verdict: claimed from the backlog, read by a worker, judged here.

`judge` writes status, scores and decision in one transaction, if lease and revision still stand.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Double,
    Integer,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    null,
    select,
    update,
)
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from config.model import ModelFacts
from moderation import decision_log, earlier, policy, spans
from moderation.backlog import Waiting
from moderation.court import (
    CASE,
    Case,
    Court,
    Reading,
    court_of,
    mode_in_force,
    status_after,
    verdicts_of,
)
from moderation.figures import drawing
from moderation.models import Actor, Comment, Commenter, Revision, Score, Site, Status, Story, Tray
from moderation.models.joins import newest, story_of, writer_of
from moderation.queue import triage
from moderation.sql import BESIDE_REPLIES, given, insert_new, past_orm, rows, table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a comment, for the log and the figures. `site` is the slug, `watched` has
    clause and rule of each rule that fired and only watches."""

    site_id: UUID
    site: str
    comment_id: UUID
    status: str
    clause: str | None
    watched: Sequence[tuple[str, str]]
    request_id: str | None


# These statements are made once: to put them together takes as long as to run them.
_read = given(site_id=Uuid, id=Uuid, revision=Integer, language=String)
_CASES = (
    select(*CASE)
    .select_from(_read)
    .join(Comment, and_(Comment.site_id == _read.c.site_id, Comment.id == _read.c.id))
    .join(Revision, newest())
    .join(Story, story_of())
    .join(Commenter, writer_of())
    .where(
        Comment.revision == _read.c.revision,
        Comment.leased_by == bindparam("worker"),
        Comment.judged_at.is_(None),
        Comment.erased_at.is_(None),
    )
    .order_by(Comment.id)
    .with_for_update(of=Comment, **BESIDE_REPLIES)
)
_after = given(
    site_id=Uuid,
    id=Uuid,
    revision=Integer,
    before=String,
    status=String,
    decision_id=Uuid,
    failed=Boolean,
    urgency=Integer,
    worst=Double,
    held_for=Text,
)
# What is held and stays held stays in its tray; what comes to the desk anew has none of its past.
_is_held_already = Comment.status == Status.HELD
_DECIDE = (
    update(table_of(Comment))
    .where(
        Comment.site_id == _after.c.site_id,
        Comment.id == _after.c.id,
        Comment.revision == _after.c.revision,
        Comment.status == _after.c.before,
        Comment.leased_by == bindparam("worker"),
        Comment.judged_at.is_(None),
    )
    .values(
        status=_after.c.status,
        judged_at=bindparam("now"),
        decision_id=_after.c.decision_id,
        failed=_after.c.failed,
        tray=sql_case((_is_held_already, Comment.tray), else_=Tray.WAITING),
        move_id=sql_case((_is_held_already, Comment.move_id), else_=null()),
        moved_by=sql_case((_is_held_already, Comment.moved_by), else_=null()),
        urgency=_after.c.urgency,
        worst=_after.c.worst,
        held_for=_after.c.held_for,
        leased_by=None,
        leased_until=None,
    )
    .returning(Comment.id)
)
_SET_LANGUAGE = (
    update(table_of(Revision))
    .where(
        Revision.site_id == _read.c.site_id,
        Revision.comment_id == _read.c.id,
        Revision.number == _read.c.revision,
    )
    .values(language=_read.c.language)
)


def judge(
    session: Session,
    readings: Sequence[Reading],
    *,
    worker: UUID,
    model: ModelFacts,
    now: datetime,
) -> list[Judged]:
    """Hold what was read against each site's policy, and write status, scores and decision.

    Skipped: a comment whose lease is no longer the worker's, that was edited or erased meanwhile,
    or that a person decided. A machine never betters the status of a comment that is held or
    blocked already, but for one held only because something failed, which nobody has laid aside.
    """
    judged: list[Judged] = []
    for site_id in sorted({reading.waiting.site_id for reading in readings}):
        of_site = {
            reading.waiting.comment_id: reading
            for reading in readings
            if reading.waiting.site_id == site_id
        }
        judged += _judge_of_site(session, site_id, of_site, worker, model, now)
    return judged


def hold_unjudged(
    session: Session, waiting: Waiting, *, worker: UUID, now: datetime
) -> list[Judged]:
    """Hold a comment that cannot be judged, whatever it is that fails: the last resort.

    It looks at nothing but the comment's row, so that a policy that this release cannot read, or
    whatever else stops `judge`, leaves no comment waiting for ever. Skipped as by `judge`.
    """
    site = session.get_one(Site, waiting.site_id)
    cases = _cases(session, [waiting], worker, now)
    if not cases:
        return []
    verdicts = {
        case.id: policy.Verdict(policy.Outcome.HOLD, reasons=(policy.Reason.JUDGING_FAILED,))
        for case in cases
    }
    court = Court(site.id, site.slug, None, mode_in_force(site.mode, site.hold_everything), ())
    changes = _write(session, court, cases, verdicts, {}, worker=worker, now=now)
    decision_log.record(session, site.id, changes, now)
    return [_judged(court, change, verdicts[change.comment_id], waiting) for change in changes]


def _judge_of_site(
    session: Session,
    site_id: UUID,
    readings: Mapping[UUID, Reading],
    worker: UUID,
    model: ModelFacts,
    now: datetime,
) -> list[Judged]:
    court = court_of(session, site_id, model)
    cases = _cases(session, [reading.waiting for reading in readings.values()], worker, now)
    if not cases:
        return []
    verdicts = verdicts_of(session, court, cases, readings, now)
    changes = _write(session, court, cases, verdicts, readings, worker=worker, now=now)
    if not changes:
        return []
    _keep_readings(session, [readings[change.comment_id] for change in changes], model, now)
    spans.want(
        session,
        site_id,
        [
            (change.comment_id, change.revision, verdicts[change.comment_id])
            for change in changes
            if change.after in spans.EXPLAINED
        ],
        model_version=model.version,
        now=now,
    )
    let_through = [
        (change.comment_id, change.revision)
        for change in changes
        if change.after == Status.APPROVED != change.before
    ]
    drawing.draw(session, site_id, let_through, share=court.spot_share, now=now)
    decision_log.record(session, site_id, changes, now)
    return [
        _judged(court, change, verdicts[change.comment_id], readings[change.comment_id].waiting)
        for change in changes
    ]


def _judged(
    court: Court, change: decision_log.Change, verdict: policy.Verdict, waiting: Waiting
) -> Judged:
    return Judged(
        site_id=court.site_id,
        site=court.slug,
        comment_id=change.comment_id,
        status=change.after,
        clause=change.clause,
        watched=[(violation.clause, violation.rule) for violation in verdict.watched],
        request_id=waiting.request_id,
    )


def _cases(session: Session, batch: Sequence[Waiting], worker: UUID, now: datetime) -> list[Case]:
    """The comments of which the worker still has the lease and has read the newest words; their
    rows are locked."""
    found = past_orm(session).execute(
        _CASES,
        rows(
            {"site_id": item.site_id, "id": item.comment_id, "revision": item.revision}
            for item in batch
        )
        | {"worker": worker, "now": now, "since": now - earlier.WITHIN},
    )
    return [Case(*row) for row in found.all()]


def _write(
    session: Session,
    court: Court,
    cases: Sequence[Case],
    verdicts: Mapping[UUID, policy.Verdict],
    readings: Mapping[UUID, Reading],
    *,
    worker: UUID,
    now: datetime,
) -> list[decision_log.Change]:
    """Give the comments their status, if they still stand as they were looked at; answers what has
    changed. `readings` lacks a comment that nobody could read."""
    changes, sorted_by = {}, {}
    for case in cases:
        verdict = verdicts[case.id]
        changes[case.id] = decision_log.Change(
            comment_id=case.id,
            commenter_id=case.commenter_id,
            revision=case.revision,
            before=case.status,
            after=status_after(case, verdict, court.mode),
            actor=Actor.POLICY,
            clause=verdict.primary.clause if verdict.primary else None,
            policy_version=court.posted.version if court.posted else None,
            evidence=verdict.as_json(),
        )
        sorted_by[case.id] = (
            _triage(case, verdict, readings.get(case.id))
            if changes[case.id].after == Status.HELD
            else triage.UNSORTED
        )
    waiting_for_people = {case.id for case in cases if case.waits_for_a_person}
    after = rows(
        {
            "site_id": court.site_id,
            "id": change.comment_id,
            "revision": change.revision,
            "before": change.before,
            "status": change.after,
            "decision_id": change.id,
            # Held for something else before, it is not let through because of a failure since.
            "failed": verdicts[change.comment_id].failed_only
            and change.after == Status.HELD
            and change.comment_id not in waiting_for_people,
        }
        | asdict(sorted_by[change.comment_id])
        for change in changes.values()
    )
    won = past_orm(session).scalars(_DECIDE, after | {"worker": worker, "now": now})
    return [changes[comment_id] for comment_id in sorted(won.all())]


def _triage(case: Case, verdict: policy.Verdict, reading: Reading | None) -> triage.Triage:
    return triage.triage(
        verdict,
        scores=reading.scores if reading else None,
        language=reading.language if reading else None,
        flags=case.flags,
        story_open=case.story_open,
    )


def _numbers(scores: Mapping[str, float]) -> dict[str, float]:
    """The scores that are numbers: JSON has no NaN, and Postgres refuses the whole transaction."""
    return {name: value for name, value in scores.items() if math.isfinite(value)}


def _keep_readings(
    session: Session, readings: Sequence[Reading], model: ModelFacts, now: datetime
) -> None:
    """Store the scores, and the language that was detected."""
    insert_new(
        session,
        Score,
        [
            {
                "site_id": reading.waiting.site_id,
                "comment_id": reading.waiting.comment_id,
                "revision": reading.waiting.revision,
                "model": model.name,
                "model_version": model.version,
                "attributes": (own := _numbers(reading.scores)),
                "quoted": _numbers(reading.quoted) if reading.quoted else None,
                "worst": max(own.values(), default=0.0),
                "scored_at": now,
            }
            for reading in readings
            if reading.scores is not None
        ],
    )
    past_orm(session).execute(
        _SET_LANGUAGE,
        rows(
            {
                "site_id": one.waiting.site_id,
                "id": one.waiting.comment_id,
                "revision": one.waiting.revision,
                "language": one.language,
            }
            for one in readings
        ),
    )
