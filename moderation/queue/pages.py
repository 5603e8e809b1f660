"""What waits for a moderator, and in which order. Reads only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Uuid,
    bindparam,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from moderation import leases
from moderation.cards import Card, cards
from moderation.models import (
    Appeal,
    Comment,
    Commenter,
    Decision,
    Instant,
    Lease,
    Notice,
    Revision,
    Site,
    Status,
    Story,
    Tray,
    has_status,
    lies_in,
)
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, ordered
from moderation.queue import search
from moderation.queue.bundles import bundled
from moderation.queue.triage import mark
from moderation.sql import past_orm

Named = TypeVar("Named", Story, Commenter)
COUNTED_TO = 1000
"""Counts stop here: counting everything that waits is what makes such pages slow."""
LOOKED_THROUGH = 5000
"""So many of what waits are held against a sieve for one page. A sieve that lets next to nothing
through would otherwise read all that waits, and take the longer the more that is."""
FOLDED_AMONG = 200
"""So many of what waits are looked at for one page of bundles: no more are folded under a card than
can be decided at once (`together.MOST`)."""
FOLDED_BY = (Comment.revision, Comment.commenter_id)
"""What is read of each comment to fold it, beside its fingerprint."""
DECIDED_WITHIN = timedelta(days=1)
"""What the count of decided comments counts."""


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


EVERYTHING = Sieve()


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


@dataclass(frozen=True, slots=True)
class Tabs:
    """How many comments lie where, each counted to COUNTED_TO + 1 a site (that is: more).

    `waiting` by site, of all that were asked for; the others of those that are shown, `total` of
    what waits there.
    """

    waiting: Mapping[UUID, int]
    total: int
    later: int
    escalated: int
    mine: int
    appeals: int
    notices: int
    decided: int


def looked_through(sieve: Sieve) -> int:
    """How many of what waits are held against it for one page: fewer where texts are to be read."""
    return search.LOOKED_THROUGH if sieve.reads_words else LOOKED_THROUGH


def waiting(
    session: Session,
    site_ids: Collection[UUID],
    *,
    tray: Tray = Tray.WAITING,
    order: Order = Order.OLDEST,
    sieve: Sieve = EVERYTHING,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[Card]:
    """The held comments in these sites' trays beyond `after`, each with all that its card shows.

    A page may have less than `limit` and still a next one: then it has looked through
    `looked_through`, and the next one looks further.
    """
    piles = [_held(site_id).where(lies_in(tray)) for site_id in site_ids]
    return _page(session, piles, order, sieve, after, limit, now)


def waiting_in_bundles(
    session: Session,
    site_ids: Collection[UUID],
    *,
    order: Order = Order.OLDEST,
    sieve: Sieve = EVERYTHING,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[BundleCard]:
    """The same of what waits, folded: as many cards as on any page, each with what is like it, or
    by a commenter with a backlog, among the next FOLDED_AMONG.

    Nothing that waits is left out: it is a card of some page, or is folded under one of the page.
    What is folded here and lies beyond the page's last card is seen there again, unless it is
    decided first: rather twice than never.
    """
    piles = [_held(site_id).where(lies_in(Tray.WAITING)) for site_id in site_ids]
    return _in_bundles(session, piles, order, sieve, after, limit, now)


def _in_bundles(
    session: Session,
    piles: Sequence[Rows],
    order: Order,
    sieve: Sieve,
    after: Place | None,
    limit: int,
    now: datetime,
) -> Page[BundleCard]:
    if not piles:
        return Page([], None)
    found, end = _found(session, piles, order, sieve, after, FOLDED_AMONG, to_fold=True)
    fits = _how_many(session, piles, order, sieve, after, found, FOLDED_AMONG)
    bundles, covered = bundled(found, limit)
    shown = cards(session, _keys(found[bundle.first] for bundle in bundles), now=now)
    if covered < len(found):
        end = _place(found[covered - 1], order)
    items = [
        BundleCard(card, len(bundle.alike), len(bundle.by_them))
        for card, bundle in zip(shown, bundles, strict=True)
    ]
    return Page(items, end, fits)


def in_hand(
    session: Session,
    site_ids: Collection[UUID],
    *,
    moderator_id: UUID,
    order: Order = Order.URGENT,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[BundleCard]:
    """What waits and this moderator has open: dealt to them (`dealing`), or looked at just now.
    Folded as what waits."""
    piles = [_opened(site_id, moderator_id).where(lies_in(Tray.WAITING)) for site_id in site_ids]
    return _in_bundles(session, piles, order, EVERYTHING, after, limit, now)


def fit_to_deal(
    session: Session, site_ids: Collection[UUID], *, languages: Sequence[str], most: int
) -> list[list[Key]]:
    """The first bundles of what waits and nobody has open, urgent ones first: of each the keys, the
    one that is its card first. In these languages (empty: any), or in one that nobody knows.
    """
    is_free = (lies_in(Tray.WAITING), ~leases.is_open())
    piles = [_held(site_id).where(*is_free) for site_id in site_ids]
    if not piles:
        return []
    sieve = Sieve(languages=tuple(languages), or_unknown=True)
    found, _ = _found(session, piles, Order.URGENT, sieve, None, FOLDED_AMONG, to_fold=True)
    keys = _keys(found)
    return [[keys[place] for place in one.places] for one in bundled(found, most)[0]]


def count_in_hand(session: Session, site_ids: Collection[UUID], *, moderator_id: UUID) -> int:
    """How many cards `in_hand` shows."""
    piles = [_opened(site_id, moderator_id).where(lies_in(Tray.WAITING)) for site_id in site_ids]
    if not piles:
        return 0
    found, _ = _found(session, piles, Order.URGENT, EVERYTHING, None, FOLDED_AMONG, to_fold=True)
    return len(bundled(found, FOLDED_AMONG)[0])


def mine(
    session: Session,
    site_ids: Collection[UUID],
    *,
    moderator_id: UUID,
    order: Order = Order.OLDEST,
    sieve: Sieve = EVERYTHING,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[Card]:
    """What is with this moderator: the held comments that they have open just now, left for later
    or escalated. As `waiting`.
    """
    piles = [pile for site_id in site_ids for pile in _with(site_id, moderator_id)]
    return _page(session, piles, order, sieve, after, limit, now)


def _held(site_id: Any) -> Rows:
    """What is held at a site: its key, of which an index has all."""
    return select(Comment.site_id, Comment.id, Comment.received_at).where(
        Comment.site_id == site_id,
        has_status(Status.HELD),
        Comment.erased_at.is_(None),
    )


def _with(site_id: Any, moderator_id: Any) -> tuple[Rows, Rows]:
    """The two piles of a moderator: what they moved, and what else they have open. Each has an
    index of its own; together they would have none."""
    return (
        _held(site_id).where(Comment.moved_by == moderator_id),
        _opened(site_id, moderator_id).where(
            or_(Comment.moved_by.is_(None), Comment.moved_by != moderator_id)
        ),
    )


def _opened(site_id: Any, moderator_id: Any) -> Rows:
    """What is held and the moderator has open."""
    return _held(site_id).join(Lease, leases.on_comment()).where(Lease.moderator_id == moderator_id)


def _page(
    session: Session,
    piles: Sequence[Rows],
    order: Order,
    sieve: Sieve,
    after: Place | None,
    limit: int,
    now: datetime,
) -> Page[Card]:
    if not piles:
        return Page([], None)
    found, end = _found(session, piles, order, sieve, after, limit)
    fits = _how_many(session, piles, order, sieve, after, found, limit)
    return Page(cards(session, _keys(found), now=now), end, fits)


def _found(
    session: Session,
    piles: Sequence[Rows],
    order: Order,
    sieve: Sieve,
    after: Place | None,
    limit: int,
    *,
    to_fold: bool = False,
) -> tuple[Sequence[Any], Place | None]:
    """The first `limit` rows beyond a place that the sieve lets through, and where a next page
    begins, if there may be one.

    `to_fold`: with what they are folded by, their commenter and their words' fingerprint.
    """
    sifts = bool(_asked(sieve, order))
    most = looked_through(sieve) if sifts else limit + 1
    walk = _walk(piles, order, sieve, after, most, also=FOLDED_BY if to_fold else ())
    key = ordered(*_key(walk, order), descending=order.descending)
    fitting = select(walk).where(*_fits(walk.c, order, sieve), *_says(walk.c, sieve))
    fitting = fitting.order_by(*key).limit(limit + 1)
    if to_fold:
        first = fitting.subquery()
        fitting = select(first, _fingerprint(first.c).label("fingerprint")).order_by(
            *ordered(*_key(first, order), descending=order.descending)
        )
    found = session.execute(fitting).all()
    last = found[limit - 1] if len(found) > limit else None
    if last is None and sifts:  # all that was looked through, and perhaps not all that waits
        bare = _walk(piles, order, sieve, after, most, bare=True)
        key = ordered(*_key(bare, order), descending=order.descending)
        last = session.execute(select(bare).order_by(*key).offset(most - 1).limit(1)).first()
    return found[:limit], _place(last, order) if last else None


def _how_many(
    session: Session,
    piles: Sequence[Rows],
    order: Order,
    sieve: Sieve,
    after: Place | None,
    found: Sequence[Any],
    limit: int,
) -> int | None:
    """How many fit, on the first page of what is sieved; None where counting them would read the
    words of all that is looked through."""
    if after is not None or sieve == EVERYTHING:
        return None
    if len(found) < limit:
        return len(found)
    return None if sieve.reads_words else _count(session, piles, order, sieve)


def _keys(rows: Iterable[Any]) -> list[Key]:
    return [(row.site_id, row.id) for row in rows]


def _count(session: Session, piles: Sequence[Rows], order: Order, sieve: Sieve) -> int:
    """How many of the first LOOKED_THROUGH the sieve lets through, words aside."""
    walk = _walk(piles, order, sieve, None, LOOKED_THROUGH)
    fitting = select(literal(1)).select_from(walk).where(*_fits(walk.c, order, sieve))
    return session.scalar(select(func.count()).select_from(fitting.subquery())) or 0


def _walk(
    piles: Sequence[Rows],
    order: Order,
    sieve: Sieve,
    after: Place | None,
    most: int,
    *,
    bare: bool = False,
    also: Sequence[Any] = (),
) -> Subquery:
    """The first `most` of all piles together beyond a place, with what they are sieved by, and
    `also` these columns; `bare` without.

    One query a pile, each read from its own end of the index: `site_id IN (...)` would sort
    everything that waits at all of them.
    """
    beside = [
        *([] if order.rank is None else [order.rank]),
        *([] if bare else _asked(sieve, order)),
    ]
    beside += [column for column in also if column not in set(beside)]
    parts = [
        beyond(
            pile.add_columns(*beside).where(*_narrows(order, sieve)),
            Comment.received_at,
            Comment.id,
            after,
            most - 1,
            order.descending,
            rank=order.rank,
        ).subquery()
        for pile in piles
    ]
    if len(parts) == 1:
        return parts[0]
    together = union_all(*(select(part) for part in parts)).subquery()
    key = ordered(*_key(together, order), descending=order.descending)
    return select(together).order_by(*key).limit(most).subquery()


def _asked(sieve: Sieve, order: Order) -> list[Any]:
    """The columns that are asked of each comment that the walk comes by."""
    asked = {
        Comment.held_for: sieve.clause or sieve.signal or sieve.languages,
        Comment.flags: sieve.reported,
        Comment.worst: order is not Order.WORST
        and (sieve.worst_from, sieve.worst_to) != (None, None),
        Comment.revision: sieve.reads_words,
        Comment.commenter_id: sieve.words,
    }
    return [column for column, wanted in asked.items() if wanted]


def _key(walk: Subquery, order: Order) -> tuple[Any, ...]:
    key = (walk.c.received_at, walk.c.id)
    return key if order.rank is None else (walk.c[order.rank.key], *key)


def _place(row: Any, order: Order) -> Place:
    rank = None if order.rank is None else getattr(row, order.rank.key)
    return Place(row.received_at, row.id, rank)


def _narrows(order: Order, sieve: Sieve) -> list[ColumnElement[bool]]:
    """What an index finds: the walk goes through these alone."""
    narrows: list[ColumnElement[bool]] = []
    if sieve.besides is not None:
        narrows.append(Comment.id != sieve.besides)
    if sieve.story_id is not None:
        narrows.append(Comment.story_id == sieve.story_id)
    if sieve.commenter_id is not None:
        narrows.append(Comment.commenter_id == sieve.commenter_id)
    if order.rank is None and sieve.received_before is not None:
        narrows.append(Comment.received_at <= sieve.received_before)
    if order is Order.WORST and sieve.worst_from is not None:
        narrows.append(Comment.worst >= sieve.worst_from)
    if order is Order.WORST and sieve.worst_to is not None:
        narrows.append(Comment.worst <= sieve.worst_to)
    return narrows


def _fits(row: Any, order: Order, sieve: Sieve) -> list[ColumnElement[bool]]:
    """What is asked of each row that the walk comes by."""
    marks = {"clause": sieve.clause, "signal": sieve.signal}
    fits: list[ColumnElement[bool]] = [
        row.held_for.contains(mark(kind, value), autoescape=True)
        for kind, value in marks.items()
        if value is not None
    ]
    if sieve.languages:
        fits.append(_is_in(row, sieve))
    if sieve.reported:
        fits.append(row.flags > 0)
    if order.rank is not None and sieve.received_before is not None:
        fits.append(row.received_at <= sieve.received_before)
    if order is not Order.WORST and sieve.worst_from is not None:
        fits.append(row.worst >= sieve.worst_from)
    if order is not Order.WORST and sieve.worst_to is not None:
        fits.append(row.worst <= sieve.worst_to)
    return fits


def _is_in(row: Any, sieve: Sieve) -> ColumnElement[bool]:
    """One of the languages was detected; or none was, if that will do."""
    read = [
        row.held_for.contains(mark("language", code), autoescape=True) for code in sieve.languages
    ]
    if sieve.or_unknown:
        read.append(not_(row.held_for.contains(" language:", autoescape=True)))
    return or_(*read)


def _says(row: Any, sieve: Sieve) -> list[ColumnElement[bool]]:
    says = [search.is_said(row, sieve.words)] if sieve.words else []
    if sieve.fingerprint is not None:
        says.append(_fingerprint(row) == sieve.fingerprint)
    return says


def _fingerprint(row: Any) -> Any:
    """That of the newest words, asked comment by comment, as `search.is_said` asks."""
    return (
        select(Revision.fingerprint)
        .where(
            Revision.site_id == row.site_id,
            Revision.comment_id == row.id,
            Revision.number == row.revision,
        )
        .scalar_subquery()
    )


def tabs(
    session: Session,
    site_ids: Collection[UUID],
    *,
    shown: Collection[UUID],
    moderator_id: UUID,
    now: datetime,
) -> Tabs:
    """How many comments lie where: in one query, however many sites there are."""
    asked = {
        "sites": list(site_ids),
        "shown": list(shown),
        "moderator": moderator_id,
        "since": now - DECIDED_WITHIN,
    }
    counted = past_orm(session).execute(_TABS, asked).all()

    def total(name: str) -> int:
        return sum(getattr(row, name) or 0 for row in counted)

    return Tabs(
        {row.site_id: row.waiting for row in counted},
        sum(row.waiting for row in counted if row.site_id in shown),
        total("later"),
        total("escalated"),
        total("moved") + total("opened"),
        total("appeals"),
        total("notices"),
        total("decided"),
    )


def _capped(rows: Rows) -> Any:
    some = rows.with_only_columns(literal(1)).limit(COUNTED_TO + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _tabs() -> Select[Any]:
    """Every count of every site, those of the trays only where they are shown."""
    held = _held(Site.id).correlate(Site)
    moved, opened = _with(Site.id, bindparam("moderator", type_=Uuid()))
    decided = select(Decision.id).where(
        Decision.site_id == Site.id,
        Decision.moderator_id.is_not(None),
        Decision.decided_at > bindparam("since", type_=Instant()),
    )
    noticed = select(Notice.id).where(Notice.site_id == Site.id, Notice.outcome.is_(None))
    appealed = select(Appeal.id).where(Appeal.site_id == Site.id, Appeal.outcome.is_(None))
    trays = {
        "later": held.where(lies_in(Tray.LATER)),
        "escalated": held.where(lies_in(Tray.ESCALATED)),
        "moved": moved,
        "opened": opened,
        "appeals": appealed,
        "notices": noticed,
        "decided": decided,
    }
    is_shown = Site.id.in_(bindparam("shown", expanding=True))
    return select(
        Site.id.label("site_id"),
        _capped(held.where(lies_in(Tray.WAITING))).label("waiting"),
        *(
            case((is_shown, _capped(rows.correlate(Site)))).label(name)
            for name, rows in trays.items()
        ),
    ).where(Site.id.in_(bindparam("sites", expanding=True)))


_TABS = _tabs()
"""Made once: it takes longer to put together than to answer."""


def counts(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many comments are held at each site, counted to COUNTED_TO + 1 (that is: more)."""
    return {site_id: session.scalar(select(_capped(_held(site_id)))) or 0 for site_id in site_ids}


def oldest(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, datetime | None]:
    """Since when the oldest comment waits at each site; None where none does."""
    return {
        site_id: session.scalar(_held(site_id).with_only_columns(func.min(Comment.received_at)))
        for site_id in site_ids
    }


def fingerprint_of(session: Session, comment_id: UUID, site_ids: Collection[UUID]) -> int | None:
    """That of the newest words of a comment, if one of these sites has it, and it has words."""
    return session.scalar(
        select(_fingerprint(Comment)).where(Comment.site_id.in_(site_ids), Comment.id == comment_id)
    )


def named(
    session: Session,
    kind: type[Named],
    row_id: UUID,
    site_ids: Collection[UUID],
) -> Named | None:
    """The story or commenter of that id, if one of these sites has it."""
    return session.scalar(select(kind).where(kind.site_id.in_(site_ids), kind.id == row_id))
