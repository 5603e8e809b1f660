"""A commenter's appeal of a block, and how it ended."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import of_site
from moderation.models.complaint import Complaint, once_and_in_order


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


class Appeal(Complaint):
    """A block of a comment (`decision_id`) or of a commenter (`block_id`) is appealed: once each.

    Its words go with the comment, and with the commenter.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        of_site("commenter_id", table="commenters"),
        of_site("comment_id", table="comments"),
        of_site("decision_id", table="decisions"),
        of_site("block_id", table="commenter_blocks"),
        UniqueConstraint("site_id", "decision_id"),
        UniqueConstraint("site_id", "block_id"),
        CheckConstraint("(decision_id IS NULL) <> (block_id IS NULL)", name="one_block"),
        Index("ix_appeals_comment", "site_id", "comment_id"),
        Index("ix_appeals_commenter", "site_id", "commenter_id", "received_at"),
        *once_and_in_order("appeals"),
    )

    commenter_id: Mapped[UUID]
    comment_id: Mapped[UUID | None]
    decision_id: Mapped[UUID | None]
    """The decision that blocks the comment."""
    block_id: Mapped[UUID | None]
    """The block of the commenter."""
    against: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Whose act is appealed: somebody else decides. Empty: the policy's, or the site's own."""
    own: Mapped[bool] = mapped_column(default=False)
    """Whoever decided had blocked it, too: the site had nobody else."""
