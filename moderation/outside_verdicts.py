"""What another system decided, told by the site while it has that one still: to be compared, and
to stand once the site has left it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from moderation import decision_log
from moderation.imports.records import Stood
from moderation.models import Actor, Comment, OutsideVerdict, Status
from moderation.sql import BESIDE_REPLIES, insert_or_take_over
from moderation.submission import OutsideDecision

AT_ONCE = 500
"""Verdicts that are adopted in one transaction."""
STOOD = {Status.APPROVED: Stood.APPROVED, Status.BLOCKED: Stood.REJECTED}


class _Known(NamedTuple):
    """A comment, as far as a verdict of it needs one."""

    id: UUID
    revision: int


def tell(
    session: Session, site_id: UUID, told: Sequence[OutsideDecision], *, now: datetime
) -> list[int]:
    """Note what was decided elsewhere, in place of what was told of these comments before; answers
    the places of those that name no comment of the site. Told twice it is noted once."""
    known = _named(session, site_id, {one.comment for one in told})
    wanted = {
        known[one.comment]: one.status for one in told if one.comment in known
    }  # of several about one comment the last
    noted = {
        (row.comment_id, row.revision): row.status
        for row in session.scalars(
            select(OutsideVerdict).where(
                OutsideVerdict.site_id == site_id,
                OutsideVerdict.comment_id.in_([comment.id for comment in wanted]),
            )
        )
    }
    insert_or_take_over(
        session,
        OutsideVerdict,
        [
            {
                "site_id": site_id,
                "comment_id": comment.id,
                "revision": comment.revision,
                "status": status,
                "told_at": now,
            }
            for comment, status in sorted(wanted.items())
            if noted.get(comment) != status
        ],
        where=true(),
        returning=[OutsideVerdict.comment_id],
    )
    return [place for place, one in enumerate(told) if one.comment not in known]


def adopt(
    session: Session, site_id: UUID, *, after: UUID | None = None, now: datetime
) -> tuple[int, UUID | None]:
    """Let what the other system decided stand, of comments that were judged here in shadow mode and
    not edited since. For a site that has left that mode: nobody is to decide all of it again.

    Looks at AT_ONCE verdicts `after` that comment's; answers how many stand now, and the last
    comment, to go on from there: None when there is nothing more. Each is a decision as any other,
    which the site is told, and is counted on the commenter.
    """
    query = (
        select(OutsideVerdict, Comment)
        .join(
            Comment,
            and_(
                Comment.site_id == OutsideVerdict.site_id, Comment.id == OutsideVerdict.comment_id
            ),
        )
        .where(OutsideVerdict.site_id == site_id)
        .order_by(OutsideVerdict.comment_id)
        .limit(AT_ONCE)
        .with_for_update(of=Comment, **BESIDE_REPLIES)
    )
    if after is not None:
        query = query.where(OutsideVerdict.comment_id > after)
    found = session.execute(query).all()
    changes = []
    for verdict, comment in found:
        status = Status(verdict.status)
        if status not in STOOD or not _waits_in_shadow(comment, verdict):
            continue
        change = decision_log.Change(
            comment_id=comment.id,
            commenter_id=comment.commenter_id,
            revision=comment.revision,
            before=comment.status,
            after=status,
            actor=Actor.IMPORT,
            imported_as=STOOD[status],
        )
        comment.status, comment.decision_id = status, change.id
        changes.append(change)
    decision_log.record(session, site_id, changes, now)
    return len(changes), found[-1].OutsideVerdict.comment_id if found else None


def _waits_in_shadow(comment: Comment, verdict: OutsideVerdict) -> bool:
    return (
        comment.status == Status.RECEIVED
        and comment.judged_at is not None
        and comment.erased_at is None
        and comment.revision == verdict.revision
    )


def _named(session: Session, site_id: UUID, names: Collection[str]) -> Mapping[str, _Known]:
    """Comments by our id or by the site's, as it was given; those that are erased are not known."""
    ids = defaultdict(list)  # an id of ours may be spelled in several ways
    for name in names:
        with suppress(ValueError):
            ids[UUID(name)].append(name)
    found = {}
    for comment_id, external_id, revision in session.execute(
        select(Comment.id, Comment.external_id, Comment.revision).where(
            Comment.site_id == site_id,
            Comment.erased_at.is_(None),
            or_(Comment.external_id.in_(names), Comment.id.in_(ids)),
        )
    ):
        if external_id is not None and external_id in names:
            found[external_id] = _Known(comment_id, revision)
        for name in ids.get(comment_id, ()):  # goes before another comment's external id
            found[name] = _Known(comment_id, revision)
    return found
