"""A share, and the interval in which it lies."""

import pytest

from moderation.figures.shares import Share, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Worked out by hand from the formula, with z = 1.96.
    [(8, 10, 0.490, 0.943), (0, 5, 0.0, 0.434), (5, 5, 0.566, 1.0), (500, 1000, 0.469, 0.531)],
)
def test_the_interval_is_wide_where_little_was_counted(
    hits: int, of: int, low: float, high: float
) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=0.001)
    assert Share(hits, of).interval == wilson(hits, of)
    assert Share(hits, of).value == hits / of
