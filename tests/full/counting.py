"""What the service promised, counted by row when all is calm again."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from moderation.db import Database
from moderation.models import Actor, Comment, Decision, Revision, Score, Status
from moderation.policy import Verdict
from tests.full.site import Kind, Posted

HELD = {Kind.RUDE, Kind.FAILS, Kind.ENDS}
"""What nobody may read before a moderator did."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """Comments, by what became of them. `broken` names each promise that was not kept."""

    posted: int
    """Different comments, by their keys; a repeat is none."""
    accepted: int
    """Answered with 202."""
    stored: int
    judged_once: int
    judged_again: int
    """After they had been held only because the model failed; so they should be."""
    held_unread: int
    """Calm ones that a person must look at, because they were tried too often."""
    scores: int
    broken: Sequence[str] = field(default=())

    def __str__(self) -> str:
        return (
            f"posted {self.posted}, accepted {self.accepted}, stored {self.stored},"
            f" judged once {self.judged_once}, lost {self._of('lost')}, twice {self._of('twice')}"
            f" (judged again after a failure {self.judged_again},"
            f" held after too many tries {self.held_unread}, scores {self.scores})"
        )

    def _of(self, word: str) -> int:
        return sum(word in said for said in self.broken)


def wait_until_calm(db: Database, seconds: float = 60) -> None:
    """Until nothing waits to be judged, or so many seconds are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with db.reading() as session:
            if not session.scalar(
                select(func.count()).select_from(Comment).where(Comment.judged_at.is_(None))
            ):
                return
        time.sleep(0.1)


def count(db: Database, posted: Sequence[Posted]) -> Count:
    """Hold what the site knows against what the tables say."""
    of_text = {comment.text: comment for comment in posted}
    with db.reading() as session:
        rows = {
            comment.id: (comment, text)
            for comment, text in session.execute(
                select(Comment, Revision.text).join(
                    Revision,
                    (Revision.site_id == Comment.site_id) & (Revision.comment_id == Comment.id),
                )
            )
            if text in of_text
        }
        decided: dict[UUID, list[Decision]] = defaultdict(list)
        for decision in session.scalars(select(Decision).order_by(Decision.seq)):
            decided[decision.comment_id].append(decision)
        scored = Counter(session.scalars(select(Score.comment_id)))
    broken = [
        f"{comment.key} was accepted and is lost"
        for comment in posted
        if comment.id is not None and comment.id not in rows
    ]
    broken += [
        f"{of_text[text].key} is stored {times} times: twice"
        for text, times in Counter(text for _, text in rows.values()).items()
        if times > 1
    ]
    judged = {
        comment_id: _of_one(of_text[text], comment, decided[comment_id], scored[comment_id], broken)
        for comment_id, (comment, text) in rows.items()
    }
    return Count(
        posted=len(posted),
        accepted=sum(comment.id is not None for comment in posted),
        stored=len(rows),
        judged_once=sum(times > 0 for times in judged.values()),
        judged_again=sum(times > 1 for times in judged.values()),
        held_unread=sum(
            of_text[text].kind == Kind.CALM and comment.status == Status.HELD
            for comment, text in rows.values()
        ),
        scores=sum(scored[comment_id] for comment_id in rows),
        broken=broken,
    )


def _of_one(
    posted: Posted, comment: Comment, decided: Sequence[Decision], scores: int, broken: list[str]
) -> int:
    """How often a comment was judged; what is wrong with that goes into `broken`."""
    if comment.judged_at is None or not decided:
        broken.append(f"{posted.key} was never judged: lost")
        return 0
    if any(d.actor != Actor.POLICY or d.revision != 1 for d in decided):
        broken.append(f"{posted.key} has a decision that nobody made")
    if not all(_for_a_failure(decision.evidence) for decision in decided[:-1]):
        broken.append(f"{posted.key} was judged twice")
    failed = _for_a_failure(decided[-1].evidence)
    if scores != (0 if failed else 1):
        broken.append(f"{posted.key} has {scores} scores")
    if posted.kind in HELD and any(d.status_after == Status.APPROVED for d in decided):
        broken.append(f"{posted.key} is {posted.kind}, and was approved")
    if posted.kind == Kind.CALM and not failed and comment.status != Status.APPROVED:
        broken.append(f"{posted.key} is calm, and was not approved")
    if comment.status != decided[-1].status_after:
        broken.append(f"{posted.key} is {comment.status}, its decision says otherwise")
    return len(decided)


def _for_a_failure(evidence: dict[str, Any]) -> bool:
    """Whether a comment was held only because something failed."""
    return Verdict.from_json(evidence).failed_only
