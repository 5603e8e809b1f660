"""`moderation worker` with a stand-in for the model: `python -m tests.slow_worker SECONDS ...`.

A call of the model takes so many seconds, and ends the process outright on a text with `deadly` in
it. What follows are the options of the command.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

from config.model import ModelFacts
from tests.newsroom import MODEL
from worker import scorers
from worker.commands.worker import worker


class Slow:
    """A model that takes its time and finds nothing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @property
    def facts(self) -> ModelFacts:
        return MODEL

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        if any("deadly" in text for text in texts):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(self._seconds)
        return [dict.fromkeys(MODEL.attributes, 0.01) for _ in texts]


if __name__ == "__main__":
    seconds, *options = sys.argv[1:]
    scorers.load = lambda *_: Slow(float(seconds))
    worker.main(options)
