"""Finding listed words, as they are written and in disguise.

An exact match is a whole word (or the beginning of one, for `stem*`) that differs from the entry
in nothing but the case, by the rules of the list's language. Whatever needs more than that is a
folded match and never exact (`disguises`).

Which lists apply: all of them, whatever language was detected, because short insults are easily
mistaken for another language. But only a list for the detected language, or for all (`*`), or any
when no language could be told, gives exact matches; and accents left out are looked for only
then, because Turkish `göt` without its dots is an English word.
"""

import itertools
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from moderation.folding import invisible_in, is_invisible, lower, marks_in
from moderation.signals.disguises import Disguises, has_accents, piece_in
from moderation.signals.entries import TURKIC, Entry, Index, Known, parts_of
from moderation.signals.kinds import Signal, SignalKind, Span, WordList


class _Lists:
    """The lists of a policy, made ready for looking up."""

    def __init__(self, lists: tuple[WordList, ...]) -> None:
        indexes: dict[str | None, Index] = defaultdict(Index)
        for words in lists:
            casing = words.language if words.language in TURKIC else None
            for written in words.entries:
                parts = parts_of(lower(written.rstrip("*"), casing))
                indexes[casing].add(parts[0], Entry(words, parts, written.endswith("*")))
        self.indexes = dict(indexes)
        """By the language whose case folding is used: Turkish or Azerbaijani, or None for the
        rest."""
        self.suspects = Known(self._suspects)
        """Of a piece of text, the words in it that are an entry or its first word."""
        self.disguises = Disguises(lists)

    def _suspects(self, pieces: Collection[str]) -> dict[str, list[str]]:
        lines = "\n".join([*pieces, ""])  # all at once: nearly all new words end here
        tokens = _tokens(lines)
        every = {word for word, _ in tokens}
        found = {
            word
            for casing, index in self.indexes.items()
            for word, form in _lowered(every, casing).items()
            if index.candidates(form)
        }
        suspects: dict[str, list[str]] = defaultdict(list)
        for word, (start, end) in tokens if found else ():
            if word in found:
                piece = lines[lines.rfind("\n", 0, start) + 1 : lines.index("\n", end)]
                suspects[piece].append(word)
        return suspects


_ready = lru_cache(maxsize=64)(_Lists)


def listed_words(
    text: str, lists: tuple[WordList, ...], detected: str | None, quoted: Sequence[Span] = ()
) -> list[Signal]:
    """The listed words in a text: at most three signals a list: one exact,
    one quoted and one folded.

    `quoted` are the spans of somebody else's words: what is found there is never exact.
    """
    if not lists or not text:
        return []
    ready = _ready(lists)
    hits: dict[tuple[WordList, bool, bool], set[Span]] = defaultdict(set)
    as_written: dict[WordList, list[Span]] = defaultdict(list)
    theirs = _Spans(quoted)
    pattern = piece_in(text)
    pieces = set(pattern.findall(text))
    for words, span in _exact(text, ready.suspects.about(pieces), ready.indexes):
        exact = detected is None or words.language in ("*", detected)
        by_others = theirs.overlap(span)
        hits[words, exact and not by_others, by_others].add(span)
        as_written[words].append(span)
    known = {words: _Spans(spans) for words, spans in as_written.items()}
    for words, span in ready.disguises.find(text, pieces, pattern, detected):
        if words not in known or not known[words].overlap(span):
            hits[words, False, False].add(span)
    return [
        Signal(
            SignalKind.LISTED_WORD,
            float(len(spans)),
            tuple(sorted(spans)),
            exact,
            words.name,
            words.language,
            by_others,
        )
        for (words, exact, by_others), spans in sorted(hits.items(), key=lambda hit: min(hit[1]))
    ]


def get_to_know(texts: Iterable[tuple[str, str | None]], lists: tuple[WordList, ...]) -> None:
    """Look into all words that are new in these texts, given with their detected languages.

    It finds nothing and changes no finding; but what a look costs once is then shared by all of
    them. For 32 usual comments it took the word lists from 104 to 86 us a comment (measured).
    """
    if not lists:
        return
    ready = _ready(lists)
    together: dict[tuple[str | None, bool], set[str]] = defaultdict(set)
    for text, detected in texts:
        together[detected, has_accents(text)].update(piece_in(text).findall(text))
    for (detected, accents), pieces in together.items():
        ready.suspects.about(pieces)
        ready.disguises.known(detected, accents).about(pieces)


class _Spans:
    """Spans that one can ask whether another overlaps any of them, without a look at each."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = sorted(start for start, _ in spans)
        self._ends = list(itertools.accumulate((end for _, end in sorted(spans)), max))

    def overlap(self, span: Span) -> bool:
        before = bisect_left(self._starts, span[1])
        return before > 0 and self._ends[before - 1] > span[0]


def _exact(
    text: str, suspects: Mapping[str, Collection[str]], indexes: Mapping[str | None, Index]
) -> Iterator[tuple[WordList, Span]]:
    """The entries as they are written; `suspects` are the pieces in which one may begin, and the
    words with which it does."""
    if not suspects:
        return
    tokens = _tokens(text)
    first = set(itertools.chain.from_iterable(suspects.values()))
    for casing, index in indexes.items():
        found = {word: index.candidates(form) for word, form in _lowered(first, casing).items()}
        for at, (word, (start, _)) in enumerate(tokens):
            for entry in found.get(word, ()):
                last = at + len(entry.parts) - 1
                words = [word for word, _ in tokens[at : last + 1]]
                if last == at or _follows([lower(word, casing) for word in words], entry):
                    yield entry.words, (start, tokens[last][1][1])


def _lowered(words: Collection[str], casing: str | None) -> dict[str, str]:
    if not words:
        return {}
    lowered = lower("\n".join(words), casing).split("\n")  # one call for all words
    return dict(zip(words, lowered, strict=True))


def _tokens(text: str) -> list[tuple[str, Span]]:
    """The words: letters, digits and their marks. An invisible character inside stays inside, so
    that it neither ends a word nor leaves it equal to an entry."""
    invisible = invisible_in(text)
    extras = re.escape(marks_in(text) + invisible)
    pattern = rf"(?:(?!_)[\w{extras}])+" if extras else r"[^\W_]+"
    tokens = [(match.group(), match.span()) for match in re.finditer(pattern, text)]
    if invisible:
        tokens = [token for word, span in tokens if (token := _trimmed(word, span))[0]]
    return tokens


def _trimmed(word: str, span: Span) -> tuple[str, Span]:
    start, end = 0, len(word)
    while start < end and is_invisible(word[start]):
        start += 1
    while end > start and is_invisible(word[end - 1]):
        end -= 1
    return word[start:end], (span[0] + start, span[0] + end)


def _follows(forms: list[str], entry: Entry) -> bool:
    """Whether these words are the phrase; its last word may be a stem."""
    *firsts, last = entry.parts
    if len(forms) != len(entry.parts) or forms[:-1] != firsts:
        return False
    return forms[-1].startswith(last) if entry.stem else forms[-1] == last
