"""Everything that the model card states of an exported model, measured as it is served."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.scorers import Scorer
from worker.training import augment, bias
from worker.training.evaluate import (
    WRONG_HOLDS,
    Bin,
    Scores,
    area,
    areas,
    calibration_error,
    held,
    held_share,
    is_bad,
    is_clean,
    labelled,
    reliability,
    rows_by,
    scores_of,
    suggest_thresholds,
    wrongly_held,
)
from worker.training.examples import ATTRIBUTES, YES, Example

TARGETS = (1.0, 2.0, WRONG_HOLDS, 5.0, 10.0)
"""Wrong holds per 100 clean comments: the points of the curve."""

MOST_FAILURES = 8
"""Lines that are let through, and lines that are held, which the card quotes at most."""

Opinion = tuple[str, Mapping[str, float]]
"""A text with somebody else's figures (0..1) for it."""


@dataclass(frozen=True)
class Source:
    """How one source's comments fare; every figure is 0..1, None where there are too few."""

    texts: int
    area: float | None
    caught: float | None
    wrongly_held: float | None
    error: float


@dataclass(frozen=True)
class Point:
    """Thresholds that aim at `target` wrong holds in a hundred, and what they do (0..1).

    `wrongly_held` is by source, as `evaluate.wrongly_held`.
    """

    target: float
    thresholds: dict[str, float]
    wrongly_held: dict[str, float]
    caught: float
    news_held: float | None


@dataclass(frozen=True)
class Kind:
    """Lines of our own of one kind: how many, how many held, and whether they should be."""

    lines: int
    held: int
    bad: bool


