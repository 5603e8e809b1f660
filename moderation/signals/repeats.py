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
    return _likeness(_shingles(a), _shingles(b))


def repeat(text: str, earlier: Sequence[str]) -> list[Signal]:
    """The likeness to the most similar of the earlier texts, from a half upwards.

    Takes time with the total length of `earlier`: hand in the latest few dozen, not a history.
    """
    if not earlier:
        return []
    shingles = _shingles(text)
    if not shingles:
        return []
    likeness = max(_likeness(shingles, _shingles(other)) for other in earlier)
    return [Signal(SignalKind.REPEAT, likeness)] if likeness >= REPORTED else []


Shingles = Counter[tuple[str, ...]]
"""Pieces of a text and how many times each stands there."""


def _likeness(a: Shingles, b: Shingles) -> float:
    shared = a.keys() & b.keys()  # of two texts that are not alike hardly any
    if not shared:
        return 0.0
    return 2 * sum(min(a[piece], b[piece]) for piece in shared) / (a.total() + b.total())


def _shingles(text: str) -> Shingles:
    words = _words(text)
    if len(words) >= LEAST_WORDS:
        return Counter(itertools.pairwise(words))
    letters = "".join(words)
    if len(letters) >= LEAST_LETTERS:
        return Counter((letters[at : at + 4],) for at in range(len(letters) - 3))
    return Counter()


def _words(text: str) -> list[str]:
    return _WORD.findall(bare(lower(normalise(text), None)))
