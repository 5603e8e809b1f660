"""What appeals and notices have in common: somebody waits for a moderator's answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id

_WAITS = text("outcome IS NULL")
_ENDED = text("ended_at IS NOT NULL")


class Complaint(OfSite, Base):
    """An appeal or a notice. It waits as long as it has no outcome."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-1)
    text: Mapped[str | None] = mapped_column(Text)
    """What whoever waits has written. Erased with what it is about."""
    key_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the `Idempotency-Key` that it came with."""
    body_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what it is about and what it says: the same key with another body is refused."""
    received_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    """What they are told of a moderator's decision. Erased as `text` is."""
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Who ended it. Empty: the policy, or the site itself."""
    settled_by: Mapped[UUID | None]
    """The decision about the comment that ended it, where one did."""
    ended_at: Mapped[datetime | None]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    """The number under which the site is told, of the same count as its decisions. A new one each
    time that what is told changes."""


def once_and_in_order(table: str) -> tuple[Index | UniqueConstraint, ...]:
    """A key and a number are there once at a site; those that wait are read in the order in which
    they came, those that have ended in that of their answers."""
    return (
        UniqueConstraint("site_id", "key_hash"),
        UniqueConstraint("site_id", "seq"),
        Index(
            f"ix_{table}_waiting",
            "site_id",
            "received_at",
            "id",
            postgresql_where=_WAITS,
            sqlite_where=_WAITS,
        ),
        Index(
            f"ix_{table}_ended",
            "site_id",
            "ended_at",
            "id",
            postgresql_where=_ENDED,
            sqlite_where=_ENDED,
        ),
    )
