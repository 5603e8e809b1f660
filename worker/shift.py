"""A worker process from its start to its end, apart from Celery."""

import os
import signal
import sys
import time
from typing import Any

from config.settings import Settings
from moderation.db import Database
from worker.delivery import Postman
from worker.model import Model
from worker.sign import Sign
from worker.sweep import Sweep


class Shift:
    """What one worker process does from its start to its end, apart from Celery.

    A worker that has children does not score itself; the two signs are theirs, too.
    """

    def __init__(self, settings: Settings, db: Database) -> None:
        self.model = Model.of(settings)
        self._settings = settings
        self._db = db
        self._sweep: Sweep | None = None
        self._postman: Postman | None = None
        self._opened = Sign()
        self._closed = Sign()

    def open(self) -> None:
        """From now on batches are claimed, here and in the children.

        A child that died while Celery's pool is still starting would take the whole worker with it.
        """
        self._opened.show()

    def begin(self, parent: int | None = None) -> None:
        """Begin to score, and to tell sites. The model is loaded in the background. `parent` is the
        process without which this one is not to go on."""
        self._sweep = Sweep(
            self._settings,
            self._db,
            self.model,
            opened=self._opened,
            closed=self._closed,
            parent=parent,
        )
        self._sweep.start()
        self._postman = Postman(self._settings, self._db)
        self._postman.start()

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
        """Stop scoring and telling, in `drain_seconds` at the latest."""
        deadline = time.monotonic() + self._settings.drain_seconds
        if self._postman is not None:
            self._postman.tell()
        if self._sweep is not None:
            self._sweep.stop()
        if self._postman is not None:
            self._postman.stop(deadline)
