"""Finds the words that carry the scores of held comments, when nothing waits to be scored."""

from collections.abc import Callable, Iterator, Sequence

from config.logs import log
from config.settings import Settings
from moderation import spans
from moderation.db import Database
from moderation.spans import Carriers, Wanted
from worker.model import Model
from worker.scorers import Scorer
from worker.spans import Scores, carriers

AT_ONCE = 32
"""Comments explained in one look, so that a sweep comes to its chores."""
FEW_TEXTS = 8
FEW_CHARACTERS = 2_000
"""What the model reads in one go, at the first of the two (one text at least): a comment that comes
meanwhile waits so long."""


class _ModelFailed(Exception):
    """The model failed on these words, which says nothing of the database."""


class _Stopped(Exception):
    """The worker is to stop; a long text would keep it for as long as it may take."""


class Explaining:
    """Explains what was held: one comment at a time, in the thread that scores."""

    def __init__(self, settings: Settings, db: Database, model: Model) -> None:
        self._settings = settings
        self._db = db
        self._model = model

    def explain_some(
        self, first: Callable[[], object], stopping: Callable[[], bool] = lambda: False
    ) -> bool:
        """Find the words of comments that are held, and keep them; answers whether more may wait.

        `first` is what goes before: it is called again and again, also in the middle of a comment.
        What it raises is raised here, as is what is of the database; the comment in hand then
        waits until its lease runs out, as it does when the worker is killed.
        """
        for _ in range(AT_ONCE):
            if stopping() or not self._are_due() or (scorer := self._model.ready()) is None:
                return False
            with self._db.transaction() as session:
                wanted = spans.claim(
                    session,
                    model_version=scorer.facts.version,
                    lease_seconds=self._settings.lease_seconds,
                )
            if wanted is None:
                return False
            try:
                found = _find(scorer, wanted, first, stopping)
            except _Stopped:
                with self._db.transaction() as session:
                    spans.give_back(session, wanted)
                return False
            with self._db.transaction() as session:
                spans.keep(session, wanted, found)
        return True

    def _are_due(self) -> bool:
        """Asked before a claim, which keeps other writers of SQLite waiting."""
        with self._db.reading() as session:
            return spans.are_due(session)


def _find(
    scorer: Scorer, wanted: Wanted, first: Callable[[], object], stopping: Callable[[], bool]
) -> Carriers:
    """The words; none when the model fails. It is not asked again: the comment is held already,
    and a person sees as much as without this."""

    def ask(texts: Sequence[str]) -> list[Scores]:
        said: list[Scores] = []
        for few in _few(texts):
            first()
            if stopping():
                raise _Stopped
            try:
                said += scorer.score(few)
            except Exception as error:
                raise _ModelFailed(type(error).__name__) from error
        return said

    try:
        return carriers(ask, wanted.text, wanted.attributes, wanted.parent_text)
    except _ModelFailed as failed:
        log.warning("explaining_failed", comment=str(wanted.comment_id), error=str(failed))
        return {}


def _few(texts: Sequence[str]) -> Iterator[list[str]]:
    few: list[str] = []
    for text in texts:
        full = len(few) == FEW_TEXTS or sum(map(len, few)) + len(text) > FEW_CHARACTERS
        if few and full:
            yield few
            few = []
        few.append(text)
    if few:
        yield few
