"""The cast of every scene.

*The Daily* takes comments; Ana moderates it and Rita comments under its stories. Ben moderates
another paper, *The Evening Post*, and must see nothing of The Daily's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.model import ModelFacts
from moderation import backlog, comments, judging, posted_policies, site_keys, sites
from moderation.court import Reading
from moderation.db import Database
from moderation.erasures import Erased
from moderation.models import Comment, Moderator, Scope, Site, new_id
from moderation.staff import moderators, passwords
from moderation.submission import Submission

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough password"  # noqa: S105 - of people who do not exist
MODEL = ModelFacts(
    name="stand-in",
    version="0" * 12,
    attributes=(
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    ),
    languages=frozenset({"en"}),
)
POLICY = """
title = "What we print"
text = "Write as you would speak to a neighbour. No swearing, no attacks on other readers."

[[clauses]]
key = "profanity"
title = "Profanity"
text = "Keep it clean."

[[clauses.rules]]
attribute = "obscene"
hold = 0.5
block = 0.95

[[clauses]]
key = "personal-attacks"
title = "Personal attacks"
text = "Argue with what was said, not with who said it."

[[clauses.rules]]
attribute = "insult"
hold = 0.6

[[clauses.rules]]
flags = 2
"""


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Two papers, their moderators and their keys, in a database with nothing else in it."""

    db: Database
    daily: Site
    post: Site
    ana: Moderator
    ben: Moderator
    daily_key: str
    post_key: str

    def receive(self, text: str = "A fair point, well made.", **fields: Any) -> UUID:
        """Rita posts a comment to The Daily; answers its id."""
        with self.db.transaction() as session:
            [answer] = comments.receive(
                session, self.daily.id, [submission(text, **fields)], now=NOON
            )
        assert isinstance(answer, comments.Received), answer
        return answer.comment_id

    def judge(
        self, scores: Mapping[str, float] | None = None, *, language: str | None = "en"
    ) -> list[judging.Judged]:
        """Judge everything that waits, as if a model had given these scores (the rest 0.01)."""
        worker = new_id()
        with self.db.transaction() as session:
            claimed = backlog.claim(session, worker=worker, limit=500, lease_seconds=60)
        readings = [
            Reading(
                waiting=waiting,
                language=language,
                scores=dict.fromkeys(MODEL.attributes, 0.01) | dict(scores or {}),
            )
            for waiting in claimed
        ]
        with self.db.transaction() as session:
            return judging.judge(session, readings, worker=worker, model=MODEL, now=NOON)

    def held(self, text: str = "You are a fool, Tom.", **fields: Any) -> UUID:
        """Rita's comment, held for an insult of 0.83."""
        comment_id = self.receive(text, **fields)
        self.judge({"insult": 0.83, "toxicity": 0.8})
        return comment_id

    def approved(self, text: str = "A fair point, well made.", **fields: Any) -> UUID:
        """Rita's comment, approved by the policy."""
        comment_id = self.receive(text, **fields)
        self.judge()
        return comment_id

    def post_policy(self, source: str) -> None:
        """The Daily posts another policy."""
        with self.db.transaction() as session:
            _post(session, self.daily, source)

    def comment(self, comment_id: UUID) -> Comment:
        """The comment's row, as it is now."""
        with self.db.reading() as session:
            return session.scalars(select(Comment).where(Comment.id == comment_id)).one()


def submission(text: str = "A fair point, well made.", **fields: Any) -> Submission:
    """What The Daily posts when Rita comments on the tram story."""
    body: dict[str, Any] = {
        "story": {
            "id": "tram-7",
            "url": "https://daily.example/tram-7",
            "title": "Tram line 7 reopens",
            "section": "City",
        },
        "commenter": {"id": "rita", "name": "Rita"},
        "text": text,
    }
    return Submission.model_validate(body | fields)


def unrecorded(_erased: Erased) -> None:
    """The journal of a scene in which nobody restores anything."""


def _post(session: Session, site: Site, source: str) -> None:
    posted_policies.post(
        session,
        site,
        source,
        attributes=MODEL.attributes,
        model_version=MODEL.version,
        now=NOON,
    )


def open_newsroom(db: Database) -> Newsroom:
    """Fill an empty database with the cast; The Daily has posted `POLICY`."""
    with db.transaction() as session:
        daily = sites.add(session, "the-daily", name="The Daily", now=NOON)
        post = sites.add(session, "the-evening-post", name="The Evening Post", now=NOON)
        _, daily_key = site_keys.add(session, daily, [Scope.ADMIN], now=NOON)
        _, post_key = site_keys.add(session, post, [Scope.ADMIN], now=NOON)
        _post(session, daily, POLICY)
        ana = Moderator(email="ana@daily.example", name="Ana", **_known())
        ben = Moderator(email="ben@post.example", name="Ben", **_known())
        session.add_all([ana, ben])
        session.flush()
        moderators.assign(session, ana, daily)
        moderators.assign(session, ben, post)
    return Newsroom(db, daily, post, ana, ben, daily_key, post_key)


@cache
def _password_hash() -> str:
    return passwords.hashed(PASSWORD)  # slow by design: once for all scenes


def _known() -> dict[str, Any]:
    return {"password_hash": _password_hash(), "created_at": NOON}


def later(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)
