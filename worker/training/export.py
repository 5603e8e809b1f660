"""From a Detoxify model to a folder that `OnnxScorer` serves: int8 ONNX, tokenizer, model.json."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from config.model import ModelError, read_card
from worker.scorers.onnx import (
    ATTRIBUTES,
    MODEL_FILE,
    TOKENIZER_FILE,
    OnnxScorer,
    content_version,
)
from worker.scorers.readings import readings
from worker.scorers.windows import longest_input, windows_by

PARITY_LIMIT = 0.15
"""Largest difference allowed between a score of the original and of the int8 export."""

PARITY_TEXTS = (
    "Nice article, thanks!",
    "I disagree with the minister about the new tax, and I will vote accordingly.",
    "You are an idiot and everybody here knows it.",
    "Shut the fuck up.",
    "I know where you live. Watch your back.",
    "They are all thieves and vermin, send them back where they came from.",
    "Forty soldiers were killed near the border, and their families wait for answers.",
    "The nuclear plant gives the country a third of its power.",
    "ok",
    "\N{FACE WITH TEARS OF JOY}\N{FACE WITH TEARS OF JOY}",
    "Большое спасибо за статью.",
    "Bu haber için teşekkürler.",
    "When the empire fell apart, everyone believed in open borders; instead there were two wars.",
    "what a load of crap, typical of this stupid government and its paid liars",
)


_EXACT = re.compile(r"\bphrases\.|\.kept\b")
"""Weights that stay as they are: few, and those of which int8 would lose most."""


class ParityError(ModelError):
    """The int8 export scores too differently from the model that it was made of."""


@dataclass(frozen=True)
class Original:
    """A loaded model to be exported, and what its card shall say.

    `window` and `overlap` are in tokens: how a text longer than the window is cut into pieces.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    name: str
    attributes: tuple[str, ...]
    languages: tuple[str, ...]
    window: int
    overlap: int


class _Logits(torch.nn.Module):
    """The model as a plain function of tensors, with one output: its first `width` logits.

    Detoxify's unbiased models have more of them (the identities named), behind the attributes.
    """

    def __init__(self, model: PreTrainedModel, width: int) -> None:
        super().__init__()
        self.model = model
        self.width = width

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask
        ).logits[:, : self.width]
        return logits


def export(original: Original, out: Path, limit: float = PARITY_LIMIT) -> float:
    """Write model.onnx, tokenizer.json and model.json to `out`; return the largest difference.

    The difference is between the scores of the original and of the written folder, 0..1, over
    `PARITY_TEXTS`. Raises ParityError above `limit`; the folder then has no model.json, so that
    nobody serves it.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.json").unlink(missing_ok=True)
    _write_tokenizer(original.tokenizer, out / TOKENIZER_FILE)
    _write_model(original, out / MODEL_FILE)
    card = {
        "name": original.name,
        "version": content_version(out),
        "attributes": list(original.attributes),
        "languages": sorted(original.languages),
        "input": {
            "window": original.window,
            "overlap": original.overlap,
            "pad_id": int(original.model.config.pad_token_id or 0),
        },
    }
    with tempfile.TemporaryDirectory(dir=out) as trial:
        # The check runs on the very files, under a card that is not in its place yet.
        for name in (MODEL_FILE, TOKENIZER_FILE):
            (Path(trial) / name).hardlink_to(out / name)
        _save_card(card, Path(trial))
        difference = parity(original, OnnxScorer(Path(trial)))
    if difference > limit:
        raise ParityError(
            f"int8 scores differ from the original by up to {difference:.3f}, more than {limit}"
        )
    _save_card(card, out)
    return difference


def parity(original: Original, exported: OnnxScorer) -> float:
    """Largest difference of any attribute on any of `PARITY_TEXTS` (0..1)."""
    served = np.array([list(scores.values()) for scores in exported.score(PARITY_TEXTS)])
    return float(np.abs(original_scores(original, PARITY_TEXTS) - served).max())


def original_scores(original: Original, texts: Sequence[str]) -> NDArray[np.float32]:
    """The original's scores (texts x its attributes, 0..1), over the served model's readings.

    Every reading is read from end to end; the served model leaves out what it has read already.
    """
    original.model.eval()
    rows = []
    with torch.inference_mode():
        for text in texts:
            windows = [
                ids
                for reading in readings(text)
                for ids in windows_by(
                    original.tokenizer, reading, original.window, original.overlap
                )
            ]
            scores = [
                torch.sigmoid(original.model(input_ids=torch.tensor([ids])).logits)[0]
                for ids in windows
            ]
            worst = torch.stack(scores).amax(dim=0)
            rows.append(worst[: len(original.attributes)].numpy())
    return np.array(rows, dtype=np.float32)


def write_card(folder: Path, **more: Any) -> None:
    """Add to the model.json that `export` left in `folder`."""
    _save_card(read_card(folder) | more, folder)


def _save_card(card: Mapping[str, Any], folder: Path) -> None:
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (folder / "model.json").write_text(text, encoding="utf-8")


def _write_tokenizer(tokenizer: PreTrainedTokenizerBase, path: Path) -> None:
    """The tokenizer as one file of the Rust library, converted where transformers holds another."""
    rust = getattr(tokenizer, "backend_tokenizer", None)
    if rust is None:
        from transformers.convert_slow_tokenizer import convert_slow_tokenizer

        rust = convert_slow_tokenizer(tokenizer)
    rust.no_truncation()
    rust.no_padding()
    rust.save(str(path))


def _write_model(original: Original, path: Path) -> None:
    # Without eval() on the wrapper the exporter writes dropout into the graph.
    wrapper = _Logits(original.model, len(original.attributes)).eval()
    ids = torch.full((2, 16), 7, dtype=torch.long)
    batch = torch.export.Dim("batch")
    length = torch.export.Dim("length", max=longest_input(original.model.config))
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / "exact.onnx"
        torch.onnx.export(
            wrapper,
            (ids, torch.ones_like(ids)),
            exact,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        graph = onnx.load(exact)
        # The exporter leaves shapes of transposed weights behind that shape inference refuses.
        del graph.graph.value_info[:]
        # A scale for each output channel halves the error of one for each matrix (measured).
        quantize_dynamic(
            graph,
            path,
            weight_type=QuantType.QInt8,
            per_channel=True,
            nodes_to_exclude=[
                node.name for node in graph.graph.node if _EXACT.search(" ".join(node.input))
            ],
        )
    _name_attributes(original.attributes, path)
    onnx.checker.check_model(str(path))


def _name_attributes(attributes: Sequence[str], path: Path) -> None:
    """Write them into the model file, so that nobody serves it under other names."""
    graph = onnx.load(path)
    onnx.helper.set_model_props(graph, {ATTRIBUTES: json.dumps(list(attributes))})
    onnx.save(graph, path)
