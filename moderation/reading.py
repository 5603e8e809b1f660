"""What the site reads: one comment with all that is known of it, and what stands under a story."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session

from moderation import sites, stories
from moderation.models import (
    Comment,
    Commenter,
    Decision,
    Revision,
    Score,
    Status,
    Story,
    has_status,
)
from moderation.models.joins import newest, story_of, writer_of
from moderation.sites import CurrentPolicy, NotFound

THREADS_AT_ONCE = 50
"""Threads looked through in one query while a page fills."""


# --- one comment ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quoted:
    """A decision, with the title of its clause in the policy version that it names."""

    decision: Decision
    clause_title: str | None


@dataclass(frozen=True, slots=True)
class KnownComment:
    """All that the site may know of its comment.

    `revision` is the newest, `scores` are of that, `decision` is the one in force.
    """

    comment: Comment
    revision: Revision
    story: Story
    commenter: Commenter
    scores: Sequence[Score]
    decision: Quoted | None


def comment(session: Session, site_id: UUID, comment_id: UUID) -> KnownComment:
    """One comment. NotFound when the site has none such, or it is erased."""
    row = session.execute(
        select(Comment, Revision, Story, Commenter)
        .join(Revision, newest())
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .where(
            Comment.site_id == site_id,
            Comment.id == comment_id,
            Comment.erased_at.is_(None),
        )
    ).first()
    if row is None:
        raise NotFound("comment")
    found, revision, story, commenter = row
    scores = session.scalars(
        select(Score)
        .where(
            Score.site_id == site_id,
            Score.comment_id == comment_id,
            Score.revision == found.revision,
        )
        .order_by(Score.scored_at.desc(), Score.model_version)
    ).all()
    decision = None
    if found.decision_id is not None:
        in_force = session.get_one(Decision, (site_id, found.decision_id))
        [decision] = quoted(session, site_id, [in_force])
    return KnownComment(found, revision, story, commenter, scores, decision)


def quoted(session: Session, site_id: UUID, decisions: Sequence[Decision]) -> list[Quoted]:
    """These decisions of the site, as they are quoted; in their order."""
    policies: dict[int, CurrentPolicy | None] = {}
    for version in {d.policy_version for d in decisions if d.policy_version is not None}:
        policies[version] = sites.posted_policy(session, site_id, version)
    return [Quoted(decision, _title(policies, decision)) for decision in decisions]


def _title(policies: Mapping[int, CurrentPolicy | None], decision: Decision) -> str | None:
    posted = policies.get(decision.policy_version) if decision.policy_version else None
    if posted is None or decision.clause is None:
        return None
    clause = posted.policy.clause(decision.clause)
    return clause.title if clause else None


# --- under a story --------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True)
class Shown:
    """One comment as readers see it. `depth` is 0 for the first of a thread.

    One that is `gone` is a tombstone, which holds the place of its replies: no words, no name.
    """

    id: UUID
    parent_id: UUID | None
    depth: int
    posted_at: datetime
    gone: Gone | None
    external_id: str | None = None
    revision: int | None = None
    commenter: str | None = None
    commenter_name: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class StoryPage:
    """A story's approved comments, in reading order, from one place on.

    `count` is of the whole story. `policy` is the one posted under it, None when there is none.
    `next` is where the following page begins, None at the end.
    """

    story: Story
    count: int
    policy: CurrentPolicy | None
    comments: Sequence[Shown]
    next: Place | None


def under_story(
    session: Session,
    site_id: UUID,
    external_id: str,
    *,
    after: Place | None,
    limit: int,
) -> StoryPage:
    """What readers see under a story; NotFound when the site has no such story.

    Thread by thread, oldest first, each reply right below what it answers.
    A reply is shown once the comment that it answers has been public; blocked, erased or withdrawn
    since, that one leaves a tombstone for as long as a reply below it is shown.
    """
    story = stories.named(session, site_id, external_id)
    in_story = [Comment.site_id == site_id, Comment.story_id == story.id]
    count = session.scalar(
        select(func.count()).where(
            *in_story, has_status(Status.APPROVED), Comment.erased_at.is_(None)
        )
    )
    found, more = _walk(session, site_id, story.id, after, limit)
    return StoryPage(
        story,
        count or 0,
        sites.current_policy(session, site_id),
        _with_words(session, site_id, [node for node, _ in found]),
        _place(*found[-1]) if more else None,
    )


@dataclass(slots=True)
class _Node:
    """A comment without its words, while its place is found."""

    id: UUID
    parent_id: UUID | None
    posted_at: datetime
    status: str
    erased: bool
    depth: int = 0
    gone: Gone | None = None
    shown: bool = False


def _place(node: _Node, thread: _Node) -> Place:
    return Place(thread.posted_at, thread.id, node.id)


def _walk(
    session: Session, site_id: UUID, story_id: UUID, after: Place | None, limit: int
) -> tuple[list[tuple[_Node, _Node]], bool]:
    """The next `limit` comments to show, each with its thread's first; and whether more follow.

    A page costs what its threads cost, however long the story's discussion is.
    """
    found: list[tuple[_Node, _Node]] = []
    place = after
    while True:
        threads = _threads(session, site_id, story_id, place)
        for thread, nodes in _read(session, site_id, threads):
            resumed = after is not None and thread.id == after.thread_id
            for node in _since(nodes, after.last_seen) if resumed and after else nodes:
                if not node.shown:
                    continue
                if len(found) == limit:
                    return found, True
                found.append((node, thread))
        if len(threads) < THREADS_AT_ONCE:
            return found, False
        place = Place(threads[-1].posted_at, threads[-1].id, None)


def _threads(session: Session, site_id: UUID, story_id: UUID, place: Place | None) -> list[_Node]:
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
) -> _Node:
    return _Node(comment_id, parent_id, posted_at, status, erased_at is not None)


def _read(
    session: Session, site_id: UUID, threads: Sequence[_Node]
) -> Iterable[tuple[_Node, list[_Node]]]:
    """Each thread with all of its comments in reading order, marked with what is shown of them."""
    below = (
        select(*_COLUMNS)
        .where(
            Comment.site_id == site_id,
            Comment.parent_id.in_([node.id for node in threads]),
        )
        .cte("below", recursive=True)
    )
    below = below.union_all(
        select(*_COLUMNS).where(
            Comment.site_id == literal(site_id), Comment.parent_id == below.c.id
        )
    )
    replies: dict[UUID | None, list[_Node]] = {}
    for row in session.execute(select(below).order_by(below.c.posted_at, below.c.id)):
        node = _node(*row)
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
            if node.id in replies and node.status in (Status.RECEIVED, Status.HELD)
        ],
    )
    for thread in threads:
        yield thread, _in_order(thread, replies, were_public)


def _in_order(
    thread: _Node,
    replies: Mapping[UUID | None, list[_Node]],
    were_public: Collection[UUID],
) -> list[_Node]:
    ordered: list[_Node] = []
    by_id: dict[UUID, _Node] = {}
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


def _gone(node: _Node) -> Gone | None:
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


def _since(nodes: Sequence[_Node], last_seen: UUID | None) -> Sequence[_Node]:
    """What follows the last comment seen; it may be gone by now, but it keeps its place."""
    for index, node in enumerate(nodes):
        if node.id == last_seen:
            return nodes[index + 1 :]
    return []


def _with_words(session: Session, site_id: UUID, nodes: Sequence[_Node]) -> list[Shown]:
    """The comments as readers see them; only those that are shown are asked for."""
    rows = session.execute(
        select(Comment, Revision.text, Commenter.external_id, Commenter.name)
        .join(Revision, newest())
        .join(Commenter, writer_of())
        .where(
            Comment.site_id == site_id,
            Comment.id.in_([node.id for node in nodes if node.gone is None]),
        )
    )
    words = {comment.id: (comment, text, who, name) for comment, text, who, name in rows}
    shown = []
    for node in nodes:
        if node.gone is not None:
            shown.append(Shown(node.id, node.parent_id, node.depth, node.posted_at, node.gone))
            continue
        comment, text, who, name = words[node.id]
        shown.append(
            Shown(
                id=node.id,
                parent_id=node.parent_id,
                depth=node.depth,
                posted_at=node.posted_at,
                gone=None,
                external_id=comment.external_id,
                revision=comment.revision,
                commenter=who,
                commenter_name=name,
                text=text,
            )
        )
    return shown
