"""The person at the queue page, the sites they moderate, and their sign-ins.

These rows belong to people, not to a site: one moderator may work for several. Only an invitation
is a site's own.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class Role(StrEnum):
    """What a person is at a site; `roles.MAY` has what each may do there."""

    MODERATOR = "moderator"
    LEAD = "lead"
    ADMIN = "admin"


class Keys(StrEnum):
    """Which keys a moderator's desk listens to."""

    OURS = "ours"
    CORAL = "coral"
    """Those that Coral's moderators have in their fingers."""
    OFF = "off"


class Moderator(Base):
    """A person who signs in. `email` is kept in lower case."""

    __tablename__ = "moderators"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'hy', 'ru')", name="language"),
        CheckConstraint("time_zone <> ''", name="time_zone"),
        CheckConstraint("keys IN ('ours', 'coral', 'off')", name="keys"),
        CheckConstraint("blurs IN (FALSE, TRUE)", name="blurs"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(Text, default="")
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    language: Mapped[str | None] = mapped_column(String(8))
    """Of their desk; None is whatever their browser asks for."""
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    """By its IANA name."""
    keys: Mapped[str] = mapped_column(String(8), default=Keys.OURS, server_default=Keys.OURS)
    blurs: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the words for which a comment is held are blurred until they are looked at."""
    reads: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    """Codes of the languages in which comments are dealt to them; empty: in all."""


class Assignment(Base):
    """That a moderator works for a site."""

    __tablename__ = "assignments"

    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("sites.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16), default=Role.MODERATOR)


class SignIn(Base):
    """A moderator's session at the desk: the browser keeps the token, this row its SHA-256."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the minute; empty where the release before this column began it."""
    client: Mapped[str | None] = mapped_column(String(40))
    """Roughly which browser on what, by which its owner knows it again: "Firefox on Linux"."""


class PasswordReset(Base):
    """A link with which a moderator sets a new password, once; this row keeps its SHA-256.

    It goes when it is used."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), index=True)
    expires_at: Mapped[datetime]


class Invitation(OfSite, Base):
    """A link with which somebody comes to work for a site, once; this row keeps its SHA-256.

    It goes when it is used or withdrawn, or another takes its place: one for each address."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        UniqueConstraint("site_id", "email"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(16))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Authenticator(Base):
    """The secret that a moderator's app makes one-time codes from. No code is asked for until one
    has been seen (`confirmed_at`)."""

    __tablename__ = "authenticators"

    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(Text)
    """Encrypted (`sealing`)."""
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The number, since 1970, of the 30 seconds whose code was taken last: none is taken twice."""


class RecoveryCode(Base):
    """A code that is taken once in place of one from the app; this row keeps its SHA-256, and goes
    when it is used."""

    __tablename__ = "recovery_codes"

    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class Identity(Base):
    """That an account is somebody's whom the provider of the single sign-on calls `subject`; one of
    each for the other."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "moderator_id"),)

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    moderator_id: Mapped[UUID] = mapped_column(ForeignKey("moderators.id"), index=True)
    joined_at: Mapped[datetime]
