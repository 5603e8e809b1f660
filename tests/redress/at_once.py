"""Several who act at one moment, each in a transaction of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.orm import Session

from moderation.complaints import AlreadyEnded, WordsGone
from moderation.db import Database
from moderation.decisions import AlreadyDecided
from moderation.redress.appeals import AlreadyAppealed
from moderation.sites import NotFound

Act = Callable[[Session], Any]
ANSWERS = (AlreadyEnded, AlreadyAppealed, AlreadyDecided, WordsGone, NotFound)
"""Ordinary ones, for whoever comes second."""


def at_once(db: Database, *acts: Act) -> list[str]:
    """Do these at one moment; answers how each went."""
    start = threading.Barrier(len(acts))

    def run(act: Act) -> str:
        start.wait()
        try:
            with db.transaction() as session:
                act(session)
        except ANSWERS as answer:
            return type(answer).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
