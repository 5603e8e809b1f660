"""From our score to Perspective's, so that a threshold which a site had set keeps its meaning.

The map is a file beside the model that it was fitted for (`python -m worker.training perspective`),
and holds for that model alone: another one's scores are answered as they are.
"""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

from flask import current_app

from config.model import BUNDLED, DETOXIFY, ModelError
from config.settings import Settings

EXTENSION = "moderation.standin.perspective"
FILE = "perspective.json"
RAW = "raw"

Point = tuple[float, float]
"""Our score, and Perspective's."""


@dataclass(frozen=True, slots=True)
class Scale:
    """For each of Perspective's attributes the points of a line that never falls; straight between
    them. Without one a score stays as it is, and so does that of another model than `model`."""

    model: str
    points: Mapping[str, Sequence[Point]]

    def value(self, model: str, attribute: str, ours: float) -> float:
        """What Perspective would have said where the model of that version says `ours`, 0..1."""
        points = self.points.get(attribute)
        if points is None or model != self.model:
            return ours
        return along(points, ours)


AS_IT_IS = Scale("", {})


def along(points: Sequence[Point], at: float) -> float:
    """The height of the line at `at`; before its first and behind its last point it is level."""
    behind = bisect_right(points, at, key=lambda point: point[0])
    if behind == 0:
        return points[0][1]
    if behind == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = points[behind - 1], points[behind]
    return y0 + (y1 - y0) * (at - x0) / (x1 - x0)


def of(settings: Settings) -> Scale:
    """The scale that the settings name. ModelError for a file that cannot be read as one."""
    if settings.perspective_scale == RAW or settings.model.startswith(DETOXIFY):
        return AS_IT_IS
    folder = BUNDLED if settings.model == "bundled" else Path(settings.model)
    return load(folder / FILE)


def load(path: Path) -> Scale:
    """The scale in a file; the one that changes nothing where there is no such file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        points = {name: _rising(fitted["points"]) for name, fitted in said["attributes"].items()}
        return Scale(str(said["model"]), points)
    except FileNotFoundError:
        return AS_IT_IS
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ModelError(f"{path}: not a map of scores") from None


def _rising(given: Sequence[Sequence[float]]) -> list[Point]:
    points = [(float(ours), float(theirs)) for ours, theirs in given]
    if not points or not all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(points)):
        raise ValueError
    return points


def current() -> Scale:
    """The one of the app that answers the current request."""
    return cast("Scale", current_app.extensions[EXTENSION])
