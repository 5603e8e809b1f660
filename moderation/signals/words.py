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
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache, partial

from moderation.folding import invisible_in, is_invisible, lower, marks_in
from moderation.signals.disguises import Disguises
from moderation.signals.entries import TURKIC, Entry, Index, Known, Span, parts_of
from moderation.signals.kinds import Signal, SignalKind, WordList


class _Lists:
    """The lists of a policy, made ready for looking up."""

    def __init__(self, lists: tuple[WordList, ...]) -> None:
        indexes: dict[str | None, Index] = defaultdict(Index)
        for words in lists:
            casing = words.language if words.language in TURKIC else None
            for written in words.entries:
                parts = parts_of(lower(written.rstrip("*"), casing))
                indexes[casing].add(parts[0], Entry(words, parts, written.endswith("*")))
        self.exact = [
            (casing, Known(partial(_begun_by, index, casing))) for casing, index in indexes.items()
        ]
        """By the language whose case folding is used: Turkish or Azerbaijani, or None for the
        rest; of a word, the entries that it is or begins."""
        self.disguises = Disguises(lists)


def _begun_by(index: Index, casing: str | None, words: Collection[str]) -> dict[str, list[Entry]]:
    return {
        word: entries
        for word, form in _lowered(words, casing).items()
        if (entries := list(index.candidates(form)))
    }


_ready = lru_cache(maxsize=64)(_Lists)


def listed_words(
    text: str, lists: tuple[WordList, ...], detected: str | None, quoted: Sequence[Span] = ()
) -> list[Signal]:
    """The listed words in a text: at most two signals a list, one exact and one folded.

    `quoted` are the spans of somebody else's words: what is found there is never exact.
    """
    if not lists or not text:
        return []
    ready = _ready(lists)
    hits: dict[tuple[WordList, bool], set[Span]] = defaultdict(set)
    as_written: dict[WordList, list[Span]] = defaultdict(list)
    theirs = _Spans(quoted)
    for words, span in _exact(text, ready):
        exact = detected is None or words.language in ("*", detected)
        hits[words, exact and not theirs.overlap(span)].add(span)
        as_written[words].append(span)
    known = {words: _Spans(spans) for words, spans in as_written.items()}
    for words, span in ready.disguises.find(text, detected):
        if words not in known or not known[words].overlap(span):
            hits[words, False].add(span)
    return [
        Signal(
            SignalKind.LISTED_WORD,
            float(len(spans)),
            tuple(sorted(spans)),
            exact,
            words.name,
            words.language,
        )
        for (words, exact), spans in sorted(hits.items(), key=lambda hit: min(hit[1]))
    ]


class _Spans:
    """Spans that one can ask whether another overlaps any of them, without a look at each."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = sorted(start for start, _ in spans)
        self._ends = list(itertools.accumulate((end for _, end in sorted(spans)), max))

    def overlap(self, span: Span) -> bool:
        before = bisect_left(self._starts, span[1])
        return before > 0 and self._ends[before - 1] > span[0]


def _exact(text: str, ready: _Lists) -> Iterator[tuple[WordList, Span]]:
    unique = _unique(text)
    for casing, known in ready.exact:
        found = known.about(unique)
        if not found:
            continue
        tokens = _tokens(text)
        forms = _lowered(unique, casing)
        for at, (word, (start, _)) in enumerate(tokens):
            for entry in found.get(word, ()):
                last = at + len(entry.parts) - 1
                if last == at or _follows([forms[w] for w, _ in tokens[at : last + 1]], entry):
                    yield entry.words, (start, tokens[last][1][1])


def _lowered(words: Collection[str], casing: str | None) -> dict[str, str]:
    lowered = lower("\n".join(words), casing).split("\n")  # one call for all words
    return dict(zip(words, lowered, strict=True))


def _unique(text: str) -> set[str]:
    """The words, each once. Where they stand is not asked until one of them is suspected."""
    if invisible_in(text):
        return {word for word, _ in _tokens(text)}
    return set(_word_in(text).findall(text))


def _tokens(text: str) -> list[tuple[str, Span]]:
    """The words and where they stand. An invisible character inside stays inside, so that it
    neither ends a word nor leaves it equal to an entry."""
    tokens = [(match.group(), match.span()) for match in _word_in(text).finditer(text)]
    if invisible_in(text):
        tokens = [token for word, span in tokens if (token := _trimmed(word, span))[0]]
    return tokens


def _word_in(text: str) -> re.Pattern[str]:
    """What a word of this text is: letters, digits and their marks."""
    extras = re.escape(marks_in(text) + invisible_in(text))
    return re.compile(rf"(?:(?!_)[\w{extras}])+" if extras else r"[^\W_]+")


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
