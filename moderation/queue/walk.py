"""The walk along what is held: so many rows from one place on, each held against a sieve."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, not_, or_, select, union_all
from sqlalchemy.orm import Session

from moderation.models import Comment, Revision
from moderation.paging import Place, Rows, beyond
from moderation.queue import search
from moderation.queue.looks import EVERYTHING, Look, Order, Sieve
from moderation.queue.triage import mark
from moderation.sql import past_orm, unbound

WRITER = unbound(Comment.commenter_id)
FOLDED_BY = (Comment.revision, WRITER)
"""What is read of each comment to fold it, beside its fingerprint."""


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that were looked for, where a next page begins, if there may be one, and how many
    fit, where that was counted."""

    rows: Sequence[Any]
    next: Place | None
    fitting: int | None = None


def found(
    session: Session,
    piles: Sequence[Rows],
    look: Look,
    *,
    to_fold: bool = False,
    to_count: bool = False,
) -> Found:
    """What is looked for in these piles (one at least).

    `to_fold`: with what the rows are folded by, their commenter and their words' fingerprint;
    `to_count`: with how many fit, on the first page of what is sieved, unless that would read the
    words of all that is looked through.
    """
    sifts = _sifts(look)
    most = look.sieve.looked_through if sifts else look.limit + 1
    first = _walk(piles, look, most, also=FOLDED_BY if to_fold else ())
    if sifts:
        fits = select(first).where(*_fits(first.c, look), *_says(first.c, look.sieve))
        if to_count and _is_counted(look):
            # Beside the rows: to walk along all that is looked through twice takes twice as long.
            fits = fits.add_columns(func.count().over().label("fitting"))
        first = fits.order_by(*look.order.by(first.c)).limit(look.limit + 1).subquery()
    shown = (first, fingerprint(first.c).label("fingerprint")) if to_fold else (first,)
    in_order = select(*shown).order_by(*look.order.by(first.c))
    rows = past_orm(session).execute(in_order).all()
    last = rows[look.limit - 1] if len(rows) > look.limit else None
    if last is None and sifts:  # all that was looked through, and perhaps not all that waits
        bare = _walk(piles, look, most, bare=True)
        ends = select(bare).order_by(*look.order.by(bare.c)).offset(most - 1).limit(1)
        last = session.execute(ends).first()
    return Found(
        rows[: look.limit],
        look.order.place(last) if last else None,
        _fitting(session, piles, look, rows) if to_count else None,
    )


def _fitting(
    session: Session, piles: Sequence[Rows], look: Look, rows: Sequence[Any]
) -> int | None:
    """How many fit, of which these rows are the first."""
    if look.after is None and look.sieve != EVERYTHING and len(rows) < look.limit:
        return len(rows)
    if not _is_counted(look):
        return None
    if _sifts(look):
        return int(rows[0].fitting)
    walk = _walk(piles, look, look.sieve.looked_through)
    return session.scalar(select(func.count()).select_from(walk)) or 0


def _is_counted(look: Look) -> bool:
    """Whether it is said how many fit: on the first page of what is sieved, words unread."""
    sieve = look.sieve
    return look.after is None and sieve != EVERYTHING and not sieve.reads_words


def fingerprint(row: Any) -> Any:
    """That of the newest words, asked comment by comment, as `search.is_said` asks.

    `row` has the comment's site_id, id and revision.
    """
    return (
        select(Revision.fingerprint)
        .where(
            Revision.site_id == row.site_id,
            Revision.comment_id == row.id,
            Revision.number == row.revision,
        )
        .scalar_subquery()
    )


def _walk(
    piles: Sequence[Rows],
    look: Look,
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
    order = look.order
    beside = [
        *([] if order.rank is None else [order.rank]),
        *([] if bare else _asked(look)),
    ]
    beside += [column for column in also if column not in set(beside)]
    parts = [
        beyond(
            pile.add_columns(*beside).where(*_narrows(look)),
            Comment.received_at,
            Comment.id,
            look.after,
            most - 1,
            order.descending,
            rank=order.rank,
        ).subquery()
        for pile in piles
    ]
    if len(parts) == 1:
        return parts[0]
    together = union_all(*(select(part) for part in parts)).subquery()
    return select(together).order_by(*order.by(together.c)).limit(most).subquery()


def _narrows(look: Look) -> list[ColumnElement[bool]]:
    """What an index finds: the walk goes through these alone."""
    order, sieve = look.order, look.sieve
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


def _asked(look: Look) -> list[Any]:
    """The columns that are asked of each comment that the walk comes by."""
    order, sieve = look.order, look.sieve
    asked = {
        Comment.held_for: sieve.clause or sieve.signal or sieve.languages,
        Comment.flags: sieve.reported,
        Comment.worst: order is not Order.WORST
        and (sieve.worst_from, sieve.worst_to) != (None, None),
        Comment.revision: sieve.reads_words,
        WRITER: sieve.words,
    }
    return [column for column, wanted in asked.items() if wanted]


def _sifts(look: Look) -> bool:
    """Whether the walk comes by what is not wanted."""
    return bool(_asked(look)) or _asks_the_age(look)


def _asks_the_age(look: Look) -> bool:
    """Whether the walk comes by what is too young: its index goes by something else first."""
    return look.order.rank is not None and look.sieve.received_before is not None


def _fits(row: Any, look: Look) -> list[ColumnElement[bool]]:
    """What is asked of each row that the walk comes by, words aside."""
    order, sieve = look.order, look.sieve
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
    if _asks_the_age(look):
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
    """What is asked of its words."""
    says = [search.is_said(row, sieve.words)] if sieve.words else []
    if sieve.fingerprint is not None:
        says.append(fingerprint(row) == sieve.fingerprint)
    return says
