"""A sign that all processes of a worker see."""

import mmap
import time


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
