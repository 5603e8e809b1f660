"""Entries of word lists, made ready for looking up."""

import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from moderation.signals.kinds import WordList

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
        self._beginnings: frozenset[str] = frozenset()
        """As many letters of each stem as the shortest has: most words begin with none of them."""

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
        self._beginnings = frozenset(stem[: self._lengths[0]] for stem in self._stems)

    def candidates(self, word: str) -> Sequence[Entry]:
        """Entries whose first word this is, or which are a stem of it."""
        whole = self._whole.get(word, [])
        if not self._lengths or word[: self._lengths[0]] not in self._beginnings:
            return whole
        longest = len(word)
        stems = (self._stems.get(word[:n], ()) for n in self._lengths if n <= longest)
        return [*whole, *itertools.chain.from_iterable(stems)]


Found = TypeVar("Found")


class Known(Generic[Found]):
    """What has been found out about words, so that the usual words of a language are looked into
    once and not in every comment. Begun anew when it is full.

    `look` answers what it finds about some words; those of which there is nothing are left out.
    """

    LIMIT = 50_000
    LONGEST = 30
    """Longer words are looked into each time: a few texts of nothing else would fill memory."""

    def __init__(self, look: Callable[[Collection[str]], Mapping[str, Found]]) -> None:
        self._look = look
        self._found: dict[str, Found] = {}
        self._innocent: set[str] = set()
        """Of these there is nothing. Most comments have no other words but these and new ones, and
        are done with in one subtraction."""

    def about(self, words: set[str]) -> dict[str, Found]:
        """What is found about each of the words; those of which there is nothing are left out."""
        rest = words - self._innocent
        if not rest:
            return {}
        before = self._found  # another thread may begin it anew meanwhile
        found = {word: before[word] for word in rest if word in before}
        new = rest.difference(found)
        if not new:
            return found
        looked = self._look(new)
        if len(self._found) + len(self._innocent) > self.LIMIT:
            self._found, self._innocent = {}, set()
        for word in new:
            if len(word) > self.LONGEST:
                continue
            if word in looked:
                self._found[word] = looked[word]
            else:
                self._innocent.add(word)
        return found | dict(looked)
