"""The Celery app: one thin task, and the sweep that makes a lost ring cost seconds."""

import mmap
import os
import signal
import sys
import threading
import time
from typing import Any

from celery import Celery, bootsteps, signals

from config.logs import log
from config.settings import Settings
from moderation.bell import SCORE_WAITING, broker_options
from moderation.db import Database
from worker import scorers
from worker.scoring import Scoring

REOPEN_EVERY = 600.0
"""Seconds between two looks for comments that are held only because something failed."""
TICK = 1.0
"""Seconds after which a sweep that waits looks whether it is to stop."""


class Sign:
    """Shown once, and for good. Seen by this process and by all that it forks afterwards.

    A number in shared memory, without a lock. It is shown in a signal handler, which may have
    interrupted the very thread that holds the lock of a `threading.Event`; and a child that is
    killed with -9 while it looks would leave that of a `multiprocessing.Event` locked for ever.
    """

    def __init__(self) -> None:
        self._since = memoryview(mmap.mmap(-1, 8)).cast("d")

    def show(self) -> None:
        """Show it to all of them."""
        self._since[0] = time.monotonic()

    @property
    def since(self) -> float | None:
        """When it was shown, by the monotonic clock; None before."""
        return self._since[0] or None


class Sweep(threading.Thread):
    """The thread that scores. It looks at the table when it is rung for, and by itself.

    By itself it finds what a lost ring, a killed worker or an expired lease left behind, and it
    goes on while Redis is away. Celery's own thread never scores: it hears at once that the
    worker is to stop, whatever the model is at.
    """

    def __init__(
        self,
        scoring: Scoring,
        settings: Settings,
        *,
        opened: Sign,
        closed: Sign,
        parent: int | None = None,
    ) -> None:
        super().__init__(name="sweep", daemon=True)
        self._scoring = scoring
        self._settings = settings
        self._opened = opened
        self._closed = closed
        self._rung = threading.Event()
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
        """Look, wait, look again, until told to stop."""
        reopened: float | None = None
        while self._opened.since is None and not self._is_to_stop():
            time.sleep(0.05)
        while not self._is_to_stop():
            self._rung.clear()
            try:
                if reopened is None:
                    self._scoring.warm_up()
                    reopened = time.monotonic()
                elif time.monotonic() - reopened > REOPEN_EVERY:
                    self._scoring.reopen_failed()
                    reopened = time.monotonic()
                self._scoring.score_waiting(self._is_to_stop)
            except Exception as error:  # noqa: BLE001 - a database away; the next look may find it
                log.error("sweep_failed", error=type(error).__name__)
            self._wait()

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


class Shift:
    """What one worker process does from its start to its end, apart from Celery.

    A worker that has children does not score itself; the two signs are theirs, too.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self._settings = settings
        self._db = db
        self._sweep: Sweep | None = None
        self._opened = Sign()
        self._closed = Sign()

    def open(self) -> None:
        """From now on batches are claimed, here and in the children.

        A child that died while Celery's pool is still starting would take the whole worker with it.
        """
        self._opened.show()

    def begin(self, parent: int | None = None) -> None:
        """Begin to score. The model is loaded in the background. `parent` is the process without
        which this one is not to go on."""
        settings = self._settings
        scoring = Scoring(
            settings,
            self._db,
            lambda: scorers.load(settings.model, settings.model_config_dir, settings.model_threads),
        )
        self._sweep = Sweep(
            scoring, settings, opened=self._opened, closed=self._closed, parent=parent
        )
        self._sweep.start()

    def begin_in_child(self, **_signal: Any) -> None:
        """The same in a process that Celery's pool has forked."""
        # The connections in the engine's pool are the parent's: closing them here would end them
        # for it, too.
        self._db.engine.dispose(close=False)
        # Told by itself (a service manager tells the whole group), it drains and ends as well.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.begin(parent=os.getppid())

    def tell(self, **_signal: Any) -> None:
        """Begin no other batch, here and in the children. Called in a signal handler."""
        self._closed.show()

    def ring(self) -> None:
        """Comments wait."""
        if self._sweep is not None:
            self._sweep.ring()

    def end(self, **_signal: Any) -> None:
        """Stop scoring, in `drain_seconds` at the latest."""
        if self._sweep is not None:
            self._sweep.stop()


def create_worker(
    settings: Settings, db: Database | None = None, *, children: bool = False
) -> Celery:
    """The worker's Celery app: for the `solo` pool, which scores in its own process, or for
    `prefork`, whose `children` score instead of it.

    One model and one batch at a time in each process that scores.
    """
    shift = Shift(settings, db or Database(settings.database))
    # shared=False below and set_as_current=False here: apps of one process would share the task.
    app = Celery("moderation", set_as_current=False)
    app.conf.update(
        **broker_options(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,  # none is long
        task_ignore_result=True,
        # A ring is only a wake-up and the lease guards the comments: nothing is lost by taking it
        # off the queue before the work is done.
        task_acks_late=False,
    )

    @app.task(name=SCORE_WAITING, shared=False)
    def score_waiting() -> None:
        shift.ring()

    # These hold no reference to the shift, which lives as long as its app.
    signals.worker_shutting_down.connect(shift.tell)
    if children:
        # Each child loads a model of its own, and takes about 125 MB (PSS, with the bundled one;
        # a worker process without children 158 MB, the parent of some 55 MB). Loading it before
        # the fork would save 45 MB a child, and was left: the runtime of the model does not
        # promise that a forked session works, and the threads that it may have started stay behind.
        signals.worker_process_init.connect(shift.begin_in_child)
        signals.worker_process_shutdown.connect(shift.end)
    app.steps["worker"].add(_step_of(shift, scores=not children))
    return app


def _step_of(shift: Shift, *, scores: bool) -> type[bootsteps.StartStopStep]:
    class ShiftStep(bootsteps.StartStopStep):
        """Begins the shift beside the consumer, and ends it with the worker."""

        requires = ("celery.worker.components:Pool",)

        def start(self, _parent: Any) -> None:
            shift.open()
            if scores:
                shift.begin()

        def stop(self, _parent: Any) -> None:
            shift.end()

    return ShiftStep
