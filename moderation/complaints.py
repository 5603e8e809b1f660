"""Appeals and notices alike: taken in once for each key, listed, ended by one conditional update,
and told to the site under a number.

Neither ever waits for what is no longer there: whoever lifts a block, puts another in its place,
blocks a comment, or erases what it was about, ends it here, in the same transaction.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from moderation import audit, outbox, sites
from moderation.models import (
    Appeal,
    CommenterBlock,
    Complaint,
    Event,
    Moderator,
    Notice,
    NoticeOutcome,
    Outcome,
    new_id,
)
from moderation.outbox import Happened
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, first_of
from moderation.sql import insert_new, table_of

Kind = TypeVar("Kind", bound=Complaint)
Query = TypeVar("Query", bound=Rows)
FEED_PAGE = 200
"""Most appeals, or notices, in one answer of their feed."""
FILED = 50
"""Appeals, or notices, about one comment or commenter that are listed, the newest ones."""


class KeyReused(Exception):
    """The idempotency key came before with another body."""


class WordsGone(Exception):
    """The comment is erased: nobody can look at it again."""


class AlreadyEnded(Exception):
    """It is no longer as it was when it was looked at: an ordinary answer, not a fault."""


@dataclass(frozen=True, slots=True)
class Taken(Generic[Kind]):
    """One that was taken in, now or (`repeat`) by an earlier post of the same."""

    complaint: Kind
    repeat: bool


@dataclass(frozen=True, slots=True)
class Filed(Generic[Kind]):
    """One with who ended it (None: nobody has, the policy, or the site)."""

    complaint: Kind
    ended_by: Moderator | None


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """By which decision a comment is blocked, or its block lifted, and whose that is (None: the
    policy's)."""

    moderator_id: UUID | None
    decision_id: UUID


# --- taken in -----------------------------------------------------------------------------------


def repeated(
    session: Session, kind: type[Kind], site_id: UUID, key: str | None, body_hash: str
) -> Taken[Kind] | None:
    """The one that came before under this idempotency key: the same again is a repeat, anything
    else KeyReused."""
    if key is None:
        return None
    first = session.scalar(
        select(kind).where(kind.site_id == site_id, kind.key_hash == _key_hash(key))
    )
    if first is None:
        return None
    if first.body_hash != body_hash:
        raise KeyReused
    return Taken(first, repeat=True)


def take_in(
    session: Session,
    kind: type[Kind],
    site_id: UUID,
    /,
    *,
    key: str | None,
    now: datetime,
    **values: Any,
) -> Taken[Kind]:
    """Write a new one down. What it is about is locked, and there is none of it that would stand
    against this one: KeyReused when another took its key at this very moment."""
    row = {
        "site_id": site_id,
        "id": new_id(),
        "key_hash": None if key is None else _key_hash(key),
        "received_at": now,
        **values,
    }
    if not insert_new(session, kind, [row], kind.id):
        raise KeyReused
    return Taken(session.get_one(kind, (site_id, row["id"])), repeat=False)


def _key_hash(key: str) -> str:
    return hashlib.sha256(f"key:{key}".encode()).hexdigest()


# --- listed -------------------------------------------------------------------------------------


def listed(
    session: Session,
    kind: type[Complaint],
    site_ids: Collection[UUID],
    *,
    answered: bool,
    place: Place | None = None,
    limit: int = PAGE,
) -> Page[Key]:
    """Those that wait at these sites, oldest first, or those that have ended, newest answers first:
    at most `limit` of them, from beyond `place`."""
    at = kind.ended_at if answered else kind.received_at
    belongs = kind.ended_at.is_not(None) if answered else kind.outcome.is_(None)

    def of(site_id: UUID) -> Rows:
        query = select(kind.site_id, at.label("at"), kind.id).where(
            kind.site_id == site_id, belongs
        )
        return beyond(query, at, kind.id, place, limit, answered)

    return Page(*first_of(session, [of(site_id) for site_id in site_ids], limit, answered))


def filed(
    session: Session, kind: type[Kind], site_id: UUID, about: ColumnElement[bool]
) -> list[Filed[Kind]]:
    """The site's about something, whatever became of them, the newest ones first."""
    rows = session.execute(
        select(kind, Moderator)
        .outerjoin(Moderator, Moderator.id == kind.moderator_id)
        .where(kind.site_id == site_id, about)
        .order_by(kind.received_at.desc(), kind.id.desc())
        .limit(FILED)
    )
    return [Filed(*row) for row in rows]


# --- ended by a moderator -----------------------------------------------------------------------


def answer(
    session: Session,
    complaint: Complaint,
    outcome: str,
    *,
    reason: str,
    moderator_id: UUID,
    now: datetime,
    **values: Any,
) -> None:
    """Give one that waits a moderator's answer; AlreadyEnded when somebody was faster."""
    kind = type(complaint)
    ended = end(
        session,
        kind,
        complaint.site_id,
        kind.id == complaint.id,
        outcome=outcome,
        reason=reason,
        moderator_id=moderator_id,
        ended_at=now,
        **values,
    )
    if not ended:
        raise AlreadyEnded


def settle(session: Session, complaint: Complaint, *, decision_id: UUID) -> None:
    """Keep by which decision it was ended."""
    kind = type(complaint)
    session.execute(
        update(kind)
        .where(kind.site_id == complaint.site_id, kind.id == complaint.id)
        .values(settled_by=decision_id)
        .execution_options(synchronize_session=False)
    )


def take_back(session: Session, complaint: Complaint, **values: Any) -> None:
    """Let one wait again; AlreadyEnded when what was told of it is no longer what was seen."""
    kind = type(complaint)
    as_seen = (kind.id == complaint.id, kind.seq == complaint.seq)
    if not reopen(session, kind, complaint.site_id, *as_seen, **values):
        raise AlreadyEnded


def log(
    session: Session,
    complaint: Complaint,
    event: str,
    *,
    moderator_id: UUID,
    now: datetime,
    **more: object,
) -> None:
    """Write down what a moderator did about one."""
    subject = {type(complaint).__name__.lower(): str(complaint.id), **more}
    audit.record(session, complaint.site_id, event, subject, moderator_id=moderator_id, now=now)


# --- ended by what became of a comment or commenter ---------------------------------------------


def end_appeals_of_comments(
    session: Session, site_id: UUID, lifted: Mapping[UUID, DecidedBy], *, now: datetime
) -> None:
    """End the appeals that wait about these comments, by id, whose blocks are lifted."""
    ended = _end_each(session, Appeal, site_id, lifted, Outcome.LIFTED, now)
    number(session, Appeal, site_id, ended, now=now)


def end_appeals_of_commenter(
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
    number(session, Appeal, site_id, ended, now=now)


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
    told += _end_each(session, Notice, site_id, blocked, NoticeOutcome.BLOCKED, now)
    number(session, Notice, site_id, told, now=now)


def _end_each(
    session: Session,
    kind: type[Appeal] | type[Notice],
    site_id: UUID,
    comments: Mapping[UUID, DecidedBy],
    outcome: str,
    now: datetime,
) -> list[UUID]:
    """End those that wait about these comments, each by the decision about its own."""
    waiting = session.execute(
        select(kind.id, kind.comment_id).where(
            kind.site_id == site_id, kind.comment_id.in_(comments), kind.outcome.is_(None)
        )
    )
    ended: list[UUID] = []
    for row_id, comment_id in waiting.all():
        by = comments[cast("UUID", comment_id)]
        ended += end(
            session,
            kind,
            site_id,
            kind.id == row_id,
            outcome=outcome,
            moderator_id=by.moderator_id,
            settled_by=by.decision_id,
            ended_at=now,
        )
    return ended


def end_of_erased(
    session: Session,
    kind: type[Complaint],
    site_id: UUID,
    *about: ColumnElement[bool],
    has_outbox: bool,
    now: datetime,
) -> None:
    """End those that wait about what is erased. After that: it locks the site's row.

    `has_outbox`: the backup of an older schema may lack it.
    """
    outcome = Outcome.DELETED if kind is Appeal else NoticeOutcome.DELETED
    ended = end(session, kind, site_id, *about, outcome=outcome, ended_at=now)
    number(session, kind, site_id, ended, has_outbox=has_outbox, now=now)


# --- the conditional update, and the number -----------------------------------------------------


def end(
    session: Session,
    kind: type[Complaint],
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


def reopen(
    session: Session,
    kind: type[Complaint],
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


def number(
    session: Session,
    kind: type[Complaint],
    site_id: UUID,
    ids: Sequence[UUID],
    *,
    has_outbox: bool = True,
    now: datetime,
) -> None:
    """Let the site be told of these: as `sites.numbers`, the last thing of all."""
    if not ids:
        return
    session.flush()  # a row that waits to be written would be locked after the site's
    happened = []
    for seq, row_id in zip(sites.numbers(session, site_id, len(ids)), ids, strict=True):
        subject_id = session.execute(
            update(kind)
            .where(kind.site_id == site_id, kind.id == row_id)
            .values(seq=seq)
            .returning(_subject_of(kind))
            .execution_options(synchronize_session=False)
        ).scalar_one()
        event = Event.APPEAL_ENDED if kind is Appeal else Event.NOTICE_ENDED
        happened.append(Happened(event=event, seq=seq, subject_id=subject_id, about_id=row_id))
    if has_outbox:
        outbox.keep(session, site_id, happened, now=now)


def _subject_of(kind: type[Complaint]) -> ColumnElement[Any]:
    """The comment that it is about, or the commenter."""
    about = table_of(kind).c
    return (
        func.coalesce(about.comment_id, about.commenter_id) if kind is Appeal else about.comment_id
    )


# --- told to the site ---------------------------------------------------------------------------


def fed(query: Query, kind: type[Complaint], site_id: UUID, *, after: int, limit: int) -> Query:
    """The part of `query` that the site is told: those numbered above `after`, in order, at most
    `limit`.

    Each as it stands now, under its newest number; none that commits later has a lower one than one
    that is here.
    """
    return query.where(kind.site_id == site_id, kind.seq > after).order_by(kind.seq).limit(limit)
