"""How long the words of blocked comments are kept.

Nobody reads them again, but for an appeal; after a while they are only a risk. What is due follows
from the rows and one setting, so that a restored database has it done again without any journal.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from moderation import erasures, suggestions
from moderation.models import Appeal, Comment, Notice, Status, Suggestion, has_status
from moderation.sql import BESIDE_REPLIES


def apply(session: Session, *, days: int, now: datetime, limit: int = erasures.AT_ONCE) -> int:
    """Erase the words of up to `limit` comments that were blocked more than `days` ago, and of all
    notices that were answered before.

    Answers how many. With `days` 0 they are kept for ever. Those that somebody else has locked are
    left for the next time, and those that are appealed until that is decided.
    """
    if not days:
        return 0
    due = session.execute(
        select(Comment.site_id, Comment.id)
        .where(*_is_due(session, days, now))
        .order_by(Comment.judged_at)
        .limit(limit)
        .with_for_update(skip_locked=True, **BESIDE_REPLIES)
    ).all()
    of_site: dict[UUID, list[UUID]] = defaultdict(list)
    for site_id, comment_id in due:
        of_site[site_id].append(comment_id)
    for site_id, comment_ids in of_site.items():
        erasures.words_of(session, site_id, comment_ids, now=now)
    if erasures.is_there(session, Notice):
        # Who gave a notice of a comment that was left as it was: nobody needs it any longer.
        erasures.words_of_notices(
            session, Notice.ended_at < now - timedelta(days=days), Notice.text.is_not(None)
        )
    if erasures.is_there(session, Suggestion):
        suggestions.erase_old(session, now - timedelta(days=days))
    return len(due)


def apply_to_all(
    begin: Callable[[], AbstractContextManager[Session]], *, days: int, now: datetime
) -> int:
    """`apply` until nothing is due, each time in a transaction that `begin` begins; answers how
    many comments it was."""
    total = 0
    while True:
        with begin() as session:
            count = apply(session, days=days, now=now)
        if not count:
            return total
        total += count


def count_due(session: Session, *, days: int, now: datetime) -> int:
    """How many comments `apply` would take the words of, all in all."""
    if not days:
        return 0
    counted = session.scalar(
        select(func.count()).select_from(Comment).where(*_is_due(session, days, now))
    )
    return counted or 0


def _is_due(session: Session, days: int, now: datetime) -> list[ColumnElement[bool]]:
    due = [
        has_status(Status.BLOCKED),
        Comment.erased_at.is_(None),
        Comment.judged_at < now - timedelta(days=days),
    ]
    return [*due, ~_is_appealed()] if erasures.is_there(session, Appeal) else due


def _is_appealed() -> ColumnElement[bool]:
    """Whether somebody is still to look at it again."""
    return (
        select(Appeal.id)
        .where(
            Appeal.site_id == Comment.site_id,
            Appeal.comment_id == Comment.id,
            Appeal.outcome.is_(None),
        )
        .exists()
    )
