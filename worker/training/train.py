"""Fine-tuning: a small BERT learns several attributes at once, by the clock.

The run ends when its minutes are over or its examples are used up, whichever comes first; the
learning rate falls to nothing by then. The weights with the best validation so far are kept.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
import torch
from tokenizers import Tokenizer
from transformers import BertForSequenceClassification, PreTrainedModel

from worker.training.evaluate import areas
from worker.training.examples import ATTRIBUTES, Example

SEED = 20261122
THREADS = 2

log = structlog.get_logger()


@dataclass(frozen=True)
class Plan:
    """How one stage of training goes.

    `minutes` is wall clock; `peak` the highest learning rate; `batch_tokens` the padded tokens
    of one step; `longest` the tokens kept of one text (the rest is cut: in training only).
    """

    name: str
    minutes: float
    peak: float
    batch_tokens: int = 2_048
    longest: int = 96
    check_every: int = 400


def base_model(folder: Path) -> PreTrainedModel:
    """The sentence encoder with a fresh layer on top, one output for each attribute.

    Without dropout: on one pass over the data it buys nothing, and on a CPU it costs half the
    speed (its random numbers, and the fused attention that it rules out).
    """
    torch.manual_seed(SEED)
    model: PreTrainedModel = BertForSequenceClassification.from_pretrained(
        folder,
        num_labels=len(ATTRIBUTES),
        problem_type="multi_label_classification",
        id2label=dict(enumerate(ATTRIBUTES)),
        label2id={name: at for at, name in enumerate(ATTRIBUTES)},
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        local_files_only=True,
    )
    return model


def train(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    examples: Sequence[Example],
    validation: Sequence[Example],
    plan: Plan,
    best: Path,
) -> float:
    """Train in place and leave the model with its best weights, also saved at `best`.

    Returns the best mean area under the curve on `validation` (0..1). A run that is killed
    leaves `best` as the last check wrote it.
    """
    torch.manual_seed(SEED)
    torch.set_num_threads(THREADS)
    batches = list(_batches(tokenizer, examples, plan, random.Random(SEED)))
    optimizer = torch.optim.AdamW(_groups(model), lr=plan.peak, fused=True)
    started, top, tokens = time.monotonic(), 0.0, 0
    model.train()
    for step, (ids, mask, targets, known) in enumerate(batches):
        elapsed = (time.monotonic() - started) / 60
        done = max(step / len(batches), elapsed / plan.minutes)
        if done >= 1.0:
            break
        rate = plan.peak * min(1.0, step / 60) * (1.0 - done)
        for group in optimizer.param_groups:
            group["lr"] = rate
        logits = model(input_ids=ids, attention_mask=mask).logits
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, targets, reduction="none"
        )
        loss = (losses * known).sum() / known.sum().clamp(min=1.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        tokens += ids.numel()
        if step % 50 == 0:
            speed = round(tokens / max(time.monotonic() - started, 1e-9))
            log.info(
                "trained",
                stage=plan.name,
                step=step,
                steps=len(batches),
                minutes=round(elapsed, 1),
                loss=round(loss.item(), 4),
                tokens_a_second=speed,
            )
        if step and step % plan.check_every == 0:
            top = _keep_if_better(model, tokenizer, validation, plan, best, top)
    top = _keep_if_better(model, tokenizer, validation, plan, best, top)
    model.load_state_dict(torch.load(best, weights_only=True))
    return top


def predict(
    model: PreTrainedModel, tokenizer: Tokenizer, texts: Sequence[str], longest: int = 128
) -> np.ndarray:
    """Scores (texts x attributes, 0..1) of the texts as they are, cut at `longest` tokens."""
    encodings = [e.ids for e in tokenizer.encode_batch(list(texts))]
    scores = np.zeros((len(texts), len(ATTRIBUTES)), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(encodings[at]))
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            members = order[start : start + 64]
            ids, mask = _pad([_cut(encodings[at], longest) for at in members])
            scores[members] = torch.sigmoid(model(input_ids=ids, attention_mask=mask).logits)
    model.train(was_training)
    return scores


def _keep_if_better(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    validation: Sequence[Example],
    plan: Plan,
    best: Path,
    top: float,
) -> float:
    measured = areas(validation, predict(model, tokenizer, [e.text for e in validation]))
    mean = float(np.mean(list(measured.values())))
    log.info("checked", stage=plan.name, mean=round(mean, 4), **measured)
    if mean > top or not best.exists():
        torch.save(model.state_dict(), best)
    return max(mean, top)


def _groups(model: PreTrainedModel) -> list[dict[str, object]]:
    """Weight decay for matrices, none for biases and norms."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": 0.01},
        {"params": others, "weight_decay": 0.0},
    ]


Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def _batches(
    tokenizer: Tokenizer, examples: Sequence[Example], plan: Plan, chance: random.Random
) -> Iterator[Batch]:
    """Batches of like lengths in random order, each at most `batch_tokens` padded tokens."""
    encodings = [
        _cut(e.ids, plan.longest) for e in tokenizer.encode_batch([e.text for e in examples])
    ]
    # A little noise in the length, so that one batch is not one source's favourite length.
    order = sorted(range(len(examples)), key=lambda at: len(encodings[at]) + 4 * chance.random())
    groups: list[list[int]] = [[]]
    widest = 0
    for at in order:
        widest = max(widest, len(encodings[at]))
        if groups[-1] and widest * (len(groups[-1]) + 1) > plan.batch_tokens:
            groups.append([])
            widest = len(encodings[at])
        groups[-1].append(at)
    chance.shuffle(groups)
    for members in groups:
        ids, mask = _pad([encodings[at] for at in members])
        targets = torch.zeros(len(members), len(ATTRIBUTES))
        known = torch.zeros(len(members), len(ATTRIBUTES))
        for row, at in enumerate(members):
            for column, name in enumerate(ATTRIBUTES):
                if name in examples[at].labels:
                    targets[row, column] = examples[at].labels[name]
                    known[row, column] = 1.0
        yield ids, mask, targets, known


def _cut(ids: list[int], longest: int) -> list[int]:
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def _pad(sequences: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, sequences))
    ids = torch.tensor([s + [0] * (width - len(s)) for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
    return ids, mask
