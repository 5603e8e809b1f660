"""Models of the `detoxify` library, in torch: the official ones, and checkpoints in its format.

Needs the `[detoxify]` extra. Apart from training, the only module that loads torch.
"""

import hashlib
import io
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.model import DETOXIFY, OFFICIAL, ModelError, ModelFacts, read_card
from worker.scorers.pauses import pause
from worker.scorers.readings import readings
from worker.scorers.windows import longest_input, windows_by

try:
    import torch
    from detoxify import Detoxify
except ImportError as error:
    raise ModelError(
        "Detoxify's models need torch and detoxify: install the [detoxify] extra"
    ) from error

WINDOW, OVERLAP = 512, 64
"""Tokens of one window (fewer where the architecture has fewer), and shared by neighbours (none
where a window is no longer than two overlaps)."""

BATCH_TOKENS = 2_048
"""Padded tokens of one run."""


class DetoxifyScorer:
    """Scores texts with the real `detoxify` library.

    A text is scored in every reading (see `readings`), a long one in windows that overlap; the
    score of an attribute is the highest of them all. Nothing is cut off, where the library alone
    would cut at its longest input. May be shared between threads.
    """

    def __init__(self, source: str, *, config_dir: str = "", threads: int = 1) -> None:
        """Load `source`: the name of an official model, or the path of a checkpoint.

        An official model is fetched by the library on first use. A checkpoint is read with the
        config and tokenizer in the local folder `config_dir`, without the network; it is a pickle,
        and one that holds more than weights and plain values runs what its maker put in.
        `threads` is torch's, for the whole process.
        Raises ModelError for a missing file or folder, or an unfit checkpoint.
        """
        torch.set_num_threads(threads)
        self._detoxify = open_detoxify(source, config_dir)
        self._facts = facts_of_opened(self._detoxify, source)
        self._window = min(WINDOW, longest_input(self._detoxify.model.config))
        self._overlap = OVERLAP if self._window > 2 * OVERLAP else 0

    @property
    def facts(self) -> ModelFacts:
        """Name, version, attributes and languages of the loaded model."""
        return self._facts

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, in order, a value 0..1 for every attribute."""
        owners: list[int] = []
        windows: list[list[int]] = []
        for at, text in enumerate(texts):
            for reading in readings(text):
                for ids in windows_by(
                    self._detoxify.tokenizer, reading, self._window, self._overlap
                ):
                    owners.append(at)
                    windows.append(ids)
        order = sorted(range(len(windows)), key=lambda at: len(windows[at]))
        together = max(1, BATCH_TOKENS // max(map(len, windows), default=1))
        worst = [[0.0] * len(self._detoxify.class_names) for _ in texts]
        for start in range(0, len(order), together):
            pause()
            members = order[start : start + together]
            rows = self._run([windows[at] for at in members])
            for at, row in zip(members, rows, strict=True):
                worst[owners[at]] = list(map(max, worst[owners[at]], row))
        return [dict(zip(self._detoxify.class_names, row, strict=True)) for row in worst]

    def _run(self, windows: Sequence[list[int]]) -> list[list[float]]:
        inputs = self._detoxify.tokenizer.pad({"input_ids": list(windows)}, return_tensors="pt")
        with torch.inference_mode():
            logits = self._detoxify.model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
            ).logits
        # The unbiased models have more outputs (the identities named) than classes, behind them.
        rows: list[list[float]] = torch.sigmoid(
            logits[:, : len(self._detoxify.class_names)]
        ).tolist()
        return rows


def open_detoxify(source: str, config_dir: str = "") -> Any:
    """A `detoxify.Detoxify`, in evaluation mode, for an official name or a checkpoint's path.

    Raises ModelError as `DetoxifyScorer` does.
    """
    if source in OFFICIAL:
        opened = Detoxify(source)
    else:
        path = Path(source)
        if not path.is_file():
            raise ModelError(f"{path}: neither a checkpoint nor one of {', '.join(OFFICIAL)}")
        if not Path(config_dir, "config.json").is_file() or not config_dir:
            raise ModelError(
                f"{path}: a checkpoint needs the local folder with its config.json and tokenizer "
                "(MODERATION_MODEL_CONFIG_DIR)"
            )
        try:
            opened = Detoxify(
                checkpoint=_localised(path, str(Path(config_dir).resolve())),
                huggingface_config_path=str(Path(config_dir).resolve()),
            )
        except Exception as error:  # pickle, torch and transformers raise any kind
            raise ModelError(
                f"{path}: not a Detoxify checkpoint ({type(error).__name__})"
            ) from error
    opened.model.eval()
    return opened


def _localised(path: Path, config_dir: str) -> io.BytesIO:
    """The checkpoint, naming the local folder as its architecture.

    Detoxify resolves `model_type` even when it is given a config folder: a checkpoint that names
    a model of the hub there would reach for the network.
    """
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:  # it holds more than weights and plain values; see `__init__`
        loaded = torch.load(path, map_location="cpu", weights_only=False)
    loaded["config"]["arch"]["args"]["model_type"] = config_dir
    buffer = io.BytesIO()
    torch.save(loaded, buffer)
    buffer.seek(0)
    return buffer


def facts_of_opened(opened: Any, source: str) -> ModelFacts:
    """The facts of what `open_detoxify` opened.

    A checkpoint's attributes are its own class names, its version a hash of the file; name and
    languages come from a model.json beside it. Without one it is called after its file, and taken
    to read English. Raises ModelError where an official model has other attributes than is known.
    """
    if source in OFFICIAL:
        if set(OFFICIAL[source].attributes) != set(opened.class_names):
            raise ModelError(f"{source}: unexpectedly scores {', '.join(opened.class_names)}")
        return OFFICIAL[source]
    path = Path(source)
    beside = read_card(path.parent) if (path.parent / "model.json").exists() else {}
    with path.open("rb") as file:
        version = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    return ModelFacts(
        name=str(beside.get("name", DETOXIFY + path.stem)),
        version=version,
        attributes=tuple(opened.class_names),
        languages=frozenset(beside.get("languages", ["en"])),
    )