@dataclass(frozen=True)
class Report:
    """What was measured on texts that the model never saw.

    Thresholds, those of `curve` among them, and calibration were fitted to one half of the held-out
    texts. Areas, reliability, sources and the curve are measured on the other half. What is said of
    our own lines (`trained`, `held_back`, `disguises`, `missed`, `wrongly_held`) is of both halves:
    unseen lines of kinds that were trained on, and of kinds of which nothing was.
    """

    thresholds: dict[str, float]
    areas: dict[str, float]
    reliability: dict[str, list[Bin]]
    sources: dict[str, Source]
    curve: list[Point]
    trained: dict[str, Kind]
    held_back: dict[str, Kind]
    disguises: dict[str, float]
    missed: list[tuple[str, float]]
    wrongly_held: list[tuple[str, float]]
    bias: bias.Bias
    news: dict[str, float] = field(default_factory=dict)
    perspective: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The figures that `model.json` keeps."""
        return {
            "area_under_curve": self.areas,
            "calibration_error": {
                name: round(calibration_error(bins), 4) for name, bins in self.reliability.items()
            },
            "toxicity_area": {name: each.area for name, each in self.sources.items()},
            "wrong_holds": {name: each.wrongly_held for name, each in self.sources.items()},
            "news_comments_area": self.news,
            "balanced_accuracy": {
                "trained kinds": balanced(self.trained),
                "held-back kinds": balanced(self.held_back),
            },
        }


def balanced(kinds: Mapping[str, Kind]) -> float | None:
    """Mean of the share of bad lines held and of the share of others let through (0..1)."""
    shares = []
    for bad in (True, False):
        lines = sum(kind.lines for kind in kinds.values() if kind.bad is bad)
        reached = sum(kind.held for kind in kinds.values() if kind.bad is bad)
        if not lines:
            return None
        shares.append(reached / lines if bad else 1 - reached / lines)
    return round(sum(shares) / 2, 4)


def report(
    scorer: Scorer,
    held_out: Sequence[Example],
    news: Sequence[Opinion] = (),
    perspective: Sequence[Opinion] = (),
) -> Report:
    """Measure a scorer as it is served. Nothing is fitted to `news` or to `perspective`."""
    scores = scores_of(scorer, [e.text for e in held_out])
    fitting = [row for row, e in enumerate(held_out) if e.for_fitting]
    rest = [row for row, e in enumerate(held_out) if not e.for_fitting]
    half, found = [held_out[row] for row in rest], scores[rest]
    suggest = partial(suggest_thresholds, [held_out[row] for row in fitting], scores[fitting])
    thresholds = suggest()
    news_scores = scores_of(scorer, [text for text, _ in news])
    quiet = [row for row, (_, labels) in enumerate(news) if max(labels.values()) < YES]
    curve = []
    for target in TARGETS:
        cuts = suggest(target)
        curve.append(
            Point(
                target,
                cuts,
                wrongly_held(half, found, cuts),
                _mean(_caught(half, found, cuts).values()),
                held_share(news_scores[quiet], cuts) if quiet else None,
            )
        )
    ours = [row for row, e in enumerate(held_out) if e.source == "ours"]
    lines, line_scores = [held_out[row] for row in ours], scores[ours]
    missed, wrong = _failures(lines, line_scores, thresholds)
    return Report(
        thresholds=thresholds,
        areas=areas(half, found),
        reliability={name: reliability(*labelled(half, found, name)) for name in ATTRIBUTES},
        sources=_sources(half, found, thresholds),
        curve=curve,
        trained=_kinds(lines, line_scores, thresholds, held_back=False),
        held_back=_kinds(lines, line_scores, thresholds, held_back=True),
        disguises=_disguises(scorer, lines, line_scores, thresholds),
        missed=missed,
        wrongly_held=wrong,
        bias=bias.measure(scorer, thresholds),
        news=_agreement(news, dict.fromkeys(news[0][1], "toxicity"), news_scores) if news else {},
        perspective=_agreement(
            perspective,
            {name: name for name in ATTRIBUTES},
            scores_of(scorer, [text for text, _ in perspective]),
        ),
    )


def _sources(
    examples: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> dict[str, Source]:
    caught = _caught(examples, scores, thresholds)
    wrong = wrongly_held(examples, scores, thresholds)
    found = {}
    for source, rows in rows_by(examples, lambda e: e.source).items():
        here = [examples[row] for row in rows]
        shares, toxicity = labelled(here, scores[rows], "toxicity")
        found[source] = Source(
            len(rows),
            areas(here, scores[rows]).get("toxicity"),
            caught.get(source),
            wrong.get(source),
            round(calibration_error(reliability(shares, toxicity)), 4),
        )
    return found


def _caught(
    examples: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> dict[str, float]:
    """Of the bad comments the share that is held, by source."""
    groups = rows_by(examples, lambda e: e.source if is_bad(e) else None)
    return {source: held_share(scores[rows], thresholds) for source, rows in groups.items()}


def _kinds(
    lines: Sequence[Example],
    scores: Scores,
    thresholds: Mapping[str, float],
    *,
    held_back: bool,
) -> dict[str, Kind]:
    reached = held(scores, thresholds)
    groups = rows_by(lines, lambda e: e.kind if e.held_back is held_back else None)
    return {
        kind: Kind(len(rows), int(reached[rows].sum()), is_bad(lines[rows[0]]))
        for kind, rows in groups.items()
    }


def _disguises(
    scorer: Scorer, lines: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> dict[str, float]:
    """How many of the insults that are held in plain are held in each disguise as well (0..1)."""
    plain = held(scores, thresholds)
    insults = [
        line.text
        for row, line in enumerate(lines)
        if plain[row] and line.labels["insult"] >= YES and augment.RUDE.search(line.text)
    ][:200]
    kept = {}
    for name in augment.DISGUISES:
        chance = random.Random(name)
        disguised = [augment.disguise(text, name, chance) for text in insults]
        kept[name] = round(held_share(scores_of(scorer, disguised), thresholds), 3)
    return kept


def _failures(
    lines: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Lines of ours that are let through or held and should not be, the worst of each kind."""
    reached = held(scores, thresholds)
    far = (scores / np.array([thresholds.get(name, np.inf) for name in ATTRIBUTES])).max(axis=1)
    missed = [row for row, line in enumerate(lines) if is_bad(line) and not reached[row]]
    wrong = [row for row, line in enumerate(lines) if is_clean(line) and reached[row]]
    return (
        _worst(lines, far, scores, missed)[:MOST_FAILURES],
        _worst(lines, -far, scores, wrong)[:MOST_FAILURES],
    )


def _worst(
    lines: Sequence[Example], order: NDArray[np.float32], scores: Scores, rows: list[int]
) -> list[tuple[str, float]]:
    """Text and highest score of the first of each kind, in the order of `order`."""
    first: dict[str, tuple[str, float]] = {}
    for row in sorted(rows, key=lambda row: order[row]):
        first.setdefault(lines[row].kind, (lines[row].text, round(float(scores[row].max()), 2)))
    return list(first.values())


def _agreement(
    opinions: Sequence[Opinion], attributes: Mapping[str, str], scores: Scores
) -> dict[str, float]:
    """How well an attribute (the values) orders what others said at one half or more (the keys)."""
    found = {}
    for name, attribute in attributes.items():
        truth = [labels[name] >= YES for _, labels in opinions]
        value = area(truth, scores[:, ATTRIBUTES.index(attribute)])
        if value is not None:
            found[name] = round(value, 4)
    return found


def _mean(values: Iterable[float]) -> float:
    return round(float(np.mean(list(values))), 4)
