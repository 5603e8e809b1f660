"""Claim + judge + write: what a comment costs the worker's process beside the model.

The reference is a fixed limit, 250 us of this process's CPU time a comment, in the worker's batches
(32 comments, or 40,000 characters), with the starter policy and texts of about 150 characters (a
usual comment), on Postgres. It is CPU time and not time by the clock because the database works on
other processors meanwhile.

Measured is the worker's own round, with a model that answers at once: two transactions, what is
quoted told apart, the language detected, all the rules and signals of the starter policy, the rows
of scores and decisions, the figures. Not measured are the lines of the log, one a comment: a run is
at level WARNING, as a busy site may set it. Longer texts cost more, since the word lists are looked
for in every word; they are measured beside it and have no limit.

Each reader writes a handful of comments, so that there is something to compare with for repeats.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from bench import texts
from bench.databases import receive
from config.model import ModelFacts, facts_for
from config.settings import Settings
from moderation.db import Database
from worker import demo
from worker.model import Model
from worker.scoring import Scoring

COMMENTS_OF_A_READER = 5
INSERTED_AT_ONCE = 200


class Calm:
    """A model that takes no time, and finds nothing."""

    def __init__(self) -> None:
        self.facts: ModelFacts = facts_for(Settings().model)
        self._found = dict.fromkeys(self.facts.attributes, 0.01)

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """The same for each."""
        return [self._found] * len(texts)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one comment cost on the average, in microseconds: of this process's CPU time, and by
    the clock."""

    cpu: float
    clock: float


def cost(db: Database, characters: int, count: int = 1600) -> Cost:
    """Have `count` comments of so many characters judged; `count` is a multiple of
    INSERTED_AT_ONCE. The database has the schema, and nothing in it."""
    scoring = Scoring(Settings(), db, Model(Calm))
    demo.make_if_empty(db, facts_for(Settings().model))
    scoring.score_waiting()  # the demo's own: what is made once for a policy or a language
    _post(db, characters, count)
    cpu, clock = time.process_time(), time.perf_counter()
    judged = scoring.score_waiting()
    return Cost(
        cpu=(time.process_time() - cpu) / judged * 1e6,
        clock=(time.perf_counter() - clock) / judged * 1e6,
    )


def _post(db: Database, characters: int, count: int) -> None:
    chance = Random(characters)
    readers = count // COMMENTS_OF_A_READER
    for _ in range(count // INSERTED_AT_ONCE):
        receive(
            db,
            [
                {
                    "story": {"id": f"story-{chance.randrange(20)}"},
                    "commenter": {"id": f"reader-{chance.randrange(readers)}"},
                    "text": texts.text(chance, characters),
                }
                for _ in range(INSERTED_AT_ONCE)
            ],
        )
