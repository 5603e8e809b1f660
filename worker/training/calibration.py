"""From scores that order comments well to scores that are probabilities.

Each attribute's logit is stretched and shifted so that the scores of held-out comments match the
shares of people who said yes. That is a change of the last layer alone: it is written into its
weights, and the checkpoint, the exported graph and everything that serves them stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from worker.training.evaluate import Scores, labelled
from worker.training.examples import ATTRIBUTES, YES, Example
from worker.training.phrases import Blended


@dataclass(frozen=True)
class Line:
    """`slope * logit + shift`; the slope is above 0, so no two comments change places."""

    slope: float = 1.0
    shift: float = 0.0


def fit(examples: Sequence[Example], scores: Scores) -> dict[str, Line]:
    """A line for each attribute, over the examples that carry its label.

    An attribute with fewer than ten examples of either kind stays as it is.
    """
    lines = {}
    for name in ATTRIBUTES:
        shares, found = labelled(examples, scores, name)
        enough = min((shares >= YES).sum(), (shares < YES).sum()) >= 10
        lines[name] = _fitted(shares, _logits(found)) if enough else Line()
    return lines


def _fitted(shares: NDArray[np.float32], logits: NDArray[np.float64]) -> Line:
    """Platt's logistic regression, held a little near the line that changes nothing."""
    inputs, wanted = torch.tensor(logits), torch.tensor(shares, dtype=torch.float64)
    start = torch.tensor([1.0, 0.0], dtype=torch.float64)
    line = start.clone().requires_grad_()
    search = torch.optim.LBFGS([line], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        found = torch.nn.functional.binary_cross_entropy_with_logits(
            line[0] * inputs + line[1], wanted, reduction="sum"
        )
        total: torch.Tensor = found + ((line - start) ** 2).sum()
        total.backward()
        return total

    search.step(loss)
    slope, shift = line.tolist()
    return Line(max(slope, 0.2), shift)


def fold(model: PreTrainedModel | Blended, lines: Mapping[str, Line]) -> None:
    """Write the lines into the model's last layer, in place."""
    slopes = torch.tensor([lines[name].slope for name in ATTRIBUTES])
    shifts = torch.tensor([lines[name].shift for name in ATTRIBUTES])
    with torch.no_grad():
        model.classifier.weight.mul_(slopes[:, None])
        model.classifier.bias.mul_(slopes).add_(shifts)
        if isinstance(model, Blended):
            model.shares.mul_(slopes)


def _logits(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """What a sigmoid made these scores of."""
    chances = np.clip(scores.astype(np.float64), 1e-6, 1 - 1e-6)
    return np.log(chances / (1 - chances))
