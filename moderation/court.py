"""A comment before its site: how both stand, and what the policy says of it. Writes nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from config.model import ModelFacts
from moderation import commenters, earlier, policy, posted_policies, signals
from moderation.backlog import Waiting
from moderation.models import Comment, Commenter, Revision, Site, Status, Story, Tray
from moderation.sql import past_orm


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


@dataclass(frozen=True, slots=True)
class Case:
    """A comment as it stands when it is judged: what the policy and the last UPDATE ask of it."""

    id: UUID
    revision: int
    status: str
    failed: bool
    tray: str
    flags: int
    commenter_id: UUID
    standing: str | None
    approved: int
    strikes: int
    section: str
    story: str
    story_open: bool
    fingerprint: int | None
    has_twin: bool

    @property
    def waits_for_a_person(self) -> bool:
        """Whether it is held for more than that something failed, or was laid aside by somebody:
        then it is theirs to let through."""
        return self.status == Status.HELD and (not self.failed or self.tray != Tray.WAITING)


@dataclass(frozen=True, slots=True)
class Court:
    """A site as it judges: its policy in force (None: it has posted none, or it is not looked
    at), its mode, the languages that are read, and the share that is drawn for the spot check."""

    site_id: UUID
    slug: str
    posted: posted_policies.Posted | None
    mode: policy.Mode
    readable: Collection[str]
    spot_share: float = 0.0


_SITE = select(Site.slug, Site.mode, Site.hold_everything, Site.languages, Site.spot_share).where(
    Site.id == bindparam("site")
)
CASE: tuple[Any, ...] = (
    Comment.id,
    Comment.revision,
    Comment.status,
    Comment.failed,
    Comment.tray,
    Comment.flags,
    Comment.commenter_id,
    Commenter.standing,
    Commenter.approved,
    commenters.STRIKES_OF_WRITER.label("strikes"),
    Story.section,
    Story.external_id.label("story"),
    Story.closed_at.is_(None).label("story_open"),
    Revision.fingerprint,
    earlier.HAS_TWIN.label("has_twin"),
)
"""What a query selects for a `Case`, in the order of its fields: of comments with their newest
revision, their story and who wrote them."""


def court_of(session: Session, site_id: UUID, model: ModelFacts) -> Court:
    """The site as it judges what this model has read."""
    site = past_orm(session).execute(_SITE, {"site": site_id}).one()
    return Court(
        site_id,
        site.slug,
        posted_policies.current(session, site_id),
        mode_in_force(site.mode, site.hold_everything),
        languages_read(site.languages, model),
        site.spot_share,
    )


def languages_read(of_site: Collection[str], model: ModelFacts) -> Collection[str]:
    """The languages in which a comment can be judged: the model's, but for those that the site's
    readers do not write or its moderators do not read (`of_site`; empty: no such limit)."""
    return set(model.languages) & set(of_site) if of_site else model.languages


def mode_in_force(mode: str, hold_everything: bool) -> policy.Mode:
    """How a site publishes now: the emergency switch goes before its mode."""
    return policy.Mode.HOLD_EVERYTHING if hold_everything else policy.Mode(mode)


def verdicts_of(
    session: Session,
    court: Court,
    cases: Sequence[Case],
    readings: Mapping[UUID, Reading],
    now: datetime,
) -> dict[UUID, policy.Verdict]:
    """What the site's policy says of each."""
    if court.posted is None:
        return {case.id: policy.NO_POLICY for case in cases}
    before = earlier.texts(session, court.site_id, cases, now=now)
    return held_against(
        court.posted.policy, cases, readings, before, readable=court.readable, mode=court.mode
    )


def held_against(
    posted: policy.Policy,
    cases: Sequence[Case],
    readings: Mapping[UUID, Reading],
    before: Mapping[UUID, Sequence[str]],
    *,
    readable: Collection[str],
    mode: policy.Mode,
) -> dict[UUID, policy.Verdict]:
    """What a policy says of each of these comments, as they were read. Pure.

    `readings` and `before` (texts that the comment may repeat) are by the comment's id.
    """
    texts = [(readings[case.id].waiting.text, readings[case.id].language) for case in cases]
    signals.get_to_know(texts, posted.word_lists)
    verdicts = {}
    for case in cases:
        reading = readings[case.id]
        verdicts[case.id] = policy.evaluate(
            posted,
            policy.Evidence(
                scores=reading.scores or {},
                quoted_scores=reading.quoted,
                signals=_signals(reading, posted, readable, before[case.id]),
                standing=commenters.standing_of(case, case.strikes),
                flags=case.flags,
                section=case.section,
                story=case.story,
                incomplete=() if reading.scores is not None else (policy.Reason.MODEL_FAILED,),
            ),
            mode,
        )
    return verdicts


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


def status_after(comment: Case, verdict: policy.Verdict, mode: policy.Mode) -> Status:
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
    if wanted == Status.APPROVED and comment.waits_for_a_person:
        return Status.HELD
    return wanted
