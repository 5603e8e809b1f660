"""The Celery app: one thin task, and the sweep that makes a lost ring cost seconds."""

import threading
import time
from typing import Any

from celery import Celery, bootsteps

from config.logs import log
from config.settings import Settings
from moderation.bell import SCORE_WAITING, broker_options
from moderation.db import Database
from worker import scorers
from worker.scoring import Scoring

REOPEN_EVERY = 600.0
"""Seconds between two looks for comments that are held only because something failed."""


def create_worker(settings: Settings, db: Database | None = None) -> Celery:
    """The worker's Celery app, to be started with the `solo` pool.

    One process, one model, one batch at a time: scale by starting more processes.
    """
    database = db or Database(settings.database)
    scoring = Scoring(
        settings,
        database,
        lambda: scorers.load(settings.model, settings.model_config_dir, settings.model_threads),
    )
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
        task_ignore_result=True,
        # A ring is only a wake-up and the lease guards the comments: nothing is lost by taking it
        # off the queue before the work is done.
        task_acks_late=False,
    )

    @app.task(name=SCORE_WAITING, shared=False)
    def score_waiting() -> None:
        scoring.score_waiting()

    class SweepStep(bootsteps.StartStopStep):
        """Starts the sweep beside the consumer, and stops it with the worker."""

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)
            self.sweep: Sweep | None = None

        def start(self, _parent: Any) -> None:
            self.sweep = Sweep(scoring, settings.sweep_seconds)
            self.sweep.start()

        def stop(self, _parent: Any) -> None:
            if self.sweep is not None:
                self.sweep.stop()

    app.steps["worker"].add(SweepStep)
    return app


class Sweep(threading.Thread):
    """Looks at the table by itself, whatever the broker does.

    It finds what a lost ring, a killed worker or an expired lease left behind, and goes on scoring
    while Redis is away.
    """

    def __init__(self, scoring: Scoring, seconds: float) -> None:
        super().__init__(name="sweep", daemon=True)
        self._scoring = scoring
        self._seconds = seconds
        self._stopping = scoring.begin()

    def run(self) -> None:
        reopened: float | None = None
        while not self._stopping.is_set():
            try:
                if reopened is None:
                    self._scoring.warm_up()
                    reopened = time.monotonic()
                elif time.monotonic() - reopened > REOPEN_EVERY:
                    self._scoring.reopen_failed()
                    reopened = time.monotonic()
                self._scoring.score_waiting()
            except Exception as error:  # noqa: BLE001 - a database away; the next look may find it
                log.error("sweep_failed", error=type(error).__name__)
            self._stopping.wait(self._seconds)

    def stop(self) -> None:
        """Finish the batch in hand, then end."""
        self._stopping.set()
        self.join(timeout=30)
