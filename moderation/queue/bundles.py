"""Held comments that are looked at as one: the same words again, or one commenter's backlog. Pure.

They are looked for among the rows that a page of the queue reads anyway. To look through all that
waits would take the longer the more that is, and a raid of thousands is when it must not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

BACKLOG = 4
"""So many of one commenter are a backlog: two or three are read sooner than unfolded."""


class Waiting(Protocol):
    """A held comment, as far as it matters here."""

    @property
    def site_id(self) -> UUID: ...
    @property
    def id(self) -> UUID: ...
    @property
    def commenter_id(self) -> UUID: ...
    @property
    def fingerprint(self) -> int | None:
        """Of its newest words (`signals.fingerprint`): the same for words that differ in form
        only. None: nobody knows."""


@dataclass(slots=True)
class Bundle:
    """The first of some comments, by its place in the order, and those that are folded under it:
    `alike` with its words, by whomever, `by_them` with others, by its commenter."""

    first: int
    alike: list[int] = field(default_factory=list)
    by_them: list[int] = field(default_factory=list)

    @property
    def places(self) -> list[int]:
        """Where all of them are."""
        return [self.first, *self.alike, *self.by_them]


def bundled(rows: Sequence[Waiting], most: int) -> tuple[list[Bundle], int]:
    """The first `most` bundles of these rows, and how many rows lie before the next one begins.

    What is folded is alike to the very comment that is shown, or by its commenter: never alike to
    another one that is folded itself. So each row before the end of the page is a card or is folded
    under one of it, and one beyond may be folded here, and come again on the next page.
    """
    of_writer = Counter((row.site_id, row.commenter_id) for row in rows)
    by_words: dict[tuple[UUID, int], Bundle] = {}
    by_writer: dict[tuple[UUID, UUID], Bundle] = {}
    bundles: list[Bundle] = []
    covered = len(rows)
    for place, row in enumerate(rows):
        words = None if row.fingerprint is None else (row.site_id, row.fingerprint)
        writer = (row.site_id, row.commenter_id)
        if words is not None and words in by_words:
            by_words[words].alike.append(place)
        elif writer in by_writer:
            by_writer[writer].by_them.append(place)
        elif len(bundles) == most:
            covered = min(covered, place)
        else:
            bundles.append(bundle := Bundle(place))
            if words is not None:
                by_words[words] = bundle
            if of_writer[writer] >= BACKLOG:
                by_writer[writer] = bundle
    return bundles, covered
