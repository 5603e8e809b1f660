"""How old the code may be that runs on this database."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from moderation.models.base import Base


class SchemaFloor(Base):
    """The oldest release that may still run on this schema: one row, written by migrations.

    A migration that an older release can live with (a new table, a column that may be empty, an
    index) leaves it alone, so that the schema goes in beside the running release.
    """

    __tablename__ = "schema_floor"

    oldest_code: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The newest migration that that release knows."""
    release: Mapped[str] = mapped_column(String(32))
    """Its version, for the message."""
