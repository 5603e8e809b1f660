"""Stories: made known, closed to comments, opened again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Story, new_id
from moderation.sites import NotFound
from moderation.sql import insert_new
from moderation.submission import StoryFacts


def put(
    session: Session,
    site_id: UUID,
    external_id: str,
    facts: StoryFacts,
    *,
    now: datetime,
) -> tuple[Story, bool]:
    """Make a story known, or bring it up to date; the second value says whether it is new.

    Facts that are not given stay as they are.
    """
    row = {
        "site_id": site_id,
        "id": new_id(),
        "external_id": external_id,
        "url": facts.url or "",
        "title": facts.title or "",
        "section": facts.section or "",
        "created_at": now,
    }
    is_new = bool(insert_new(session, Story, [row], Story.id))
    story = named(session, site_id, external_id)
    for name, value in facts.model_dump(exclude_none=True).items():
        if getattr(story, name) != value:
            setattr(story, name, value)
    return story, is_new


def close(session: Session, site_id: UUID, external_id: str, *, now: datetime) -> Story:
    """Take no more comments under this story. What stands there stays, and can be edited."""
    story = named(session, site_id, external_id)
    if story.closed_at is None:
        story.closed_at = now
        audit.record(session, site_id, "story_closed", {"story": str(story.id)}, now=now)
    return story


def reopen(session: Session, site_id: UUID, external_id: str, *, now: datetime) -> Story:
    """Take comments under this story again."""
    story = named(session, site_id, external_id)
    if story.closed_at is not None:
        story.closed_at = None
        audit.record(session, site_id, "story_opened", {"story": str(story.id)}, now=now)
    return story


def named(session: Session, site_id: UUID, external_id: str) -> Story:
    """The site's story of that external id; NotFound when it has none."""
    story = session.scalar(
        select(Story).where(Story.site_id == site_id, Story.external_id == external_id)
    )
    if story is None:
        raise NotFound("story")
    return story
