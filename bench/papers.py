"""Five papers of differing size, of which one desk has all, with as many comments as are wanted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy.orm import Session

from bench import texts
from bench.databases import look_around, plain
from moderation import posted_policies, schema, sites, spans
from moderation.db import Database
from moderation.figures import site_days
from moderation.models import Role
from moderation.spans import Carrier
from moderation.staff import moderators
from tests import services
from tests.newsroom import MODEL, Newsroom, open_newsroom

FILL = Path(__file__).with_name("many_comments.sql")
POLICY = Path(__file__).parents[1] / "config" / "policies" / "starter.toml"
DAYS = 50
"""How long they came, to this moment."""
OTHERS = ("the-morning-star", "the-observer", "the-village-voice")
KINDS: tuple[tuple[str, dict[str, float], str], ...] = (
    ("You are a fool, Tom.", {"insult": 0.83, "toxicity": 0.8}, "en"),
    ("What a load of tosh this is.", {"obscene": 0.41}, "en"),
    ("Come here and say that.", {"threat": 0.35, "toxicity": 0.5}, "en"),
    ("They never learn, these people.", {"identity_attack": 0.55, "toxicity": 0.7}, "en"),
    ("Only an idiot would build it there.", {"insult": 0.62, "obscene": 0.3}, "en"),
    ("Read https://one.example and https://two.example and https://three.example first.", {}, "en"),
    ("Լավ է ասված, բայց ուշ է։", {}, "hy"),
    ("WHO HAS EVER ASKED US ABOUT ANY OF THIS", {}, "en"),
    ("Ring me at +44 20 7946 0958 and I will explain.", {}, "en"),
    ("Dull, dull, dull.", {"toxicity": 0.69}, "en"),
    ("A fair point, well made.", {}, "en"),
    ("A word that is never printed.", {"obscene": 0.995, "toxicity": 0.9}, "en"),
)
"""What readers write, what a model says of it, in which language: most of it is held, the last but
one approved, the last blocked."""


@dataclass(frozen=True, slots=True)
class Papers:
    """A newsroom whose Ana moderates all five, and its database's address."""

    newsroom: Newsroom
    url: str


@contextmanager
def papers(
    postgres: services.Postgres, comments: int, held: int, *, times: int = 1, counted: bool = True
) -> Iterator[Papers]:
    """So many comments, of which so many are held; `times` as long as usual.

    `counted`: Postgres has counted what there is. It has not when a backup has just been restored.
    """
    with Database(postgres.create()) as db:
        schema.upgrade(db)
        newsroom = open_newsroom(db)
        with db.transaction() as session:
            _open_the_others(session, newsroom)
        _judge_each_kind(newsroom)
        url = db.engine.url.render_as_string(hide_password=False)
        made = FILL.read_text(encoding="utf-8").format(
            every=comments // held,
            comments=comments,
            days=DAYS,
            until=datetime.now(UTC).isoformat(timespec="seconds"),
            site=newsroom.daily.id,
            ana=newsroom.ana.id,
            times=times,
            words=" ".join(texts.COMMON),
            syllables=" ".join(texts.SYLLABLES),
        )
        with psycopg.connect(plain(url), autocommit=True) as connection:
            if not counted:
                forget = "ALTER TABLE {} SET (autovacuum_enabled = off)"
                for table in ("comments", "revisions", "scores", "decisions", "commenters"):
                    connection.execute(forget.format(table).encode())
            connection.execute(made.encode())
        if counted:
            look_around(url)
        for _ in site_days.count_due(db.reading, db.transaction, now=datetime.now(UTC)):
            pass  # as its worker has
        yield Papers(newsroom, url)


def _open_the_others(session: Session, newsroom: Newsroom) -> None:
    now = datetime.now(UTC)
    source = POLICY.read_text(encoding="utf-8")
    others = [sites.add(session, slug, name=slug, now=now) for slug in OTHERS]
    for paper in (newsroom.daily, newsroom.post, *others):
        posted_policies.post(
            session,
            paper,
            source,
            attributes=MODEL.attributes,
            model_version=MODEL.version,
            now=now,
        )
        moderators.assign(session, newsroom.ana, paper, Role.ADMIN)


def _judge_each_kind(newsroom: Newsroom) -> None:
    for text, scores, language in KINDS:
        newsroom.receive(text)
        newsroom.judge(scores, language=language)
    with newsroom.db.transaction() as session:
        while wanted := spans.claim(session, model_version=MODEL.version, lease_seconds=60):
            first = Carrier(0, len(wanted.text) // 2, 0.6)
            spans.keep(session, wanted, {attribute: [first] for attribute in wanted.attributes})
