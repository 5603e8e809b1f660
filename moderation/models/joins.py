"""How the rows around a comment are found: the conditions that every reader of them joins by."""

from sqlalchemy import ColumnElement, and_

from moderation.models.comment import Comment, Revision, Score, Spans
from moderation.models.commenter import Commenter
from moderation.models.decision import Decision, DecisionNote, Explanation
from moderation.models.story import Story


def newest(
    comment: type[Comment] = Comment, revision: type[Revision] = Revision
) -> ColumnElement[bool]:
    """The comment's newest revision."""
    return and_(
        revision.site_id == comment.site_id,
        revision.comment_id == comment.id,
        revision.number == comment.revision,
    )


def carriers_of() -> ColumnElement[bool]:
    """The words that carry the score."""
    return and_(
        Spans.site_id == Score.site_id,
        Spans.comment_id == Score.comment_id,
        Spans.revision == Score.revision,
        Spans.model_version == Score.model_version,
    )


def story_of() -> ColumnElement[bool]:
    """The story that the comment stands under."""
    return and_(Story.site_id == Comment.site_id, Story.id == Comment.story_id)


def writer_of(
    comment: type[Comment] = Comment, commenter: type[Commenter] = Commenter
) -> ColumnElement[bool]:
    """Who wrote the comment."""
    return and_(commenter.site_id == comment.site_id, commenter.id == comment.commenter_id)


def in_force() -> ColumnElement[bool]:
    """The decision that gave the comment its status."""
    return and_(Decision.site_id == Comment.site_id, Decision.id == Comment.decision_id)


def note_of() -> ColumnElement[bool]:
    """What a moderator wrote beside the decision."""
    return and_(
        DecisionNote.site_id == Decision.site_id,
        DecisionNote.decision_id == Decision.id,
    )


def explanation_of() -> ColumnElement[bool]:
    """What the commenter is told of the decision."""
    return and_(
        Explanation.site_id == Decision.site_id,
        Explanation.decision_id == Decision.id,
    )
