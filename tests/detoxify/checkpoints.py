"""Tiny checkpoints in Detoxify's format, made on the spot, with a vocabulary of letters.

They know three letters and nothing of toxicity. They show that loading, windows and export are
right, whatever the architecture.
"""

import random
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers.pre_tokenizers import ByteLevel

from worker.training import checkpoint

CLASSES = ("toxic", "obscene", "identity_hate")
"""As the first checkpoints of the library spell them; it renames two of them."""

ATTRIBUTES = ("toxicity", "obscene", "identity_attack")

_SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
_LETTERS = string.ascii_lowercase + string.digits + ".,'!?"


def _bert() -> tuple[Any, Any]:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *("##" + c for c in _LETTERS)]
    tokenizer = transformers.BertTokenizer(vocab={word: at for at, word in enumerate(words)})
    config = transformers.BertConfig(
        **_SHAPE, vocab_size=len(words), max_position_embeddings=64, num_labels=len(CLASSES)
    )
    return transformers.BertForSequenceClassification(config), tokenizer


def _roberta() -> tuple[Any, Any]:
    words = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet()), "<mask>"]
    tokenizer = transformers.RobertaTokenizer(
        vocab={word: at for at, word in enumerate(words)}, merges=[]
    )
    config = transformers.RobertaConfig(
        **_SHAPE,
        vocab_size=len(words),
        max_position_embeddings=66,
        # As in Detoxify's unbiased models: more outputs than classes, the identities named.
        num_labels=len(CLASSES) + 2,
        pad_token_id=1,
    )
    return transformers.RobertaForSequenceClassification(config), tokenizer


def _xlm_roberta() -> tuple[Any, Any]:
    words = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581", -2.0)]
    words += [(letter, -3.0) for letter in _LETTERS + "абвгдежзийклмнопрст"]
    tokenizer = transformers.XLMRobertaTokenizer(vocab=[*words, ("<mask>", 0.0)])
    config = transformers.XLMRobertaConfig(
        **_SHAPE,
        vocab_size=len(words) + 1,
        max_position_embeddings=66,
        num_labels=len(CLASSES),
        pad_token_id=1,
    )
    return transformers.XLMRobertaForSequenceClassification(config), tokenizer


def _albert() -> tuple[Any, Any]:
    words = [("<pad>", 0.0), ("<unk>", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0), ("[MASK]", 0.0)]
    words += [("\u2581", -2.0), *((letter, -3.0) for letter in _LETTERS)]
    tokenizer = transformers.AlbertTokenizer(vocab=words)
    config = transformers.AlbertConfig(
        **_SHAPE,
        embedding_size=16,
        vocab_size=len(words),
        max_position_embeddings=64,
        num_labels=len(CLASSES),
    )
    return transformers.AlbertForSequenceClassification(config), tokenizer


ARCHITECTURES: dict[str, Callable[[], tuple[Any, Any]]] = {
    "bert": _bert,
    "roberta": _roberta,
    "xlm-roberta": _xlm_roberta,
    "albert": _albert,
}


def make(architecture: str, folder: Path) -> tuple[Path, Path]:
    """A tiny checkpoint in `folder`; returns its path and the config folder's."""
    torch.manual_seed(7)
    model, tokenizer = ARCHITECTURES[architecture]()
    _teach(model, tokenizer)
    path, config_dir = checkpoint.save(model, tokenizer, CLASSES, folder)
    change(path, num_classes=model.config.num_labels)
    return path, config_dir


def change(path: Path, **arguments: object) -> None:
    """Change what a checkpoint says of its architecture."""
    saved = torch.load(path, weights_only=False)
    saved["config"]["arch"]["args"] |= arguments
    torch.save(saved, path)


def _teach(model: Any, tokenizer: Any) -> None:
    """A few steps that make a z toxic, a q obscene, a 9 hateful.

    Scores of fresh weights hardly differ from text to text, and drown in the noise of int8.
    """
    chance = random.Random(7)
    plain = "abcdefghijklm "
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for _ in range(200):
        wanted = [[chance.random() < 0.5 for _ in CLASSES] for _ in range(32)]
        texts = []
        for row in wanted:
            letters = chance.choices(plain, k=chance.randint(4, 44))
            letters += [mark for mark, there in zip("zq9", row, strict=True) if there for _ in "xx"]
            chance.shuffle(letters)
            texts.append("".join(letters))
        inputs = tokenizer(texts, padding=True, return_tensors="pt")
        logits = model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]
        ).logits
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            logits[:, : len(CLASSES)], torch.tensor(wanted, dtype=torch.float32)
        )
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
