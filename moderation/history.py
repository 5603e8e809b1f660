"""What was decided, and what a site knows of a commenter. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, literal, select
from sqlalchemy.orm import Session, aliased

from moderation import commenters, complaints, sites
from moderation.cards import Logged, Policies, can_be_undone
from moderation.complaints import Filed
from moderation.models import (
    Actor,
    Appeal,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterNote,
    Decision,
    DecisionNote,
    Moderator,
    Refusal,
    Revision,
    Site,
    Status,
    Story,
    Strike,
)
from moderation.models.joins import in_force, newest, note_of, story_of, writer_of
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, first_of
from moderation.policy import Standing
from moderation.posted_policies import Posted
from moderation.sql import join_as_written

REFUSALS_COUNTED_TO = 1000
RATED = 200
"""A commenter's latest comments, of which the rates are."""
LISTED = 50
"""Strikes, blocks and notes of a commenter that are listed, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of the log with what it was about. `judged_under` has the clause it names."""

    site: Site
    logged: Logged
    comment: Comment
    text: str | None
    story: Story
    commenter: Commenter
    judged_under: Posted | None

    @property
    def can_be_undone(self) -> bool:
        """Whether it is a person's, in force, and its comment still has words."""
        return can_be_undone(self.logged.decision, self.comment)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A block of the commenter, by whom (None: the site itself), and who ended it before its
    time."""

    block: CommenterBlock
    moderator: Moderator | None
    ended_by: Moderator | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A moderator's note about the commenter."""

    note: CommenterNote
    moderator: Moderator


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A commenter as a site knows them. `refused` counts comments turned away, to
    REFUSALS_COUNTED_TO + 1. `rates` counts their last RATED comments by status. `struck` are the
    strikes in force, the last to end first; blocks, appeals and notes are listed newest first.
    """

    commenter: Commenter
    standing: Standing
    strikes: int
    refused: int
    rates: Mapping[str, int]
    struck: Sequence[Strike]
    blocks: Sequence[Blocked]
    appeals: Sequence[Filed[Appeal]]
    notes: Sequence[Noted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A comment in its commenter's history, with the decision in force."""

    comment: Comment
    text: str | None
    story: Story
    in_force: Logged | None
    judged_under: Posted | None


def decided(
    session: Session,
    site_ids: Collection[UUID],
    *,
    by: Actor | None = None,
    moderator_id: UUID | None = None,
    expired: bool = False,
    before: Place | None = None,
    limit: int = PAGE,
) -> Page[Deed]:
    """The log of these sites, newest first; of persons or of the policy alone when `by` says so,
    of one person when `moderator_id` names them; `expired`: of what nobody had looked at."""

    def of(site_id: UUID) -> Rows:
        query = select(Decision.site_id, Decision.decided_at.label("at"), Decision.id).where(
            Decision.site_id == site_id
        )
        if expired:  # as its index says it
            query = query.where(Decision.reason.is_not(None), Decision.undoes.is_(None))
        elif moderator_id is not None:
            query = query.where(Decision.moderator_id == moderator_id)
        elif by is Actor.MODERATOR:  # as the index of theirs says it
            query = query.where(Decision.moderator_id.is_not(None))
        elif by is not None:
            query = query.where(Decision.actor == by)
        return beyond(query, Decision.decided_at, Decision.id, before, limit, True)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, True)
    return Page(_deeds(session, keys, Policies(session, site_ids)) if keys else [], end)


def _deeds(session: Session, keys: Sequence[Key], policies: Policies) -> list[Deed]:
    join_as_written(session)  # else it is planned anew for each page, which takes ten times as long
    rows = session.execute(
        select(
            Decision,
            Moderator,
            DecisionNote.text,
            Comment,
            Revision.text,
            Story,
            Commenter,
            Site,
        )
        .join(
            Comment,
            and_(
                Comment.site_id == Decision.site_id,
                Comment.id == Decision.comment_id,
            ),
        )
        .join(
            Revision,
            and_(
                Revision.site_id == Decision.site_id,
                Revision.comment_id == Decision.comment_id,
                Revision.number == Decision.revision,
            ),
        )
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .join(Site, Site.id == Decision.site_id)
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .outerjoin(DecisionNote, note_of())
        .where(  # apart: for pairs of them SQLite uses no index
            Decision.site_id.in_({site_id for site_id, _ in keys}),
            Decision.id.in_([row_id for _, row_id in keys]),
        )
    ).all()
    policies.read((row[7].id, row[0].policy_version) for row in rows)
    found = {
        (decision.site_id, decision.id): Deed(
            site=site,
            logged=Logged(decision=decision, moderator=moderator, note=note),
            comment=comment,
            text=text,
            story=story,
            commenter=writer,
            judged_under=policies.version(site.id, decision.policy_version),
        )
        for decision, moderator, note, comment, text, story, writer, site in rows
    }
    return [found[key] for key in keys]


