"""The command `moderation` with a stand-in for the model, which fails on the texts that ask for it.

`python -m tests.stand_in_worker SECONDS worker ...` is `moderation worker ...` in everything else.
The model takes so many seconds for a text; with fewer than none, a worker's children die as soon
as they are there.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

from celery import signals

from config.model import BUNDLED, ModelFacts, load_facts
from moderation.cli import main
from worker import scorers

SECONDS = 0.01
"""How long it thinks about a text, so that a fault can come in the middle of a batch."""

RUDE, FAILS, ENDS = "you fool", "makes the model fail", "makes the worker end"
"""What a text says to be held, to have the model raise, to have it take the process with it."""


class FaultyStandIn:
    """A model that goes by a text's own word. It passes for the bundled one."""

    facts: ModelFacts = load_facts(BUNDLED)

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        time.sleep(self._seconds * len(texts))
        if any(ENDS in text for text in texts):
            die()
        if any(FAILS in text for text in texts):
            raise RuntimeError("the model has failed")
        calm = dict.fromkeys(self.facts.attributes, 0.01)
        return [calm | {"insult": 0.9} if RUDE in text else calm for text in texts]


def die() -> None:
    """As when the machine has no memory left."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    seconds, *arguments = sys.argv[1:]
    scorers.load = lambda *_: FaultyStandIn(float(seconds))
    if float(seconds) < 0:
        signals.worker_process_init.connect(lambda **_: die(), weak=False)
    main(arguments, prog_name="moderation")
