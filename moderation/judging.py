"""How a comment gets its verdict: claimed from the backlog, read by a worker, judged here.

`judge` writes status, scores and decision in one transaction, if lease and revision still stand.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from config.model import ModelFacts
from moderation import commenters, decisions, policy, signals, sites
from moderation.backlog import Waiting
from moderation.models import (
    Actor,
    Comment,
    Commenter,
    Revision,
    Score,
    Site,
    Status,
    Story,
)
from moderation.sql import insert_new

REPEATS_WITHIN = timedelta(days=30)
"""How far back a repeat of an earlier comment is looked for."""
EARLIER_OF_ONE_COMMENTER = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the worker found in a claimed revision.

    `scores` maps attributes to 0..1 and is None when the model failed on the text; `quoted` are the
    scores of words quoted from others; `language` is the detected one (ISO 639-1), None when nobody
    can tell.
    """

    waiting: Waiting
    language: str | None
    scores: Mapping[str, float] | None
    quoted: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of a comment, for the log."""

    site_id: UUID
    comment_id: UUID
    status: str
    clause: str | None


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
    blocked already, but for one held only because something failed.
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


def _judge_of_site(
    session: Session,
    site_id: UUID,
    readings: Mapping[UUID, Reading],
    worker: UUID,
    model: ModelFacts,
    now: datetime,
) -> list[Judged]:
    site = session.get_one(Site, site_id)
    posted = sites.current_policy(session, site_id)
    mode = policy.Mode.HOLD_EVERYTHING if site.hold_everything else policy.Mode(site.mode)
    readable = set(model.languages) & set(site.languages) if site.languages else model.languages
    rows = session.execute(
        select(Comment, Commenter, Story)
        .join(Story, and_(Story.site_id == site_id, Story.id == Comment.story_id))
        .join(
            Commenter,
            and_(Commenter.site_id == site_id, Commenter.id == Comment.commenter_id),
        )
        .where(
            Comment.site_id == site_id,
            Comment.id.in_(readings),
            Comment.leased_by == worker,
            Comment.judged_at.is_(None),
            Comment.erased_at.is_(None),
        )
        .order_by(Comment.id)
        .with_for_update(of=Comment, key_share=True)  # see BESIDE_REPLIES
    ).all()
    mine = [row for row in rows if row[0].revision == readings[row[0].id].waiting.revision]
    strikes = commenters.strikes_of(session, site_id, {c.commenter_id for c, _, _ in mine}, now)
    earlier = _earlier_texts(session, site_id, [c for c, _, _ in mine], now)

    changes, judged = [], []
    for comment, commenter, story in mine:
        reading = readings[comment.id]
        verdict = policy.NO_POLICY
        if posted is not None:
            verdict = policy.evaluate(
                posted.policy,
                policy.Evidence(
                    scores=reading.scores or {},
                    quoted_scores=reading.quoted,
                    signals=_signals(reading, posted.policy, readable, earlier[comment.id]),
                    standing=commenters.standing_of(commenter, strikes.get(commenter.id, 0)),
                    flags=comment.flags,
                    section=story.section,
                    story=story.external_id,
                    incomplete=() if reading.scores is not None else (policy.Reason.MODEL_FAILED,),
                ),
                mode,
            )
        after = _status_after(comment, verdict, mode)
        change = decisions.Change(
            comment_id=comment.id,
            commenter_id=comment.commenter_id,
            revision=comment.revision,
            before=comment.status,
            after=after,
            actor=Actor.POLICY,
            clause=verdict.primary.clause if verdict.primary else None,
            policy_version=posted.version if posted else None,
            evidence=verdict.as_json(),
        )
        won = session.execute(
            update(Comment)
            .where(
                Comment.site_id == site_id,
                Comment.id == comment.id,
                Comment.revision == comment.revision,
                Comment.status == comment.status,
                Comment.leased_by == worker,
                Comment.judged_at.is_(None),
            )
            .values(
                status=after,
                judged_at=now,
                decision_id=change.id,
                failed=verdict.failed_only and after == Status.HELD,
                leased_by=None,
                leased_until=None,
            )
            .returning(Comment.id)
            .execution_options(synchronize_session=False)
        ).first()
        if won is None:
            continue
        changes.append(change)
        judged.append(
            Judged(
                site_id=site_id,
                comment_id=comment.id,
                status=after,
                clause=change.clause,
            )
        )
    _keep_readings(session, [readings[item.comment_id] for item in judged], model, now)
    decisions.record(session, site_id, changes, now)
    return judged


def _signals(
    reading: Reading,
    posted: policy.Policy,
    readable: Collection[str],
    earlier: Sequence[str],
) -> tuple[signals.Signal, ...]:
    found = signals.collect(
        reading.waiting.text,
        policy=posted,
        language=reading.language,
        readable=readable,
        earlier=earlier,
        parent=reading.waiting.parent_text,
    )
    if reading.scores is None:
        # Nobody looked for the language of a text that the model failed on: "unreadable" would be
        # a second reason to hold it, and keep it from being judged again.
        return tuple(s for s in found if s.kind != signals.SignalKind.LANGUAGE_UNREADABLE)
    return found


def _status_after(comment: Comment, verdict: policy.Verdict, mode: policy.Mode) -> Status:
    """The status that a verdict leads to, from where the comment stands."""
    if mode == policy.Mode.SHADOW:
        return Status(comment.status)
    wanted = {
        policy.Outcome.APPROVE: Status.APPROVED,
        policy.Outcome.HOLD: Status.HELD,
        policy.Outcome.BLOCK: Status.BLOCKED,
    }[verdict.outcome]
    if comment.status == Status.BLOCKED:
        return Status.BLOCKED
    if comment.status == Status.HELD and wanted == Status.APPROVED and not comment.failed:
        return Status.HELD
    return wanted


def _earlier_texts(
    session: Session, site_id: UUID, comments: Sequence[Comment], now: datetime
) -> Mapping[UUID, list[str]]:
    """What each comment may repeat: its commenter's latest, and the site's with its fingerprint.

    Words of the comment's own earlier revisions are no repeat.
    """
    since = now - REPEATS_WITHIN
    latest = (
        select(
            Comment.commenter_id,
            Comment.id,
            Comment.revision,
            func.row_number()
            .over(partition_by=Comment.commenter_id, order_by=Comment.received_at.desc())
            .label("nth"),
        )
        .where(
            Comment.site_id == site_id,
            Comment.commenter_id.in_({comment.commenter_id for comment in comments}),
            Comment.received_at > since,
            Comment.erased_at.is_(None),
        )
        .subquery()
    )
    by_commenter: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for commenter_id, comment_id, text in session.execute(
        select(latest.c.commenter_id, latest.c.id, Revision.text)
        .join(
            Revision,
            and_(
                Revision.site_id == site_id,
                Revision.comment_id == latest.c.id,
                Revision.number == latest.c.revision,
            ),
        )
        .where(latest.c.nth <= EARLIER_OF_ONE_COMMENTER + len(comments))
    ):
        by_commenter[commenter_id].append((comment_id, text or ""))

    own, twin = aliased(Revision), aliased(Revision)
    of_twins = [
        twin.site_id == site_id,
        twin.fingerprint == own.fingerprint,
        twin.comment_id < own.comment_id,
        twin.created_at > since,
    ]
    by_fingerprint: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    repeated = session.execute(
        select(own.comment_id, own.fingerprint).where(
            own.site_id == site_id,
            tuple_(own.comment_id, own.number).in_([(c.id, c.revision) for c in comments]),
            select(twin.comment_id).where(*of_twins).exists(),
        )
    ).all()
    # One by one: a limit for all together would let a flood of one text hide another's repeat.
    for comment_id, fingerprint in repeated:
        rows = session.execute(
            select(Revision.comment_id, Revision.text)
            .where(
                Revision.site_id == site_id,
                Revision.fingerprint == fingerprint,
                Revision.comment_id < comment_id,
                Revision.created_at > since,
            )
            .order_by(Revision.created_at.desc())
            .limit(EARLIER_OF_ONE_COMMENTER)
        )
        by_fingerprint[comment_id] = [(other_id, text or "") for other_id, text in rows]
    # Ids sort by the time they were made: only what came before can be repeated.
    return {
        comment.id: [
            text
            for other_id, text in by_commenter[comment.commenter_id] + by_fingerprint[comment.id]
            if other_id < comment.id
        ]
        for comment in comments
    }


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
    for reading in readings:
        session.execute(
            update(Revision)
            .where(
                Revision.site_id == reading.waiting.site_id,
                Revision.comment_id == reading.waiting.comment_id,
                Revision.number == reading.waiting.revision,
            )
            .values(language=reading.language)
            .execution_options(synchronize_session=False)
        )
