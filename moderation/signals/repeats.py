"""Whether a text is one that has been posted before, word for word or nearly."""

import hashlib
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from moderation.folding import bare, lower, normalise
from moderation.signals.kinds import Signal, SignalKind

LEAST_WORDS = 5
"""Shorter texts ("thanks", "well said") are what everybody writes, and never repeats."""
LEAST_LETTERS = 40
"""The same for scripts that put no space between words."""
REPORTED = 0.5

_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile(r"[a-z]+")
"""The same in lower case letters of ASCII, found in half the time."""


def fingerprint(text: str) -> int:
    """A signed 64-bit number, the same for texts that differ in form only.

    Case, punctuation, spacing, digits, accents, invisible and look-alike characters make no
    difference. A text without a single letter is told by all its visible characters instead.
    """
    letters = "".join(_words(text))
    if not letters:
        letters = "".join(unicodedata.normalize("NFKC", normalise(text)).split())
    digest = hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def similarity(a: str, b: str) -> float:
    """How alike two texts are, 0 to 1, by the pairs of neighbouring words that they share.

    It is twice the shared pairs over all pairs of both (Dice). Texts of fewer than five words
    give 0, unless they are written without spaces: then four-letter pieces are compared.
    """
    return _likeness(_pieces(a), _pieces(b))


def repeat(text: str, earlier: Sequence[str]) -> list[Signal]:
    """The likeness to the most similar of the earlier texts, from a half upwards.

    Takes time with the total length of `earlier`: hand in the latest few dozen, not a history.
    """
    if not earlier or not (pieces := _pieces(text)):
        return []
    unique = set(pieces)
    likeness = 0.0
    for other in map(_pieces, earlier):
        # At most so many are shared. Counting them is left out for nearly all texts.
        shared = sum(map(unique.__contains__, other))
        if 2 * shared >= REPORTED * (len(pieces) + len(other)):
            likeness = max(likeness, _likeness(pieces, other))
    return [Signal(SignalKind.REPEAT, likeness)] if likeness >= REPORTED else []


_Pieces = list[tuple[str, ...]]
"""What texts are compared by: the pairs of neighbouring words, or pieces of four letters."""


def _likeness(a: _Pieces, b: _Pieces) -> float:
    shared = Counter(a) & Counter(b)
    return 2 * shared.total() / (len(a) + len(b)) if shared else 0.0


def _pieces(text: str) -> _Pieces:
    words = _words(text)
    if len(words) >= LEAST_WORDS:
        return list(itertools.pairwise(words))
    letters = "".join(words)
    if len(letters) >= LEAST_LETTERS:
        return [(letters[at : at + 4],) for at in range(len(letters) - 3)]
    return []


def _words(text: str) -> list[str]:
    plain = bare(lower(normalise(text), None))
    return (_ASCII_WORD if plain.isascii() else _WORD).findall(plain)
