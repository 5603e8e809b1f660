"""The reader who writes, and what is counted on them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class Commenter(OfSite, Base):
    """A reader, under the id that the site knows them by."""

    __tablename__ = "commenters"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        UniqueConstraint("site_id", "external_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text, default="")
    standing: Mapped[str | None] = mapped_column(String(16))
    """Set by a person; empty: it follows from the history (`commenters.standing_of`)."""
    approved: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    blocked_at: Mapped[datetime | None]
    blocked_until: Mapped[datetime | None]
    """With `blocked_at` set and this empty, the block has no end."""
    block_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    def is_blocked(self, now: datetime) -> bool:
        """Whether the site's block is in force at `now`."""
        return block_in_force(self.blocked_at, self.blocked_until, now)


def block_in_force(at: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Whether a block of then, until then or without an end, is in force at `now`."""
    return at is not None and (until is None or now < until)


class CommenterName(OfSite, Base):
    """By what a commenter's name is known again, however it is spelt. No row without a name."""

    __tablename__ = "commenter_names"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        Index("ix_commenter_names_key", "site_id", "name_key"),
    )

    commenter_id: Mapped[UUID] = mapped_column(primary_key=True)
    name_key: Mapped[str] = mapped_column(String(64))
    """The same for all names that look alike (`commenters.name_key`)."""


class Strike(OfSite, Base):
    """A blocked comment counted on its commenter. Gone when the block is overturned."""

    __tablename__ = "strikes"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        of_site("comment_id", table="comments"),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    commenter_id: Mapped[UUID] = mapped_column(index=True)
    expires_at: Mapped[datetime]


class CommenterBlock(OfSite, Base):
    """That the site blocked a commenter: a row for each time. Which block is in force stands on the
    commenter."""

    __tablename__ = "commenter_blocks"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        Index("ix_commenter_blocks_commenter", "site_id", "commenter_id", "blocked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    commenter_id: Mapped[UUID]
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Empty when the site did it, by key."""
    reason: Mapped[str | None] = mapped_column(Text)
    """Empty once the commenter is erased."""
    blocked_at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was lifted, or another block took its place; empty: it runs, or ran, to its end."""
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))


class CommenterNote(OfSite, Base):
    """What a moderator wrote about a commenter, for colleagues. Erased with the commenter."""

    __tablename__ = "commenter_notes"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        Index("ix_commenter_notes_commenter", "site_id", "commenter_id", "written_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    commenter_id: Mapped[UUID]
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"))
    text: Mapped[str | None] = mapped_column(Text)
    written_at: Mapped[datetime]


class Refusal(OfSite, Base):
    """A comment that was turned away (blocked commenter, closed story ...): without its text."""

    __tablename__ = "refusals"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        of_site("story_id", table="stories"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    commenter_id: Mapped[UUID]
    story_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
