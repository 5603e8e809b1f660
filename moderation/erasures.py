"""What is erased, and stays erased: the words of comments, and who a commenter was.

Rows stay, and every decision with them; words and names go. The statements name single columns, so
that a backup of an older schema can have its erasures repeated before anybody reads it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, inspect, select, update
from sqlalchemy.orm import Session

from moderation import audit, commenters, complaints, suggestions
from moderation.models import (
    Appeal,
    Base,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterName,
    CommenterNote,
    Decision,
    DecisionNote,
    Delivery,
    Explanation,
    Flag,
    Move,
    Notice,
    Revision,
    Spans,
    Suggestion,
)
from moderation.sql import BESIDE_REPLIES

AT_ONCE = 500
"""Comments whose words go in one round."""


class Kind(StrEnum):
    """What is erased."""

    COMMENT = "comment"
    COMMENTER = "commenter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """That something was erased, for the journal: ids and a moment, no word and no name."""

    kind: Kind
    site_id: UUID
    id: UUID
    at: datetime


def words_of(
    session: Session, site_id: UUID, comment_ids: Collection[UUID], *, now: datetime
) -> None:
    """Erase every word of these comments, in all revisions, notes, reports and appeals.

    The caller has locked their rows, and ends the appeals that wait (`end_what_waits`).
    """
    decided = select(Decision.id).where(
        Decision.site_id == site_id, Decision.comment_id.in_(comment_ids)
    )
    if is_there(session, Suggestion):  # while the words are known by which they are found
        of_these = Revision.comment_id.in_(comment_ids)
        suggestions.erase_words_of(session, site_id, and_(Revision.site_id == site_id, of_these))
    for erasure in (
        update(Comment)
        .where(Comment.site_id == site_id, Comment.id.in_(comment_ids))
        .values(erased_at=now, judged_at=func.coalesce(Comment.judged_at, now)),
        update(Revision)
        .where(Revision.site_id == site_id, Revision.comment_id.in_(comment_ids))
        .values(text=None, fingerprint=None),
        update(Flag)
        .where(Flag.site_id == site_id, Flag.comment_id.in_(comment_ids))
        .values(text=None),
        update(DecisionNote)
        .where(DecisionNote.site_id == site_id, DecisionNote.decision_id.in_(decided))
        .values(text=None),
    ):
        session.execute(erasure, execution_options={"synchronize_session": False})
    # Offsets without a text point to nothing. A worker that is just looking for some then finds no
    # row to write them to.
    if is_there(session, Spans):
        session.execute(
            delete(Spans).where(Spans.site_id == site_id, Spans.comment_id.in_(comment_ids)),
            execution_options={"synchronize_session": False},
        )
    if is_there(session, Explanation):
        session.execute(
            update(Explanation)
            .where(Explanation.site_id == site_id, Explanation.decision_id.in_(decided))
            .values(text=None),
            execution_options={"synchronize_session": False},
        )
    if is_there(session, Move):
        session.execute(
            update(Move)
            .where(Move.site_id == site_id, Move.comment_id.in_(comment_ids))
            .values(note=None),
            execution_options={"synchronize_session": False},
        )
    if is_there(session, Appeal):
        _words_of_appeals(session, site_id, Appeal.comment_id.in_(comment_ids))
    if is_there(session, Notice):
        words_of_notices(session, Notice.site_id == site_id, Notice.comment_id.in_(comment_ids))


def words_of_notices(session: Session, *which: ColumnElement[bool]) -> None:
    """Erase what notices say, who gave them, and what these were told."""
    session.execute(
        update(Notice).where(*which).values(text=None, name=None, email=None, reason=None),
        execution_options={"synchronize_session": False},
    )


def _words_of_appeals(session: Session, site_id: UUID, which: ColumnElement[bool]) -> None:
    """Erase what the commenter wrote, and what they were told."""
    session.execute(
        update(Appeal).where(Appeal.site_id == site_id, which).values(text=None, reason=None),
        execution_options={"synchronize_session": False},
    )


def end_what_waits(
    session: Session, site_id: UUID, which: ColumnElement[bool], *, now: datetime
) -> None:
    """End the appeals that wait about what has been erased, and the notices of what is: nobody can
    look at it again.

    The last thing of an erasure, as it locks the site's row.
    """
    told: dict[str, Any] = {"has_outbox": is_there(session, Delivery), "now": now}
    if is_there(session, Appeal):
        complaints.end_of_erased(session, Appeal, site_id, which, **told)
    if is_there(session, Notice):
        gone = select(Comment.id).where(Comment.site_id == site_id, Comment.erased_at.is_not(None))
        waits = Notice.comment_id.in_(gone)
        complaints.end_of_erased(session, Notice, site_id, waits, **told)


def is_there(session: Session, rows_of: type[Base]) -> bool:
    """Whether the database has this table: the backup of an older schema may lack it."""
    return inspect(session.connection()).has_table(rows_of.__tablename__)


def commenter(
    session: Session,
    site_id: UUID,
    commenter_id: UUID,
    *,
    record: Callable[[Erased], None],
    now: datetime,
) -> None:
    """Forget a commenter: their words, the notes about them, what they reported, and their name.

    Their comments and the decisions about them stay, without words, under an id that says that
    they are erased. Whoever posts under the external id from then on is a new commenter. `record`
    writes the journal; what it raises must undo the transaction.
    """
    _forget(session, site_id, commenter_id, now)
    record(Erased(kind=Kind.COMMENTER, site_id=site_id, id=commenter_id, at=now))


def _forget(session: Session, site_id: UUID, commenter_id: UUID, now: datetime) -> None:
    external_id = session.execute(
        select(Commenter.external_id).where(
            Commenter.site_id == site_id, Commenter.id == commenter_id
        )
    ).scalar_one()
    _words_by(session, site_id, commenter_id, now)
    # After the comments' rows, as everybody takes these locks. It waits for those who are just
    # storing another comment of theirs.
    session.execute(
        update(Commenter)
        .where(Commenter.site_id == site_id, Commenter.id == commenter_id)
        .values(external_id=commenters.erased_name(commenter_id), name="", block_reason="")
        .execution_options(synchronize_session=False)
    )
    if is_there(session, CommenterName):
        session.execute(
            delete(CommenterName).where(
                CommenterName.site_id == site_id, CommenterName.commenter_id == commenter_id
            ),
            execution_options={"synchronize_session": False},
        )
    _words_by(session, site_id, commenter_id, now)  # which is here now
    _words_about(session, site_id, commenter_id)
    session.execute(
        update(Flag)
        .where(
            Flag.site_id == site_id,
            Flag.reader_hash == commenters.reader_hash(site_id, external_id),
        )
        .values(text=None)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, site_id, "commenter_erased", {"commenter": str(commenter_id)}, now=now)
    end_what_waits(session, site_id, Appeal.commenter_id == commenter_id, now=now)


def _words_about(session: Session, site_id: UUID, commenter_id: UUID) -> None:
    """Erase what moderators noted about them, and why they were blocked."""
    if not is_there(session, CommenterNote):  # both tables came with one migration
        return
    for erasure in (
        update(CommenterNote)
        .where(CommenterNote.site_id == site_id, CommenterNote.commenter_id == commenter_id)
        .values(text=None),
        update(CommenterBlock)
        .where(CommenterBlock.site_id == site_id, CommenterBlock.commenter_id == commenter_id)
        .values(reason=None),
    ):
        session.execute(erasure, execution_options={"synchronize_session": False})
    if is_there(session, Appeal):
        _words_of_appeals(session, site_id, Appeal.commenter_id == commenter_id)


def _words_by(session: Session, site_id: UUID, commenter_id: UUID, now: datetime) -> None:
    while found := session.scalars(
        select(Comment.id)
        .where(
            Comment.site_id == site_id,
            Comment.commenter_id == commenter_id,
            Comment.erased_at.is_(None),
        )
        .order_by(Comment.id)
        .limit(AT_ONCE)
        .with_for_update(**BESIDE_REPLIES)
    ).all():
        words_of(session, site_id, found, now=now)


def again(session: Session, journal: Iterable[Erased]) -> int:
    """Repeat what the journal has, on a database that was restored; answers how many it lacked."""
    return sum(_again(session, erased) for erased in journal)


def _again(session: Session, erased: Erased) -> bool:
    if erased.kind is Kind.COMMENTER:
        known_as = session.scalar(
            select(Commenter.external_id).where(
                Commenter.site_id == erased.site_id, Commenter.id == erased.id
            )
        )
        if known_as in {None, commenters.erased_name(erased.id)}:
            return False
        _forget(session, erased.site_id, erased.id, erased.at)
        return True
    has_words = session.scalar(
        select(Comment.id).where(
            Comment.site_id == erased.site_id,
            Comment.id == erased.id,
            Comment.erased_at.is_(None),
        )
    )
    if has_words is not None:
        words_of(session, erased.site_id, [erased.id], now=erased.at)
        end_what_waits(session, erased.site_id, Appeal.comment_id == erased.id, now=erased.at)
    return has_words is not None
