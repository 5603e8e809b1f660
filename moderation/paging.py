"""Pages that follow keys (when, and the id), never offsets.

An offset reads everything before it, and a decision made meanwhile would shift the rest of the
page under the reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, select, tuple_, union_all
from sqlalchemy.orm import Session

PAGE = 20
"""Cards or lines on one page."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[UUID, UUID]
"""A site's id and the id of its row."""
Rows = Select[*tuple[Any, ...]]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one begins beyond it. As text it travels in addresses."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The place that `str` wrote; ValueError for anything else."""
        microseconds, _, row_id = text.partition("-")
        try:
            return cls(EPOCH + timedelta(microseconds=int(microseconds)), UUID(hex=row_id))
        except OverflowError:
            raise ValueError("no such moment") from None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page, and where the next one begins (None: this is the last)."""

    items: Sequence[Item]
    next: Place | None


def beyond(
    query: Rows, at: Any, row_id: Any, place: Place | None, limit: int, descending: bool
) -> Rows:
    """The part of `query` beyond a place, one row more than the page takes."""
    if place is not None:
        key = tuple_(at, row_id)
        query = query.where(
            key < (place.at, place.id) if descending else key > (place.at, place.id)
        )
    return query.order_by(*_ordered(at, row_id, descending)).limit(limit + 1)


def _ordered(at: Any, row_id: Any, descending: bool) -> tuple[Any, Any]:
    return (at.desc(), row_id.desc()) if descending else (at, row_id)


def first_of(
    session: Session, queries: Sequence[Rows], limit: int, descending: bool
) -> tuple[list[Key], Place | None]:
    """The first `limit` keys of all queries together, and where they end if there are more.

    One query a site, each read from its own end of the index: `site_id IN (...)` would sort
    everything that waits at all of them.
    """
    if not queries:
        return [], None
    rows = union_all(*(select(query.subquery()) for query in queries)).subquery()
    found = session.execute(
        select(rows).order_by(*_ordered(rows.c.at, rows.c.id, descending)).limit(limit + 1)
    ).all()
    last = found[limit - 1] if len(found) > limit else None
    return (
        [(row.site_id, row.id) for row in found[:limit]],
        Place(last.at, last.id) if last else None,
    )
