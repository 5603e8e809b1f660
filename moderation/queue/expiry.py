"""What still waits long after its story was closed: blocked unreviewed, if the site wants that.

Readers have gone, and nobody is going to look. It is no finding: no clause is broken, nobody gets a
strike, and a moderator can take it back.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, literal, select, update
from sqlalchemy.orm import Session

from moderation import decision_log, leases
from moderation.decision_log import Change
from moderation.models import (
    EXPIRED,
    Actor,
    Comment,
    Instant,
    Site,
    Status,
    Story,
    Tray,
    has_status,
)
from moderation.sql import BESIDE_REPLIES, given, past_orm, rows, table_of

AT_ONCE = 200
"""Comments that expire in one transaction, in which they are locked."""

# The story is asked comment by comment: what is held is few beside all stories ever closed.
_IS_CLOSED = (
    select(literal(1))
    .where(
        Story.site_id == Comment.site_id,
        Story.id == Comment.story_id,
        Story.closed_at < bindparam("before", type_=Instant()),
    )
    .exists()
)
_after = given(site_id=Uuid, id=Uuid, decision_id=Uuid)
_WRITE = (
    update(table_of(Comment))
    # Asked again: a story that was opened between the look and the lock was seen closed then.
    .where(Comment.site_id == _after.c.site_id, Comment.id == _after.c.id, _IS_CLOSED)
    .values(
        status=Status.BLOCKED,
        decision_id=_after.c.decision_id,
        judged_at=bindparam("now"),
        failed=False,
    )
    .returning(Comment.id)
)


def expire(session: Session, site_id: UUID, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Block up to `limit` of the site's comments that have waited for so long, and log it; answers
    how many.

    Both the story's closing and the hold are as old as the site's setting wants. What a lead is to
    look at stays, and so does what somebody has open, or has locked.
    """
    days = session.scalar(select(Site.expire_days).where(Site.id == site_id))
    if not days:
        return 0
    before = now - timedelta(days=days)
    due = session.execute(
        select(Comment.id, Comment.commenter_id, Comment.revision)
        .where(*_is_due(site_id, before))
        .order_by(Comment.id)
        .limit(limit)
        .with_for_update(skip_locked=True, **BESIDE_REPLIES),
        {"before": before},
    ).all()
    changes = [
        Change(
            comment_id=row.id,
            commenter_id=row.commenter_id,
            revision=row.revision,
            before=Status.HELD,
            after=Status.BLOCKED,
            actor=Actor.SITE,
            reason=EXPIRED,
        )
        for row in due
    ]
    after = rows(
        {"site_id": site_id, "id": change.comment_id, "decision_id": change.id}
        for change in changes
    )
    written = past_orm(session).scalars(_WRITE, after | {"now": now, "before": before})
    done = set(written.all())
    decision_log.record(session, site_id, [one for one in changes if one.comment_id in done], now)
    return len(done)


def apply_to_all(
    begin: Callable[[], AbstractContextManager[Session]], *, now: datetime
) -> Mapping[str, int]:
    """`expire` at every site until nothing is due, each time in a transaction that `begin` begins;
    answers how many comments it was, by the slug of their site."""
    with begin() as session:
        wanting = session.execute(
            select(Site.id, Site.slug).where(Site.expire_days > 0).order_by(Site.id)
        ).all()
    expired: dict[str, int] = {}
    for site_id, slug in wanting:
        while True:
            with begin() as session:
                count = expire(session, site_id, now=now)
            if not count:
                break
            expired[slug] = expired.get(slug, 0) + count
    return expired


def _is_due(site_id: UUID, before: datetime) -> list[ColumnElement[bool]]:
    """Held since before then, under a story that was closed before then."""
    return [
        Comment.site_id == site_id,
        has_status(Status.HELD),
        Comment.erased_at.is_(None),
        Comment.tray != Tray.ESCALATED,
        Comment.judged_at < before,
        _IS_CLOSED,
        ~leases.is_open(),
    ]
