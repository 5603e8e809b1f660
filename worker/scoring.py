"""One round of work: claim a batch, let the model read it, judge it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from config.logs import log
from config.settings import Settings
from moderation import backlog, judging, signals
from moderation.db import Database
from moderation.models import new_id
from worker import languages
from worker.scorers import Scorer

BATCH_ROWS = 32
BATCH_CHARACTERS = 40_000
"""A batch ends at the first of the two, so that it is scored well within its lease."""
REOPEN_AFTER = timedelta(hours=1)
"""How long a comment that is held only because something failed waits for another try."""


class Scoring:
    """Scores what waits. One round at a time, whoever asks (a ring or the sweep)."""

    def __init__(self, settings: Settings, db: Database, load: Callable[[], Scorer]) -> None:
        self._settings = settings
        self._db = db
        self._load = load
        self._scorer: Scorer | None = None
        self._one_at_a_time = threading.Lock()
        self._stopping = threading.Event()

    def begin(self) -> threading.Event:
        """Begin work. Once the answer is set, the batch in hand is finished and no other begun.

        Each worker that starts gets its own: one that is late to stop does not stop its successor.
        """
        self._stopping = threading.Event()
        return self._stopping

    def score_waiting(self) -> int:
        """Judge all that waits; answers how many. Without a model nothing is claimed at all."""
        with self._one_at_a_time:
            scorer = self._ready()
            total = 0
            while scorer is not None and not self._stopping.is_set():
                if not (count := self._round(scorer)):
                    break
                total += count
            return total

    def warm_up(self) -> None:
        """Load the model now, and have failed comments judged again, since it may work now."""
        with self._one_at_a_time:
            if self._ready() is not None:
                self.reopen_failed(datetime.now(UTC))

    def reopen_failed(self, before: datetime | None = None) -> None:
        """Have comments judged again that are held only because something failed, an hour ago or
        more (`before` says otherwise)."""
        with self._db.transaction() as session:
            count = backlog.reopen_failed(
                session, before=before or datetime.now(UTC) - REOPEN_AFTER
            )
        if count:
            log.info("failed_reopened", comments=count)

    def _ready(self) -> Scorer | None:
        if self._scorer is None:
            try:
                self._scorer = self._load()
            except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
                log.error("model_unavailable", model=self._settings.model, error=str(error))
            else:
                facts = self._scorer.facts
                log.info("model_loaded", model=facts.name, version=facts.version)
        return self._scorer

    def _round(self, scorer: Scorer) -> int:
        worker = new_id()
        with self._db.transaction() as session:
            claimed = backlog.claim(
                session,
                worker=worker,
                limit=BATCH_ROWS,
                lease_seconds=self._settings.lease_seconds,
            )
            batch = _within_budget(claimed)
            if rest := claimed[len(batch) :]:
                backlog.give_back(session, rest, worker=worker, uncounted=True)
        if not batch:
            return 0
        readings = self._read(scorer, batch, worker)
        if readings is None:
            return len(batch)
        with self._db.transaction() as session:
            judged = judging.judge(
                session, readings, worker=worker, model=scorer.facts, now=datetime.now(UTC)
            )
        for item in judged:
            log.info(
                f"comment_{item.status}",
                site=str(item.site_id),
                comment=str(item.comment_id),
                clause=item.clause,
            )
        return len(batch)

    def _read(
        self, scorer: Scorer, batch: Sequence[backlog.Waiting], worker: UUID
    ) -> list[judging.Reading] | None:
        """Scores and language of each; None when the model failed, and the leases are given back.

        After that each of them is claimed alone, so the one that the model fails on is found, and
        is held on its third failure without being shown to the model again.
        """
        if batch[0].attempts > backlog.ATTEMPTS:
            return [judging.Reading(waiting=batch[0], language=None, scores=None)]
        try:
            found = read(scorer, [(item.text, item.parent_text) for item in batch])
        except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
            log.error("scoring_failed", comments=len(batch), error=type(error).__name__)
            with self._db.transaction() as session:
                backlog.give_back(session, batch, worker=worker, uncounted=False)
            return None
        return [
            judging.Reading(
                waiting=item, language=one.language, scores=one.scores, quoted=one.quoted
            )
            for item, one in zip(batch, found, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Read:
    """What the model makes of a text: its language (ISO 639-1, None: cannot tell), the scores 0..1
    of the writer's own words, and apart from them those of words quoted from others."""

    language: str | None
    scores: dict[str, float]
    quoted: dict[str, float] | None


def read(scorer: Scorer, texts: Sequence[tuple[str, str | None]]) -> list[Read]:
    """Let the model read texts, each with the text of the comment that it answers."""
    parts = [signals.split_quoted(text, parent) for text, parent in texts]
    own = [own for own, _ in parts]
    quoting = [i for i, (_, quoted) in enumerate(parts) if quoted]
    scores = scorer.score(own + [parts[i][1] for i in quoting])
    quoted = dict(zip(quoting, scores[len(own) :], strict=True))
    return [Read(languages.detect(words), scores[i], quoted.get(i)) for i, words in enumerate(own)]


def _within_budget(claimed: Sequence[backlog.Waiting]) -> Sequence[backlog.Waiting]:
    """The first ones, up to the budget of characters; at least one."""
    total = 0
    for count, item in enumerate(claimed):
        total += len(item.text)
        if count and total > BATCH_CHARACTERS:
            return claimed[:count]
    return claimed
