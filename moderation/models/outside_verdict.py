"""What another system made of a site's comments, while it works beside this one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, of_site


class OutsideVerdict(OfSite, Base):
    """What it made of one comment, by the site's word. It decides nothing here."""

    __tablename__ = "outside_verdicts"
    __table_args__ = (
        of_site("comment_id", "revision", table="revisions", keys=("comment_id", "number")),
        CheckConstraint("status IN ('approved', 'held', 'blocked')", name="status"),
        Index("ix_outside_verdicts_newest", "site_id", "told_at", "comment_id"),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int]
    """The newest one when it was told: the words that it is about."""
    status: Mapped[str] = mapped_column(String(16))
    told_at: Mapped[datetime]
