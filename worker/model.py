"""The model of a worker process, loaded once."""

import threading
from collections.abc import Callable

from config.logs import log
from config.settings import Settings
from moderation import metrics
from worker import languages, scorers
from worker.precedence import Precedence
from worker.scorers import Scorer


class Model:
    """A scorer that is loaded when it is first asked for, whichever thread asks."""

    def __init__(self, load: Callable[[], Scorer]) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._scorer: Scorer | None = None
        self.precedence = Precedence()
        """Who goes first where two threads of the process score."""

    @classmethod
    def of(cls, settings: Settings) -> "Model":
        """The one that the settings name."""
        return cls(
            lambda: scorers.load(settings.model, settings.model_config_dir, settings.model_threads)
        )

    def ready(self) -> Scorer | None:
        """The loaded scorer; None when it cannot be loaded now. The next call tries again."""
        with self._loading:
            if self._scorer is None:
                try:
                    languages.load()
                    self._scorer = self._load()
                except Exception as error:  # noqa: BLE001 - whatever a model's runtime raises
                    log.error("model_unavailable", error=str(error))
                else:
                    facts = self._scorer.facts
                    log.info("model_loaded", model=facts.name, version=facts.version)
                    metrics.model_loaded(facts.name, facts.version)
            return self._scorer
