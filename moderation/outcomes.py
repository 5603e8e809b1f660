"""How appeals end: the one conditional update, and the number under which the site is told.

An appeal never waits for what is no longer there: whoever lifts a block, puts another in its place,
or erases what it was about, ends it here, in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from moderation import sites
from moderation.models import Appeal, CommenterBlock, Outcome


@dataclass(frozen=True, slots=True)
class Lifted:
    """By which decision a comment's block is lifted, and whose that is (None: the policy's)."""

    moderator_id: UUID | None
    decision_id: UUID


def end_of_comments(
    session: Session, site_id: UUID, lifted: Mapping[UUID, Lifted], *, now: datetime
) -> None:
    """End the appeals that wait about these comments, by id, whose blocks are lifted."""
    waiting = session.execute(
        select(Appeal.id, Appeal.comment_id).where(
            Appeal.site_id == site_id,
            Appeal.comment_id.in_(lifted),
            Appeal.outcome.is_(None),
        )
    )
    ended = []
    for appeal_id, comment_id in waiting.all():
        by = lifted[cast("UUID", comment_id)]
        ended += end(
            session,
            site_id,
            Appeal.id == appeal_id,
            outcome=Outcome.LIFTED,
            moderator_id=by.moderator_id,
            settled_by=by.decision_id,
            ended_at=now,
        )
    number(session, site_id, ended)


def end_of_commenter(
    session: Session,
    site_id: UUID,
    commenter_id: UUID,
    outcome: Outcome,
    *,
    moderator_id: UUID | None,
    now: datetime,
) -> None:
    """End the appeals that wait about this commenter's blocks which somebody has ended."""
    over = select(CommenterBlock.id).where(
        CommenterBlock.site_id == site_id,
        CommenterBlock.commenter_id == commenter_id,
        CommenterBlock.ended_at.is_not(None),
    )
    ended = end(
        session,
        site_id,
        Appeal.commenter_id == commenter_id,
        Appeal.block_id.in_(over),
        outcome=outcome,
        moderator_id=moderator_id,
        ended_at=now,
    )
    number(session, site_id, ended)


def end_of_erased(
    session: Session, site_id: UUID, *about: ColumnElement[bool], now: datetime
) -> None:
    """End the appeals that wait about what is erased. After that: it locks the site's row."""
    ended = end(session, site_id, *about, outcome=Outcome.DELETED, ended_at=now)
    number(session, site_id, ended)


def end(session: Session, site_id: UUID, *which: ColumnElement[bool], **values: Any) -> list[UUID]:
    """Give those of these appeals that wait an outcome; answers which they were.

    None where somebody was faster. They are to be numbered at the end of the transaction.
    """
    session.flush()
    rows = session.execute(
        update(Appeal)
        .where(Appeal.site_id == site_id, Appeal.outcome.is_(None), *which)
        .values(**values)
        .returning(Appeal.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows.scalars())


def number(session: Session, site_id: UUID, appeal_ids: list[UUID]) -> None:
    """Let the site be told of these appeals: as `sites.numbers`, the last thing of all."""
    if not appeal_ids:
        return
    session.flush()  # a row that waits to be written would be locked after the site's
    numbers = sites.numbers(session, site_id, len(appeal_ids))
    for seq, appeal_id in zip(numbers, appeal_ids, strict=True):
        session.execute(
            update(Appeal)
            .where(Appeal.site_id == site_id, Appeal.id == appeal_id)
            .values(seq=seq)
            .execution_options(synchronize_session=False)
        )
