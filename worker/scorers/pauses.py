"""Between two passes of the model: the one place where a thread that scores may be stopped.

A long text takes seconds, a pass of the model some milliseconds. What a thread does in between is
set for that thread alone, so that a scorer which several threads share need not know of it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_pause: ContextVar[Callable[[], None]] = ContextVar("pause", default=lambda: None)


def pause() -> None:
    """Called by a scorer before each pass of the model, in the thread that scores. What it raises
    ends the scoring."""
    _pause.get()()


@contextmanager
def pausing(do: Callable[[], None]) -> Iterator[None]:
    """Within the block, this thread does `do` in each pause."""
    before = _pause.set(do)
    try:
        yield
    finally:
        _pause.reset(before)
