"""All that is kept of one comment: words, scores, every decision, and the policy it was made under.

Reads only.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from moderation import complaints, posted_policies, spans
from moderation.cards import FLAGS_SHOWN, Logged
from moderation.complaints import Filed
from moderation.models import (
    Appeal,
    Comment,
    Commenter,
    Decision,
    DecisionNote,
    Explanation,
    Flag,
    Moderator,
    Notice,
    OutsideVerdict,
    Revision,
    Score,
    Spans,
    Story,
)
from moderation.models.joins import carriers_of, explanation_of, note_of, story_of, writer_of
from moderation.posted_policies import Posted
from moderation.sites import NotFound
from moderation.webhooks import deliveries
from moderation.webhooks.deliveries import Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What one model said of a revision, and which words carry it (empty: nobody has looked)."""

    score: Score
    carriers: spans.Carriers


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A revision with what was found in it and decided about it, oldest first."""

    words: Revision
    scored: Sequence[Scored]
    log: Sequence[Logged]

    @property
    def evidence(self) -> Mapping[str, Any]:
        """The policy's newest verdict on these words; empty when there is none."""
        return next(
            (line.decision.evidence for line in reversed(self.log) if line.decision.evidence), {}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One comment, from the first words on. `policies` has every version that a decision names;
    `flags` are the first readers' reports, `comment.flags` counts them all; `appeals` of its
    blocks and `notices` of illegal content are the newest ones first;
    `told` is what the site's webhooks were sent, `elsewhere` what another system of the site has
    made of one of the wordings."""

    comment: Comment
    story: Story
    commenter: Commenter
    wordings: Sequence[Wording]
    flags: Sequence[Flag]
    policies: Mapping[int, Posted]
    appeals: Sequence[Filed[Appeal]]
    notices: Sequence[Filed[Notice]]
    told: Sequence[Sent]
    elsewhere: OutsideVerdict | None


def case_file(session: Session, site_id: UUID, comment_id: UUID) -> CaseFile:
    """The whole case of a comment, whatever its status. NotFound when the site has none such."""
    row = session.execute(
        select(Comment, Story, Commenter, OutsideVerdict)
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .outerjoin(
            OutsideVerdict,
            and_(
                OutsideVerdict.site_id == Comment.site_id, OutsideVerdict.comment_id == Comment.id
            ),
        )
        .where(Comment.site_id == site_id, Comment.id == comment_id)
    ).first()
    if row is None:
        raise NotFound("comment")
    comment, story, commenter, elsewhere = row
    logs = _logs(session, site_id, comment_id)
    scores = _scores(session, site_id, comment_id)
    revisions = session.scalars(
        select(Revision)
        .where(Revision.site_id == site_id, Revision.comment_id == comment_id)
        .order_by(Revision.number)
    )
    flags = session.scalars(
        select(Flag)
        .where(Flag.site_id == site_id, Flag.comment_id == comment_id)
        .order_by(Flag.flagged_at, Flag.reader_hash)
        .limit(FLAGS_SHOWN)
    )
    decided = [line.decision for log in logs.values() for line in log]
    versions = {one.policy_version for one in decided if one.policy_version is not None}
    return CaseFile(
        comment=comment,
        story=story,
        commenter=commenter,
        wordings=[
            Wording(words=words, scored=scores[words.number], log=logs[words.number])
            for words in revisions
        ],
        flags=flags.all(),
        policies=posted_policies.of_versions(session, site_id, versions),
        appeals=complaints.filed(session, Appeal, site_id, Appeal.comment_id == comment_id),
        notices=complaints.filed(session, Notice, site_id, Notice.comment_id == comment_id),
        told=deliveries.of_subject(session, site_id, comment_id),
        elsewhere=elsewhere,
    )


def _logs(session: Session, site_id: UUID, comment_id: UUID) -> Mapping[int, list[Logged]]:
    logs: dict[int, list[Logged]] = defaultdict(list)
    for decision, moderator, note, explanation, answers in session.execute(
        select(Decision, Moderator, DecisionNote.text, Explanation.text, _answers_a_notice())
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .outerjoin(DecisionNote, note_of())
        .outerjoin(Explanation, explanation_of())
        .where(Decision.site_id == site_id, Decision.comment_id == comment_id)
        .order_by(Decision.seq)
    ):
        logs[decision.revision].append(
            Logged(
                decision=decision,
                moderator=moderator,
                note=note,
                explanation=explanation,
                noticed=answers,
            )
        )
    return logs


def _answers_a_notice() -> ColumnElement[bool]:
    """Whether a notice had come in before the decision, and ended with it. One that comes in later
    ends with the decision too, and at once: that did not lead to it."""
    return (
        select(Notice.id)
        .where(
            Notice.site_id == Decision.site_id,
            Notice.comment_id == Decision.comment_id,
            Notice.settled_by == Decision.id,
            Notice.received_at < Decision.decided_at,
        )
        .exists()
    )


def _scores(session: Session, site_id: UUID, comment_id: UUID) -> Mapping[int, list[Scored]]:
    scores: dict[int, list[Scored]] = defaultdict(list)
    for score, found in session.execute(
        select(Score, Spans.found)
        .outerjoin(Spans, carriers_of())
        .where(Score.site_id == site_id, Score.comment_id == comment_id)
        .order_by(Score.scored_at, Score.model_version)
    ):
        scores[score.revision].append(Scored(score=score, carriers=spans.read(found)))
    return scores
