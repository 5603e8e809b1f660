"""The thread that scores what waits, and does the chores beside it."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from config.logs import log
from config.settings import Settings
from moderation import metrics
from moderation.db import Database
from moderation.figures import site_days
from moderation.keeping import retention
from moderation.models import Actor, Status
from moderation.queue import expiry
from worker.delivery import throw_away_old
from worker.explaining import Explaining
from worker.model import Model
from worker.scorers.pauses import pausing
from worker.scoring import Scoring
from worker.sign import Sign

REOPEN_EVERY = 600.0
"""Seconds between two looks for comments that are held only because something failed."""
EMPTY_LOG_EVERY = 600.0
"""Seconds for which erased words may still lie in SQLite's write-ahead log."""
ERASE_EVERY = 24 * 3600.0
"""Seconds between two looks for words that have been kept for long enough."""
EXPIRE_EVERY = 3600.0
"""Seconds between two looks for what has waited for too long under a closed story."""
COUNT_EVERY = 600.0
"""Seconds between two looks for days that are over and are to be counted (again)."""
TICK = 1.0
"""Seconds after which a sweep that waits looks whether it is to stop."""


class Sweep(threading.Thread):
    """The thread that scores. It looks at the table when it is rung for, and by itself.

    By itself it finds what a lost ring, a killed worker or an expired lease left behind, and it
    goes on while Redis is away. Celery's own thread never scores: it hears at once that the
    worker is to stop, whatever the model is at.
    """

    def __init__(
        self,
        settings: Settings,
        db: Database,
        model: Model,
        *,
        opened: Sign,
        closed: Sign,
        parent: int | None = None,
    ) -> None:
        super().__init__(name="sweep", daemon=True)
        self._scoring = Scoring(settings, db, model)
        self._explaining = Explaining(settings, db, model)
        self._model = model
        self._settings = settings
        self._chores = (
            Chore(REOPEN_EVERY, self._scoring.reopen_failed),
            Chore(EMPTY_LOG_EVERY, db.empty_log),
            Chore(EXPIRE_EVERY, lambda: expire_unreviewed(db)),
            Chore(ERASE_EVERY, lambda: erase_old_words(db, settings.retain_blocked_days)),
            Chore(ERASE_EVERY, lambda: throw_away_old(db, settings.retain_deliveries_days)),
            Chore(COUNT_EVERY, lambda: self._count_days(db)),
        )
        self._opened = opened
        self._closed = closed
        self._rung = threading.Event()
        self._looked = 0.0
        self._stopping = False
        self._parent = parent

    def ring(self) -> None:
        """Look now, or once more when the look in hand ends."""
        self._rung.set()

    def stop(self) -> None:
        """Begin no other batch, and finish the one in hand, or give it back when that takes longer
        than the setting `drain_seconds`. Then the thread may still be running, in the model."""
        self._stopping = True
        self._rung.set()
        told = self._closed.since or time.monotonic()
        self.join(timeout=max(0.0, told + self._settings.drain_seconds - time.monotonic()))
        if self.is_alive():
            try:
                self._scoring.give_back_in_hand()
            except Exception as error:  # noqa: BLE001 - the leases then run out by themselves
                log.error("batch_not_given_back", error=type(error).__name__)

    def run(self) -> None:
        """Look, wait, look again, until told to stop. Whoever waits for a text's scores goes first:
        it gives way to them before each pass of the model."""
        with pausing(self._model.precedence.give_way):
            self._look_until_told()

    def _look_until_told(self) -> None:
        warm = False
        while self._opened.since is None and not self._is_to_stop():
            time.sleep(0.05)
        while not self._is_to_stop():
            self._rung.clear()
            try:
                if not warm:
                    self._scoring.warm_up()
                    warm = True
                self._score()
                if self._explaining.explain_some(self._score_if_due, self._is_to_stop):
                    self.ring()
                for chore in self._chores:
                    chore.if_due()
            except Exception as error:  # noqa: BLE001 - a database away; the next look may find it
                log.error("sweep_failed", error=type(error).__name__)
            self._wait()

    def _score(self) -> None:
        self._scoring.score_waiting(self._is_to_stop)
        self._looked = time.monotonic()

    def _count_days(self, db: Database) -> None:
        for _ in site_days.count_due(db.reading, db.transaction, now=datetime.now(UTC)):
            self._score_if_due()
            if self._is_to_stop():
                return

    def _score_if_due(self) -> None:
        """What comes in goes before what is held already, also where its ring was lost."""
        if self._rung.is_set() or time.monotonic() - self._looked >= self._settings.sweep_seconds:
            self._rung.clear()
            self._score()

    def _wait(self) -> None:
        """Until it rings, or for so long as the setting `sweep_seconds` says."""
        until = time.monotonic() + self._settings.sweep_seconds
        while not self._is_to_stop() and (left := until - time.monotonic()) > 0:
            if self._rung.wait(min(left, TICK)):
                return

    def _is_to_stop(self) -> bool:
        # Linux kills a child whose parent was killed. Elsewhere nobody would tell it to stop.
        orphaned = self._parent is not None and os.getppid() != self._parent
        return self._stopping or self._closed.since is not None or orphaned


class Chore:
    """What a sweep does now and then, beside scoring: at its first look, then once in so many
    seconds. One that failed is done again at the next look."""

    def __init__(self, every: float, do: Callable[[], object]) -> None:
        self._every = every
        self._do = do
        self._due = time.monotonic()

    def if_due(self) -> None:
        """Do it if its time has come."""
        if time.monotonic() >= self._due:
            self._do()
            self._due = time.monotonic() + self._every


def erase_old_words(db: Database, days: int) -> None:
    """Erase the words of comments that were blocked more than `days` ago."""
    if count := retention.apply_to_all(db.transaction, days=days, now=datetime.now(UTC)):
        log.info("old_words_erased", comments=count)


def expire_unreviewed(db: Database) -> None:
    """Block what has waited for too long under a closed story, at the sites that want that."""
    for site, count in expiry.apply_to_all(db.transaction, now=datetime.now(UTC)).items():
        log.info("unreviewed_expired", site=site, comments=count)
        metrics.decided(site, Status.BLOCKED, Actor.SITE, count)
