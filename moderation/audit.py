"""The append-only log of what was changed about a site: ids, numbers, event names, never words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from moderation.models import AuditEntry


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
