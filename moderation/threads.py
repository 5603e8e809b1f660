"""The comments under a story in the order of reading, and what readers see of them.

Thread by thread, oldest first, each reply right below what it answers.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session

from moderation.models import Comment, Decision, Status, has_status
from moderation.paging import EPOCH

THREADS_AT_ONCE = 50
"""Threads looked through in one query while a page fills."""
LOOKED_THROUGH = 1000
"""Replies below a comment that are looked at: readers can reply without an end."""
DEEPEST = 50
"""Replies to replies that are followed down."""
NOT_YET = (Status.RECEIVED, Status.HELD)
"""Of which readers see nothing, if they were never approved; nor of what is below."""
CURSOR = r"^[0-9]{1,17}-[0-9a-f]{32}(-[0-9a-f]{32})?$"
"""A place as text: microseconds since 1970, the thread, the last comment seen in it."""


class Gone(StrEnum):
    """Why the words of a comment are not shown where it stands."""

    BLOCKED = "blocked"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"  # it was public, and waits for a decision again


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader has come to: a thread, named by its first comment.

    `last_seen` is the last comment seen in it; None when the thread is done.
    """

    thread_posted_at: datetime
    thread_id: UUID
    last_seen: UUID | None

    def __str__(self) -> str:
        posted = (self.thread_posted_at - EPOCH) // timedelta(microseconds=1)
        last = f"-{self.last_seen.hex}" if self.last_seen is not None else ""
        return f"{posted}-{self.thread_id.hex}{last}"

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """The place that `str` wrote; ValueError for anything else."""
        if not re.fullmatch(CURSOR, cursor):
            raise ValueError("not a place")
        posted, thread, *last = cursor.split("-")
        return cls(
            EPOCH + timedelta(microseconds=int(posted)),
            UUID(thread),
            UUID(last[0]) if last else None,
        )


@dataclass(slots=True)
class Node:
    """A comment without its words, in its place. `shown`: readers see it, or (`gone`) a tombstone
    that holds the place of its replies."""

    id: UUID
    parent_id: UUID | None
    posted_at: datetime
    status: str
    erased: bool
    depth: int = 0
    gone: Gone | None = None
    shown: bool = False


def walk(
    session: Session,
    site_id: UUID,
    story_id: UUID,
    *,
    after: Place | None,
    limit: int,
    whole: bool = False,
) -> tuple[list[Node], Place | None]:
    """The next `limit` comments in the order of reading, and where they end if more follow: those
    that readers are shown, or the `whole` discussion.

    A page costs what its threads cost, however long the story's discussion is.
    """
    found: list[Node] = []
    end: Place | None = None
    place = after
    while True:
        threads = _threads(session, site_id, story_id, place)
        for thread, nodes in _read(session, site_id, threads):
            resumed = after is not None and thread.id == after.thread_id
            for node in _since(nodes, after.last_seen) if resumed and after else nodes:
                if not (node.shown or whole):
                    continue
                if len(found) == limit:
                    return found, end
                found.append(node)
                end = Place(thread.posted_at, thread.id, node.id)
        if len(threads) < THREADS_AT_ONCE:
            return found, None
        place = Place(threads[-1].posted_at, threads[-1].id, None)


def _threads(session: Session, site_id: UUID, story_id: UUID, place: Place | None) -> list[Node]:
    """The first comments of the threads from `place` on, whatever their status."""
    query = select(*_COLUMNS).where(
        Comment.site_id == site_id,
        Comment.story_id == story_id,
        Comment.parent_id.is_(None),
    )
    if place is not None:
        again = place.last_seen is not None
        same_moment = Comment.id >= place.thread_id if again else Comment.id > place.thread_id
        query = query.where(
            or_(
                Comment.posted_at > place.thread_posted_at,
                and_(Comment.posted_at == place.thread_posted_at, same_moment),
            )
        )
    query = query.order_by(Comment.posted_at, Comment.id).limit(THREADS_AT_ONCE)
    return [_node(*row) for row in session.execute(query)]


_COLUMNS = (
    Comment.id,
    Comment.parent_id,
    Comment.posted_at,
    Comment.status,
    Comment.erased_at,
)


def _node(
    comment_id: UUID,
    parent_id: UUID | None,
    posted_at: datetime,
    status: str,
    erased_at: datetime | None,
) -> Node:
    return Node(comment_id, parent_id, posted_at, status, erased_at is not None)


def _read(
    session: Session, site_id: UUID, threads: Sequence[Node]
) -> Iterable[tuple[Node, list[Node]]]:
    """Each thread with all of its comments in reading order, marked with what is shown of them."""
    # Replies are found by the site of what they answer, and not by the one that is asked for: that
    # would be a condition of its own, by which Postgres may read all of the site's comments first.
    below = (
        select(*_COLUMNS, Comment.site_id)
        .where(
            Comment.site_id == site_id,
            Comment.parent_id.in_([node.id for node in threads]),
        )
        .cte("below", recursive=True)
    )
    below = below.union_all(
        select(*_COLUMNS, Comment.site_id).where(
            Comment.site_id == below.c.site_id, Comment.parent_id == below.c.id
        )
    )
    replies: dict[UUID | None, list[Node]] = {}
    found = select(below).order_by(below.c.posted_at, below.c.id)
    for *columns, _site_id in session.execute(found):
        node = _node(*columns)
        replies.setdefault(node.parent_id, []).append(node)
    were_public = _were_public(
        session,
        site_id,
        [
            node.id
            for node in [
                *threads,
                *(node for nodes in replies.values() for node in nodes),
            ]
            if node.id in replies and node.status in NOT_YET
        ],
    )
    for thread in threads:
        yield thread, _in_order(thread, replies, were_public)


