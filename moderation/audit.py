"""The append-only log of what was changed about a site: ids, numbers, event names, never words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.models import Assignment, AuditEntry


def record(
    session: Session,
    site_id: UUID,
    event: str,
    subject: dict[str, Any],
    *,
    moderator_id: UUID | None = None,
    now: datetime,
) -> None:
    """Log an event, named in the past tense. Without a moderator the site did it itself."""
    session.add(
        AuditEntry(
            site_id=site_id,
            event=event,
            subject=subject,
            moderator_id=moderator_id,
            at=now,
        )
    )


def record_of_account(
    session: Session,
    moderator_id: UUID,
    event: str,
    *,
    by_themselves: bool = True,
    now: datetime,
) -> None:
    """Log what happened to a person's own account, at each site that they work for.

    Without `by_themselves` it was done from the command line.
    """
    works_for = select(Assignment.site_id).where(Assignment.moderator_id == moderator_id)
    for site_id in session.scalars(works_for.order_by(Assignment.site_id)).all():
        record(
            session,
            site_id,
            event,
            {"moderator": str(moderator_id)},
            moderator_id=moderator_id if by_themselves else None,
            now=now,
        )
