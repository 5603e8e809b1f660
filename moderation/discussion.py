"""A story's whole discussion: what readers see, and what they do not. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moderation import posted_policies, sites, threads
from moderation.cards import Logged
from moderation.models import (
    Comment,
    Commenter,
    Decision,
    DecisionNote,
    Moderator,
    Revision,
    Status,
    Story,
)
from moderation.models.joins import in_force, newest, note_of, writer_of
from moderation.posted_policies import Posted
from moderation.threads import Gone, Node, Place

COUNTED_TO = 5000
"""Comments of a story that its counts look at, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One comment in its place. `depth` is 0 for the first of a thread.

    `shown`: readers see it, or where it is `gone` a tombstone without its words. One that is
    approved and not shown stands below a comment that never was public.
    """

    comment: Comment
    text: str | None
    commenter: Commenter
    depth: int
    shown: bool
    gone: Gone | None
    in_force: Logged | None
    judged_under: Posted | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussion:
    """A page of a story's comments in the order of reading, whatever their status.

    `counts` are by status, of the newest COUNTED_TO comments; `next` is where the following page
    begins, None at the end.
    """

    story: Story
    counts: Mapping[str, int]
    comments: Sequence[Said]
    next: Place | None


def of_story(
    session: Session, site_id: UUID, story_id: UUID, *, after: Place | None, limit: int
) -> Discussion:
    """The discussion under a story from one place on. NotFound when the site has none such."""
    story = sites.owned(session, Story, site_id, story_id)
    nodes, end = threads.walk(session, site_id, story_id, after=after, limit=limit, whole=True)
    return Discussion(
        story=story,
        counts=_counts(session, site_id, story_id),
        comments=_with_words(session, site_id, nodes),
        next=end,
    )


def _counts(session: Session, site_id: UUID, story_id: UUID) -> dict[str, int]:
    some = (
        select(Comment.status)
        .where(
            Comment.site_id == site_id,
            Comment.story_id == story_id,
            Comment.erased_at.is_(None),
        )
        .order_by(Comment.posted_at.desc(), Comment.id.desc())
        .limit(COUNTED_TO)
        .subquery()
    )
    rows = session.execute(select(some.c.status, func.count()).group_by(some.c.status))
    counted = {row[0]: row[1] for row in rows}
    return {status: counted.get(status, 0) for status in Status}


def _with_words(session: Session, site_id: UUID, nodes: Sequence[Node]) -> list[Said]:
    if not nodes:
        return []
    rows = session.execute(
        select(Comment, Revision.text, Commenter, Decision, Moderator, DecisionNote.text)
        .join(Revision, newest())
        .join(Commenter, writer_of())
        .outerjoin(Decision, in_force())
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .outerjoin(DecisionNote, note_of())
        .where(Comment.site_id == site_id, Comment.id.in_([node.id for node in nodes]))
    ).all()
    found = {row[0].id: row for row in rows}
    decided = [row[3] for row in rows if row[0].decision_id is not None]
    versions = {one.policy_version for one in decided if one.policy_version is not None}
    policies = posted_policies.of_versions(session, site_id, versions)
    said = []
    for node in nodes:
        comment, text, writer, decision, moderator, note = found[node.id]
        line = None
        if comment.decision_id is not None:
            line = Logged(decision=decision, moderator=moderator, note=note)
        said.append(
            Said(
                comment=comment,
                text=text,
                commenter=writer,
                depth=node.depth,
                shown=node.shown,
                gone=node.gone,
                in_force=line,
                judged_under=policies.get(line.decision.policy_version or 0) if line else None,
            )
        )
    return said
