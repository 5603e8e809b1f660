"""A model that stands in for the real one, and goes by a text's own word."""

from collections.abc import Sequence

from config.model import ModelFacts
from tests.newsroom import MODEL


class StandIn:
    """A model that finds an insult in every text with `fool` in it, and fails on `crash`."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        """The texts of each call, in order."""

    @property
    def facts(self) -> ModelFacts:
        return MODEL

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        self.calls.append(list(texts))
        if any("crash" in text for text in texts):
            raise RuntimeError("the model has failed")
        calm = dict.fromkeys(MODEL.attributes, 0.01)
        return [calm | {"insult": 0.9} if "fool" in text else calm for text in texts]