def _in_order(
    thread: Node,
    replies: Mapping[UUID | None, list[Node]],
    were_public: Collection[UUID],
) -> list[Node]:
    ordered: list[Node] = []
    by_id: dict[UUID, Node] = {}
    waiting = [thread]
    while waiting:  # not by recursion: readers can reply to replies without an end
        node = waiting.pop()
        ordered.append(node)
        by_id[node.id] = node
        for reply in reversed(replies.get(node.id, [])):
            reply.depth = node.depth + 1
            waiting.append(reply)
    hidden: set[UUID] = set()
    for node in ordered:
        node.gone = _gone(node)
        never_public = node.gone is Gone.WITHDRAWN and node.id not in were_public
        if never_public or node.parent_id in hidden:
            hidden.add(node.id)
        node.shown = node.gone is None and node.id not in hidden
    for node in reversed(ordered):  # a tombstone stands while something below it is shown
        parent = by_id.get(node.parent_id) if node.parent_id else None
        if node.shown and parent is not None:
            parent.shown = True
    return ordered


def _gone(node: Node) -> Gone | None:
    if node.erased:
        return Gone.ERASED
    if node.status == Status.APPROVED:
        return None
    return Gone.BLOCKED if node.status == Status.BLOCKED else Gone.WITHDRAWN


def _were_public(session: Session, site_id: UUID, comment_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these comments that have been approved at any time."""
    if not comment_ids:
        return set()
    return set(
        session.scalars(
            select(Decision.comment_id).where(
                Decision.site_id == site_id,
                Decision.comment_id.in_(comment_ids),
                Decision.status_after == Status.APPROVED,
            )
        )
    )


def _since(nodes: Sequence[Node], last_seen: UUID | None) -> Sequence[Node]:
    """What follows the last comment seen; it may be gone by now, but it keeps its place."""
    for index, node in enumerate(nodes):
        if node.id == last_seen:
            return nodes[index + 1 :]
    return []


def count(session: Session, site_id: UUID, story_id: UUID) -> int:
    """How many comments readers are shown under a story: as many as `walk` shows, less the
    tombstones.

    The approved ones, less those below a comment that was never public. These alone are walked to,
    so that it costs what is hidden, and of the rest no more than the counting.
    """
    approved = session.scalar(
        select(func.count()).where(
            Comment.site_id == site_id,
            Comment.story_id == story_id,
            has_status(Status.APPROVED),
            Comment.erased_at.is_(None),
        )
    )
    if not approved:
        return 0
    # One look into the index for each. As a condition that Postgres may turn into a join, it would
    # be held against all decisions of the site where much waits under the story.
    was_public = (
        select(literal(1))
        .where(
            Decision.site_id == Comment.site_id,
            Decision.comment_id == Comment.id,
            Decision.status_after == Status.APPROVED,
        )
        .limit(1)
        .scalar_subquery()
    )
    columns = (Comment.site_id, Comment.id, Comment.status, Comment.erased_at)
    hidden = (
        select(*columns)
        .where(
            Comment.site_id == site_id,
            Comment.story_id == story_id,
            Comment.status.in_(NOT_YET),
            Comment.erased_at.is_(None),
            was_public.is_(None),
        )
        .cte("hidden", recursive=True)
    )
    hidden = hidden.union(  # not all: one below another would be walked to from both
        select(*columns).where(
            Comment.site_id == hidden.c.site_id,  # as in `_read`
            Comment.parent_id == hidden.c.id,
        )
    )
    unseen = session.scalar(
        select(func.count())
        .select_from(hidden)
        .where(hidden.c.status == Status.APPROVED, hidden.c.erased_at.is_(None))
    )
    return approved - (unseen or 0)


def below(session: Session, site_id: UUID, comment_id: UUID, *, limit: int) -> list[UUID]:
    """The first `limit` of the replies to a comment, and of those to them, that are held or
    approved; the nearest first.

    Of LOOKED_THROUGH replies and DEEPEST levels: what lies beyond is not found.
    """
    columns = (
        Comment.site_id,
        Comment.id,
        Comment.status,
        Comment.erased_at,
        Comment.posted_at,
    )
    replies = (
        select(*columns, literal(1).label("depth"))
        .where(Comment.site_id == site_id, Comment.parent_id == comment_id)
        .cte("replies", recursive=True)
    )
    replies = replies.union_all(
        select(*columns, (replies.c.depth + 1).label("depth")).where(
            Comment.site_id == replies.c.site_id,  # as in `_read`
            Comment.parent_id == replies.c.id,
            replies.c.depth < DEEPEST,
        )
    )
    # A limit without an order: both databases stop walking there.
    some = select(replies).limit(LOOKED_THROUGH).subquery()
    return list(
        session.scalars(
            select(some.c.id)
            .where(
                some.c.status.in_([Status.HELD, Status.APPROVED]),
                some.c.erased_at.is_(None),
            )
            .order_by(some.c.depth, some.c.posted_at, some.c.id)
            .limit(limit)
        )
    )
