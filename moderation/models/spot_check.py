"""What the spot check asks of moderators about comments, and what they answered."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, of_site


class Answer(StrEnum):
    """What somebody says of a comment who is not told what the machine made of it."""

    FINE = "fine"
    BROKEN = "broken"
    """It breaks a clause."""


class SpotCheck(OfSite, Base):
    """A revision that is looked at blind: drawn when the policy approved it, or held and mixed in.

    Ids, moments and a clause's key, never words."""

    __tablename__ = "spot_checks"
    __table_args__ = (
        of_site("comment_id", "revision", table="revisions", keys=("comment_id", "number")),
        Index(
            "ix_spot_checks_open",
            "site_id",
            "drawn_at",
            postgresql_where=text("answered_at IS NULL"),
            sqlite_where=text("answered_at IS NULL"),
        ),
        Index(
            "ix_spot_checks_answered",
            "site_id",
            "answered_at",
            postgresql_where=text("answered_at IS NOT NULL"),
            sqlite_where=text("answered_at IS NOT NULL"),
        ),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stood_as: Mapped[str] = mapped_column(String(16))
    """`approved` where the policy had let it through, `held` where it waited in the queue."""
    ticket: Mapped[int]
    """By which it was drawn, and by which it is dealt, the lowest first (`drawing`)."""
    drawn_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(16))
    """Empty, as all that follows, until somebody answers."""
    clause: Mapped[str | None] = mapped_column(String(40))
    """The one that was named, where it is broken."""
    decision_id: Mapped[UUID | None]
    """The decision that the answer was; none where an approved comment was found fine."""
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    answered_at: Mapped[datetime | None]
