"""Where a held comment lies at the desk, how it got there, and who has it open."""

from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class Tray(StrEnum):
    """Where a held comment lies. It stays held: only a decision changes what readers see."""

    WAITING = "waiting"
    LATER = "later"
    """Left by a moderator who wants to come back to it."""
    ESCALATED = "escalated"
    """A lead is to look at it."""


class Urgency(IntEnum):
    """Which of the held comments a moderator sees first; the values are stored, and sorted by."""

    THREAT = 0
    """A rule about threats has fired."""
    REPORTED = 1
    """Readers have seen it, and reported it."""
    LIVE = 2
    """Its story takes comments: somebody waits for an answer."""
    REST = 3


class Concern(StrEnum):
    """Why a comment is escalated."""

    LEGAL = "legal"
    THREAT = "threat"
    SUICIDE = "suicide"
    MINORS = "minors"
    OTHER = "other"


class Move(OfSite, Base):
    """A held comment laid into another tray, by whom and when. Added to, never edited; the note
    alone can be erased."""

    __tablename__ = "moves"
    __table_args__ = (
        of_site("comment_id", table="comments"),
        Index("ix_moves_comment", "site_id", "comment_id", "moved_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comment_id: Mapped[UUID]
    revision: Mapped[int]
    """The newest one when it was moved."""
    tray_before: Mapped[str] = mapped_column(String(16))
    tray_after: Mapped[str] = mapped_column(String(16))
    concern: Mapped[str | None] = mapped_column(String(16))
    """Why, where it was escalated."""
    note: Mapped[str | None] = mapped_column(Text)
    """What the moderator wrote beside it. Erased with the comment."""
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"))
    undoes: Mapped[UUID | None]
    """The move that this one takes back."""
    moved_at: Mapped[datetime]


class Lease(OfSite, Base):
    """That a moderator has a comment open. Advice to the others: it keeps nobody from deciding."""

    __tablename__ = "leases"
    __table_args__ = (
        of_site("comment_id", table="comments"),
        Index("ix_leases_moderator_id", "moderator_id", "until"),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"))
    until: Mapped[datetime]
    """By the database's clock."""
