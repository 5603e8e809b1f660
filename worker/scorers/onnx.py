"""Exported models on ONNX Runtime: the bundled one, and what `moderation model export` writes.

Apart from training, the only module that loads onnxruntime and tokenizers.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from config.model import ModelError, ModelFacts, facts_of, read_card
from worker.scorers.pauses import pause
from worker.scorers.readings import readings
from worker.scorers.windows import windows

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
ATTRIBUTES = "attributes"
"""Under this key model.onnx says itself what it scores: the names in order, as JSON. Models that
were exported by earlier versions say nothing."""


class OnnxScorer:
    """Scores texts with the exported model in a folder, whatever its architecture and labels.

    A text is scored in every reading (see `readings`), a long one in windows that overlap (see
    `windows`); the score of an attribute is the highest of them all. Nothing is cut off, and the
    same text always has the same scores. May be shared between threads.
    """

    def __init__(self, directory: Path, threads: int = 1) -> None:
        """Load the model; `threads` is for one scoring call.

        Raises ModelError, naming the file, when one is missing, unreadable, not the one that
        `model.json` was written for, scores other attributes or in another order, or cannot score.
        """
        card = read_card(directory)
        self._facts = facts_of(card, directory / "model.json")
        _check_version(directory, self._facts.version)
        window, self._overlap, self._pad = _input_shape(card, directory / "model.json")
        self._tokenizer = _tokenizer(directory / TOKENIZER_FILE)
        self._before, self._behind = _around(self._tokenizer)
        self._room = window - len(self._before) - len(self._behind)
        self._session = _session(directory / MODEL_FILE, threads)
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        self._check(directory / MODEL_FILE)

    @property
    def facts(self) -> ModelFacts:
        """Name, version, attributes and languages of the loaded model."""
        return self._facts

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """For each text, in order, a value 0..1 for every attribute."""
        return [
            dict(zip(self._facts.attributes, self._worst(text).tolist(), strict=True))
            for text in texts
        ]

    def _check(self, path: Path) -> None:
        """Whether it is a model of texts, and scores what model.json says, in that order."""
        if strange := self._inputs - {"input_ids", "attention_mask", "token_type_ids"}:
            raise ModelError(f"{path}: no model of texts, it asks for {', '.join(sorted(strange))}")
        width = self._session.get_outputs()[0].shape[-1]
        if width != len(self._facts.attributes):
            raise ModelError(
                f"{path}: scores {width} attributes, model.json names {len(self._facts.attributes)}"
            )
        stated = self._session.get_modelmeta().custom_metadata_map.get(ATTRIBUTES)
        if stated not in (None, json.dumps(self._facts.attributes)):
            raise ModelError(
                f"{path}: says that it scores {stated}, in this order; "
                f"model.json names {json.dumps(self._facts.attributes)}"
            )
        try:
            self.score(["A fair point."])
        except Exception as error:  # noqa: BLE001  onnxruntime's errors share no public base class
            raise ModelError(f"{path}: cannot score a text ({type(error).__name__})") from None

    def _worst(self, text: str) -> NDArray[np.float32]:
        worst = np.zeros(len(self._facts.attributes), dtype=np.float32)
        for window in self._windows(text):
            pause()
            np.maximum(worst, self._run(window), out=worst)
        return worst

    def _windows(self, text: str) -> list[tuple[int, ...]]:
        """The token ids of each, as the model is given them."""
        tokens = [
            self._tokenizer.encode(reading, add_special_tokens=False).ids
            for reading in readings(text)
        ]
        return [
            (*self._before, *window, *self._behind) or (self._pad,)
            for window in windows(tokens, self._room, self._overlap)
        ]

    def _run(self, window: tuple[int, ...]) -> NDArray[np.float32]:
        logits = self._session.run(None, self._fed(window))[0][0]
        if not np.isfinite(logits).all():
            raise FloatingPointError("the model gave a score that is not a number")
        scores: NDArray[np.float32] = 1 / (1 + np.exp(-logits.astype(np.float32)))
        return scores

    def _fed(self, window: tuple[int, ...]) -> dict[str, NDArray[np.int64]]:
        """The model's inputs, of those that it asks for."""
        # One window at a time. An int8 model scales its activations over all that it is given, so
        # in a batch a comment's score would move by up to 0.1 with its neighbours: the same words
        # approved today and held tomorrow. Batches would save a fifth of the time, and nothing of a
        # long text's; how to have them with stable scores costs more (docs/model-notes.md).
        ids = np.array([window], dtype=np.int64)
        known = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        return {name: value for name, value in known.items() if name in self._inputs}


def content_version(directory: Path) -> str:
    """First 12 hexadecimal digits of the SHA-256 of the model's two files, one after the other.

    Raises ModelError naming the file that is missing.
    """
    digest = hashlib.sha256()
    for name in (MODEL_FILE, TOKENIZER_FILE):
        try:
            digest.update((directory / name).read_bytes())
        except OSError as error:
            raise ModelError(f"{directory / name}: {error.strerror or 'cannot be read'}") from None
    return digest.hexdigest()[:12]


def _check_version(directory: Path, stated: str) -> None:
    if content_version(directory) != stated:
        raise ModelError(
            f"{directory}: {MODEL_FILE} or {TOKENIZER_FILE} is not the file that model.json "
            f"(version {stated}) was written for"
        )


def _input_shape(card: Mapping[str, Any], path: Path) -> tuple[int, int, int]:
    """Window and overlap in tokens, and the padding token's id."""
    shape = card.get("input", {})
    values = [shape.get(key) for key in ("window", "overlap", "pad_id")]
    if not all(type(value) is int and value >= 0 for value in values):
        raise ModelError(f"{path}: input must give window, overlap and pad_id as whole numbers")
    window, overlap, pad = values
    if overlap + 8 > window:
        raise ModelError(f"{path}: input.window must exceed input.overlap by 8 tokens or more")
    return window, overlap, pad


def _tokenizer(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001  the Rust library raises bare Exception
        raise ModelError(f"{path}: not a tokenizer ({error})") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _around(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The ids that the tokenizer puts before and behind a text."""
    one = tokenizer.encode("a")
    text = [at for at, special in enumerate(one.special_tokens_mask) if not special]
    return (one.ids[: text[0]], one.ids[text[-1] + 1 :]) if text else (one.ids, [])


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena keeps the largest batch it ever saw: 2 GB after long comments.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Waiting threads must not burn the processor that the web side needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  onnxruntime's errors share no public base class
        raise ModelError(f"{path}: not a model ({type(error).__name__})") from None
