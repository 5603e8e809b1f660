"""Which words carry a score: what the model says of sentences, of words, and of the text without
them.

Whatever the model is asked is made of pieces of the text as it was sent. So the offsets are of that
text, in code points, however the model normalises what it reads.

Sentences are scored alone, then the words of the strongest sentences alone, then the text without
each of the words that are strongest. A word weighs what the score falls by without it, and a part
of what it scores alone: two insults hide each other's fall, and what a word scores alone says
nothing of "not an idiot".
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from moderation import signals
from moderation.signals import Span
from moderation.spans import Carrier, Carriers

Scores = Mapping[str, float]
"""What a model says of one text: 0..1 for each attribute."""
Ask = Callable[[Sequence[str]], Sequence[Scores]]
"""A model, asked as `Scorer.score` is."""
Ranked = TypeVar("Ranked")

PIECES = 14
WORDS = 41
LEFT_OUT = 8
"""How many pieces of a text are scored, how many words, and how often the text without one of them.
With the text itself that is never more than 64 texts, of whatever length it is."""
CONTEXT = 1_000
"""Characters up to which the whole text is scored without a word; of a longer one its sentence."""
SENTENCE = 300
"""Characters after which a sentence is cut, between words if it has any."""
ALONE = 0.35
"""How much a word's score alone counts, beside the fall of the score without it."""
MARKED = 0.6
"""A word is marked from this part of the strongest word's weight on. Both numbers were chosen on
readers' comments in which people had marked the words (`python -m worker.training spans`)."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s)|\n|\Z")
_CUT = re.compile(rf"\S(?:.{{0,{SENTENCE - 2}}}\S(?!\S)|\S{{0,{SENTENCE - 1}}})", re.DOTALL)
_WORD = re.compile(r"(?<!\w)\w(?: \w){2,}(?!\w)|\S+")
"""What stands between spaces. Letters that are spelled out with spaces are one word."""
_PUNCTUATION = ".,;:!?…\"'“”‘’«»()[]"
_BETWEEN = frozenset(
    """
    a about all am an and any are as at be been being but by can could did do does else for from had
    has have he her him his how i i'm if in is it it's its just me my no nor not of on or our out
    she should so than that that's the their them then there these they they're this those to too up
    us was we were what when where which who why will with would you you're your yours
    """.split()
)
"""English words that carry no score, though a model gives them some ("you" stands in insults)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences of the text that were scored together, and alone."""

    places: tuple[Span, ...]
    scores: Scores

    @property
    def start(self) -> int:
        return self.places[0][0]

    @property
    def end(self) -> int:
        return self.places[-1][1]


@dataclass(slots=True)
class _Word:
    """A word, the passage that it stands in, and how far each score falls without it (empty: that
    was not asked)."""

    place: Span
    within: Passage
    alone: Scores
    fall: Scores

    def weight(self, name: str) -> float:
        fall = max(0.0, self.fall.get(name, 0.0))
        return (fall + ALONE * self.alone[name]) * math.sqrt(self.within.scores[name])


def sentences(
    ask: Ask, text: str, parent: str | None = None, attributes: Sequence[str] = ()
) -> list[Passage]:
    """The commenter's own sentences, each with its scores alone, in the order of the text.

    They are `PIECES` at most: of a longer text neighbours are scored together, and the strongest
    of these are taken apart (strong in one of `attributes`; none are named: in any). What is quoted
    from `parent`, the text that is answered, or stands behind `>`, is left out. Raises what `ask`
    raises.
    """
    return _each_scored(ask, text, _sentences(text, parent), attributes)


def all_sentences(ask: Ask, text: str) -> list[Passage]:
    """The same of all of the text, also of what is quoted in it."""
    return _each_scored(ask, text, list(_sentences_in(text, (0, len(text)))), ())


def _each_scored(
    ask: Ask, text: str, places: Sequence[Span], attributes: Sequence[str]
) -> list[Passage]:
    found = _scored(ask, text, _together(places, PIECES if len(places) <= PIECES else PIECES // 2))
    left = PIECES - len(found)
    while left > 1 and (long := [one for one in found if len(one.places) > 1]):
        strongest = _by_strength(long, [one.scores for one in long], attributes)[0]
        parts = _scored(ask, text, _together(strongest.places, left))
        at = found.index(strongest)
        found[at : at + 1] = parts
        left -= len(parts)
    return found


def carriers(
    ask: Ask,
    text: str,
    attributes: Sequence[str],
    parent: str | None = None,
    *,
    marked: float = MARKED,
) -> Carriers:
    """For each of these attributes the words that carry its score, of the commenter's own.

    `marked` is the part of the strongest word's weight (0..1) from which on a word is one of them.
    An attribute whose score no word carries is left out. Raises what `ask` raises.
    """
    ask = asked_once(ask)
    passages = sentences(ask, text, parent, attributes)
    words = _words(ask, text, passages, attributes)
    weights = [{name: word.weight(name) for name in attributes} for word in words]
    _leave_out(ask, text, passages, _by_strength(words, weights, attributes)[:LEFT_OUT])
    found = {name: _strongest(text, words, name, marked) for name in attributes}
    return {name: spans for name, spans in found.items() if spans}


def asked_once(ask: Ask) -> Ask:
    """The same model, which is asked about a text only the first time."""
    said: dict[str, Scores] = {}

    def answer(texts: Sequence[str]) -> list[Scores]:
        if new := [text for text in dict.fromkeys(texts) if text not in said]:
            said.update(zip(new, ask(new), strict=True))
        return [said[text] for text in texts]

    return answer


def _words(
    ask: Ask, text: str, passages: Sequence[Passage], attributes: Sequence[str]
) -> list[_Word]:
    """The first words of the strongest passages, with what each scores alone."""
    places = [
        (word, passage)
        for passage in _by_strength(passages, [one.scores for one in passages], attributes)
        for sentence in passage.places
        for word in _words_in(text, sentence)
    ][:WORDS]
    alone = ask([text[start:end] for (start, end), _ in places])
    return [
        _Word(place, passage, scores, {})
        for (place, passage), scores in zip(places, alone, strict=True)
    ]


def _leave_out(ask: Ask, text: str, passages: Sequence[Passage], words: Sequence[_Word]) -> None:
    """Note of each word how far the scores fall without it."""
    whole = [place for passage in passages for place in passage.places]
    short = sum(end - start for start, end in whole) <= CONTEXT
    around = [whole if short else word.within.places for word in words]
    with_it = ask([_joined(text, places) for places in around])
    without = ask(
        [_joined(text, places, word.place) for places, word in zip(around, words, strict=True)]
    )
    for word, before, after in zip(words, with_it, without, strict=True):
        word.fall = {name: before[name] - after[name] for name in before}


def _strongest(text: str, words: Sequence[_Word], name: str, marked: float) -> list[Carrier]:
    """The words of the most weight, neighbours as one; none where no word has any."""
    weights = {word.place: word.weight(name) for word in words}
    most, total = max(weights.values(), default=0.0), sum(weights.values())
    if not most:
        return []
    found: list[Carrier] = []
    for (start, end), weight in sorted(weights.items()):
        if weight < marked * most:
            continue
        share = weight / total
        if found and not text[found[-1].end : start].strip():
            before = found.pop()
            found.append(Carrier(before.start, end, before.share + share))
        else:
            found.append(Carrier(start, end, share))
    return [replace(one, share=round(one.share, 3)) for one in found]


def _scored(ask: Ask, text: str, groups: Sequence[Sequence[Span]]) -> list[Passage]:
    scores = ask([_joined(text, places) for places in groups])
    return [Passage(tuple(places), said) for places, said in zip(groups, scores, strict=True)]


def _by_strength(
    ranked: Sequence[Ranked], scores: Sequence[Scores], attributes: Sequence[str]
) -> list[Ranked]:
    """The strongest first: each by the attribute in which it is strongest, beside all others."""
    names = attributes or (list(scores[0]) if scores else [])
    best = {name: max((one[name] for one in scores), default=0.0) or 1.0 for name in names}
    strengths = [max(one[name] / best[name] for name in names) for one in scores]
    order = sorted(range(len(ranked)), key=lambda at: -strengths[at])
    return [ranked[at] for at in order]


# --- taking a text apart --------------------------------------------------------------------


def _sentences(text: str, parent: str | None) -> list[Span]:
    """Where the commenter's own sentences stand."""
    own, at = [], 0
    for start, end in signals.quoted_spans(text, parent):
        own.append((at, start))
        at = end
    return [place for piece in [*own, (at, len(text))] for place in _sentences_in(text, piece)]


