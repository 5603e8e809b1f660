"""How good the scores are, and which thresholds they suggest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from worker.scorers import Scorer
from worker.training.examples import ATTRIBUTES, Example

WRONG_HOLDS = 3.0
"""The target for suggested thresholds: clean comments held, of a hundred."""

ENOUGH = 50
"""Clean comments that a source must have to count in thresholds and shares of wrong holds."""

Scores = NDArray[np.float32]
"""Texts x attributes, 0..1, in the order of `ATTRIBUTES`."""


@dataclass(frozen=True)
class Report:
    """What was measured on texts that the model never saw; every share and area is 0..1.

    `areas` is by attribute over all sources, `toxicity_by_source` the same for toxicity alone.
    `news_areas` is how toxicity ranks a newspaper's comments by each of their three labels;
    `news_held` the share of those with no label that the suggested thresholds hold.
    `ours` gives for each kind of our own held-out lines (how many, how many of them held).
    """

    thresholds: dict[str, float]
    areas: dict[str, float]
    toxicity_by_source: dict[str, float]
    wrong_holds: dict[str, float]
    news_areas: dict[str, float]
    news_held: float
    ours: dict[str, tuple[int, int]]

    def as_json(self) -> dict[str, Any]:
        """The figures that `model.json` keeps."""
        return {
            "area_under_curve": self.areas,
            "wrong_holds": self.wrong_holds,
            "news_comments_area": self.news_areas,
            "news_comments_wrong_holds": self.news_held,
        }


def report(
    scorer: Scorer,
    held_out: Sequence[Example],
    news: Sequence[tuple[str, Mapping[str, float]]],
) -> Report:
    """Measure a scorer as it will be served. Nothing is fitted to `news`."""
    scores = scores_of(scorer, [e.text for e in held_out])
    thresholds = suggest_thresholds(held_out, scores)
    news_scores = scores_of(scorer, [text for text, _ in news])
    quiet = [row for row, (_, labels) in enumerate(news) if max(labels.values()) < 0.5]
    by_source = _by(held_out, lambda e: e.source)
    ours = _by([e if e.source == "ours" else None for e in held_out], lambda e: e.kind)
    return Report(
        thresholds=thresholds,
        areas=areas(held_out, scores),
        toxicity_by_source={
            source: area["toxicity"]
            for source, rows in sorted(by_source.items())
            if "toxicity" in (area := areas([held_out[row] for row in rows], scores[rows]))
        },
        wrong_holds={
            source: round(held_share(scores[clean], thresholds), 4)
            for source, rows in sorted(by_source.items())
            if len(clean := [row for row in rows if _is_clean(held_out[row])]) >= ENOUGH
        },
        news_areas={
            name: round(
                float(
                    roc_auc_score([labels[name] >= 0.5 for _, labels in news], news_scores[:, 0])
                ),
                4,
            )
            for name in news[0][1]
        },
        news_held=round(held_share(news_scores[quiet], thresholds), 4),
        ours={
            kind: (len(rows), round(held_share(scores[rows], thresholds) * len(rows)))
            for kind, rows in sorted(ours.items())
        },
    )


def scores_of(scorer: Scorer, texts: Sequence[str]) -> Scores:
    """A scorer's answers as a table."""
    rows: list[list[float]] = []
    for start in range(0, len(texts), 64):
        answers = scorer.score(texts[start : start + 64])
        rows += [[answer[name] for name in ATTRIBUTES] for answer in answers]
    return np.array(rows, dtype=np.float32)


def areas(examples: Sequence[Example], scores: Scores) -> dict[str, float]:
    """Area under the ROC curve (0..1) for each attribute, on the examples that carry its label.

    A share of people of one half or more counts as yes. An attribute that no example, or every
    example, has is left out.
    """
    measured = {}
    for column, name in enumerate(ATTRIBUTES):
        rows = [row for row, example in enumerate(examples) if name in example.labels]
        truth = np.array([examples[row].labels[name] >= 0.5 for row in rows], dtype=bool)
        if truth.any() and not truth.all():
            area = roc_auc_score(truth, scores[rows, column])
            measured[name] = round(float(area), 4)
    return measured


def selection(examples: Sequence[Example], scores: Scores) -> tuple[float, dict[str, float]]:
    """What a training run is chosen by (0..1), and the areas that it is the mean of.

    The mean over toxicity within each source and kind of source, and the other attributes over
    all: a pooled toxicity would reward telling the sources apart.
    """
    parts = {
        source: area["toxicity"]
        for source, rows in sorted(_by(examples, lambda e: e.source).items())
        if "toxicity" in (area := areas([examples[row] for row in rows], scores[rows]))
    }
    parts |= {n: area for n, area in areas(examples, scores).items() if n != "toxicity"}
    return float(np.mean(list(parts.values()))), parts


def suggest_thresholds(
    examples: Sequence[Example], scores: Scores, target: float = WRONG_HOLDS
) -> dict[str, float]:
    """Hold thresholds that together hold `target` of a hundred clean comments.

    Each source counts the same, however many clean comments it has. Every attribute gets the same
    share of clean comments above its threshold; how large is found by halving.
    """
    by_source = _by([e if _is_clean(e) else None for e in examples], lambda e: e.source)
    groups = [rows for rows in by_source.values() if len(rows) >= ENOUGH]
    fewest = min(map(len, groups))
    clean = scores[[row for rows in groups for row in rows[:fewest]]]
    low, high = 0.0, target / 100
    for _ in range(30):
        middle = (low + high) / 2
        cuts = np.quantile(clean, 1 - middle, axis=0)
        held = float((clean >= cuts).any(axis=1).mean()) * 100
        low, high = (middle, high) if held < target else (low, middle)
    cuts = np.quantile(clean, 1 - low, axis=0)
    return {name: round(float(cut), 3) for name, cut in zip(ATTRIBUTES, cuts, strict=True)}


def held_share(scores: Scores, thresholds: Mapping[str, float]) -> float:
    """Share (0..1) of the rows that reach at least one attribute's threshold."""
    cuts = np.array([thresholds[name] for name in ATTRIBUTES], dtype=np.float32)
    return float((scores >= cuts).any(axis=1).mean())


def _is_clean(example: Example) -> bool:
    return len(example.labels) == len(ATTRIBUTES) and max(example.labels.values()) <= 0.1


def _by(examples: Sequence[Example | None], key: Any) -> dict[str, list[int]]:
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        if example is not None:
            rows[key(example)].append(row)
    return rows
