"""Claim + judge + write: what a comment costs the worker's process beside the model.

The reference is a fixed limit, 250 us of this process's CPU time a comment, at batches of 32, with
the starter policy and texts of about 150 characters (a usual comment), on Postgres. It is CPU time
and not time by the clock because the database works on other processors meanwhile. Measured is what
`moderation worker` does between two calls of the model: two transactions, all the rules and signals
of the starter policy, and the rows of scores and decisions. Longer texts cost more, since the word
lists are looked for in every word; they are measured beside it and have no limit.

The texts are made of common English words, about as often as they stand in print, among rare ones
that have not been seen before. Each reader writes a handful of comments, so that
there is something to compare with for repeats.
"""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from config.model import ModelFacts, facts_for
from config.settings import STARTER_POLICY, Settings
from moderation import backlog, comments, judging, sites
from moderation.db import Database
from moderation.models import Site, new_id
from moderation.submission import Submission
from worker.scoring import BATCH_ROWS

COMMON = """
the of and to a in is that for it was on are as with be this have not they by at but from you or an
we what all will one their more has there if so about can who would no when which do out up people
time them just like how some my been other than into your could now only its our new even because
then also year way after well where most think should over good get here those make see these many
any work much before right through does back know years down government still own such money take
being between public never same last another really come need every city while made want world use
must day both against pay few under going life help always school put since again keep around tax
less part law find place better long country home end war during news next change children read
"""
"""English words, the most frequent first."""
RARE_SHARE = 0.13
"""Of 100 words of real newspaper comments, so many are new after the first 3,000 comments."""
SYLLABLES = "ba ce do fi gu ha jo ki lu me no pa re si tu va we ya zo ter lin mar son ver"
COMMENTS_OF_A_READER = 5
INSERTED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What one comment cost on the average, in microseconds: of this process's CPU time, and by
    the clock."""

    cpu: float
    clock: float


def cost(db: Database, characters: int, count: int = 1600) -> Cost:
    """Have `count` new comments of so many characters judged, of a new site; `count` is a multiple
    of INSERTED_AT_ONCE. The database has the schema, and nothing that waits."""
    model = facts_for(Settings().model)
    site = _site(db, model)
    _post(db, site, characters, count)
    _round(db, model)  # what is made once for a policy, and the first connection
    cpu, clock, judged = time.process_time(), time.perf_counter(), 0
    while done := _round(db, model):
        judged += done
    return Cost(
        cpu=(time.process_time() - cpu) / judged * 1e6,
        clock=(time.perf_counter() - clock) / judged * 1e6,
    )


def _round(db: Database, model: ModelFacts) -> int:
    """Claim a batch, take it for calm English, judge it: `worker.scoring` without the model."""
    worker = new_id()
    with db.transaction() as session:
        claimed = backlog.claim(session, worker=worker, limit=BATCH_ROWS, lease_seconds=60)
    calm = dict.fromkeys(model.attributes, 0.01)
    readings = [judging.Reading(waiting=item, language="en", scores=calm) for item in claimed]
    with db.transaction() as session:
        judged = judging.judge(session, readings, worker=worker, model=model, now=datetime.now(UTC))
    return len(judged)


def _site(db: Database, model: ModelFacts) -> Site:
    now = datetime.now(UTC)
    with db.transaction() as session:
        site = sites.add(session, f"bench-{time.time_ns()}", now=now)
        sites.post_policy(
            session,
            site,
            STARTER_POLICY.read_text(encoding="utf-8"),
            attributes=model.attributes,
            model_version=model.version,
            now=now,
        )
    return site


def _post(db: Database, site: Site, characters: int, count: int) -> None:
    chance = random.Random(characters)
    readers = count // COMMENTS_OF_A_READER
    for _ in range(count // INSERTED_AT_ONCE):
        posted = [
            Submission.model_validate(
                {
                    "story": {"id": f"story-{chance.randrange(20)}"},
                    "commenter": {"id": f"reader-{chance.randrange(readers)}"},
                    "text": text(chance, characters),
                }
            )
            for _ in range(INSERTED_AT_ONCE)
        ]
        with db.transaction() as session:
            comments.receive(session, site.id, posted, now=datetime.now(UTC))


def text(chance: random.Random, characters: int) -> str:
    """An ordinary comment of about so many characters, in sentences."""
    common, syllables = COMMON.split(), SYLLABLES.split()
    words: list[str] = []
    length = 0
    while length < characters:
        if chance.random() < RARE_SHARE:
            word = "".join(chance.choices(syllables, k=chance.randint(2, 4)))
        else:
            # The nth most frequent word of a language stands there about 1/n as often as the first.
            word = common[int(len(common) ** chance.random()) - 1]
        ends = chance.random() < 0.08
        words.append(f"{word}." if ends else word)
        length += len(words[-1]) + 1
    return " ".join(words)[:characters].strip()
