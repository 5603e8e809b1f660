"""The publication, its keys, and the versions of the policy it posted."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class Scope(StrEnum):
    """What a key may do."""

    ANALYZE = "analyze"  # have a text scored, nothing stored
    SUBMIT = "submit"  # post, edit and delete comments; flags
    READ = "read"  # comments, stories, decisions, the policy
    MODERATE = "moderate"  # block commenters, close stories
    ADMIN = "admin"  # post a policy; implies every other scope


class Site(Base):
    """A tenant: one publication."""

    __tablename__ = "sites"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(32), default="publish-unless-held")
    hold_everything: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[list[str]] = mapped_column(default=list)
    """ISO 639-1 codes that the site's readers write and its moderators read; empty: whatever the
    model reads. A comment in any other language goes to a person."""
    decisions_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """The number of the site's last decision. Raised under this row's lock by the transaction
    that writes the decision, so that a reader of the feed never passes one that commits late."""
    created_at: Mapped[datetime]
    expire_days: Mapped[int] = mapped_column(default=0, server_default="0")
    """Days after the closing of a story until what is held under it is blocked unreviewed
    (`expiry`); 0: never."""
    spot_share: Mapped[float] = mapped_column(Double, default=0.0, server_default="0")
    """Which share of what the policy approves is drawn for the spot check, 0..1; 0: none is."""
    spot_daily: Mapped[int] = mapped_column(default=20, server_default="20")
    """How many of those drawn the moderators are asked about in a day, at most."""
    hold_budget: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many comments the policy should hold in a day, at most; 0: nobody is warned."""
    figures_of_others: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether leads see each moderator's figures, and not the site's and their own alone."""
    embed_origins: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The pages that may show its comments, as https://daily.example; empty: none."""
    embed_guests: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether readers may comment there whom the site does not vouch for."""
    keep_suggestions: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether verdicts on comments that are not here are kept with their words (`suggestions`)."""


class ApiKey(OfSite, Base):
    """A key of a site: only its hash is kept. SHA-256 is enough: the key is 256 random bits."""

    __tablename__ = "api_keys"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(16))
    """The first letters of the key, by which a person tells keys apart."""
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """Set when another key takes its place: until then both are in force."""
    revoked_at: Mapped[datetime | None]


class EmbedSecret(OfSite, Base):
    """With what a site signs who its readers are, on pages that show its comments. It has to be
    read again: kept encrypted (`sealing`)."""

    __tablename__ = "embed_secrets"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """Set when another takes its place: until then both are in force."""


class PostedPolicy(OfSite, Base):
    """One version of a site's policy, as posted. Never changed in place."""

    __tablename__ = "policies"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str] = mapped_column(Text)
    model_version: Mapped[str] = mapped_column(String(64))
    """The model whose attributes this version was checked against when it was posted."""
    posted_at: Mapped[datetime]


class AuditEntry(OfSite, Base):
    """Who changed what about a site. Ids, numbers and event names, never words.

    It is only added to: triggers of both databases refuse to change or delete a row."""

    __tablename__ = "audit"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        Index("ix_audit_newest", "site_id", "at", "id"),
        Index("ix_audit_by", "site_id", "moderator_id", "at", "id"),
        Index("ix_audit_event", "site_id", "event", "at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    event: Mapped[str] = mapped_column(String(64))
    """In the past tense: `policy_posted`, `key_revoked`, `commenter_blocked` ..."""
    subject: Mapped[dict[str, Any]]
    moderator_id: Mapped[UUID | None] = mapped_column(ForeignKey("moderators.id"))
    """Empty when the site did it, by key or from the command line."""
    at: Mapped[datetime]
