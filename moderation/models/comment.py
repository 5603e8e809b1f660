"""A comment, its revisions, their scores, readers' flags, and the receipts of what was posted."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Double,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id, of_site
from moderation.models.tray import Tray, Urgency


class Status(StrEnum):
    """Where a comment stands. Readers see `approved` alone."""

    RECEIVED = "received"
    HELD = "held"
    APPROVED = "approved"
    BLOCKED = "blocked"


MOVED = " AND moved_by IS NOT NULL"
OF_A_COMMENTER = " AND commenter_id IS NOT NULL"
"""Always so. It keeps the index to questions about a commenter: before Postgres has counted, any
index of what is held at a site looks as good to it as that of a tray."""
HELD_FOR_MAX = 2500
"""Bytes: an entry of an index of Postgres has 2704 at most, and `held_for` is one of SIEVED_BY."""
SIEVED_BY = ("commenter_id", "revision", "flags", "worst", "held_for")
"""What the walk along the queue asks of each comment (`queue.walk`)."""


def _held(name: str, *columns: str, also: str = "", beside: tuple[str, ...] = ()) -> Index:
    """An index of what is held alone: it does not grow with the comments that are not. `beside` its
    key it has these columns, on Postgres."""
    where = text(f"status = 'held' AND erased_at IS NULL{also}")
    return Index(
        name,
        "site_id",
        *columns,
        postgresql_where=where,
        sqlite_where=where,
        postgresql_include=[column for column in beside if column not in columns],
    )


class Comment(OfSite, Base):
    """A comment. The row is also its place in the scoring queue: it waits until `judged_at`."""

    __tablename__ = "comments"
    __table_args__ = (
        of_site("story_id", table="stories"),
        of_site("commenter_id", table="commenters"),
        of_site("parent_id", table="comments"),
        UniqueConstraint("site_id", "external_id"),
        CheckConstraint("status IN ('received', 'held', 'approved', 'blocked')", name="status"),
        Index(
            "ix_comments_waiting_of_site",
            "site_id",
            "received_at",
            "id",
            postgresql_where=text("judged_at IS NULL AND erased_at IS NULL"),
            sqlite_where=text("judged_at IS NULL AND erased_at IS NULL"),
        ),
        _held("ix_comments_held", "received_at", "id"),
        # One for each order of the queue, so that a page is read from its end of the index. What it
        # is sieved by lies there too: each of thousands that are looked through for one page is
        # else read from another page of the table.
        _held(
            "ix_comments_queue_urgency", "tray", "urgency", "received_at", "id", beside=SIEVED_BY
        ),
        _held("ix_comments_queue_worst", "tray", "worst", "received_at", "id", beside=SIEVED_BY),
        _held("ix_comments_queue_received", "tray", "received_at", "id", beside=SIEVED_BY),
        _held("ix_comments_held_story", "story_id", "received_at", "id"),
        _held(
            "ix_comments_held_commenter",
            "commenter_id",
            "received_at",
            "id",
            also=OF_A_COMMENTER,
        ),
        _held("ix_comments_moved_by", "moved_by", "received_at", "id", also=MOVED),
        Index(
            "ix_comments_blocked",
            "judged_at",
            postgresql_where=text("status = 'blocked' AND erased_at IS NULL"),
            sqlite_where=text("status = 'blocked' AND erased_at IS NULL"),
        ),
        Index("ix_comments_story", "site_id", "story_id", "posted_at", "id"),
        Index("ix_comments_commenter", "site_id", "commenter_id", "received_at"),
        Index("ix_comments_parent", "site_id", "parent_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    story_id: Mapped[UUID]
    commenter_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    external_id: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16), default=Status.RECEIVED)
    revision: Mapped[int] = mapped_column(default=1)
    """The number of the newest revision; every decision and score names the one it is about."""
    language: Mapped[str | None] = mapped_column(String(16))
    """What the site says the comment is written in. A hint: the text itself is read for it."""
    decision_id: Mapped[UUID | None]
    """The decision in force. A decision made on top of another one is refused (`decisions`)."""
    flags: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime]
    """When the reader wrote it, as the site says; the order of reading."""
    received_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)
    """Held only because something failed: the one case in which a machine judges a held comment
    again."""
    erased_at: Mapped[datetime | None]
    tray: Mapped[str] = mapped_column(
        String(16), default=Tray.WAITING, server_default=Tray.WAITING.value
    )
    """Where it lies while it is held (`trays`)."""
    move_id: Mapped[UUID | None]
    """The move that laid it there, where it was moved; made on top of another one it is refused."""
    moved_by: Mapped[UUID | None]
    """The moderator who laid it there."""
    urgency: Mapped[int] = mapped_column(
        SmallInteger, default=Urgency.LIVE, server_default=str(Urgency.LIVE.value)
    )
    """What the queue sorts by first. As `worst` and `held_for` written when it is held (`triage`);
    of no meaning for what is not."""
    worst: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    """Its highest score, 0..1; 0 as well where nothing has scored it."""
    held_for: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the filters ask for, as ` clause:profanity signal:links language:en `. At most
    HELD_FOR_MAX characters, of ASCII alone."""
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]


