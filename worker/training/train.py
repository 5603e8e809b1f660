"""Fine-tuning: a small BERT learns several attributes at once.

A stage reads a fixed number of tokens, so the same seeds give the same run on any machine, slow,
fast or stopped in between; the learning rate rises for a while and falls to nothing by the end.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import structlog
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForSequenceClassification, PreTrainedModel

from worker.training.evaluate import Scores, selection
from worker.training.examples import ATTRIBUTES, Example

SEED = 20261122
THREADS = 2

SAVED_EVERY = 240.0
"""Seconds between two states on disk: what a killed run loses at most."""

_HEAD: dict[str, Any] = {
    "num_labels": len(ATTRIBUTES),
    "problem_type": "multi_label_classification",
    "id2label": dict(enumerate(ATTRIBUTES)),
    "label2id": {name: at for at, name in enumerate(ATTRIBUTES)},
}

log = structlog.get_logger()

Draw = Callable[[random.Random], list[Example]]
"""The examples of one pass, drawn anew for each."""


@dataclass(frozen=True)
class Plan:
    """How one stage of training goes.

    `tokens` is how many the stage reads, padding included; `peak` the highest learning rate;
    `batch_tokens` the padded tokens of one step; `longest` the tokens kept of one text (the rest
    is cut: in training only); `check_every` and `warm_up` are steps.
    """

    name: str
    tokens: int
    peak: float
    batch_tokens: int = 2_048
    longest: int = 96
    check_every: int = 300
    warm_up: int = 100
    mixed: bool = False
    """Whether the weights kept are the mean of those before the stage, its best and its last."""


def base_model(folder: Path) -> PreTrainedModel:
    """The sentence encoder with a fresh layer on top, one output for each attribute.

    Without dropout: on two or three passes over the data it buys nothing, and on a CPU it costs
    half the speed. Plain attention, because torch's fused one is slow backwards on short texts.
    """
    torch.manual_seed(SEED)
    model: PreTrainedModel = BertForSequenceClassification.from_pretrained(
        folder,
        **_HEAD,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
        local_files_only=True,
    )
    return model


def fresh_model(config: BertConfig) -> PreTrainedModel:
    """A model of the same make that has learned nothing yet."""
    torch.manual_seed(SEED)
    config.update(_HEAD)
    model: PreTrainedModel = BertForSequenceClassification._from_config(  # noqa: SLF001 - no other
        config, attn_implementation="eager"
    )
    return model


def train(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    draw: Draw,
    validation: Sequence[Example],
    plan: Plan,
    folder: Path,
) -> float:
    """Train in place and leave the model with its best weights, or with a mean (`Plan.mixed`).

    Returns the best `selection` on `validation` (0..1). A stage that was killed goes on from the
    state in `folder`, four minutes old at most; a finished one is loaded and not done again.
    """
    torch.set_num_threads(THREADS)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    best, state = folder / f"{plan.name}.pt", folder / f"{plan.name}.state"
    run = _Run(model, plan)
    if state.exists():
        run.restore(torch.load(state, weights_only=True))
    else:
        best.unlink(missing_ok=True)
    saved = started = time.monotonic()
    behind = run.tokens
    model.train()
    while run.tokens < plan.tokens:
        chance = random.Random(f"{SEED} {plan.name} {run.passes}")
        batches = _batches(tokenizer, draw(chance), plan, chance)
        log.info("pass", stage=plan.name, number=run.passes, steps=len(batches))
        for batch in batches[run.at :]:
            if run.tokens >= plan.tokens:
                break
            loss = run.step(*batch)
            if run.steps % 50 == 0:
                log.info(
                    "trained",
                    stage=plan.name,
                    step=run.steps,
                    done=round(run.tokens / plan.tokens, 3),
                    loss=round(loss, 4),
                    tokens_a_second=round((run.tokens - behind) / (time.monotonic() - started)),
                )
            if run.steps % plan.check_every == 0:
                _keep_if_better(run, tokenizer, validation, best)
            if time.monotonic() - saved > SAVED_EVERY:
                _write(run.state(), state)
                saved = time.monotonic()
        else:
            run.passes, run.at = run.passes + 1, 0
    if not run.finished:
        _keep_if_better(run, tokenizer, validation, best)
        run.finished = True
        _write(run.state(), state)
    kept = torch.load(best, weights_only=True)
    if plan.mixed:
        kept = mean([before, kept, model.state_dict()])
    model.load_state_dict(kept)
    return run.top


class _Run:
    """A stage on its way: the weights, what the optimisers remember, and how far it is.

    `tokens` and `steps` are counted over the stage; `passes` are over, and of the one that runs
    `at` batches. `top` is the best `selection` so far (0..1).
    """

    def __init__(self, model: PreTrainedModel, plan: Plan) -> None:
        self.model, self.plan = model, plan
        self.tokens = self.steps = self.passes = self.at = 0
        self.top, self.finished = 0.0, False
        words = model.get_input_embeddings()
        # Half of all parameters, of which a step sees a few hundred rows: updating only those
        # makes a step a tenth shorter.
        words.sparse = True
        rest = [p for p in model.parameters() if p is not words.weight]
        self._rest = rest
        self._optimizers: list[torch.optim.Optimizer] = [
            torch.optim.SparseAdam([words.weight], lr=plan.peak),
            torch.optim.AdamW(
                [
                    {"params": [p for p in rest if p.ndim > 1], "weight_decay": 0.01},
                    {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
                ],
                lr=plan.peak,
                fused=True,
            ),
        ]

    def step(
        self, ids: torch.Tensor, mask: torch.Tensor, targets: torch.Tensor, known: torch.Tensor
    ) -> float:
        """Learn from one batch; the loss."""
        rate = self.plan.peak * min(1.0, (self.steps + 1) / self.plan.warm_up)
        rate *= max(0.0, 1.0 - self.tokens / self.plan.tokens)
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.model(input_ids=ids, attention_mask=mask).logits
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits.float(), targets, reduction="none"
        )
        loss = (losses * known).sum() / known.sum().clamp(min=1.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._rest, 1.0)
        for optimizer in self._optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.tokens += ids.numel()
        self.steps += 1
        self.at += 1
        return float(loss.detach())

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "counts": [self.tokens, self.steps, self.passes, self.at],
            "top": self.top,
            "finished": self.finished,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        for optimizer, remembered in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(remembered)
        self.tokens, self.steps, self.passes, self.at = state["counts"]
        self.top, self.finished = state["top"], state["finished"]


def predict(
    model: PreTrainedModel, tokenizer: Tokenizer, texts: Sequence[str], longest: int = Plan.longest
) -> Scores:
    """Scores (texts x attributes, 0..1) of the texts as they are, cut at `longest` tokens."""
    encodings = [e.ids for e in tokenizer.encode_batch(list(texts))]
    scores = np.zeros((len(texts), len(ATTRIBUTES)), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda at: len(encodings[at]))
    was_training = model.training
    model.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 64):
            members = order[start : start + 64]
            ids, mask = _pad([_cut(encodings[at], longest) for at in members])
            logits = model(input_ids=ids, attention_mask=mask).logits
            scores[members] = torch.sigmoid(logits.float()).numpy()
    model.train(was_training)
    return scores


def _keep_if_better(
    run: _Run, tokenizer: Tokenizer, validation: Sequence[Example], best: Path
) -> None:
    scores = predict(run.model, tokenizer, [e.text for e in validation], run.plan.longest)
    measured, parts = selection(validation, scores)
    log.info("checked", stage=run.plan.name, step=run.steps, mean=round(measured, 4), **parts)
    # Of equals the later one: it is surer of the same order.
    if measured >= run.top or not best.exists():
        _write(run.model.state_dict(), best)
    run.top = max(measured, run.top)


def mean(states: Sequence[dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of weights with one beginning: it keeps more of what each of them knows.

    "Model soup": Wortsman et al. 2022, arXiv:2203.05482.
    """
    return {name: torch.stack([s[name] for s in states]).mean(dim=0) for name in states[0]}