def _sentences_in(text: str, piece: Span) -> Iterator[Span]:
    start, end = piece
    for found in _SENTENCE_END.finditer(text, start, end):
        for part in _CUT.finditer(text, start, found.end()):
            yield part.span()
        start = found.end()


def _words_in(text: str, sentence: Span) -> Iterator[Span]:
    for found in _WORD.finditer(text, *sentence):
        word = found.group()
        end = found.start() + len(word.rstrip(_PUNCTUATION))
        start = found.end() - len(word.lstrip(_PUNCTUATION))
        if start < end and text[start:end].lower().replace("’", "'") not in _BETWEEN:
            yield start, end


def _together(places: Sequence[Span], most: int) -> list[Sequence[Span]]:
    """Neighbours in as many groups of nearly the same number as may be."""
    count = min(most, len(places))
    return [
        places[len(places) * nth // count : len(places) * (nth + 1) // count]
        for nth in range(count)
    ]


def _joined(text: str, places: Sequence[Span], without: Span | None = None) -> str:
    """These pieces as one text, without the word of one of them."""
    gap_start, gap_end = without or (0, 0)
    return " ".join(
        text[start:gap_start] + text[gap_end:end]
        if start <= gap_start < gap_end <= end
        else text[start:end]
        for start, end in places
    )
