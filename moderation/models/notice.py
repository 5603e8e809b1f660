"""A notice that a comment is illegal (DSA, article 16), and what was decided about it."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import of_site
from moderation.models.complaint import Complaint, once_and_in_order


class NoticeOutcome(StrEnum):
    """What came of a notice."""

    BLOCKED = "blocked"
    """The comment is blocked, because of it or otherwise."""
    LEFT = "left"
    """A moderator has looked at it, and left the comment as it was."""
    DELETED = "deleted"
    """The comment was deleted before anybody had decided."""


class Notice(Complaint):
    """Somebody says that a comment is illegal.

    Who it was is for the moderators alone. It goes with the words: with the comment, and when it
    is past its time.
    """

    __tablename__ = "notices"
    __table_args__ = (
        of_site("comment_id", table="comments"),
        Index("ix_notices_comment", "site_id", "comment_id"),
        *once_and_in_order("notices"),
    )

    comment_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(254))
