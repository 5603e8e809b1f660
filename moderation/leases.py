"""Who has which comment open. Advice that spares two people the same work, and binds nobody.

Set and compared by the database's clock: those of the web processes may differ.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from moderation import sites
from moderation.models import Comment, Lease, Moderator
from moderation.sql import from_now, insert_unless_there

LASTS_SECONDS = 120


def take(session: Session, site_id: UUID, comment_id: UUID, *, moderator_id: UUID) -> None:
    """Say that the moderator has the comment open, unless somebody else says so already.

    NotFound when the site has no such comment.
    """
    sites.owned(session, Comment, site_id, comment_id)
    session.execute(
        # One's own old ones, so that the table holds what is open and little else.
        delete(Lease).where(Lease.moderator_id == moderator_id, Lease.until < from_now(0))
    )
    renewed = session.execute(
        update(Lease)
        .where(
            Lease.site_id == site_id,
            Lease.comment_id == comment_id,
            or_(Lease.moderator_id == moderator_id, Lease.until < from_now(0)),
        )
        .values(moderator_id=moderator_id, until=from_now(LASTS_SECONDS))
        .returning(Lease.comment_id)
        .execution_options(synchronize_session=False)
    ).first()
    if renewed is None:
        row = {"site_id": site_id, "comment_id": comment_id, "moderator_id": moderator_id}
        insert_unless_there(session, Lease, row | {"until": from_now(LASTS_SECONDS)})


def holder(session: Session, site_id: UUID, comment_id: UUID) -> Moderator | None:
    """Who has the comment open."""
    return session.scalar(
        select(Moderator)
        .join(Lease, Lease.moderator_id == Moderator.id)
        .where(Lease.site_id == site_id, Lease.comment_id == comment_id, in_force())
    )


def in_force() -> ColumnElement[bool]:
    """The lease's time is not over."""
    return Lease.until > from_now(0)


def on_comment() -> ColumnElement[bool]:
    """The lease in force of a comment, for a query of comments."""
    return and_(Lease.site_id == Comment.site_id, Lease.comment_id == Comment.id, in_force())
