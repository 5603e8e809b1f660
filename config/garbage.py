"""How often Python searches for garbage, and in what, once a server's application is loaded."""

import gc

NEW_OBJECTS = 10_000
"""Looked through when so many are there: a page of the queue or a batch of comments makes
thousands. With Python's 700 a page was searched for ten times, a twentieth of its time, and every
25th one waited until all that there is had been looked through."""


def settle() -> None:
    """Leave what is loaded out of the search for garbage, and search less often from here on.

    A quarter of a million objects stay for as long as the process lives; to look through them takes
    a fifth of a second, in the middle of whichever request it is.
    """
    gc.set_threshold(NEW_OBJECTS)
    gc.collect()
    gc.freeze()
