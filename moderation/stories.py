"""Stories: made known, imported, closed to comments, opened again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Comment, Status, Story, Urgency, has_status, new_id
from moderation.sites import NotFound
from moderation.sql import BESIDE_REPLIES, insert_new, past_orm
from moderation.submission import StoryFacts

FACTS = tuple(StoryFacts.model_fields)
Known: TypeAlias = Row[UUID, str, str, str, str, datetime | None]
"""Id, external id, the facts, and when it was closed, by these names."""
_NAMED = select(
    Story.id, Story.external_id, Story.url, Story.title, Story.section, Story.closed_at
).where(
    Story.site_id == bindparam("site"),
    Story.external_id.in_(bindparam("names", expanding=True)),
)
"""Made once: each post asks this, and making a query takes as long as running it. Columns, asked
for past the ORM: of objects that hardly any post changes, the making took 40 % of the time."""


def make_known(
    session: Session, site_id: UUID, facts: Mapping[str, StoryFacts], *, now: datetime
) -> dict[str, Known]:
    """The stories by external id: made where they are new, brought up to date where not.

    Facts that are not given stay as they are. They are answered as they were found.
    """
    known = _by_external_id(session, site_id, facts)
    # Most stories are known: looked for first, each of them costs one statement and not two. Who
    # finds none can still be overtaken: `insert_new` lets the other one be the first.
    if unknown := sorted(facts.keys() - known):
        insert_new(session, Story, [_row(site_id, name, facts[name], now) for name in unknown])
        known |= _by_external_id(session, site_id, unknown)
    changed = [
        {"site_id": site_id, "id": story.id} | news
        for external_id, story in known.items()
        if (news := _news(story, facts[external_id]))
    ]
    if changed:  # in the order of their ids, so that none waits for another in a circle
        session.execute(update(Story), sorted(changed, key=itemgetter("id")))
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A story that is imported: what is known of it, since when, and whether it takes no more
    comments."""

    facts: StoryFacts
    since: datetime
    closed: bool


def bring_in(
    session: Session, site_id: UUID, archived: Mapping[str, Archived], *, now: datetime
) -> dict[str, Known]:
    """The stories of an import, by external id: made where they are new. What the site has said of
    one that is known here goes before what an export says."""
    known = _by_external_id(session, site_id, archived)
    if unknown := sorted(archived.keys() - known):
        made = [
            _row(site_id, name, archived[name].facts, archived[name].since)
            # When it was closed no export says: what is held under it gets its time here.
            | {"closed_at": now if archived[name].closed else None}
            for name in unknown
        ]
        insert_new(session, Story, made)
        known |= _by_external_id(session, site_id, unknown)
    return known


def _row(site_id: UUID, external_id: str, facts: StoryFacts, since: datetime) -> dict[str, Any]:
    return {
        "site_id": site_id,
        "id": new_id(),
        "external_id": external_id,
        "url": facts.url or "",
        "title": facts.title or "",
        "section": facts.section or "",
        "created_at": since,
    }


def _news(story: Known, said: StoryFacts) -> dict[str, str]:
    """What is said of a story and was not known."""
    given = {name: getattr(said, name) for name in FACTS}
    return {
        name: value
        for name, value in given.items()
        if value is not None and value != getattr(story, name)
    }


def _by_external_id(
    session: Session, site_id: UUID, external_ids: Collection[str]
) -> dict[str, Known]:
    if not external_ids:
        return {}
    asked = {"site": site_id, "names": list(external_ids)}
    return {story.external_id: story for story in past_orm(session).execute(_NAMED, asked)}


def put(
    session: Session, site_id: UUID, external_id: str, facts: StoryFacts, *, now: datetime
) -> tuple[Story, bool]:
    """Make one story known, or bring it up to date; the second value says whether it is new."""
    make_known(session, site_id, {external_id: facts}, now=now)
    story = named(session, site_id, external_id)
    return story, story.created_at == now


def close(
    session: Session,
    site_id: UUID,
    external_id: str,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> Story:
    """Take no more comments under this story. What stands there stays, and can be edited."""
    story = named(session, site_id, external_id)
    if story.closed_at is None:
        story.closed_at = now
        _sort_anew(session, story, Urgency.LIVE, Urgency.REST)
        subject = {"story": str(story.id)}
        audit.record(session, site_id, "story_closed", subject, moderator_id=moderator_id, now=now)
    return story


def reopen(
    session: Session,
    site_id: UUID,
    external_id: str,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> Story:
    """Take comments under this story again."""
    story = named(session, site_id, external_id)
    if story.closed_at is not None:
        story.closed_at = None
        _sort_anew(session, story, Urgency.REST, Urgency.LIVE)
        subject = {"story": str(story.id)}
        audit.record(session, site_id, "story_opened", subject, moderator_id=moderator_id, now=now)
    return story


def _sort_anew(session: Session, story: Story, before: Urgency, after: Urgency) -> None:
    """Move what is held under the story in the queue's order.

    Rows are locked in the order of their ids, as by everybody. One that is just being held keeps
    the urgency of a moment ago: it is a little early or late in the queue, no more.
    """
    these = (
        Comment.site_id == story.site_id,
        Comment.story_id == story.id,
        has_status(Status.HELD),
        Comment.erased_at.is_(None),
        Comment.urgency == before,
    )
    session.execute(
        select(Comment.id).where(*these).order_by(Comment.id).with_for_update(**BESIDE_REPLIES)
    ).all()
    session.execute(
        update(Comment)
        .where(*these)
        .values(urgency=after)
        .execution_options(synchronize_session=False)
    )


def named(session: Session, site_id: UUID, external_id: str) -> Story:
    """The site's story of that external id; NotFound when it has none."""
    story = session.scalar(
        select(Story).where(Story.site_id == site_id, Story.external_id == external_id)
    )
    if story is None:
        raise NotFound("story")
    return story
