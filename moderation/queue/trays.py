"""Held comments laid elsewhere: left for later, escalated to a lead, put back to those that wait.

No decision: the comment stays held, the site is told nothing. As with decisions, one conditional
UPDATE says who won, and what was done stays in the log (`Move`).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from moderation import sites
from moderation.decisions import Seen, overtaken
from moderation.models import Comment, Concern, Move, Status, Tray, has_status


def move(
    session: Session,
    site_id: UUID,
    seen: Seen,
    to: Tray,
    *,
    concern: Concern | None = None,
    note: str = "",
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """Lay a held comment into another tray; answers the move's id.

    `concern` says why it is escalated. `decisions.AlreadyDecided` when it is not, or does not lie,
    as it was seen; `sites.NotFound` when the site has none such.
    """
    comment = sites.owned(session, Comment, site_id, seen.comment_id)
    if seen.tray is None or seen.tray == to or seen.status != Status.HELD:
        raise overtaken(session, comment)
    moved = Move(
        site_id=site_id,
        comment_id=comment.id,
        revision=seen.revision,
        tray_before=seen.tray,
        tray_after=to,
        concern=concern,
        note=note or None,
        moderator_id=moderator_id,
        moved_at=now,
    )
    _apply(session, comment, moved)
    return moved.id


def undo(
    session: Session, site_id: UUID, move_id: UUID, *, moderator_id: UUID, now: datetime
) -> Tray:
    """Take a move back; answers where the comment lies then.

    Only the last one can be taken back, while the comment is still held; AlreadyDecided otherwise.
    """
    before = sites.owned(session, Move, site_id, move_id)
    comment = sites.owned(session, Comment, site_id, before.comment_id)
    if before.undoes is not None:
        raise overtaken(session, comment)
    moved = Move(
        site_id=site_id,
        comment_id=comment.id,
        revision=before.revision,
        tray_before=before.tray_after,
        tray_after=before.tray_before,
        moderator_id=moderator_id,
        undoes=before.id,
        moved_at=now,
    )
    _apply(session, comment, moved, Comment.move_id == before.id)
    return Tray(moved.tray_after)


def _apply(session: Session, comment: Comment, moved: Move, *also: ColumnElement[bool]) -> None:
    """Write a move to its comment and keep it, if the comment still lies where they saw it."""
    session.add(moved)
    session.flush()  # which gives it its id
    waits = moved.tray_after == Tray.WAITING
    won = session.execute(
        update(Comment)
        .where(
            Comment.site_id == moved.site_id,
            Comment.id == moved.comment_id,
            Comment.revision == moved.revision,
            has_status(Status.HELD),
            Comment.tray == moved.tray_before,
            Comment.erased_at.is_(None),
            *also,
        )
        .values(
            tray=moved.tray_after,
            move_id=moved.id,
            moved_by=None if waits else moved.moderator_id,
        )
        .returning(Comment.id)
        .execution_options(synchronize_session=False)
    ).first()
    if won is None:
        raise overtaken(session, comment)


def comment_of(session: Session, site_id: UUID, move_id: UUID) -> UUID | None:
    """The comment that the site's move is about."""
    return session.scalar(
        select(Move.comment_id).where(Move.site_id == site_id, Move.id == move_id)
    )
