"""What scores a comment: the protocol, and the choice that `MODERATION_MODEL` makes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from config.model import BUNDLED, DETOXIFY, ModelFacts

# Before a runtime is loaded: ONNX Runtime reports to its maker otherwise (a device's id, the paths
# and the machine that it runs on), and keeps what it could not send in the home folder.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


class Scorer(Protocol):
    """A loaded model.

    `score` gives for each text, in order, a value 0..1 for every attribute of `facts`. A text may
    be anything a reader can post: empty, very long, in any script. It may raise; then no text of
    the call has scores.
    """

    @property
    def facts(self) -> ModelFacts: ...

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]: ...


def load(model: str, config_dir: str = "", threads: int = 1) -> Scorer:
    """The scorer for a `MODERATION_MODEL`, ready to score.

    `model` is `bundled`, the folder of an exported model, `detoxify:NAME` for an official model
    (a key of `config.model.OFFICIAL`), or `detoxify:/path/to/checkpoint` with the architecture's
    config and tokenizer in the local folder `config_dir`. `threads` are for one scoring call; of
    Detoxify for the whole process.
    Raises ModelError for a folder or a checkpoint that is missing or unfit, or when the
    `[detoxify]` extra is not installed.
    """
    if model.startswith(DETOXIFY):
        from worker.scorers.detoxify import DetoxifyScorer

        return DetoxifyScorer(model.removeprefix(DETOXIFY), config_dir=config_dir, threads=threads)
    from worker.scorers.onnx import OnnxScorer

    return OnnxScorer(BUNDLED if model == "bundled" else Path(model), threads=threads)
