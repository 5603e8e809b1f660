"""How well the words that carry a score are those that people marked, in characters.

Measured on toxic comments of news sites that the model never saw (`data.marked_comments`).
"""

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

from config.settings import STARTER_POLICY
from moderation import policy
from moderation.signals import Span, WordList
from moderation.signals.words import listed_words
from worker import spans
from worker.scorers.onnx import OnnxScorer
from worker.training import data

SEED = 7
ATTRIBUTE = "toxicity"
WORDS_FROM = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SENTENCES_FROM = (0.3, 0.5, 0.7, 0.9)
"""Parts of the strongest word's weight, or of the strongest sentence's score, that are tried."""

Marking = Callable[[str], Iterable[Span]]


def measure(labelled: Path, folder: Path, count: int) -> None:
    """Print the F1 of each way to mark `count` comments: on one half of them, and on the other.

    The comments lie in the folder `labelled`, the exported model in `folder`.
    A threshold is to be chosen by the first figure and reported by the second.
    """
    comments = data.marked_comments(labelled)
    random.Random(SEED).shuffle(comments)
    comments = comments[:count]
    first, second = comments[::2], comments[1::2]
    print(f"{len(comments)} comments")
    for name, marking in ways(OnnxScorer(folder)):
        print(f"{name:45}{f1(marking, first):8.3f}{f1(marking, second):8.3f}")


def ways(scorer: OnnxScorer) -> Iterable[tuple[str, Marking]]:
    """The ways to mark a text, by name."""
    ask = spans.asked_once(scorer.score)
    listed = policy.parse(
        STARTER_POLICY.read_text(encoding="utf-8"), scorer.facts.attributes
    ).word_lists

    def words(text: str, marked: float) -> Iterable[Span]:
        found = spans.carriers(ask, text, [ATTRIBUTE], marked=marked)
        return [(span.start, span.end) for span in found.get(ATTRIBUTE, ())]

    def sentences(text: str, marked: float) -> Iterable[Span]:
        found = spans.sentences(ask, text, attributes=[ATTRIBUTE])
        least = marked * max(one.scores[ATTRIBUTE] for one in found)
        return [(one.start, one.end) for one in found if one.scores[ATTRIBUTE] >= least]

    def one_word(text: str) -> Iterable[Span]:
        return listed_places(text, listed)[:1]

    yield "everything", lambda text: [(0, len(text))]
    yield "the most profane listed word", one_word
    yield "all listed words", partial(listed_places, lists=listed)
    for part in SENTENCES_FROM:
        yield f"sentences from {part} of the strongest", partial(sentences, marked=part)
    for part in WORDS_FROM:
        yield f"words from {part} of the strongest", partial(words, marked=part)


def listed_places(text: str, lists: Sequence[WordList]) -> list[Span]:
    """Where listed words stand, the worst list first: its place in `lists` is its rank."""
    return [
        place
        for words in lists
        for signal in listed_words(text, (words,), "en")
        for place in signal.spans
    ]


def f1(marking: Marking, comments: Sequence[tuple[str, Collection[int]]]) -> float:
    """The mean over comments of the F1 (0..1) of the characters that it marks."""
    found = [_f1_of(data.characters(marking(text), text), truth) for text, truth in comments]
    return sum(found) / len(found)


def _f1_of(marked: Collection[int], truth: Collection[int]) -> float:
    return 2 * len(set(truth).intersection(marked)) / (len(marked) + len(truth))
