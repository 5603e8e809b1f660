"""What was counted of a site's days that are over."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base, OfSite


class SiteDay(OfSite, Base):
    """One day of a site in figures, to be shown without counting again. All of it follows from
    other rows, and is made anew from them (`site_days`): counts, times and keys of clauses, neither
    words nor persons."""

    __tablename__ = "site_days"
    __table_args__ = (ForeignKeyConstraint(["site_id"], ["sites.id"]),)

    day: Mapped[date] = mapped_column(primary_key=True)
    """By UTC."""
    counted: Mapped[dict[str, Any]]
    """As `site_figures.KEPT` reads it."""
    counted_at: Mapped[datetime]
