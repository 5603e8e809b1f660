"""What another system decided, told by the site while it has that one still: for comparison."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from moderation.models import Comment, OutsideVerdict
from moderation.sql import insert_or_take_over
from moderation.submission import OutsideDecision


class _Known(NamedTuple):
    """A comment, as far as a verdict of it needs one."""

    id: UUID
    revision: int


def tell(
    session: Session, site_id: UUID, told: Sequence[OutsideDecision], *, now: datetime
) -> list[int]:
    """Note what was decided elsewhere, in place of what was told of these comments before; answers
    the places of those that name no comment of the site. Told twice it is noted once."""
    known = _named(session, site_id, {one.comment for one in told})
    wanted = {
        known[one.comment]: one.status for one in told if one.comment in known
    }  # of several about one comment the last
    noted = {
        (row.comment_id, row.revision): row.status
        for row in session.scalars(
            select(OutsideVerdict).where(
                OutsideVerdict.site_id == site_id,
                OutsideVerdict.comment_id.in_([comment.id for comment in wanted]),
            )
        )
    }
    insert_or_take_over(
        session,
        OutsideVerdict,
        [
            {
                "site_id": site_id,
                "comment_id": comment.id,
                "revision": comment.revision,
                "status": status,
                "told_at": now,
            }
            for comment, status in sorted(wanted.items())
            if noted.get(comment) != status
        ],
        where=true(),
        returning=[OutsideVerdict.comment_id],
    )
    return [place for place, one in enumerate(told) if one.comment not in known]


def _named(session: Session, site_id: UUID, names: Collection[str]) -> Mapping[str, _Known]:
    """Comments by our id or by the site's, as it was given; those that are erased are not known."""
    ids = {}
    for name in names:
        with suppress(ValueError):
            ids[UUID(name)] = name
    found = {}
    for comment_id, external_id, revision in session.execute(
        select(Comment.id, Comment.external_id, Comment.revision).where(
            Comment.site_id == site_id,
            Comment.erased_at.is_(None),
            or_(Comment.external_id.in_(names), Comment.id.in_(ids)),
        )
    ):
        if external_id is not None and external_id in names:
            found[external_id] = _Known(comment_id, revision)
        if comment_id in ids:  # goes before another comment's external id
            found[ids[comment_id]] = _Known(comment_id, revision)
    return found
