"""How two versions of a policy's file differ, line by line."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

CONTEXT = 3
"""Unchanged lines shown around a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of either file. Its number in the old one is None where it was added, its number in
    the new one where it was taken out; both count from 1."""

    old: int | None
    new: int | None
    text: str


def differences(old: str, new: str) -> Sequence[Sequence[Line]]:
    """The changed places in the order of the file, each with what stands around it; none where the
    files say the same. Line ends of any kind count as one."""
    before, after = old.splitlines(), new.splitlines()
    places = []
    for group in difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT):
        lines: list[Line] = []
        for what, old_from, old_to, new_from, new_to in group:
            if what == "equal":
                pairs = zip(range(old_from, old_to), range(new_from, new_to), strict=True)
                lines += [Line(i + 1, j + 1, before[i]) for i, j in pairs]
            else:
                lines += [Line(i + 1, None, before[i]) for i in range(old_from, old_to)]
                lines += [Line(None, j + 1, after[j]) for j in range(new_from, new_to)]
        places.append(lines)
    return places
