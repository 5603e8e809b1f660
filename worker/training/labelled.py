"""What a model makes of a file of labelled comments: `moderation model eval`."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.scorers import Scorer
from worker.training.evaluate import area, calibration_error, held, reliability, scores_of
from worker.training.examples import YES

LONGEST_FIELD = 10_000_000
"""Characters of one CSV field; the library's own limit is shorter than a long comment's thread."""


class UnfitFile(ValueError):
    """A file that cannot be measured on; the message names line and column, never the text."""


@dataclass(frozen=True)
class Labelled:
    """Texts, and for some attributes the share of people (0..1) who saw it; NaN: nobody was asked.

    `shares` maps a column of the file to (the attribute that it is held against, a share a text).
    """

    texts: list[str]
    shares: dict[str, tuple[str, NDArray[np.float32]]]


@dataclass(frozen=True)
class Figures:
    """One labelled column against one attribute; every area, share and error is 0..1.

    `labelled` texts have the label, `yes` of them one half or more. `hold` is the policy's
    threshold for the attribute; of the yes `caught` reach it, of the others `wrongly_held`. What
    cannot be told (no label, no yes, no threshold) is None.
    """

    attribute: str
    labelled: int
    yes: int
    area: float | None
    calibration_error: float | None
    hold: float | None
    caught: float | None
    wrongly_held: float | None


@dataclass(frozen=True)
class Measured:
    """All columns, and the rules on scores together.

    `caught` and `wrongly_held` say which share of the texts with any label, and with none, reach
    any threshold of the policy, on attributes that the file labels or does not.
    """

    texts: int
    columns: dict[str, Figures]
    caught: float | None
    wrongly_held: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def read(
    path: Path, attributes: Sequence[str], also: Mapping[str, str], text_column: str = "text"
) -> Labelled:
    """The comments of a CSV file with a header: a text column, and labels named like attributes.

    `also` maps other columns to the attribute that they are held against. An empty label is no
    label. Raises UnfitFile.
    """
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = _columns(reader.fieldnames or (), attributes, also, text_column, path)
            texts, labels = [], []
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if row[text_column] is None:
                    raise UnfitFile(f"{where}: there is no `{text_column}`")
                texts.append(row[text_column])
                labels.append([_share(row[name], f"{where}: `{name}`") for name in columns])
    except OSError as error:
        raise UnfitFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError as error:
        raise UnfitFile(f"{path}: not UTF-8 at byte {error.start}") from None
    except csv.Error as error:
        raise UnfitFile(f"{path}: {error}") from None
    if not texts:
        raise UnfitFile(f"{path}: no rows")
    table = np.array(labels, dtype=np.float32)
    return Labelled(
        texts,
        {name: (attribute, table[:, at]) for at, (name, attribute) in enumerate(columns.items())},
    )


def measure(scorer: Scorer, given: Labelled, holds: Mapping[str, float]) -> Measured:
    """Scores held against labels; `holds` are a policy's thresholds by attribute."""
    attributes = scorer.facts.attributes
    scores = scores_of(scorer, given.texts, attributes)
    reached = held(scores, holds, attributes)
    shares = np.stack([share for _, share in given.shares.values()], axis=1)
    any_yes = np.any(shares >= YES, axis=1)
    columns = {
        column: _figures(
            attribute,
            share,
            scores[:, attributes.index(attribute)],
            holds.get(attribute),
        )
        for column, (attribute, share) in given.shares.items()
    }
    return Measured(
        len(given.texts), columns, _share_of(reached[any_yes]), _share_of(reached[~any_yes])
    )


def _figures(
    attribute: str,
    shares: NDArray[np.float32],
    scores: NDArray[np.float32],
    hold: float | None,
) -> Figures:
    asked = ~np.isnan(shares)
    shares, scores = shares[asked], scores[asked]
    yes = shares >= YES
    value = area(yes, scores)
    error = round(calibration_error(reliability(shares, scores)), 4) if len(shares) else None
    return Figures(
        attribute=attribute,
        labelled=len(shares),
        yes=int(yes.sum()),
        area=None if value is None else round(value, 4),
        calibration_error=error,
        hold=hold,
        caught=None if hold is None else _share_of(scores[yes] >= hold),
        wrongly_held=None if hold is None else _share_of(scores[~yes] >= hold),
    )


def _columns(
    header: Sequence[str],
    attributes: Sequence[str],
    also: Mapping[str, str],
    text_column: str,
    path: Path,
) -> dict[str, str]:
    """The label columns of the file, and the attribute of each."""
    if text_column not in header:
        raise UnfitFile(f"{path}: no column `{text_column}`")
    if missing := sorted(set(also) - set(header)):
        raise UnfitFile(f"{path}: no column `{missing[0]}`")
    columns = {name: name for name in header if name in attributes} | dict(also)
    if not columns:
        raise UnfitFile(f"{path}: no label column; the model scores {', '.join(attributes)}")
    return columns


def _share(label: str | None, where: str) -> float:
    if label is None or not label.strip():
        return float("nan")
    try:
        share = float(label)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UnfitFile(f"{where} must be a number from 0 to 1")
    return share


def _share_of(rows: NDArray[np.bool_]) -> float | None:
    return round(float(rows.mean()), 4) if len(rows) else None
