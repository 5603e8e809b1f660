"""One round of work: claim a batch, let the model read it, judge it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from uuid import UUID

from config.logs import log
from config.settings import Settings
from moderation import backlog, court, judging, metrics, schema, signals
from moderation.db import Database, is_away
from moderation.models import Actor, Status, new_id
from worker import languages
from worker.model import Model
from worker.scorers import Scorer

BATCH_ROWS = 32
BATCH_CHARACTERS = 40_000
"""A batch ends at the first of the two, so that it is scored well within its lease."""
REOPEN_AFTER = timedelta(hours=1)
"""How long a comment that is held only because something failed waits for another try."""
OTHERS_CLAIM_SECONDS = 0.05
OTHERS_CLAIM_LOOKS = 20
"""How often, and after how long each time, is looked again for what others are just claiming."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a worker has the lease of. `worker` is made anew for each batch: a lease is of one."""

    worker: UUID
    comments: Sequence[backlog.Waiting]


class Scoring:
    """Scores what waits: one round at a time, in one thread."""

    def __init__(self, settings: Settings, db: Database, model: Model) -> None:
        self._settings = settings
        self._db = db
        self._model = model
        self._in_hand: Batch | None = None
        self._tried_first = True

    def score_waiting(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Judge all that waits, until `stopping` says so; answers how many were claimed.

        Without a model nothing is claimed at all. What it raises is of the database: the batch in
        hand is then given back, its attempt uncounted, by the next call.
        """
        self.give_back_in_hand()
        scorer = self._model.ready()
        total = looks = 0
        while scorer is not None and not stopping():
            batch = self._claim()
            if batch.comments:
                self._in_hand = batch
                self._score(scorer, batch)
                self._in_hand = None
                total, looks = total + len(batch.comments), 0
            elif looks < OTHERS_CLAIM_LOOKS and self._others_claim():
                looks += 1
                time.sleep(OTHERS_CLAIM_SECONDS)
            else:
                break
        return total

    def warm_up(self) -> None:
        """Make sure of the schema, load the model, and have failed comments judged again, since it
        may work now. SchemaError when this release must not run on the database."""
        schema.check(self._db)
        if self._model.ready() is not None:
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

    def give_back_in_hand(self) -> None:
        """End the leases of the batch in hand, the attempt uncounted: others need not wait until
        they run out. May be called from beside the thread that scores. What the model says later
        is not written: the lease is gone.
        """
        if (batch := self._in_hand) is not None:
            self._give_back(batch, uncounted=True)
            self._in_hand = None
            log.warning("batch_given_back", comments=len(batch.comments))

    def _claim(self) -> Batch:
        worker = new_id()
        self._tried_first = not self._tried_first  # takes turns
        with self._db.transaction() as session:
            claimed = backlog.claim(
                session,
                worker=worker,
                limit=BATCH_ROWS,
                lease_seconds=self._settings.lease_seconds,
                tried_first=self._tried_first,
            )
            batch, rest = _within_budget(claimed)
            if rest:
                backlog.give_back(session, rest, worker=worker, uncounted=True)
        if expired := sum(item.expired for item in batch):
            log.warning("leases_expired", comments=expired)
            metrics.leases_expired(expired)
        return Batch(worker, batch)

    def _others_claim(self) -> bool:
        """Whether nothing was there because somebody else is just claiming: of what they have
        locked they may leave some."""
        with self._db.reading() as session:
            return backlog.is_claimable(session)

    def _score(self, scorer: Scorer, batch: Batch) -> None:
        readings = self._read(scorer, batch)
        if readings is None:
            return
        try:
            with self._db.transaction() as session:
                judged = judging.judge(
                    session,
                    readings,
                    worker=batch.worker,
                    model=scorer.facts,
                    now=datetime.now(UTC),
                )
        except Exception as error:
            if is_away(error):
                raise
            log.error("judging_failed", comments=len(batch.comments), error=type(error).__name__)
            judged = self._hold_or_give_back(batch)
        for item in judged:
            metrics.decided(item.site, item.status, Actor.POLICY)
            for clause, rule in item.watched:
                metrics.watched(item.site, clause, rule)
            log.info(
                f"comment_{item.status}" if item.status != Status.RECEIVED else "comment_judged",
                site=item.site,
                comment=str(item.comment_id),
                clause=item.clause,
                **({"request": item.request_id} if item.request_id else {}),
            )

    def _hold_or_give_back(self, batch: Batch) -> list[judging.Judged]:
        """After a failure that is a comment's own: each is claimed alone from now on, and held
        unjudged when it has failed too often."""
        first = batch.comments[0]
        if first.attempts < backlog.ATTEMPTS:
            self._give_back(batch, uncounted=False)
            return []
        with self._db.transaction() as session:
            return judging.hold_unjudged(session, first, worker=batch.worker, now=datetime.now(UTC))

    def _give_back(self, batch: Batch, *, uncounted: bool) -> None:
        with self._db.transaction() as session:
            backlog.give_back(session, batch.comments, worker=batch.worker, uncounted=uncounted)

    def _read(self, scorer: Scorer, batch: Batch) -> list[court.Reading] | None:
        """Scores and language of each; None when the model failed, and the leases are given back.

        After that each of them is claimed alone, so the one that the model fails on is found, and
        is held on its third failure. One that is claimed once more took its worker with it each
        time: it is held without being shown to the model again.
        """
        first = batch.comments[0]
        unread = [court.Reading(waiting=first, language=None, scores=None)]
        if first.attempts > backlog.ATTEMPTS:
            return unread
        began = time.perf_counter()
        try:
            found = read(scorer, [(item.text, item.parent_text) for item in batch.comments])
        except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
            log.error("scoring_failed", comments=len(batch.comments), error=type(error).__name__)
            if first.attempts == backlog.ATTEMPTS:
                return unread
            self._give_back(batch, uncounted=False)
            return None
        metrics.scored(len(found), time.perf_counter() - began)
        return [
            court.Reading(waiting=item, language=one.language, scores=one.scores, quoted=one.quoted)
            for item, one in zip(batch.comments, found, strict=True)
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


def _within_budget(
    claimed: Sequence[backlog.Waiting],
) -> tuple[Sequence[backlog.Waiting], Sequence[backlog.Waiting]]:
    """Those that are within the budget of characters, one at least, and the rest.

    The sites take turns, each with its oldest: one's flood of long comments would fill every batch,
    and keep another's comment waiting, if the oldest of all went first.
    """
    of_site: Counter[UUID] = Counter()
    turns: list[tuple[int, backlog.Waiting]] = []
    for item in claimed:
        turns.append((of_site[item.site_id], item))
        of_site[item.site_id] += 1
    in_turns = [item for _, item in sorted(turns, key=itemgetter(0))]
    total = 0
    for count, item in enumerate(in_turns):
        total += len(item.text)
        if count and total > BATCH_CHARACTERS:
            return in_turns[:count], in_turns[count:]
    return in_turns, []
