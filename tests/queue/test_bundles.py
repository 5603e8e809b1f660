"""What is folded under which card: a table, without a database."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from moderation.queue.bundles import BACKLOG, Bundle, bundled

SITE = UUID(int=1)


@dataclass(frozen=True)
class Row:
    """A held comment by `writer` with words of that fingerprint."""

    writer: str
    fingerprint: int | None
    site_id: UUID = SITE
    id: UUID = SITE

    @property
    def commenter_id(self) -> UUID:
        return UUID(int=ord(self.writer))


def waiting(said: str, *, site: UUID = SITE) -> list[Row]:
    """`a1 b1 a-`: a said 1, b said the same, a said something that nobody knows."""
    return [
        Row(one[0], None if one[1:] == "-" else int(one[1:]), site_id=site) for one in said.split()
    ]


@pytest.mark.parametrize(
    ("said", "expected", "covered"),
    [
        ("", [], 0),
        ("a1 b2 c3", [(0, 0, 0), (1, 0, 0), (2, 0, 0)], 3),
        # The same words, by whomever; unknown ones are like none.
        ("a1 b1 c1 d2", [(0, 2, 0), (3, 0, 0)], 4),
        ("a- b- c-", [(0, 0, 0), (1, 0, 0), (2, 0, 0)], 3),
        # Three of one commenter are no backlog yet, four are.
        ("a1 a2 a3", [(0, 0, 0), (1, 0, 0), (2, 0, 0)], 3),
        ("a1 a2 b9 a3 a4", [(0, 0, 3), (2, 0, 0)], 5),
        # Of a backlog, what has the same words is like the first, the rest by its commenter.
        ("a1 a1 a2 a3", [(0, 1, 2)], 4),
        # What is like one that is folded itself stands for itself.
        ("a1 b1 b2 c2", [(0, 1, 0), (2, 1, 0)], 4),
        ("a1 a2 a3 a4 b2", [(0, 0, 3), (4, 0, 0)], 5),
        # The page ends where a fourth card would begin; what lies beyond is folded all the same.
        ("a1 b2 b2 c3 d4 a1 e5 b2", [(0, 1, 0), (1, 2, 0), (3, 0, 0)], 4),
    ],
)
def test_what_is_folded(said: str, expected: list[tuple[int, int, int]], covered: int) -> None:
    assert BACKLOG == 4
    bundles, before = bundled(waiting(said), 3)
    assert [(one.first, len(one.alike), len(one.by_them)) for one in bundles] == expected
    assert before == covered


def test_it_is_known_which_are_folded() -> None:
    assert bundled(waiting("a1 b2 a1 a3 a4"), 3) == ([Bundle(0, [2], [3, 4]), Bundle(1)], 5)


def test_another_sites_are_neither_like_it_nor_by_its_commenter() -> None:
    rows = waiting("a1 a2 a3") + waiting("a1 a2 a3", site=UUID(int=2))
    bundles, covered = bundled(rows, 10)
    assert [bundle.first for bundle in bundles] == [0, 1, 2, 3, 4, 5]
    assert covered == 6