def _write(what: dict[str, Any], path: Path) -> None:
    """Save beside and move into place: a kill in the middle leaves the older one whole."""
    beside = path.with_suffix(path.suffix + ".new")
    torch.save(what, beside)
    beside.replace(path)


Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
"""Token ids and which of them are there (texts x tokens), what is to be learned and which of it is
known (texts x attributes)."""


def _batches(
    tokenizer: Tokenizer, examples: Sequence[Example], plan: Plan, chance: random.Random
) -> list[Batch]:
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
    return [
        (*_pad([encodings[at] for at in members]), *_labels([examples[at] for at in members]))
        for members in groups
    ]


def _labels(examples: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    """What is to be learned of each example, and which of it its source labels at all."""
    targets = torch.zeros(len(examples), len(ATTRIBUTES))
    known = torch.zeros(len(examples), len(ATTRIBUTES))
    for row, example in enumerate(examples):
        for column, name in enumerate(ATTRIBUTES):
            if name in example.labels:
                targets[row, column] = example.labels[name]
                known[row, column] = 1.0
    return targets, known


def _cut(ids: list[int], longest: int) -> list[int]:
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def _pad(sequences: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, sequences))
    ids = torch.tensor([s + [0] * (width - len(s)) for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (width - len(s)) for s in sequences])
    return ids, mask
