"""What the site reads: one comment with all that is known of it, and what stands under a story."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import posted_policies, stories, threads
from moderation.models import (
    Appeal,
    Comment,
    Commenter,
    Decision,
    Explanation,
    Revision,
    Score,
    Status,
    Story,
)
from moderation.models.joins import newest, story_of, writer_of
from moderation.posted_policies import Posted
from moderation.sites import NotFound
from moderation.threads import Gone, Node, Place

# --- one comment ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quoted:
    """A decision, with the title of its clause in the policy version that it names, and what a
    person wrote for the commenter."""

    decision: Decision
    clause_title: str | None
    explanation: str | None = None


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
    policies: dict[int, Posted | None] = {}
    for version in {d.policy_version for d in decisions if d.policy_version is not None}:
        policies[version] = posted_policies.of_version(session, site_id, version)
    blocks = [d.id for d in decisions if d.moderator_id is not None and d.clause is not None]
    explained = _explanations(session, site_id, blocks) if blocks else {}
    return [
        Quoted(decision, _title(policies, decision), explained.get(decision.id))
        for decision in decisions
    ]


def _explanations(
    session: Session, site_id: UUID, decision_ids: Sequence[UUID]
) -> Mapping[UUID, str | None]:
    rows = session.execute(
        select(Explanation.decision_id, Explanation.text).where(
            Explanation.site_id == site_id, Explanation.decision_id.in_(decision_ids)
        )
    )
    return {row.decision_id: row.text for row in rows}


def _title(policies: Mapping[int, Posted | None], decision: Decision) -> str | None:
    posted = policies.get(decision.policy_version) if decision.policy_version else None
    if posted is None or decision.clause is None:
        return None
    clause = posted.policy.clause(decision.clause)
    return clause.title if clause else None


# --- under a story --------------------------------------------------------------------------


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

    `count` is of the whole story: how many of them readers are shown. `policy` is the one posted
    under it, None when there is none. `next` is where the following page begins, None at the end.
    """

    story: Story
    count: int
    policy: Posted | None
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
    nodes, end = threads.walk(session, site_id, story.id, after=after, limit=limit)
    return StoryPage(
        story,
        threads.count(session, site_id, story.id),
        posted_policies.current(session, site_id),
        _with_words(session, site_id, nodes),
        end,
    )


def _with_words(session: Session, site_id: UUID, nodes: Sequence[Node]) -> list[Shown]:
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


# --- by one reader --------------------------------------------------------------------------

OWN_MOST = 50
"""Comments of one reader under one story that are told of, the newest."""


@dataclass(frozen=True, slots=True)
class Own:
    """A comment as its writer is told of it: the story's external id, the newest words, the
    decision in force, and the last appeal."""

    comment: Comment
    story: str
    text: str | None
    decision: Quoted | None
    appeal: Appeal | None

    @property
    def is_let_lie(self) -> bool:
        """Whether it was judged and nothing came of it, as in shadow mode: nothing will, either,
        until the site leaves that."""
        return self.comment.status == Status.RECEIVED and self.comment.judged_at is not None


def own_comments(
    session: Session,
    site_id: UUID,
    external_id: str,
    *,
    story: str | None = None,
    comment_id: UUID | None = None,
) -> list[Own]:
    """What the reader of that external id wrote, oldest first: under one story, or one comment."""
    found = (
        select(Comment, Story.external_id, Revision.text)
        .join(Revision, newest())
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .where(
            Comment.site_id == site_id,
            Comment.erased_at.is_(None),
            Commenter.external_id == external_id,
        )
        .order_by(Comment.received_at.desc(), Comment.id.desc())
        .limit(OWN_MOST)
    )
    if story is not None:
        found = found.where(Story.external_id == story)
    if comment_id is not None:
        found = found.where(Comment.id == comment_id)
    rows = session.execute(found).all()[::-1]
    in_force = {comment.decision_id for comment, _, _ in rows if comment.decision_id is not None}
    decisions = session.scalars(
        select(Decision).where(Decision.site_id == site_id, Decision.id.in_(in_force))
    ).all()
    by_id = {one.decision.id: one for one in quoted(session, site_id, decisions)}
    appeals = session.scalars(
        select(Appeal)
        .where(
            Appeal.site_id == site_id,
            Appeal.comment_id.in_([comment.id for comment, _, _ in rows]),
        )
        .order_by(Appeal.received_at)
    )
    last = {appeal.comment_id: appeal for appeal in appeals}
    return [
        Own(
            comment,
            story_name,
            text,
            by_id.get(comment.decision_id) if comment.decision_id is not None else None,
            last.get(comment.id),
        )
        for comment, story_name, text in rows
    ]
