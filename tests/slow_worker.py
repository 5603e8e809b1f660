"""`moderation worker` with a stand-in for the model: `python -m tests.slow_worker SECONDS ...`.

A call of the model takes so many seconds, and ends the process outright on a text with `deadly` in
it. With fewer than none, its children die as soon as they are there. What follows are the options
of the command.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

from celery import signals

from config.model import ModelFacts
from tests.newsroom import MODEL
from worker import scorers
from worker.commands.worker import worker


def die() -> None:
    """As when the machine has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


class Slow:
    """A model that takes its time and finds nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @property
    def facts(self) -> ModelFacts:
        return MODEL

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        if any("deadly" in text for text in texts):
            die()
        time.sleep(self._seconds)
        return [dict.fromkeys(MODEL.attributes, 0.01) for _ in texts]


if __name__ == "__main__":
    seconds, *options = sys.argv[1:]
    scorers.load = lambda *_: Slow(float(seconds))
    if float(seconds) < 0:
        signals.worker_process_init.connect(lambda **_: die(), weak=False)
    worker.main(options)
