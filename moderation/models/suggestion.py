"""What a site's own system says that a comment should have scored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class Suggestion(OfSite, Base):
    """A moderator's verdict on a comment that is not kept here, with its words: to measure the
    model by. Only of a site that consents; the row goes when the words go."""

    __tablename__ = "suggestions"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        Index("ix_suggestions_token", "site_id", "token"),
        Index("ix_suggestions_age", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    text: Mapped[str] = mapped_column(Text)
    scores: Mapped[dict[str, Any]]
    """Our attributes, and what each should have scored, 0..1."""
    token: Mapped[str | None] = mapped_column(String(200))
    """What the client calls the comment, as `comment:7`; a later verdict takes an earlier one's
    place by it."""
    received_at: Mapped[datetime]
