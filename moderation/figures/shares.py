"""A share of what was counted, and how far it can be trusted. Pure."""

from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
"""Of the intervals."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many `hits` `of` so many. Where there is nothing that they could be of, it has no value
    and no interval: ask `of` first."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """0..1."""
        return self.hits / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """Where it lies, at CONFIDENCE."""
        return wilson(self.hits, self.of)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The Wilson score interval of a share at CONFIDENCE, within 0..1. `of` is at least 1."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    share, shrunk = hits / of, 1 + z * z / of
    middle = (share + z * z / (2 * of)) / shrunk
    reach = z / shrunk * (share * (1 - share) / of + z * z / (4 * of * of)) ** 0.5
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
