"""What a comment may repeat: the latest of its commenter, and the site's with the same words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from moderation.models import Comment, Revision
from moderation.sql import given, past_orm, rows

WITHIN = timedelta(days=30)
"""How far back a repeat of an earlier comment is looked for."""
MOST = 20
"""Texts looked at of its commenter, and as many of the site's with the same words."""


class Repeating(Protocol):
    """A comment that may repeat others."""

    @property
    def id(self) -> UUID: ...
    @property
    def commenter_id(self) -> UUID: ...
    @property
    def fingerprint(self) -> int | None: ...
    @property
    def has_twin(self) -> bool:
        """What HAS_TWIN said of it."""


# These statements are made once: to put them together takes as long as to run them.
_twin = aliased(Revision)
HAS_TWIN = (
    select(_twin.comment_id)
    .where(
        _twin.site_id == Revision.site_id,
        _twin.fingerprint == Revision.fingerprint,
        _twin.comment_id < Revision.comment_id,
        _twin.created_at > bindparam("since"),
    )
    .exists()
)
"""Whether an earlier comment at the site, `since` a moment, has the fingerprint of a revision."""
_writers = given(site_id=Uuid, id=Uuid)
_latest = (
    select(
        Comment.site_id,
        Comment.commenter_id,
        Comment.id,
        Comment.revision,
        func.row_number()
        .over(partition_by=Comment.commenter_id, order_by=Comment.received_at.desc())
        .label("nth"),
    )
    .select_from(_writers)
    .join(
        Comment,
        and_(Comment.site_id == _writers.c.site_id, Comment.commenter_id == _writers.c.id),
    )
    .where(Comment.received_at > bindparam("since"), Comment.erased_at.is_(None))
    .subquery()
)
_LATEST_OF_WRITERS = (
    select(_latest.c.commenter_id, _latest.c.id, Revision.text)
    .join(
        Revision,
        and_(
            Revision.site_id == _latest.c.site_id,
            Revision.comment_id == _latest.c.id,
            Revision.number == _latest.c.revision,
        ),
    )
    .where(_latest.c.nth <= bindparam("most"))
)
_TWINS = (
    select(Revision.comment_id, Revision.text)
    .where(
        Revision.site_id == bindparam("site"),
        Revision.fingerprint == bindparam("fingerprint"),
        Revision.comment_id < bindparam("comment"),
        Revision.created_at > bindparam("since"),
    )
    .order_by(Revision.created_at.desc())
    .limit(MOST)
)


def texts(
    session: Session, site_id: UUID, comments: Sequence[Repeating], *, now: datetime
) -> Mapping[UUID, list[str]]:
    """For each comment (by its id) the texts that it may repeat.

    Words of the comment's own earlier revisions are no repeat.
    """
    run, since = past_orm(session).execute, now - WITHIN
    by_commenter = latest_of_writers(session, site_id, comments, now=now)

    by_fingerprint: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    # One by one: a limit for all together would let a flood of one text hide another's repeat.
    for one in (comment for comment in comments if comment.has_twin):
        same = {"site": site_id, "fingerprint": one.fingerprint, "comment": one.id, "since": since}
        by_fingerprint[one.id] = [(other_id, text or "") for other_id, text in run(_TWINS, same)]
    # Ids sort by the time they were made: only what came before can be repeated.
    return {
        comment.id: [
            text
            for other_id, text in by_commenter[comment.commenter_id] + by_fingerprint[comment.id]
            if other_id < comment.id
        ]
        for comment in comments
    }


def latest_of_writers(
    session: Session, site_id: UUID, comments: Sequence[Repeating], *, now: datetime
) -> defaultdict[UUID, list[tuple[UUID, str]]]:
    """Of each writer of these comments the latest ones, with their ids, in no order: as many that
    MOST remain whichever of `comments` one looks back from."""
    writers = rows(
        {"site_id": site_id, "id": commenter_id}
        for commenter_id in {comment.commenter_id for comment in comments}
    )
    by_commenter: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    # `comments` are themselves among the latest.
    latest = writers | {"since": now - WITHIN, "most": MOST + len(comments)}
    run = past_orm(session).execute
    for commenter_id, comment_id, text in run(_LATEST_OF_WRITERS, latest).all():
        by_commenter[commenter_id].append((comment_id, text or ""))
    return by_commenter
