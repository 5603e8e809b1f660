"""The table that a run ends in."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

MARKS = {True: "met", False: "**missed**", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure must reach: at least, or at most, so much."""

    side: Literal["at least", "at most"]
    value: float
    unit: str = ""

    def met_by(self, figure: float) -> bool:
        """Whether the figure reaches it."""
        return figure >= self.value if self.side == "at least" else figure <= self.value

    def __str__(self) -> str:
        return f"{self.side} {shown(self.value)}{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure.

    `figure` is what the target speaks of, mostly a ratio; `measured` says in words what it was made
    from, `reference` what it stands beside and why that is fair. Without a target it only tells.
    """

    what: str
    figure: float
    unit: str = ""
    measured: str
    reference: str
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.target.met_by(self.figure)

    def cells(self) -> tuple[str, ...]:
        """As they stand in the table."""
        return (
            self.what,
            f"{shown(self.figure)}{self.unit}",
            str(self.target or ""),
            MARKS[self.met],
            self.measured,
            self.reference,
        )


HEAD = ("what", "figure", "target", "", "measured", "reference, and why it is fair")


def markdown(rows: list[Row]) -> str:
    """The rows as a table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def shown(value: float) -> str:
    """Three digits that count, and no more."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def middle_ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios of rounds that ran right after each other.

    Another program's burst falls on both of a pair, or spoils one pair among many.
    """
    return median(one / other for one, other in zip(ours, theirs, strict=True))
