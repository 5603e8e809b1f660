"""Looking for words, in comments and in names, whatever became of them. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, or_, select, union_all
from sqlalchemy.orm import Session

from moderation.cards import Card, cards
from moderation.models import Comment, Commenter, Revision, first_id
from moderation.paging import PAGE, Rows
from moderation.sql import stands_in, unsorted

WITHIN = timedelta(days=30)
"""How far back is looked."""
LOOKED_THROUGH = 2000
"""So many comments are looked through for one page: no index knows what a moderator will look for,
and a word that nobody wrote would have a month read. Each takes about 7 us, half of them for its
commenter's name, and one of 5,000 characters 16 (measured)."""
WORDS_MAX = 100
"""Characters of what is looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the newest first, and beyond which comment the next page looks on (None:
    all of it was looked through)."""

    cards: list[Card]
    next: UUID | None


def search(
    session: Session,
    site_ids: Collection[UUID],
    words: str,
    *,
    before: UUID | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Found:
    """Comments of these sites in which `words` stand, or whose commenter is called so.

    Capitals make no difference (on SQLite those of ASCII alone). What is erased has no words.
    """
    if not site_ids:
        return Found([], None)
    since = first_id(now - WITHIN)
    walk = _walk(site_ids, since, before, Comment.revision, Comment.commenter_id)
    says = select(walk.c.site_id, walk.c.id).where(is_said(walk.c, words))
    with unsorted(session):
        found = session.execute(says.order_by(walk.c.id.desc()).limit(limit + 1)).all()
        last = found[limit - 1] if len(found) > limit else None
        if last is None:
            bare = _walk(site_ids, since, before)
            ends = select(bare).order_by(bare.c.id.desc()).offset(LOOKED_THROUGH - 1).limit(1)
            last = session.execute(ends).first()
    keys = [(row.site_id, row.id) for row in found[:limit]]
    return Found(cards(session, keys, now=now), last.id if last else None)


def _walk(site_ids: Collection[UUID], since: UUID, before: UUID | None, *also: Any) -> Subquery:
    """The latest LOOKED_THROUGH of all sites together, with `also` these columns.

    Ids sort by the time they were made: that is when the comments came.
    """
    each = [_latest(site_id, since, before, *also).subquery() for site_id in site_ids]
    together = union_all(*(select(latest) for latest in each)).subquery()
    return select(together).order_by(together.c.id.desc()).limit(LOOKED_THROUGH).subquery()


def _latest(site_id: UUID, since: UUID, before: UUID | None, *also: Any) -> Rows:
    latest = (
        select(Comment.site_id, Comment.id, *also)
        .where(Comment.site_id == site_id, Comment.id > since)
        .order_by(Comment.id.desc())
        .limit(LOOKED_THROUGH)
    )
    return latest if before is None else latest.where(Comment.id < before)


def is_said(row: Any, words: str) -> ColumnElement[bool]:
    """The words stand in the comment's newest text, or in its commenter's name.

    `row` has the comment's site_id, id, revision and commenter_id. Both are asked comment by
    comment, and only as far as the page needs: joined, all that is looked through would be read
    first, in whatever way Postgres thinks best of a table that it may not have counted yet.
    """
    text = (
        select(Revision.text)
        .where(
            Revision.site_id == row.site_id,
            Revision.comment_id == row.id,
            Revision.number == row.revision,
        )
        .scalar_subquery()
    )
    name = (
        select(Commenter.name)
        .where(Commenter.site_id == row.site_id, Commenter.id == row.commenter_id)
        .scalar_subquery()
    )
    return or_(stands_in(text, words), stands_in(name, words))
