"""Where a site is told of what happened, and what it is still to be told."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class Event(StrEnum):
    """What a site can be told of."""

    APPROVED = "comment.approved"
    HELD = "comment.held"
    BLOCKED = "comment.blocked"
    REOPENED = "comment.reopened"
    """What was decided is taken back, and nobody had decided before: it waits to be judged."""
    WITHDRAWN = "comment.withdrawn"
    """It was approved and is edited: readers no longer see it, and it waits to be judged."""
    OVERTURNED = "comment.overturned"
    """A block was lifted, on an appeal or otherwise. Told beside what the comment stands as now."""
    COMMENTER_BLOCKED = "commenter.blocked"
    COMMENTER_UNBLOCKED = "commenter.unblocked"
    APPEAL_ENDED = "appeal.ended"
    NOTICE_ENDED = "notice.ended"


class DeliveryOutcome(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    DEAD = "dead"
    """The receiver has not taken it for days: a person may send it again."""


class Webhook(OfSite, Base):
    """An address of a site at which it is told, and the secret that signs what is sent there."""

    __tablename__ = "webhooks"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        UniqueConstraint("site_id", "url"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    """Of which it is told."""
    enabled: Mapped[bool] = mapped_column(default=True)
    """Off: nothing is sent, and nothing that happens meanwhile is kept for it."""
    secret: Mapped[str] = mapped_column(Text)
    """Sealed (`sealing`)."""
    previous_secret: Mapped[str | None] = mapped_column(Text)
    """The one before, sealed. It signs too, until `previous_until`."""
    previous_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Tries that failed since one succeeded."""
    rests_until: Mapped[datetime | None]
    """Nothing is sent before: a receiver that is down is not asked for each delivery anew."""
    created_at: Mapped[datetime]


class Delivery(OfSite, Base):
    """One thing that a webhook is told. It waits as long as it has no outcome.

    It holds ids and numbers: what is sent is made of the rows that they name when it is sent, so
    that words which were erased meanwhile are not told.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        of_site("webhook_id", table="webhooks"),
        Index(
            "ix_deliveries_due",
            "site_id",
            "webhook_id",
            "next_try",
            "seq",
            "event",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        Index("ix_deliveries_newest", "site_id", "outcome", "happened_at", "id"),
        Index("ix_deliveries_subject", "site_id", "subject_id", "seq"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    """What the receiver knows it by, the same at each try."""
    webhook_id: Mapped[UUID]
    event: Mapped[str] = mapped_column(String(32))
    seq: Mapped[int] = mapped_column(BigInteger)
    """The number of the decision, the appeal or the notice, or one of the same count."""
    subject_id: Mapped[UUID]
    """The comment or commenter that it is about: what is told of one is told in order."""
    about_id: Mapped[UUID]
    """The decision, the appeal, the notice or the commenter's block; if that was lifted, they. Of a
    comment that is withdrawn, the decision that stood until then."""
    happened_at: Mapped[datetime]
    waits_since: Mapped[datetime]
    """When it began to wait: that it happened, or that somebody had it sent again."""
    attempts: Mapped[int]
    next_try: Mapped[datetime]
    leased_by: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    """What the receiver answered last, as an HTTP status."""
    last_trouble: Mapped[str | None] = mapped_column(String(32))
    """Why the last try failed (`webhooks.outgoing.Trouble`)."""
    outcome: Mapped[str | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
