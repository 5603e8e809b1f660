"""How two versions of a policy's file differ, line by line."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CONTEXT = 3
"""Unchanged lines shown around a change."""
COMPARED = 1000
"""Lines between the first and the last that differ, of either file, among which what is alike is
looked for. For many short ones that takes minutes: of more, all are shown as changed."""


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
    first = _alike(before, after)
    last = _alike(before[first:][::-1], after[first:][::-1])
    # Numbers below count from there: far from any change, nothing is compared.
    start = max(first - CONTEXT, 0)
    changed_before, changed_after = len(before) - last - start, len(after) - last - start
    before = before[start : start + changed_before + CONTEXT]
    after = after[start : start + changed_after + CONTEXT]
    if max(changed_before, changed_after) > COMPARED:
        above, below = first - start, min(last, CONTEXT)
        group = [
            ("equal", 0, above, 0, above),
            ("replace", above, changed_before, above, changed_after),
            ("equal", changed_before, changed_before + below, changed_after, changed_after + below),
        ]
        return [_place(group, before, after, start)]
    matcher = difflib.SequenceMatcher(None, before, after)
    return [_place(group, before, after, start) for group in matcher.get_grouped_opcodes(CONTEXT)]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many of the same lines both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (line, its) in pairs if line != its), min(len(one), len(other)))


def _place(
    group: Iterable[tuple[str, int, int, int, int]],
    before: Sequence[str],
    after: Sequence[str],
    start: int,
) -> Sequence[Line]:
    """The lines of one place: what `difflib` says of them, from the line `start` of both files."""
    lines: list[Line] = []
    for what, old_from, old_to, new_from, new_to in group:
        if what == "equal":
            pairs = zip(range(old_from, old_to), range(new_from, new_to), strict=True)
            lines += [Line(start + i + 1, start + j + 1, before[i]) for i, j in pairs]
        else:
            lines += [Line(start + i + 1, None, before[i]) for i in range(old_from, old_to)]
            lines += [Line(None, start + j + 1, after[j]) for j in range(new_from, new_to)]
    return lines
