"""Who goes first at a model that two threads share: whoever has somebody waiting for the answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 2.0
"""How long the others give way in one piece, whatever happens: comments that wait are judged."""


class Precedence:
    """The others give way between two passes of the model (`worker.scorers.pauses`)."""

    def __init__(self) -> None:
        self._counting = threading.Lock()
        self._inside = 0
        self._nobody = threading.Event()
        self._nobody.set()

    @contextmanager
    def first(self) -> Iterator[None]:
        """Within the block, whoever gives way waits."""
        with self._counting:
            self._inside += 1
            self._nobody.clear()
        try:
            yield
        finally:
            with self._counting:
                self._inside -= 1
                if not self._inside:
                    self._nobody.set()

    def give_way(self) -> None:
        """Wait until nobody goes first, or for LONGEST_SECONDS."""
        self._nobody.wait(LONGEST_SECONDS)
