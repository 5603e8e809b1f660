"""How appeals and notices end: the one conditional update, and the number under which the site is
told.

Neither ever waits for what is no longer there: whoever lifts a block, puts another in its place,
blocks a comment, or erases what it was about, ends it here, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from moderation import sites
from moderation.models import Appeal, CommenterBlock, Notice, NoticeOutcome, Outcome

Waiting: TypeAlias = type[Appeal] | type[Notice]
"""What somebody waits for an answer to."""


class AlreadyEnded(Exception):
    """It is no longer as it was when it was looked at: an ordinary answer, not a fault."""


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """By which decision a comment is blocked, or its block lifted, and whose that is (None: the
    policy's)."""

    moderator_id: UUID | None
    decision_id: UUID


def end_of_comments(
    session: Session, site_id: UUID, lifted: Mapping[UUID, DecidedBy], *, now: datetime
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
            Appeal,
            site_id,
            Appeal.id == appeal_id,
            outcome=Outcome.LIFTED,
            moderator_id=by.moderator_id,
            settled_by=by.decision_id,
            ended_at=now,
        )
    number(session, Appeal, site_id, ended)


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
        Appeal,
        site_id,
        Appeal.commenter_id == commenter_id,
        Appeal.block_id.in_(over),
        outcome=outcome,
        moderator_id=moderator_id,
        ended_at=now,
    )
    number(session, Appeal, site_id, ended)


def settle_notices(
    session: Session,
    site_id: UUID,
    blocked: Mapping[UUID, DecidedBy],
    lifted: Sequence[UUID],
    *,
    now: datetime,
) -> None:
    """End the notices that wait about these comments, by id, that are blocked. Those about comments
    whose block is `lifted`, in whatever way, wait again: what was told of them is so no longer.
    But for those whose words are gone: nobody could answer them."""
    told: list[UUID] = []
    if lifted:
        ended_with_it = (
            Notice.comment_id.in_(lifted),
            Notice.outcome == NoticeOutcome.BLOCKED,
            Notice.text.is_not(None),
        )
        told = reopen(session, Notice, site_id, *ended_with_it)
    waiting = session.execute(
        select(Notice.id, Notice.comment_id).where(
            Notice.site_id == site_id,
            Notice.comment_id.in_(blocked),
            Notice.outcome.is_(None),
        )
    )
    for notice_id, comment_id in waiting.all():
        by = blocked[comment_id]
        told += end(
            session,
            Notice,
            site_id,
            Notice.id == notice_id,
            outcome=NoticeOutcome.BLOCKED,
            moderator_id=by.moderator_id,
            settled_by=by.decision_id,
            ended_at=now,
        )
    number(session, Notice, site_id, told)


def end_of_erased(
    session: Session,
    kind: Waiting,
    site_id: UUID,
    *about: ColumnElement[bool],
    now: datetime,
) -> None:
    """End those that wait about what is erased. After that: it locks the site's row."""
    outcome = Outcome.DELETED if kind is Appeal else NoticeOutcome.DELETED
    ended = end(session, kind, site_id, *about, outcome=outcome, ended_at=now)
    number(session, kind, site_id, ended)


def end(
    session: Session,
    kind: Waiting,
    site_id: UUID,
    *which: ColumnElement[bool],
    **values: Any,
) -> list[UUID]:
    """Give those of these that wait an outcome; answers which they were.

    None where somebody was faster. They are to be numbered at the end of the transaction.
    """
    session.flush()
    rows = session.execute(
        update(kind)
        .where(kind.site_id == site_id, kind.outcome.is_(None), *which)
        .values(**values)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows.scalars())


def settle(
    session: Session, kind: Waiting, site_id: UUID, row_id: UUID, *, decision_id: UUID
) -> None:
    """Keep by which decision one of these was ended."""
    session.execute(
        update(kind)
        .where(kind.site_id == site_id, kind.id == row_id)
        .values(settled_by=decision_id)
        .execution_options(synchronize_session=False)
    )


def reopen(
    session: Session,
    kind: Waiting,
    site_id: UUID,
    *which: ColumnElement[bool],
    **values: Any,
) -> list[UUID]:
    """Let those of these that have ended wait again; otherwise as `end`."""
    session.flush()
    waits = {"outcome": None, "reason": None, "moderator_id": None, "settled_by": None}
    rows = session.execute(
        update(kind)
        .where(kind.site_id == site_id, kind.outcome.is_not(None), *which)
        .values(ended_at=None, **waits, **values)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    )
    return list(rows.scalars())


def number(session: Session, kind: Waiting, site_id: UUID, ids: Sequence[UUID]) -> None:
    """Let the site be told of these: as `sites.numbers`, the last thing of all."""
    if not ids:
        return
    session.flush()  # a row that waits to be written would be locked after the site's
    for seq, row_id in zip(sites.numbers(session, site_id, len(ids)), ids, strict=True):
        session.execute(
            update(kind)
            .where(kind.site_id == site_id, kind.id == row_id)
            .values(seq=seq)
            .execution_options(synchronize_session=False)
        )
