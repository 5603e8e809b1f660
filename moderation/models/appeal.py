"""A commenter's appeal of a block, and how it ended."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class Outcome(StrEnum):
    """How an appeal ended: a moderator decided it, or what it was about went away before."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    LIFTED = "lifted"
    """The block was taken back or undone meanwhile, and not because of the appeal."""
    REPLACED = "replaced"
    """Another block of the commenter took its place."""
    DELETED = "deleted"
    """The comment was deleted, or its commenter forgotten."""


_WAITS = text("outcome IS NULL")
_ENDED = text("ended_at IS NOT NULL")


class Appeal(OfSite, Base):
    """A block of a comment (`decision_id`) or of a commenter (`block_id`) is appealed: once each.
    It waits as long as it has no outcome."""

    __tablename__ = "appeals"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        of_site("comment_id", table="comments"),
        of_site("decision_id", table="decisions"),
        of_site("block_id", table="commenter_blocks"),
        UniqueConstraint("site_id", "decision_id"),
        UniqueConstraint("site_id", "block_id"),
        UniqueConstraint("site_id", "key_hash"),
        UniqueConstraint("site_id", "seq"),
        CheckConstraint("(decision_id IS NULL) <> (block_id IS NULL)", name="one_block"),
        Index("ix_appeals_comment", "site_id", "comment_id"),
        Index("ix_appeals_commenter", "site_id", "commenter_id", "received_at"),
        Index(
            "ix_appeals_waiting",
            "site_id",
            "received_at",
            "id",
            postgresql_where=_WAITS,
            sqlite_where=_WAITS,
        ),
        Index(
            "ix_appeals_ended",
            "site_id",
            "ended_at",
            "id",
            postgresql_where=_ENDED,
            sqlite_where=_ENDED,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    commenter_id: Mapped[UUID]
    comment_id: Mapped[UUID | None]
    decision_id: Mapped[UUID | None]
    """The decision that blocks the comment."""
    block_id: Mapped[UUID | None]
    """The block of the commenter."""
    against: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Whose act is appealed: somebody else decides. Empty: the policy's, or the site's own."""
    text: Mapped[str | None] = mapped_column(Text)
    """What the commenter wrote. Erased with the comment, and with the commenter."""
    key_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the `Idempotency-Key` that it came with."""
    body_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what is appealed and the words: the same key with another body is refused."""
    received_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    """What the commenter is told of a moderator's decision. Erased as `text` is."""
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Who ended it. Empty: the policy, or the site itself."""
    own: Mapped[bool] = mapped_column(default=False)
    """Whoever decided had blocked it, too: the site had nobody else."""
    settled_by: Mapped[UUID | None]
    """The decision that let the comment through, where one ended the appeal."""
    ended_at: Mapped[datetime | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    """The number under which the site is told, of the same count as its decisions. A new one each
    time that what is told changes."""