def profile(session: Session, site_id: UUID, commenter_id: UUID, *, now: datetime) -> Profile:
    """What the site knows of a commenter. NotFound when it has none such."""
    commenter = sites.owned(session, Commenter, site_id, commenter_id)
    key = (site_id, commenter_id)
    struck = commenters.strikes_of(session, [key], now).get(key, 0)
    turned_away = (
        select(literal(1))
        .where(Refusal.site_id == site_id, Refusal.commenter_id == commenter_id)
        .limit(REFUSALS_COUNTED_TO + 1)
    )
    refused = session.scalar(select(func.count()).select_from(turned_away.subquery())) or 0
    return Profile(
        commenter=commenter,
        standing=commenters.standing_of(commenter, struck),
        strikes=struck,
        refused=refused,
        rates=_rates(session, site_id, commenter_id),
        struck=session.scalars(
            select(Strike)
            .where(
                Strike.site_id == site_id,
                Strike.commenter_id == commenter_id,
                Strike.expires_at > now,
            )
            .order_by(Strike.expires_at.desc(), Strike.comment_id)
            .limit(LISTED)
        ).all(),
        blocks=_blocks(session, site_id, commenter_id),
        appeals=complaints.filed(session, Appeal, site_id, Appeal.commenter_id == commenter_id),
        notes=_notes(session, site_id, commenter_id),
    )


def _rates(session: Session, site_id: UUID, commenter_id: UUID) -> dict[str, int]:
    """By status, but for what nobody looked at before it expired: that says nothing of them."""
    latest = (
        select(Comment.status)
        .outerjoin(Decision, in_force())
        .where(
            Comment.site_id == site_id,
            Comment.commenter_id == commenter_id,
            Decision.reason.is_(None),
        )
        .order_by(Comment.received_at.desc())
        .limit(RATED)
        .subquery()
    )
    rows = session.execute(select(latest.c.status, func.count()).group_by(latest.c.status))
    counted = {row[0]: row[1] for row in rows}
    return {status: counted.get(status, 0) for status in Status}


def _blocks(session: Session, site_id: UUID, commenter_id: UUID) -> list[Blocked]:
    by, ended_by = aliased(Moderator), aliased(Moderator)
    rows = session.execute(
        select(CommenterBlock, by, ended_by)
        .outerjoin(by, by.id == CommenterBlock.moderator_id)
        .outerjoin(ended_by, ended_by.id == CommenterBlock.ended_by)
        .where(CommenterBlock.site_id == site_id, CommenterBlock.commenter_id == commenter_id)
        .order_by(CommenterBlock.blocked_at.desc(), CommenterBlock.id.desc())
        .limit(LISTED)
    )
    return [Blocked(*row) for row in rows]


def _notes(session: Session, site_id: UUID, commenter_id: UUID) -> list[Noted]:
    rows = session.execute(
        select(CommenterNote, Moderator)
        .join(Moderator, Moderator.id == CommenterNote.moderator_id)
        .where(CommenterNote.site_id == site_id, CommenterNote.commenter_id == commenter_id)
        .order_by(CommenterNote.written_at.desc(), CommenterNote.id.desc())
        .limit(LISTED)
    )
    return [Noted(*row) for row in rows]


def written(
    session: Session,
    site_id: UUID,
    commenter_id: UUID,
    *,
    before: Place | None = None,
    limit: int = PAGE,
) -> Page[Written]:
    """A commenter's comments, newest first, each with the decision in force."""
    query = (
        select(Comment, Revision.text, Story, Decision, Moderator, DecisionNote.text)
        .join(Revision, newest())
        .join(Story, story_of())
        .outerjoin(Decision, in_force())
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .outerjoin(DecisionNote, note_of())
        .where(Comment.site_id == site_id, Comment.commenter_id == commenter_id)
    )
    query = beyond(query, Comment.received_at, Comment.id, before, limit, True)
    rows = session.execute(query).all()
    policies = Policies(session, [site_id])
    policies.read((site_id, row[3].policy_version) for row in rows if row[0].decision_id)
    items = [
        Written(
            comment=comment,
            text=text,
            story=story,
            in_force=(
                Logged(decision=decision, moderator=moderator, note=note)
                if comment.decision_id is not None
                else None
            ),
            judged_under=(
                policies.version(site_id, decision.policy_version)
                if comment.decision_id is not None
                else None
            ),
        )
        for comment, text, story, decision, moderator, note in rows[:limit]
    ]
    last = items[-1].comment if len(rows) > limit else None
    return Page(items, Place(last.received_at, last.id) if last else None)
