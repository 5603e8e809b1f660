"""One process: the web server, and a real Celery worker in a thread, over the memory broker."""

import threading
import time
from typing import Any

from celery import Celery
from celery.worker import WorkController

from config.logs import log

STOP_SECONDS = 5.0
"""How long Celery itself may take to stop, beside the batch in hand (`drain_seconds`)."""


class EmbeddedWorker:
    """A Celery worker in a thread of this process. Should it end by itself, it is started again."""

    def __init__(self, app: Celery, drain_seconds: float) -> None:
        self._app = app
        self._stop_seconds = drain_seconds + STOP_SECONDS
        self._controller: Any = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        """Start listening. Returns at once; the model is loaded in the background."""
        self._app.finalize()
        self._app.set_default()  # a worker in a thread finds its app by this alone
        self._thread.start()

    def lives(self) -> bool:
        """Whether it is there to score; it is not before it was started."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Let the batch in hand end, or give it back when it takes longer than `drain_seconds`;
        then stop."""
        self._stopping.set()
        deadline = time.monotonic() + self._stop_seconds
        while self._thread.is_alive() and time.monotonic() < deadline:
            # A controller that is still starting does not hear it, so it is told until it does.
            if self._controller is not None:
                self._controller.stop()
            self._thread.join(timeout=0.1)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._controller = WorkController(
                    app=self._app,
                    pool_cls="solo",
                    concurrency=1,
                    without_gossip=True,
                    without_mingle=True,
                    without_heartbeat=True,
                    loglevel="WARNING",
                )
                self._controller.start()
            except Exception as error:  # noqa: BLE001 - whatever it is, comments must not wait for ever
                log.error("worker_failed", error=type(error).__name__)
            self._stopping.wait(1.0)
