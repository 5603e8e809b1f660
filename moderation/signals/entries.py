"""Entries of word lists, made ready for looking up."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moderation.signals.kinds import WordList

Span = tuple[int, int]

TURKIC = frozenset({"tr", "az"})
"""Languages with a dotless ı, whose capitals fold differently."""

_BETWEEN_PARTS = re.compile(r"[ '’-]+")


def parts_of(entry: str) -> tuple[str, ...]:
    """The words of an entry; one, unless it is a phrase or has a hyphen or an apostrophe."""
    return tuple(_BETWEEN_PARTS.split(entry))


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One entry of a list in the form it is looked up by; of a phrase, `stem` is the last word."""

    words: WordList
    parts: tuple[str, ...]
    stem: bool


class Index:
    """Entries by their first or only word; stems by their letters, for each length there is."""

    def __init__(self) -> None:
        self._whole: dict[str, list[Entry]] = {}
        self._stems: dict[str, list[Entry]] = {}
        self._lengths: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._whole or self._stems)

    def add(self, key: str, entry: Entry) -> None:
        """Files an entry under the form of its first word."""
        if not (entry.stem and len(entry.parts) == 1):
            self._whole.setdefault(key, []).append(entry)
            return
        self._stems.setdefault(key, []).append(entry)
        if len(key) not in self._lengths:
            self._lengths = sorted([*self._lengths, len(key)])

    def candidates(self, word: str) -> Iterator[Entry]:
        """Entries whose first word this is, or which are a stem of it."""
        yield from self._whole.get(word, ())
        for length in self._lengths:
            if length > len(word):
                break
            yield from self._stems.get(word[:length], ())


class Innocent:
    """Words of which it is known that no entry is meant by them, so that the usual words of a
    language are looked up once and not in every comment. Started anew when it is full."""

    LIMIT = 20_000
    LONGEST = 30

    def __init__(self) -> None:
        self._words: set[str] = set()

    def others(self, words: Iterable[str]) -> set[str]:
        """Those of the words that nothing is known of yet."""
        return set(words).difference(self._words)

    def add(self, words: Iterable[str]) -> None:
        """Take these for innocent from now on. Longer ones than LONGEST are not remembered."""
        if len(self._words) > self.LIMIT:
            self._words = set()
        self._words.update(word for word in words if len(word) <= self.LONGEST)
