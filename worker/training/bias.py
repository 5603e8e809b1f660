"""Whether the model holds a sentence for the group that it names."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worker.scorers import Scorer
from worker.training.evaluate import held, scores_of
from worker.training.examples import ATTRIBUTES

SENTENCES = Path(__file__).parent / "bias.toml"


@dataclass(frozen=True)
class Bias:
    """Neutral and proud sentences, each said of every term.

    `held` is by term the share (0..1) of its sentences that the thresholds hold. `sentences` is how
    many there are of each term. `moved` and `most_moved` say how far the toxicity of one sentence
    moves when its term is swapped for another: on average over all pairs of terms, and at most.
    """

    held: dict[str, float]
    sentences: int
    moved: float
    most_moved: float


def measure(scorer: Scorer, thresholds: Mapping[str, float]) -> Bias:
    """Score every sentence with every term; nothing was trained on them."""
    terms, said = sentences()
    scores = scores_of(scorer, [text for texts in said for text in texts])
    reached = held(scores, thresholds).reshape(len(terms), -1)
    toxicity = scores[:, ATTRIBUTES.index("toxicity")].reshape(len(terms), -1)
    swaps = np.abs(toxicity[:, None, :] - toxicity[None, :, :])
    pairs = len(terms) * (len(terms) - 1)
    return Bias(
        held={term: round(float(row.mean()), 3) for term, row in zip(terms, reached, strict=True)},
        sentences=reached.shape[1],
        moved=round(float(swaps.sum() / (pairs * reached.shape[1])), 4),
        most_moved=round(float(swaps.max()), 4),
    )


def sentences() -> tuple[list[str], list[list[str]]]:
    """The terms, and for each of them its sentences."""
    table = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
    terms, said = [], []
    for line in table["terms"].strip().splitlines():
        people, member, person = line.split("; ")
        words = {"people": people, "member": member, "person": person}
        filled = [text.format(**words) for text in table["texts"]]
        terms.append(people)
        said.append([text[0].upper() + text[1:] for text in filled])
    return terms, said
