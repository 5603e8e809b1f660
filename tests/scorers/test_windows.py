"""A long text in windows: nothing is left out, nothing is read twice."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from worker.scorers.windows import windows

TOKENS = st.lists(st.integers(1, 6), max_size=60)
ROOM, OVERLAP = 8, 3


def test_a_short_text_is_one_window() -> None:
    assert windows([[]], ROOM, OVERLAP) == [()]
    assert windows([[1, 2, 3]], ROOM, OVERLAP) == [(1, 2, 3)]
    assert windows([list(range(8))], ROOM, OVERLAP) == [tuple(range(8))]


def test_neighbours_share_what_they_are_told_to() -> None:
    first, second = windows([list(range(10))], ROOM, OVERLAP)
    assert first == tuple(range(8))
    assert second == (5, 6, 7, 8, 9)


@given(TOKENS)
def test_whatever_is_as_long_as_the_overlap_is_whole_in_a_window(tokens: list[int]) -> None:
    cut = windows([tokens], ROOM, OVERLAP)
    assert all(len(window) <= ROOM for window in cut)
    for at in range(len(tokens) - OVERLAP + 1):
        word = tuple(tokens[at : at + OVERLAP])
        assert any(word == w[i : i + OVERLAP] for w in cut for i in range(len(w)))


def test_a_token_said_again_and_again_is_read_twice_at_most() -> None:
    assert len(windows([[7] * 100_000], ROOM, OVERLAP)) <= 2


def test_readings_with_the_same_tokens_are_one() -> None:
    assert windows([[1, 2], [1, 2]], ROOM, OVERLAP) == [(1, 2)]


def test_of_another_reading_only_what_differs_is_read() -> None:
    first = list(range(100, 150))
    other = [*first[:20], 1, *first[22:]]  # two tokens were one disguised word
    cut = windows([first, other], ROOM, OVERLAP)
    assert cut[: len(windows([first], ROOM, OVERLAP))] == windows([first], ROOM, OVERLAP)
    assert cut[len(windows([first], ROOM, OVERLAP)) :] == [
        tuple(other[start : start + ROOM]) for start in (15, 20)
    ]


@given(TOKENS, TOKENS, TOKENS, TOKENS)
def test_what_differs_is_always_read(
    before: list[int], changed: list[int], into: list[int], behind: list[int]
) -> None:
    first, other = [*before, *changed, *behind], [*before, *into, *behind]
    cut = windows([first, other], ROOM, OVERLAP)
    seen = set(itertools.chain.from_iterable(_pairs(window) for window in cut))
    assert _pairs(other) <= seen | _pairs(first)


def _pairs(tokens: list[int] | tuple[int, ...]) -> set[tuple[int, int]]:
    return set(itertools.pairwise(tokens))
