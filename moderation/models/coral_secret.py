"""The secrets with which a site's Coral signs what it asks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class CoralSecret(OfSite, Base):
    """One of them, in force until it is removed: while a secret is rolled Coral signs with two."""

    __tablename__ = "coral_secrets"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    secret: Mapped[str] = mapped_column(Text)
    """Sealed (`sealing`): it must be read again to check a signature."""
    hint: Mapped[str] = mapped_column(String(16))
    """Its first letters, by which a person tells secrets apart."""
    added_at: Mapped[datetime]
