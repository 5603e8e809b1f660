"""Who has which comment open. Advice that spares two people the same work, and binds nobody.

Set and compared by the database's clock: those of the web processes may differ.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, tuple_, update
from sqlalchemy.orm import Session

from moderation import sites
from moderation.models import Comment, Lease, Moderator
from moderation.paging import Key
from moderation.sql import from_now, insert_or_take_over, insert_unless_there

LASTS_SECONDS = 120


def take(session: Session, site_id: UUID, comment_id: UUID, *, moderator_id: UUID) -> None:
    """Say that the moderator has the comment open, unless somebody else says so already.

    NotFound when the site has no such comment.
    """
    sites.owned(session, Comment, site_id, comment_id)
    session.execute(
        # One's own old ones, so that the table holds what is open and little else. Those that a
        # colleague is just taking over are left to them: each would wait for the other.
        delete(Lease)
        .where(
            tuple_(Lease.site_id, Lease.comment_id).in_(
                select(Lease.site_id, Lease.comment_id)
                .where(Lease.moderator_id == moderator_id, Lease.until < from_now(0))
                .with_for_update(skip_locked=True)
            )
        )
        .execution_options(synchronize_session=False)
    )
    renewed = session.execute(
        update(Lease)
        .where(
            Lease.site_id == site_id,
            Lease.comment_id == comment_id,
            or_(Lease.moderator_id == moderator_id, Lease.until < from_now(0)),
        )
        .values(
            moderator_id=moderator_id,
            # One that was dealt for longer stays as long.
            until=case(
                (
                    and_(Lease.moderator_id == moderator_id, Lease.until > from_now(LASTS_SECONDS)),
                    Lease.until,
                ),
                else_=from_now(LASTS_SECONDS),
            ),
        )
        .returning(Lease.comment_id)
        .execution_options(synchronize_session=False)
    ).first()
    if renewed is None:
        row = {"site_id": site_id, "comment_id": comment_id, "moderator_id": moderator_id}
        insert_unless_there(session, Lease, row | {"until": from_now(LASTS_SECONDS)})


def take_free(
    session: Session, keys: Collection[Key], *, moderator_id: UUID, seconds: int
) -> set[Key]:
    """Say so of several for `seconds`, of each unless anybody says so already; answers of which."""
    until = from_now(seconds)
    new = [
        {"site_id": site_id, "comment_id": row_id, "moderator_id": moderator_id, "until": until}
        for site_id, row_id in sorted(keys)
    ]
    taken = insert_or_take_over(
        session,
        Lease,
        new,
        where=Lease.until < from_now(0),
        returning=(Lease.site_id, Lease.comment_id),
    )
    return {(row.site_id, row.comment_id) for row in taken}


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


def is_open(*, besides: UUID | None = None) -> ColumnElement[bool]:
    """Whether somebody has the comment open, for a query of comments; `besides` this moderator."""
    lease = select(Lease.comment_id).where(on_comment())
    return (lease if besides is None else lease.where(Lease.moderator_id != besides)).exists()


def on_comment() -> ColumnElement[bool]:
    """The lease in force of a comment, for a query of comments."""
    return and_(Lease.site_id == Comment.site_id, Lease.comment_id == Comment.id, in_force())
