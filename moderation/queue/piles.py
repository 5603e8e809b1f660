"""Where held comments lie, as queries to be counted or walked along: each has an index of its own.

A site and a moderator may be columns or parameters as well as ids.
"""

from typing import Any

from sqlalchemy import or_, select

from moderation import leases
from moderation.models import Comment, Lease, Status, has_status
from moderation.paging import Rows
from moderation.sql import unbound

SITE = unbound(Comment.site_id)


def held(site_id: Any) -> Rows:
    """What is held at a site: its key, of which an index has all."""
    return select(SITE, Comment.id, Comment.received_at).where(
        Comment.site_id == site_id,
        has_status(Status.HELD),
        Comment.erased_at.is_(None),
    )


def opened_by(site_id: Any, moderator_id: Any) -> Rows:
    """What is held and the moderator has open: found by their leases.

    That it is held is not said as its indexes say it. Before Postgres has counted, it takes what is
    held at a site for one comment: it would begin with all of that, and look each one's lease up.
    """
    return (
        select(SITE, Comment.id, Comment.received_at)
        .join(Lease, leases.on_comment())
        .where(
            Comment.site_id == site_id,
            Comment.status + "" == Status.HELD,
            Comment.erased_at.is_(None),
            Lease.moderator_id == moderator_id,
        )
    )


def with_moderator(site_id: Any, moderator_id: Any) -> tuple[Rows, Rows]:
    """The two piles of a moderator: what they moved, and what else they have open. Together they
    would have no index."""
    return (
        held(site_id).where(Comment.moved_by == moderator_id),
        opened_by(site_id, moderator_id).where(
            or_(Comment.moved_by.is_(None), Comment.moved_by != moderator_id)
        ),
    )
