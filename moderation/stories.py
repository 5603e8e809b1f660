"""Stories: made known, closed to comments, opened again."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Story, new_id
from moderation.sites import NotFound
from moderation.sql import insert_new
from moderation.submission import StoryFacts

FACTS = set(StoryFacts.model_fields)


def make_known(
    session: Session, site_id: UUID, facts: Mapping[str, StoryFacts], *, now: datetime
) -> dict[str, Story]:
    """The stories by external id: made where they are new, brought up to date where not.

    Facts that are not given stay as they are.
    """
    insert_new(
        session,
        Story,
        [
            {
                "site_id": site_id,
                "id": new_id(),
                "external_id": external_id,
                "url": said.url or "",
                "title": said.title or "",
                "section": said.section or "",
                "created_at": now,
            }
            for external_id, said in sorted(facts.items())
        ],
    )
    stories = session.scalars(
        select(Story).where(Story.site_id == site_id, Story.external_id.in_(facts))
    )
    known = {story.external_id: story for story in stories}
    for external_id, story in known.items():
        said = facts[external_id]
        for name, value in said.model_dump(include=FACTS, exclude_none=True).items():
            if getattr(story, name) != value:
                setattr(story, name, value)
    return known


def put(
    session: Session, site_id: UUID, external_id: str, facts: StoryFacts, *, now: datetime
) -> tuple[Story, bool]:
    """Make one story known, or bring it up to date; the second value says whether it is new."""
    story = make_known(session, site_id, {external_id: facts}, now=now)[external_id]
    return story, story.created_at == now


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
