"""What waits for a moderator, page by page, as cards. Reads only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import leases
from moderation.cards import Card, cards
from moderation.models import Comment, Commenter, Story, Tray, lies_in
from moderation.paging import Key, Page, Rows
from moderation.queue import piles, walk
from moderation.queue.bundles import Bundle, bundled
from moderation.queue.looks import EVERYTHING, Look, Order, Sieve

Named = TypeVar("Named", Story, Commenter)
FOLDED_AMONG = 200
"""So many of what waits are looked at for one page of bundles: no more are folded under a card than
can be decided at once (`together.MOST`)."""
FOLDED_AMONG_WORDS = 60
"""The same where words are looked for. For 200 comments with a word that stands in one of fifteen,
all the texts would be read that are looked through for a page, and that has twelve cards."""
FIRST = Look()
"""The first page of all, the oldest first."""


@dataclass(frozen=True, slots=True)
class BundleCard:
    """A card, and how many of those that come after it are folded under it: `alike` with the same
    words, `by_them` with others by the same commenter (`bundles`)."""

    card: Card
    alike: int = 0
    by_them: int = 0

    @property
    def folds(self) -> bool:
        """Whether anything is folded under it."""
        return self.alike > 0 or self.by_them > 0


def waiting(
    session: Session,
    site_ids: Collection[UUID],
    look: Look = FIRST,
    *,
    tray: Tray = Tray.WAITING,
    now: datetime,
) -> Page[Card]:
    """The held comments in these sites' trays that are looked for, each with all that its card
    shows.

    A page may have less than `look.limit` and still a next one: then it has looked through
    `Sieve.looked_through`, and the next one looks further.
    """
    return _page(session, _lying(site_ids, tray), look, now)


def mine(
    session: Session,
    site_ids: Collection[UUID],
    look: Look = FIRST,
    *,
    moderator_id: UUID,
    now: datetime,
) -> Page[Card]:
    """What is with this moderator: the held comments that they have open just now, left for later
    or escalated. As `waiting`.
    """
    theirs = [pile for site_id in site_ids for pile in piles.with_moderator(site_id, moderator_id)]
    return _page(session, theirs, look, now)


def waiting_in_bundles(
    session: Session, site_ids: Collection[UUID], look: Look = FIRST, *, now: datetime
) -> Page[BundleCard]:
    """The same of what waits, folded: as many cards as on any page, each with what is like it, or
    by a commenter with a backlog, among the next FOLDED_AMONG (FOLDED_AMONG_WORDS).

    Nothing that waits is left out: it is a card of some page, or is folded under one of the page.
    What is folded here and lies beyond the page's last card is seen there again, unless it is
    decided first: rather twice than never.
    """
    return _in_bundles(session, _lying(site_ids, Tray.WAITING), look, now)


def in_hand(
    session: Session, site_ids: Collection[UUID], *, moderator_id: UUID, now: datetime
) -> Page[BundleCard]:
    """What waits and this moderator has open, urgent ones first: dealt to them (`dealing`), or
    looked at just now. Folded as what waits."""
    return _in_bundles(session, _in_hand(site_ids, moderator_id), Look(order=Order.URGENT), now)


def count_in_hand(session: Session, site_ids: Collection[UUID], *, moderator_id: UUID) -> int:
    """How many cards `in_hand` shows."""
    _, bundles = _bundles(session, _in_hand(site_ids, moderator_id), EVERYTHING, FOLDED_AMONG)
    return len(bundles)


def fit_to_deal(
    session: Session, site_ids: Collection[UUID], *, languages: Sequence[str], most: int
) -> list[list[Key]]:
    """The first bundles of what waits and nobody has open, urgent ones first: of each the keys, the
    one that is its card first. In these languages (empty: any), or in one that nobody knows.
    """
    free = [pile.where(~leases.is_open()) for pile in _lying(site_ids, Tray.WAITING)]
    sieve = Sieve(languages=tuple(languages), or_unknown=True)
    rows, bundles = _bundles(session, free, sieve, most)
    keys = _keys(rows)
    return [[keys[place] for place in bundle.places] for bundle in bundles]


def fingerprint_of(session: Session, comment_id: UUID, site_ids: Collection[UUID]) -> int | None:
    """That of the newest words of a comment, if one of these sites has it, and it has words."""
    return session.scalar(
        select(walk.fingerprint(Comment)).where(
            Comment.site_id.in_(site_ids), Comment.id == comment_id
        )
    )


def named(
    session: Session,
    kind: type[Named],
    row_id: UUID,
    site_ids: Collection[UUID],
) -> Named | None:
    """The story or commenter of that id, if one of these sites has it."""
    return session.scalar(select(kind).where(kind.site_id.in_(site_ids), kind.id == row_id))


def _lying(site_ids: Collection[UUID], tray: Tray) -> list[Rows]:
    return [piles.held(site_id).where(lies_in(tray)) for site_id in site_ids]


def _in_hand(site_ids: Collection[UUID], moderator_id: UUID) -> list[Rows]:
    return [
        piles.opened_by(site_id, moderator_id).where(lies_in(Tray.WAITING)) for site_id in site_ids
    ]


def _page(session: Session, lying: Sequence[Rows], look: Look, now: datetime) -> Page[Card]:
    if not lying:
        return Page([], None)
    found = walk.found(session, lying, look, to_count=True)
    return Page(cards(session, _keys(found.rows), now=now), found.next, found.fitting)


def _in_bundles(
    session: Session, lying: Sequence[Rows], look: Look, now: datetime
) -> Page[BundleCard]:
    if not lying:
        return Page([], None)
    wide = replace(look, limit=FOLDED_AMONG_WORDS if look.sieve.words else FOLDED_AMONG)
    found = walk.found(session, lying, wide, to_fold=True, to_count=True)
    rows = found.rows
    bundles, covered = bundled(rows, look.limit)
    end = look.order.place(rows[covered - 1]) if covered < len(rows) else found.next
    shown = cards(session, _keys(rows[bundle.first] for bundle in bundles), now=now)
    items = [
        BundleCard(card, len(bundle.alike), len(bundle.by_them))
        for card, bundle in zip(shown, bundles, strict=True)
    ]
    return Page(items, end, found.fitting)


def _bundles(
    session: Session, lying: Sequence[Rows], sieve: Sieve, most: int
) -> tuple[Sequence[Any], list[Bundle]]:
    """The first `most` bundles, urgent ones first, and the rows that they lie among."""
    if not lying:
        return [], []
    look = Look(order=Order.URGENT, sieve=sieve, limit=FOLDED_AMONG)
    rows = walk.found(session, lying, look, to_fold=True).rows
    return rows, bundled(rows, most)[0]


def _keys(rows: Iterable[Any]) -> list[Key]:
    return [(row.site_id, row.id) for row in rows]
