"""The article that carries comments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite, new_id


class Story(OfSite, Base):
    """A story, under the id that the site knows it by; closed once `closed_at` is set."""

    __tablename__ = "stories"
    __table_args__ = (
        ForeignKeyConstraint(["site_id"], ["sites.id"]),
        UniqueConstraint("site_id", "external_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text, default="")
    section: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
