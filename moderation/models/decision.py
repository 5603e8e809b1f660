"""What was done about a comment: the append-only log, and beside it words that can be erased."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site


class Actor(StrEnum):
    """Who decided."""

    POLICY = "policy"
    MODERATOR = "moderator"
    SITE = "site"
    """Nobody about this comment: it is what the site has set for all of its kind (`expiry`)."""
    IMPORT = "import"
    """Whoever it was in the system that the comment was imported from."""


CAN_BE_TAKEN_BACK = frozenset({Actor.MODERATOR, Actor.SITE})
"""Whose decisions: of the policy's and of imported ones another decision is made."""
EXPIRED = "expired-unreviewed"
"""The reason of a block for which nobody has looked: the comment waited for too long."""


HOLDS = "status_after = 'held' AND status_before <> 'held' AND moderator_id IS NULL"


def _by_people(name: str, *columns: str) -> Index:
    """An index of persons' decisions alone: the policy makes many times as many."""
    where = text("moderator_id IS NOT NULL")
    return Index(name, "site_id", *columns, postgresql_where=where, sqlite_where=where)


class Decision(OfSite, Base):
    """One line of the log: which revision, from which status to which, by whom, why, when."""

    __tablename__ = "decisions"
    __table_args__ = (
        of_site("comment_id", "revision", table="revisions", keys=("comment_id", "number")),
        UniqueConstraint("site_id", "seq"),
        Index("ix_decisions_comment", "site_id", "comment_id", "seq"),
        Index("ix_decisions_decided_at", "site_id", "decided_at"),
        Index(
            "ix_decisions_together",
            "site_id",
            "together",
            postgresql_where=text("together IS NOT NULL"),
            sqlite_where=text("together IS NOT NULL"),
        ),
        Index(
            "ix_decisions_expired",
            "site_id",
            "decided_at",
            "id",
            postgresql_where=text("reason IS NOT NULL"),
            sqlite_where=text("reason IS NOT NULL"),
        ),
        Index(
            "ix_decisions_holds",
            "site_id",
            "decided_at",
            postgresql_where=text(HOLDS),
            sqlite_where=text(HOLDS),
        ),
        _by_people("ix_decisions_of_people", "decided_at", "id"),
        _by_people("ix_decisions_of_moderator", "moderator_id", "decided_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    seq: Mapped[int] = mapped_column(BigInteger)
    """Counts up per site: the cursor of the feed. What became of an appeal is told under numbers of
    the same count; beside these it has no gap but where a backup was restored. What was imported
    has numbers below zero, counted down: the feed begins after it, whenever it came."""
    comment_id: Mapped[UUID]
    revision: Mapped[int]
    status_before: Mapped[str] = mapped_column(String(16))
    status_after: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(16))
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    clause: Mapped[str | None] = mapped_column(String(40))
    """The clause that was broken: the primary one of the verdict, or the one a person named."""
    policy_version: Mapped[int | None]
    evidence: Mapped[dict[str, Any]]
    """The verdict as values (`Verdict.as_json`), never words; empty for a person's decision."""
    reason: Mapped[str | None] = mapped_column(String(32))
    """EXPIRED: it blocks for no clause, but because nobody had looked; otherwise empty."""
    undoes: Mapped[UUID | None]
    """The decision that this one takes back."""
    appeal_id: Mapped[UUID | None]
    """The appeal that it answers, or an answer to which it takes back."""
    together: Mapped[UUID | None]
    """Shared by those that were made at once, and can be taken back as one."""
    decided_at: Mapped[datetime]
    imported_as: Mapped[str | None] = mapped_column(String(16))
    """How the comment stood in the system that it was imported from (`imports.Stood`); empty in
    every decision that was made here."""


def was_held() -> ColumnElement[bool]:
    """That the policy held the comment, which was not held before, as its index says it: literally,
    as `has_status` does."""
    held: BindParameter[str] = bindparam(None, "held", literal_execute=True)
    return and_(
        Decision.status_after == held,
        Decision.status_before != held,
        Decision.moderator_id.is_(None),
    )


class DecisionNote(OfSite, Base):
    """What a moderator wrote beside a decision. Erased with the comment."""

    __tablename__ = "decision_notes"
    __table_args__ = (of_site("decision_id", table="decisions"),)

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str | None] = mapped_column(Text)


class Explanation(OfSite, Base):
    """What the commenter is told of a block, in a person's words beside the clause's. Erased with
    the comment."""

    __tablename__ = "explanations"
    __table_args__ = (of_site("decision_id", table="decisions"),)

    decision_id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str | None] = mapped_column(Text)
