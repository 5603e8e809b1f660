"""Texts that a site keeps, to be told to those whose comments it blocks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class SavedReply(OfSite, Base):
    """An explanation for blocks under one clause, to be chosen instead of written. A decision keeps
    its own copy of the words."""

    __tablename__ = "saved_replies"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        Index("ix_saved_replies_clause", "site_id", "clause", "title"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    clause: Mapped[str] = mapped_column(String(40))
    """The clause's key, which is the same in every version of the policy."""
    title: Mapped[str] = mapped_column(String(80))
    """What moderators choose it by."""
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
