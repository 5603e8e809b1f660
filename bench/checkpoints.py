"""Checkpoints for the library Detoxify to be measured with, made on the spot.

`python -m bench.checkpoints FOLDER` in the environment with torch makes `FOLDER/same-size`, of the
bundled model's architecture and size, and `FOLDER/bert-base`, of that of Detoxify's official
`original`. Both have the bundled tokenizer, whose vocabulary is that of bert-base-uncased, and
weights by chance: how long a model takes does not depend on what they say. What was bundled is
8 bits of a checkpoint that the repository does not carry.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import onnx
import torch
import transformers

from bench.detoxify import BERT_BASE, CUT, SAME_SIZE
from config.model import BUNDLED, OFFICIAL, load_facts
from worker.scorers.onnx import MODEL_FILE, TOKENIZER_FILE
from worker.training import checkpoint

MINILM = {
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1_536,
}


def make(folder: Path) -> None:
    """Both. SystemExit when the bundled model has got another size than is made here."""
    torch.manual_seed(7)
    twin = _save(folder / SAME_SIZE, load_facts(BUNDLED).attributes, **MINILM)
    # What transformers makes of BertConfig by itself is bert-base-uncased.
    _save(folder / BERT_BASE, OFFICIAL["original"].attributes)
    graph = onnx.load(BUNDLED / MODEL_FILE).graph
    bundled = sum(math.prod(weights.dims) for weights in graph.initializer)
    if abs(bundled / twin - 1) > 0.02:
        raise SystemExit(f"the bundled model has {bundled:,} weights, {MINILM} makes {twin:,}")


def _save(folder: Path, attributes: tuple[str, ...], **shape: int) -> int:
    """How many weights the saved one has."""
    words = json.loads((BUNDLED / TOKENIZER_FILE).read_text(encoding="utf-8"))["model"]["vocab"]
    tokenizer = transformers.BertTokenizer(vocab=words, model_max_length=CUT)
    config = transformers.BertConfig(
        vocab_size=len(words),
        max_position_embeddings=CUT,
        num_labels=len(attributes),
        **shape,
    )
    model: Any = transformers.BertForSequenceClassification(config)
    checkpoint.save(model, tokenizer, attributes, folder)
    return sum(weights.numel() for weights in model.parameters())


if __name__ == "__main__":
    make(Path(sys.argv[1]))
