"""What every table shares: the declarative base, instants, ids, and the site that owns the row."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def new_id(milliseconds: int | None = None) -> UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then randomness.

    Ids made later sort later (to the millisecond), so that new rows land at the end of an index.
    """
    stamp = time.time_ns() // 1_000_000 if milliseconds is None else milliseconds
    random = secrets.randbits(74)
    return UUID(
        int=(stamp & (2**48 - 1)) << 80
        | 0x7 << 76
        | (random >> 62) << 64
        | 0b10 << 62
        | random & (2**62 - 1)
    )


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. SQLite hands back naive datetimes; this column never does.

    A naive datetime is refused on the way in: which clock it came from cannot be known.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an Instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def first_id(moment: datetime) -> UUID:
    """The lowest id that can be made at that moment: whatever was made since has this or a higher
    one. So rows are found by when they were made in the index of their primary key."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


Json = JSON().with_variant(JSONB(), "postgresql")


class Base(DeclarativeBase):
    """Declarative base; its constraints have names, by which migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: Instant(),
        UUID: Uuid(),
        dict[str, Any]: Json,
        list[str]: Json,
    }


class OfSite:
    """A row that a site owns. Its primary key begins with the site, so that a foreign key to it
    names the site too: another site's row cannot be referred to."""

    site_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-2)


def of_site(*columns: str, table: str, keys: tuple[str, ...] = ("id",)) -> ForeignKeyConstraint:
    """A foreign key that carries the site along: (site_id, *columns) -> table(site_id, *keys)."""
    return ForeignKeyConstraint(
        ["site_id", *columns], [f"{table}.site_id", *(f"{table}.{key}" for key in keys)]
    )
