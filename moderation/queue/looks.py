"""What of the held comments is looked at: which, in which order, from where on. Values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from moderation.models import Comment
from moderation.paging import CARDS, Place, ordered
from moderation.queue import search

LOOKED_THROUGH = 5000
"""So many of what waits are held against a sieve for one page. A sieve that lets next to nothing
through would otherwise read all that waits, and take the longer the more that is."""


class Order(StrEnum):
    """Which of the held comments comes first."""

    URGENT = "urgent"
    """Threats, then what readers reported, then live stories, then the rest; each by age."""
    OLDEST = "oldest"
    NEWEST = "newest"
    WORST = "worst"
    """The highest score first, the newest of equals."""

    @property
    def rank(self) -> Any:
        """The column that it sorts by before the moment, or None."""
        return {Order.URGENT: Comment.urgency, Order.WORST: Comment.worst}.get(self)

    @property
    def descending(self) -> bool:
        """Whether the last of its index comes first."""
        return self in {Order.NEWEST, Order.WORST}

    def by(self, columns: Any) -> Sequence[Any]:
        """The ORDER BY of these columns of comments."""
        key: tuple[Any, ...] = (columns.received_at, columns.id)
        if self.rank is not None:
            key = (columns[self.rank.key], *key)
        return ordered(*key, descending=self.descending)

    def place(self, row: Any) -> Place:
        """Where this row of comments lies."""
        rank = None if self.rank is None else getattr(row, self.rank.key)
        return Place(row.received_at, row.id, rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sieve:
    """Which of the held comments are wanted; what is empty lets all of them through.

    `words` stand in the comment, or in its commenter's name. `clause` is one that it may break,
    first or not; `signal` a `SignalKind`, a `policy.Reason`, `standing` or `flags`; `languages` are
    codes, one of which was detected, or, `or_unknown`, none was; `fingerprint` is that of its
    newest words; `besides` a comment that is left out; `worst_from` and `worst_to` bound its
    highest score, 0..1, both inclusive.
    """

    words: str | None = None
    clause: str | None = None
    signal: str | None = None
    languages: tuple[str, ...] = ()
    or_unknown: bool = False
    story_id: UUID | None = None
    commenter_id: UUID | None = None
    fingerprint: int | None = None
    besides: UUID | None = None
    received_before: datetime | None = None
    reported: bool = False
    worst_from: float | None = None
    worst_to: float | None = None

    @property
    def reads_words(self) -> bool:
        """Whether the words of each comment are looked at."""
        return self.words is not None or self.fingerprint is not None

    @property
    def looked_through(self) -> int:
        """How many of what waits are held against it for one page: fewer where texts are read."""
        return search.LOOKED_THROUGH if self.reads_words else LOOKED_THROUGH


EVERYTHING = Sieve()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One page: the first `limit` that the sieve lets through beyond `after`, in this order."""

    order: Order = Order.OLDEST
    sieve: Sieve = EVERYTHING
    after: Place | None = None
    limit: int = CARDS
