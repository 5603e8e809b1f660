"""How good scores are: order, honesty as probabilities, and what thresholds they suggest.

Needs numpy and a scorer, and nothing that trains: `moderation model eval` measures with it too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worker.scorers import Scorer
from worker.training.examples import ATTRIBUTES, YES, Example

WRONG_HOLDS = 3.0
"""The target for suggested thresholds: clean comments held, of a hundred."""

OF_OUR_OWN = 2.0
"""So many times as many of our own clean lines may be held: they are made to be mistaken."""

WRONG_HOLD_SHARES = {"severe_toxicity": 0.0, "obscene": 0.5}
"""How the wrong holds are shared out among the attributes; one that is not named has one share.

Of `severe_toxicity` no rule makes use, and word lists find most of what is obscene.
"""

ENOUGH = 50
"""Clean comments that a source must have to count in thresholds and shares of wrong holds."""

BINS = 10
"""Steps of a reliability table, each a tenth of the scale."""

Scores = NDArray[np.float32]
"""Texts x attributes, 0..1, in the order of `ATTRIBUTES` where no other is named."""


def scores_of(
    scorer: Scorer, texts: Sequence[str], attributes: Sequence[str] = ATTRIBUTES
) -> Scores:
    """A scorer's answers as a table, a column for each of `attributes`."""
    table = np.zeros((len(texts), len(attributes)), dtype=np.float32)
    for start in range(0, len(texts), 64):
        for row, answer in enumerate(scorer.score(texts[start : start + 64]), start):
            table[row] = [answer[name] for name in attributes]
    return table


def area(truth: Sequence[bool] | NDArray[np.bool_], scores: NDArray[np.float32]) -> float | None:
    """Area under the ROC curve (0..1): how often a yes scores higher than a no, ties counting half.

    None where there is no yes or no no.
    """
    truth = np.asarray(truth, dtype=bool)
    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        return None
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


@dataclass(frozen=True)
class Bin:
    """Comments of like scores: how many, their mean score, the share of people who said yes."""

    count: int
    score: float
    share: float


def reliability(shares: NDArray[np.float32], scores: NDArray[np.float32]) -> list[Bin]:
    """The comments by score, in up to `BINS` bins, empty ones left out; all values 0..1."""
    steps = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        Bin(int(here.sum()), float(scores[here].mean()), float(shares[here].mean()))
        for step in range(BINS)
        if (here := steps == step).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error (0..1): how far scores and shares are apart, weighed by count."""
    total = sum(each.count for each in bins)
    return sum(each.count * abs(each.score - each.share) for each in bins) / max(total, 1)


def labelled(
    examples: Sequence[Example], scores: Scores, name: str
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Shares of people and scores of one attribute, for the examples that carry its label."""
    rows = [row for row, example in enumerate(examples) if name in example.labels]
    shares = np.array([examples[row].labels[name] for row in rows], dtype=np.float32)
    return shares, scores[rows, ATTRIBUTES.index(name)]


def areas(examples: Sequence[Example], scores: Scores) -> dict[str, float]:
    """Area under the ROC curve for each attribute, on the examples that carry its label.

    A share of people of `YES` or more counts as yes. An attribute that no example, or every
    example, has is left out.
    """
    measured = {}
    for name in ATTRIBUTES:
        shares, found = labelled(examples, scores, name)
        if (value := area(shares >= YES, found)) is not None:
            measured[name] = round(value, 4)
    return measured


TWEETS = frozenset({"davidson", "edos", "olid"})
"""Their idea of an attack is not a newspaper's: trained on, and no state of a run is chosen by
them. Of thresholds the clean ones among them have their say."""


def selection(examples: Sequence[Example], scores: Scores) -> tuple[float, dict[str, float]]:
    """What a training run is chosen by (0..1), and the areas that it is the mean of.

    The mean over toxicity within each source but the tweets, with our held-back kinds as one of
    their own, and the other attributes over all of these: a pooled toxicity would reward telling
    the sources apart.
    """
    groups = rows_by(examples, _part)
    rows = [row for members in groups.values() for row in members]
    parts = {}
    for name, members in groups.items():
        within = areas([examples[row] for row in members], scores[members])
        if "toxicity" in within:
            parts[name] = within["toxicity"]
    pooled = areas([examples[row] for row in rows], scores[rows])
    parts |= {name: value for name, value in pooled.items() if name != "toxicity"}
    return float(np.mean(list(parts.values()))), parts