def has_status(status: Status) -> ColumnElement[bool]:
    """`comments.status = '<status>'` as a literal in the SQL.

    As a bound parameter a generic plan of Postgres could not use the partial index.
    """
    return Comment.status == bindparam(None, str(status), literal_execute=True)


def lies_in(tray: Tray) -> ColumnElement[bool]:
    """`comments.tray = '<tray>'` as a literal: how full each is differs too much for one plan."""
    return Comment.tray == bindparam(None, str(tray), literal_execute=True)


class Revision(OfSite, Base):
    """The words of a comment; an edit adds one. The only place where they lie."""

    __tablename__ = "revisions"
    __table_args__ = (
        of_site("comment_id", table="comments"),
        Index("ix_revisions_fingerprint", "site_id", "fingerprint", "created_at"),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str | None] = mapped_column(Text)
    """Empty once erased."""
    language: Mapped[str | None] = mapped_column(String(16))
    """As detected when it was scored; empty: not scored yet, or nobody can tell."""
    fingerprint: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[str | None] = mapped_column(String(64))
    """The request that brought it: with this the logs lead from the door to the decision."""
    created_at: Mapped[datetime]


class Score(OfSite, Base):
    """What one model said of one revision: every attribute 0..1."""

    __tablename__ = "scores"
    __table_args__ = (
        of_site("comment_id", "revision", table="revisions", keys=("comment_id", "number")),
        Index("ix_scores_worst", "site_id", "worst"),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model_version: Mapped[str] = mapped_column(String(64), primary_key=True)
    model: Mapped[str] = mapped_column(String(200))
    attributes: Mapped[dict[str, Any]]
    quoted: Mapped[dict[str, Any] | None]
    """The scores of words quoted from others, kept apart: they never block."""
    worst: Mapped[float]
    scored_at: Mapped[datetime]


class Spans(OfSite, Base):
    """Which words carry a score for which a comment is held or blocked. The row is also its place
    in the queue of those whose words are looked for: it waits as long as it has a `due`."""

    __tablename__ = "spans"
    __table_args__ = (
        of_site(
            "comment_id",
            "revision",
            "model_version",
            table="scores",
            keys=("comment_id", "revision", "model_version"),
        ),
        Index(
            "ix_spans_due",
            "due",
            postgresql_where=text("due IS NOT NULL"),
            sqlite_where=text("due IS NOT NULL"),
        ),
    )

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    model_version: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked: Mapped[list[str]]
    """The attributes whose words are looked for: those that the verdict names."""
    found: Mapped[dict[str, Any] | None]
    """For each attribute [[start, end, share], ...]: offsets in code points into the revision's
    text, and which part of the score these words carry, 0..1. NULL: nobody has looked (yet)."""
    due: Mapped[datetime | None]
    """From when on a worker may look for them. In the future: one is at it, or was killed."""
    tries: Mapped[int]


class Flag(OfSite, Base):
    """A reader's report, one per reader and comment; its words are never public, never scored."""

    __tablename__ = "flags"
    __table_args__ = (of_site("comment_id", table="comments"),)

    comment_id: Mapped[UUID] = mapped_column(primary_key=True)
    reader_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(32))
    text: Mapped[str | None] = mapped_column(Text)
    flagged_at: Mapped[datetime]


class Receipt(OfSite, Base):
    """That a comment was taken in under this key: a repeat answers the same one.

    `key_hash` is SHA-256 over `key:<Idempotency-Key>` or `id:<external id>`; `body_hash` over the
    submission. Both outlive the comment's deletion, so that a late repeat does not bring it back.
    So do those of blocks that are imported (`block:`), which are about no comment.
    """

    __tablename__ = "receipts"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    comment_id: Mapped[UUID]
    received_at: Mapped[datetime]
