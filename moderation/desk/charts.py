"""Bars for a chart, as numbers. Pure: the template draws them, the stylesheet colours them."""

from collections.abc import Sequence
from dataclasses import dataclass

TALL = 100.0
"""The height of every chart in its own units; it is as many units wide as it has bars."""
WHOLE, PART = 0.8, 0.4
"""How wide a bar is; one that stands in front is narrower, so that colour alone says nothing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars from left to right, on one scale; `zero` is where its line lies, from the top."""

    wholes: Sequence[Bar]
    parts: Sequence[Bar]
    zero: float

    @property
    def slots(self) -> int:
        """How wide it is."""
        return len(self.wholes)


def chart(wholes: Sequence[float], parts: Sequence[float] = ()) -> Chart:
    """Bars of these values; those of `parts` stand in front of them. Below zero they hang down."""
    highest, lowest = max(0.0, *wholes, *parts), min(0.0, *wholes, *parts)
    unit = TALL / ((highest - lowest) or 1.0)

    def bars(values: Sequence[float], wide: float) -> list[Bar]:
        return [
            Bar(
                x=round(nth + (1 - wide) / 2, 2),
                y=round((highest - max(value, 0.0)) * unit, 2),
                width=wide,
                height=round(abs(value) * unit, 2),
            )
            for nth, value in enumerate(values)
        ]

    zero = round(highest * unit, 2) if highest > lowest else TALL
    return Chart(wholes=bars(wholes, WHOLE), parts=bars(parts, PART), zero=zero)