def _part(example: Example) -> str | None:
    if example.source in TWEETS:
        return None
    return f"{example.source}, held back" if example.held_back else example.source


def suggest_thresholds(
    examples: Sequence[Example], scores: Scores, target: float = WRONG_HOLDS
) -> dict[str, float]:
    """The lowest hold thresholds with at most `target` wrong holds (`wrong_holds`).

    Every attribute holds as large a part of the clean comments, each source counted alike, as
    `WRONG_HOLD_SHARES` gives it; how large is found by halving. One without a share gets no
    threshold.
    """
    groups = clean_comments(examples).values()
    fewest = min(map(len, groups))
    clean = scores[[row for rows in groups for row in rows[:fewest]]]
    parts = {name: share for name in ATTRIBUTES if (share := WRONG_HOLD_SHARES.get(name, 1.0))}
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        fewer = wrong_holds(examples, scores, _cuts(clean, parts, middle)) < target
        low, high = (middle, high) if fewer else (low, middle)
    return {name: round(cut, 3) for name, cut in _cuts(clean, parts, low).items()}


def wrong_holds(
    examples: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> float:
    """Of a hundred clean comments so many are held, the mean over the sources.

    Our own clean lines are told apart, divided by `OF_OUR_OWN`: the higher of the two counts.
    """
    shares = wrongly_held(examples, scores, thresholds)
    ours = shares.pop("ours", 0.0) / OF_OUR_OWN
    return 100 * max([ours, float(np.mean(list(shares.values())))] if shares else [ours])


def wrongly_held(
    examples: Sequence[Example], scores: Scores, thresholds: Mapping[str, float]
) -> dict[str, float]:
    """Of the clean comments the share (0..1) that is held, by source; sources with few left out."""
    return {
        source: held_share(scores[rows], thresholds)
        for source, rows in clean_comments(examples).items()
    }


def _cuts(clean: Scores, parts: Mapping[str, float], of_one: float) -> dict[str, float]:
    """Thresholds that so large a part (0..1) of the clean rows reaches, times an attribute's."""
    return {
        name: float(np.quantile(clean[:, ATTRIBUTES.index(name)], 1 - min(1.0, part * of_one)))
        for name, part in parts.items()
    }


def held_share(scores: Scores, thresholds: Mapping[str, float]) -> float:
    """Share (0..1) of the rows that reach at least one attribute's threshold; of no rows 0."""
    return float(held(scores, thresholds).mean()) if len(scores) else 0.0


def held(
    scores: Scores, thresholds: Mapping[str, float], attributes: Sequence[str] = ATTRIBUTES
) -> NDArray[np.bool_]:
    """Which rows reach at least one attribute's threshold; one that is not named holds nothing.

    `attributes` are the columns of `scores`.
    """
    cuts = np.array([thresholds.get(name, np.inf) for name in attributes], dtype=np.float32)
    reached: NDArray[np.bool_] = np.any(scores >= cuts, axis=1)
    return reached


def is_clean(example: Example) -> bool:
    """Nobody, or hardly anybody, saw anything in it, and the source asked for everything."""
    return len(example.labels) == len(ATTRIBUTES) and max(example.labels.values()) <= 0.1


def is_bad(example: Example) -> bool:
    """Half of the people or more saw something in it."""
    return max(example.labels.values()) >= YES


def clean_comments(examples: Sequence[Example]) -> dict[str, list[int]]:
    """Row numbers of the clean comments by source, of sources that have `ENOUGH` of them."""
    clean = rows_by(examples, lambda e: e.source if is_clean(e) else None)
    return {source: rows for source, rows in clean.items() if len(rows) >= ENOUGH}


def rows_by(
    examples: Sequence[Example], key: Callable[[Example], str | None]
) -> dict[str, list[int]]:
    """Row numbers of the examples by their key, in the keys' order; None belongs nowhere."""
    rows: dict[str, list[int]] = {}
    for row, example in enumerate(examples):
        if (name := key(example)) is not None:
            rows.setdefault(name, []).append(row)
    return dict(sorted(rows.items()))
