"""The map from a model's scores to those of Perspective, so that a threshold keeps its meaning.

Each attribute's scores are linked by their ranks: the score that one comment in ten reaches becomes
the one that one in ten reached with Perspective. A fit of the mean (isotonic regression) comes a
little nearer for a comment, but draws everything to the middle: what was set to hold at 0.80 would
hold a fifth fewer. The error is told of comments that a map was not made from, in ten turns; left
out altogether is what stands in a training source, too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.standin.perspective.names import OURS
from moderation.standin.perspective.scale import FILE, Point, along
from worker import scorers
from worker.scorers import Scorer
from worker.training import data
from worker.training.evaluate import scores_of
from worker.training.examples import clean_text, repeats

Values = NDArray[np.float64]

SHARES = (*np.linspace(0.0, 0.9, 19), *(1 - np.geomspace(0.1, 0.002, 13)[1:]), 1.0)
"""The shares of comments whose scores become a point of the line: closer together at the top, where
thresholds lie."""
TURNS = 10
THRESHOLD = 0.8
"""What Perspective's makers named for a start, and most sites have kept."""
DIGITS = 4
_POINT = re.compile(r"\[\s+([\d.]+),\s+([\d.]+)\s+\]")
HEAD = (
    "attribute",
    "order kept",
    "error",
    "error, raw",
    "at 0.80: Perspective",
    "ours",
    "both",
    "raw",
)


@dataclass(frozen=True)
class Fit:
    """One attribute's map and how good it is, over `comments` comments.

    `order`: the rank correlation of both scores, -1..1. The errors are mean distances from
    Perspective's score, 0..1, with the map and without; then how many comments reach THRESHOLD: by
    Perspective, by the map, by both, and by our own score.
    """

    points: list[Point]
    order: float
    error: float
    raw_error: float
    reach: int
    reach_mapped: int
    reach_both: int
    reach_raw: int

    def cells(self) -> tuple[str, ...]:
        """As they stand below HEAD, without the attribute."""
        figures = (f"{self.order:.2f}", f"{self.error:.3f}", f"{self.raw_error:.3f}")
        counts = (self.reach, self.reach_mapped, self.reach_both, self.reach_raw)
        return (*figures, *map(str, counts))


@dataclass(frozen=True)
class Fitted:
    """A model's maps by Perspective's names; `in_training` and `twice` say what was left out."""

    model: str
    comments: int
    in_training: int
    twice: int
    attributes: dict[str, Fit]

    def as_json(self) -> dict[str, Any]:
        """As `moderation.standin.perspective.scale` reads it."""
        return {
            "model": self.model,
            "comments": self.comments,
            "left_out": {"in_training": self.in_training, "twice": self.twice},
            "attributes": {name: asdict(fit) for name, fit in self.attributes.items()},
        }

    def table(self) -> str:
        """The fit and its error, in Markdown."""
        rows = [HEAD, ("---",) * len(HEAD)]
        rows += [(f"`{name}`", *fit.cells()) for name, fit in self.attributes.items()]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def make(folder: Path, model: Path, out: Path | None) -> Fitted:
    """Fit the maps of the model in a folder to the labelled comments in `folder`, and write them
    beside it, or to `out`."""
    scorer = scorers.load(str(model))
    found = fit(folder, scorer)
    target = out or model / FILE
    target.write_text(_shown(found.as_json()), encoding="utf-8")
    print(f"{found.comments} comments; left out: {found.in_training} that stand in a training")
    print(f"source, too, and {found.twice} that come twice. Written to {target}.\n")
    print(found.table())
    return found


def fit(folder: Path, scorer: Scorer) -> Fitted:
    """The maps, for every attribute of Perspective's that the model scores."""
    rows = data.perspective_scores(folder)
    said = dict(rows)
    texts = list(said)
    sources = [example for load in data.SOURCES for example in load(folder)]
    known = repeats([clean_text(text) for text in texts], among=sources)
    fresh = [text for text, is_known in zip(texts, known, strict=True) if not is_known]
    scores = scores_of(scorer, fresh, scorer.facts.attributes)
    columns = {name: at for at, name in enumerate(scorer.facts.attributes)}
    return Fitted(
        model=scorer.facts.version,
        comments=len(fresh),
        in_training=sum(known),
        twice=len(rows) - len(said),
        attributes={
            name: fitted(
                scores[:, columns[ours]].astype(np.float64),
                np.array([said[text][name] for text in fresh]),
            )
            for name, ours in OURS.items()
            if ours in columns
        },
    )


def fitted(ours: Values, theirs: Values, chance: int = 20261125) -> Fit:
    """The map of one attribute, and its error on comments that it was not made from."""
    turns = np.random.default_rng(chance).permutation(len(ours)) % TURNS
    mapped = np.empty_like(theirs)
    for turn in range(TURNS):
        points = line(ours[turns != turn], theirs[turns != turn])
        mapped[turns == turn] = [along(points, score) for score in ours[turns == turn]]
    reach = theirs >= THRESHOLD
    reach_mapped = mapped >= THRESHOLD
    return Fit(
        points=line(ours, theirs),
        order=_rounded(np.corrcoef(_ranks(ours), _ranks(theirs))[0, 1]),
        error=_rounded(np.abs(mapped - theirs).mean()),
        raw_error=_rounded(np.abs(ours - theirs).mean()),
        reach=int(reach.sum()),
        reach_mapped=int(reach_mapped.sum()),
        reach_both=int((reach & reach_mapped).sum()),
        reach_raw=int((ours >= THRESHOLD).sum()),
    )


def line(ours: Values, theirs: Values) -> list[Point]:
    """The points of a line that never falls, from 0 to 1: equal shares of comments reach both."""
    points: list[Point] = [(0.0, _rounded(theirs.min()))]
    for at, becomes in zip(np.quantile(ours, SHARES), np.quantile(theirs, SHARES), strict=True):
        if points[-1][0] < _rounded(at) < 1.0:
            points.append((_rounded(at), _rounded(becomes)))
    return [*points, (1.0, 1.0)]


def _ranks(values: Values) -> Values:
    """The place of each in order of size; equal ones share theirs."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    places: Values = (ends - (counts - 1) / 2)[where]
    return places


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)


def _shown(card: Mapping[str, Any]) -> str:
    """JSON with one point of a line on each of its own, and not one number."""
    return _POINT.sub(r"[\1, \2]", json.dumps(card, indent=2)) + "\n"
