"""What the service promised, counted by row when all is calm again."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from moderation.db import Database
from moderation.models import Actor, Comment, Decision, Revision, Score, Status
from moderation.policy import Verdict
from tests.full.site import Kind, Posted
from tests.processes import SECONDS, until

HELD = {Kind.RUDE, Kind.FAILS, Kind.ENDS}
"""What nobody may read before a moderator did."""


@dataclass(frozen=True, kw_only=True)
class Count:
    """Comments, by what became of them.

    `lost`, `twice` and `broken` name each promise that was not kept: what was accepted and is not
    there or not judged, what is stored or judged a second time, and whatever else is wrong.
    """

    posted: int
    """Different comments, by their keys; a repeat is none."""
    accepted: int
    """Answered with 202."""
    stored: int
    judged_once: int
    """Neither never nor again."""
    judged_again: int
    """After they had been held only because the model failed; so they should be."""
    held_unread: int
    """Calm ones that a person must look at, because they were tried too often."""
    scores: int
    lost: Sequence[str] = ()
    twice: Sequence[str] = ()
    broken: Sequence[str] = ()

    @property
    def complaints(self) -> Sequence[str]:
        """Every promise that was not kept."""
        return (*self.lost, *self.twice, *self.broken)

    def __str__(self) -> str:
        return (
            f"posted {self.posted}, accepted {self.accepted}, stored {self.stored},"
            f" judged once {self.judged_once}, lost {len(self.lost)}, twice {len(self.twice)}"
            f" (judged again after a failure {self.judged_again},"
            f" held after too many tries {self.held_unread}, scores {self.scores})"
        )


def is_calm(db: Database) -> bool:
    """Whether nothing waits to be judged."""
    with db.reading() as session:
        waiting = select(Comment.id).where(Comment.judged_at.is_(None)).limit(1)
        return session.scalar(waiting) is None


def wait_until_calm(db: Database, seconds: float = SECONDS) -> None:
    """Until nothing waits to be judged, or so many seconds are over: what still waits then is
    counted as lost."""
    with suppress(AssertionError):
        until(lambda: is_calm(db), seconds, every=0.1)


def count(db: Database, posted: Sequence[Posted]) -> Count:
    """Hold what the site knows against what the tables say."""
    of_text = {comment.text: comment for comment in posted}
    with db.reading() as session:
        rows = {
            comment.id: (comment, of_text[text])
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
    lost = [
        f"{one.key} was accepted and is gone"
        for one in posted
        if one.id is not None and one.id not in rows
    ]
    twice = [
        f"{key} is stored {times} times"
        for key, times in Counter(one.key for _, one in rows.values()).items()
        if times > 1
    ]
    broken: list[str] = []
    once = again = 0
    for comment_id, (comment, one) in rows.items():
        made = decided[comment_id]
        if comment.judged_at is None or not made:
            lost.append(f"{one.key} was never judged")
            continue
        if len(made) == 1:
            once += 1
        elif all(_for_a_failure(decision) for decision in made[:-1]):
            again += 1
        else:
            twice.append(f"{one.key} was judged {len(made)} times")
        broken += _wrong_with(one, comment, made, scored[comment_id])
    return Count(
        posted=len(posted),
        accepted=sum(one.id is not None for one in posted),
        stored=len(rows),
        judged_once=once,
        judged_again=again,
        held_unread=sum(
            one.kind == Kind.CALM and comment.status == Status.HELD
            for comment, one in rows.values()
        ),
        scores=sum(scored[comment_id] for comment_id in rows),
        lost=lost,
        twice=twice,
        broken=broken,
    )


def _wrong_with(
    posted: Posted, comment: Comment, decided: Sequence[Decision], scores: int
) -> Iterator[str]:
    """What is wrong with a comment that was judged, however often."""
    if any(d.actor != Actor.POLICY or d.revision != 1 for d in decided):
        yield f"{posted.key} has a decision that nobody made"
    failed = _for_a_failure(decided[-1])
    if scores != (0 if failed else 1):
        yield f"{posted.key} has {scores} scores"
    if posted.kind in HELD and any(d.status_after == Status.APPROVED for d in decided):
        yield f"{posted.key} is {posted.kind}, and was approved"
    if posted.kind == Kind.CALM and not failed and comment.status != Status.APPROVED:
        yield f"{posted.key} is calm, and was not approved"
    if comment.status != decided[-1].status_after:
        yield f"{posted.key} is {comment.status}, its decision says otherwise"


def _for_a_failure(decision: Decision) -> bool:
    """Whether a comment was held only because something failed."""
    return Verdict.from_json(decision.evidence).failed_only
