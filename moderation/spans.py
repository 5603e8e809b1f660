"""Which words carry a score: wanted once a comment is held, looked for when nothing waits.

A span is a pair of offsets into the text as the reader sent it, in Unicode code points (as Python
counts them, and JSON's readers mostly do not: an emoji is one), from the first one to behind the
last. No word is kept here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session, aliased

from moderation.models import Comment, Revision, Spans, Status
from moderation.models.joins import newest
from moderation.policy import Verdict
from moderation.sql import from_now, insert_new

EXPLAINED = frozenset({Status.HELD, Status.BLOCKED})
"""Where a comment must stand for its words to be looked for."""
TRIES = 2
"""How often the words of one text are looked for. More than once only after a worker was killed
meanwhile: a model that fails on a text is not asked again."""

AT_ONCE = 100
"""Of how many it is found in one transaction that they have lost their sense. After a new model
that may be thousands: nobody else writes to SQLite meanwhile, and Postgres steps over each of them
again for the next one (5000 in one transaction took a minute, before it had statistics)."""


@dataclass(frozen=True, slots=True, order=True)
class Carrier:
    """Words from `start` to before `end`, and which part of the score they carry, 0..1."""

    start: int
    end: int
    share: float


Carriers = Mapping[str, Sequence[Carrier]]
"""For each attribute the words that carry its score, in the order of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A claimed revision: the words that carry its scores for `attributes` are to be found."""

    site_id: UUID
    comment_id: UUID
    revision: int
    model_version: str
    attributes: Sequence[str]
    text: str
    parent_text: str | None


def want(
    session: Session,
    site_id: UUID,
    verdicts: Iterable[tuple[UUID, int, Verdict]],
    *,
    model_version: str,
    now: datetime,
) -> None:
    """Have the words looked for that carry the scores which these verdicts name.

    Of each the comment, its revision, and the verdict for which it is held or blocked now; its
    scores are stored already, and the rows refer to them. None are wanted for a verdict that
    names no score of the commenter's own words.
    """
    insert_new(
        session,
        Spans,
        [
            {
                "site_id": site_id,
                "comment_id": comment_id,
                "revision": revision,
                "model_version": model_version,
                "asked": attributes,
                "due": now,
                "tries": 0,
            }
            for comment_id, revision, verdict in verdicts
            if (attributes := _named_by(verdict))
        ],
    )


def _named_by(verdict: Verdict) -> list[str]:
    return list(
        dict.fromkeys(
            violation.attribute
            for violation in verdict.violations
            if violation.attribute is not None and "quoted" not in (violation.detail or "")
        )
    )


def are_due(session: Session) -> bool:
    """Whether any are wanted that nobody looks for."""
    return session.scalar(select(Spans.tries).where(_is_due()).limit(1)) is not None


def claim(session: Session, *, model_version: str, lease_seconds: int) -> Wanted | None:
    """Lease what is wanted longest; None when nothing is, or nothing that makes sense among the
    first `AT_ONCE` (the next look goes on behind them).

    What has lost its sense is struck off on the way: the comment was approved, edited or erased,
    another model than the loaded one gave the score, or the text took a worker with it each time.
    """
    above, above_words = aliased(Comment), aliased(Revision)
    first = (
        select(Spans, Comment, Revision.text, above_words.text)
        .join(Comment, and_(Comment.site_id == Spans.site_id, Comment.id == Spans.comment_id))
        .join(Revision, newest())
        .outerjoin(above, and_(above.site_id == Comment.site_id, above.id == Comment.parent_id))
        .outerjoin(above_words, newest(above, above_words))
        .where(_is_due())
        .order_by(Spans.due)
        .limit(1)
        .with_for_update(of=Spans, skip_locked=True)
    )
    for _ in range(AT_ONCE):
        if (row := session.execute(first).first()) is None:
            return None
        spans, comment, text, parent_text = row
        makes_sense = (
            comment.status in EXPLAINED
            and comment.revision == spans.revision
            and comment.erased_at is None
            and spans.model_version == model_version
            and spans.tries < TRIES
        )
        _set(
            session,
            _is(spans),
            due=from_now(lease_seconds) if makes_sense else None,
            tries=spans.tries + 1,
        )
        if makes_sense:
            return Wanted(
                site_id=spans.site_id,
                comment_id=spans.comment_id,
                revision=spans.revision,
                model_version=spans.model_version,
                attributes=spans.asked,
                text=text or "",
                parent_text=parent_text,
            )
    return None


def keep(session: Session, wanted: Wanted, found: Carriers) -> None:
    """Store what was found; nothing when the comment has been erased meanwhile: its row is gone."""
    plain = {
        attribute: [[words.start, words.end, words.share] for words in carrying]
        for attribute, carrying in found.items()
    }
    _set(session, _is(wanted), found=plain, due=None)


def give_back(session: Session, wanted: Wanted) -> None:
    """Leave it to others, the try uncounted: whoever looked for the words is to stop."""
    _set(session, _is(wanted), due=from_now(0), tries=Spans.tries - 1)


def read(found: Mapping[str, Any] | None) -> Carriers:
    """What `keep` stored."""
    return {
        attribute: [Carrier(*words) for words in carrying]
        for attribute, carrying in (found or {}).items()
    }


def _is_due() -> ColumnElement[bool]:
    # By the database's clock, as every lease. Those of a newer second wait for it.
    return Spans.due <= from_now(0)


def _is(which: Spans | Wanted) -> ColumnElement[bool]:
    return and_(
        Spans.site_id == which.site_id,
        Spans.comment_id == which.comment_id,
        Spans.revision == which.revision,
        Spans.model_version == which.model_version,
    )


def _set(session: Session, which: ColumnElement[bool], **values: Any) -> None:
    session.execute(
        update(Spans).where(which).values(**values).execution_options(synchronize_session=False)
    )
