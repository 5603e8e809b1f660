"""Who did what about a site: its audit log, read."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.models import AuditEntry, Moderator
from moderation.paging import PAGE, Page, Place, beyond


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the log, who did it (None: the site itself, by key or from the command line), and
    which moderator it was about (None: none)."""

    entry: AuditEntry
    by: Moderator | None
    about: Moderator | None


def done(
    session: Session,
    site_id: UUID,
    *,
    by: UUID | None = None,
    event: str | None = None,
    before: Place | None = None,
    limit: int = PAGE,
) -> Page[Act]:
    """The site's log, newest first; of one person or one event alone where they are named."""
    query = select(AuditEntry).where(AuditEntry.site_id == site_id)
    if by is not None:
        query = query.where(AuditEntry.moderator_id == by)
    if event is not None:
        query = query.where(AuditEntry.event == event)
    rows = session.scalars(beyond(query, AuditEntry.at, AuditEntry.id, before, limit, True)).all()
    entries = rows[:limit]
    people = _known(
        session,
        {entry.moderator_id for entry in entries if entry.moderator_id}
        | {about for entry in entries if (about := _about(entry))},
    )
    last = entries[-1] if len(rows) > limit else None
    return Page(
        [
            Act(
                entry,
                people.get(entry.moderator_id) if entry.moderator_id else None,
                people.get(about) if (about := _about(entry)) else None,
            )
            for entry in entries
        ],
        Place(last.at, last.id) if last else None,
    )


def _about(entry: AuditEntry) -> UUID | None:
    named = entry.subject.get("moderator")
    return UUID(named) if named else None


def _known(session: Session, ids: Collection[UUID]) -> dict[UUID, Moderator]:
    found = session.scalars(select(Moderator).where(Moderator.id.in_(ids)))
    return {moderator.id: moderator for moderator in found}
