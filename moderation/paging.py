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
"""Lines on one page."""
CARDS = 12
"""Cards on one page: to write them takes most of the time that a page takes, and nobody sees more
than four at once."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = tuple[UUID, UUID]
"""A site's id and the id of its row."""
Rows = Select[*tuple[Any, ...]]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the next one begins beyond it. As text it travels in addresses.

    `rank` is what such a page is sorted by before the moment, where it is.
    """

    at: datetime
    id: UUID
    rank: float | None = None

    def __str__(self) -> str:
        place = f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id.hex}"
        return place if self.rank is None else f"{place}-{self.rank!r}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The place that `str` wrote; ValueError for anything else."""
        microseconds, _, rest = text.partition("-")
        row_id, _, rank = rest.partition("-")
        try:
            at = EPOCH + timedelta(microseconds=int(microseconds))
        except OverflowError:
            raise ValueError("no such moment") from None
        return cls(at, UUID(hex=row_id), _number(rank) if rank else None)


def _number(text: str) -> float:
    """As `repr` wrote it: a whole number stays one, as its column wants it."""
    number = int(text) if text.isdigit() else float(text)
    if not 0 <= number < 2**15:  # NaN is not, either
        raise ValueError("no such rank")
    return number


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page, and where the next one begins (None: this is the last). `fitting` is how many fit
    of those that were looked through, where that was counted."""

    items: Sequence[Item]
    next: Place | None
    fitting: int | None = None


def beyond(
    query: Rows,
    at: Any,
    row_id: Any,
    place: Place | None,
    limit: int,
    descending: bool,
    *,
    rank: Any = None,
) -> Rows:
    """The part of `query` beyond a place, one row more than the page takes."""
    key = (at, row_id) if rank is None else (rank, at, row_id)
    if place is not None:
        there: tuple[Any, ...] = (place.at, place.id)
        if rank is not None:
            there = (place.rank, *there)
        query = query.where(tuple_(*key) < there if descending else tuple_(*key) > there)
    return query.order_by(*ordered(*key, descending=descending)).limit(limit + 1)


def ordered(*key: Any, descending: bool) -> Sequence[Any]:
    """The columns of a key as an ORDER BY."""
    return [column.desc() for column in key] if descending else key


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
        select(rows)
        .order_by(*ordered(rows.c.at, rows.c.id, descending=descending))
        .limit(limit + 1)
    ).all()
    last = found[limit - 1] if len(found) > limit else None
    return (
        [(row.site_id, row.id) for row in found[:limit]],
        Place(last.at, last.id) if last else None,
    )
