"""Which words carry a score: what the model says of sentences, of words, and of the text without
them.

A text is taken apart as it was sent, and whatever is asked of the model is a piece of that: so the
offsets are those of the text, in code points, however the model normalises what it reads.

Sentences are scored alone, then the words of the strongest ones alone, then the text without each
of the words that are the strongest alone. What a word carries is what the score falls by without
it, plus a part of what it scores alone: of two insults each hides the other's fall, and of "not an
idiot" the word alone would say too much.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation import signals
from moderation.spans import Carriers, Span

Ask = Callable[[Sequence[str]], list[dict[str, float]]]
"""A model, asked as `Scorer.score` is."""

PIECES = 14
WORDS = 38
LEFT_OUT = 11
"""How many pieces and words of a text are scored, and how often the text without one of them: with
the text itself never more than 64 runs, each of a text as long as the comment at most."""
CONTEXT = 1_000
"""Characters up to which the whole text is scored without a word; of a longer one its sentence."""
SENTENCE = 300
"""Characters up to which a sentence is one."""
ALONE = 0.25
MARKED = 0.55
"""How much a word's score alone counts beside the fall without it, and from which part of the
strongest word's weight on a word is one of those that carry the score. Both were chosen on readers'
comments in which people had marked the words (`python -m worker.training spans`)."""

_SENTENCE = re.compile(r"""\S.*?(?:[.!?…]+["'”’)\]]*(?=\s)|(?=\n)|\Z)""", re.DOTALL)
_WORD = re.compile(r"(?<!\S)\S(?: \S){2,}(?!\S)|\S+")
"""What stands between spaces; letters that are spelled out with spaces are one word."""
_AROUND = ".,;:!?…\"'“”‘’«»()[]"
"""Signs that belong to the sentence and not to the word that they stand at."""

_Place = tuple[int, int]
_Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Passage:
    """Text from `start` to before `end` (code points), and what the model says of it alone."""

    start: int
    end: int
    scores: Mapping[str, float]


@dataclass(slots=True)
class _Word:
    """A word, the passage it stands in, and what is known of it."""

    place: _Place
    within: Passage
    alone: _Scores
    fall: _Scores


def sentences(ask: Ask, text: str, parent: str | None = None) -> list[Passage]:
    """The commenter's own sentences with their scores, in the order of the text.

    No more than `PIECES`: of a long text neighbours are taken together, and the strongest of these
    are taken apart again. Empty where there are none.
    """
    return _ranked(ask, text, _sentences(text, parent), None)


def carriers(ask: Ask, text: str, attributes: Iterable[str], parent: str | None = None) -> Carriers:
    """For each of these attributes the commenter's own words that carry its score.

    `parent` is the text that is answered: what is quoted from it, or stands behind `>`, is left
    out. An attribute whose score no word carries is not there. Raises what `ask` raises.
    """
    wanted = tuple(attributes)
    own = _sentences(text, parent)
    passages = _ranked(ask, text, own, wanted)
    words = _words(ask, text, passages, wanted)
    if not words:
        return {}
    strongest = _by_strength(words, [word.alone for word in words], wanted)[:LEFT_OUT]
    whole = own if own[-1][1] - own[0][0] <= CONTEXT else None
    with_all = _text(text, whole) if whole else ""
    asked = [
        with_all,
        *(_text(text, whole or [_place(word.within)], without=word.place) for word in strongest),
    ]
    said = _answers(ask, asked)
    for word, text_without in zip(strongest, asked[1:], strict=True):
        before = said[with_all] if whole else word.within.scores
        word.fall = {
            name: max(0.0, before[name] - said[text_without][name]) for name in wanted
        }
    found = {name: _carrying(text, words, name) for name in wanted}
    return {name: spans for name, spans in found.items() if spans}


def _carrying(text: str, words: Sequence[_Word], name: str) -> list[Span]:
    """The words that carry this score, neighbours together."""
    weights = [
        (word.fall.get(name, 0.0) + ALONE * word.alone[name]) * word.within.scores[name] ** 0.5
        for word in words
    ]
    total, most = sum(weights), max(weights)
    spans: list[Span] = []
    for (start, end), weight in sorted(zip((word.place for word in words), weights, strict=True)):
        if not most or weight < MARKED * most:
            continue
        share = weight / total
        if spans and text[spans[-1].end : start].strip(f"{_AROUND}").isspace():
            start, share = spans[-1].start, share + spans.pop().share
        spans.append(Span(start, end, round(min(share, 1.0), 3)))
    return spans
