"""A notice that a comment is illegal (DSA, article 16), and what was decided about it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class NoticeOutcome(StrEnum):
    """What came of a notice."""

    BLOCKED = "blocked"
    """The comment is blocked, because of it or otherwise."""
    LEFT = "left"
    """A moderator has looked at it, and left the comment as it was."""
    DELETED = "deleted"
    """The comment was deleted before anybody had decided."""


_WAITS = text("outcome IS NULL")
_ENDED = text("ended_at IS NOT NULL")


class Notice(OfSite, Base):
    """Somebody says that a comment is illegal. It waits as long as it has no outcome.

    Who it was is for the moderators alone, and goes with the words.
    """

    __tablename__ = "notices"
    __table_args__ = (
        of_site("comment_id", table="comments"),
        UniqueConstraint("site_id", "key_hash"),
        UniqueConstraint("site_id", "seq"),
        Index("ix_notices_comment", "site_id", "comment_id"),
        Index(
            "ix_notices_waiting",
            "site_id",
            "received_at",
            "id",
            postgresql_where=_WAITS,
            sqlite_where=_WAITS,
        ),
        Index(
            "ix_notices_ended",
            "site_id",
            "ended_at",
            "id",
            postgresql_where=_ENDED,
            sqlite_where=_ENDED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    comment_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(32))
    text: Mapped[str | None] = mapped_column(Text)
    """Why it is illegal. Erased with the comment, and when it is past its time, as all of these."""
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(254))
    key_hash: Mapped[str | None] = mapped_column(String(64))
    """As of an appeal."""
    body_hash: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    """What the notifier is told of a moderator's decision."""
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    settled_by: Mapped[UUID | None]
    """The decision that blocks the comment."""
    ended_at: Mapped[datetime | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    """The number under which the site is told, of the same count as its decisions."""
