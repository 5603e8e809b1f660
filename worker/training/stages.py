"""What the model reads, in which order: first all sources, then our own sentences among them."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from worker.training import augment
from worker.training.data import choose
from worker.training.examples import CLEAN, Example
from worker.training.train import SEED, Plan

BROAD = Plan("broad", tokens=9_000_000, peak=1e-4)
"""All sources, balanced, in two or three passes: what abuse looks like."""

VOICE = Plan("voice", tokens=6_000_000, peak=8e-5)
"""Our own sentences, several times over, among fresh picks from the sources."""

SHOWINGS = 8
"""How often the second stage shows each line of ours, in whichever fillings it has."""

LONG_COMMENTS = 2_000
"""How many long comments are put together from a clean one and one of our lines."""


def broad(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """One pass of the first stage: all sources, some of it misspelt."""
    chosen = choose([e for e in examples if not e.held_out], chance)
    return [*chosen, *_misspelt(chosen, chance)]


def voice(examples: Sequence[Example], sentences: Sequence[Example]) -> list[Example]:
    """The second stage's examples: every line of ours alike often, and as many from the sources.

    Of these one half are readers' comments, a quarter Wikipedia's, a quarter the rest.
    """
    chance = random.Random(SEED + 1)
    ours = _alike([e for e in sentences if not e.held_out])
    pass_over = choose([e for e in examples if not e.held_out], chance)
    readers = [e for e in pass_over if e.source == "civil"]
    wikipedia = [e for e in pass_over if e.source == "wikipedia"]
    rest = [e for e in pass_over if e.source not in ("civil", "wikipedia")]
    share = len(ours) // 4
    mixed = [*ours, *readers[: 2 * share], *wikipedia[:share], *rest[:share]]
    mixed += _long_comments(examples, [e for e in sentences if not e.held_out], chance)
    return _shuffled([*mixed, *_misspelt(mixed, chance)], chance)


def _alike(sentences: Sequence[Example]) -> list[Example]:
    """Each family `SHOWINGS` times, going round its fillings."""
    families: defaultdict[str, list[Example]] = defaultdict(list)
    for sentence in sentences:
        families[sentence.family].append(sentence)
    return [members[n % len(members)] for members in families.values() for n in range(SHOWINGS)]


def _long_comments(
    examples: Sequence[Example], sentences: Sequence[Example], chance: random.Random
) -> list[Example]:
    """A clean comment with a line of ours before or behind it; the line decides the labels.

    Teaches that one foul sentence makes a foul comment, and that length is no sign of anything.
    """
    clean = [
        e for e in examples if not e.held_out and e.labels == CLEAN and 120 < len(e.text) < 330
    ]
    made = []
    for _ in range(LONG_COMMENTS if clean and sentences else 0):
        line, around = chance.choice(sentences), chance.choice(clean)
        parts = [around.text, line.text] if chance.random() < 0.75 else [line.text, around.text]
        made.append(replace(line, text=" ".join(parts), kind="long"))
    return made


def _misspelt(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """Copies: a fifth of the texts with rude words obfuscated, one in twelve of all mistyped."""
    copies = []
    for example in examples:
        if example.labels.get("toxicity", 0.0) >= 0.6 and chance.random() < 0.2:
            text = augment.obfuscate(example.text, chance)
            if text != example.text:
                copies.append(replace(example, text=text))
        elif chance.random() < 1 / 12:
            copies.append(replace(example, text=augment.disturb(example.text, chance)))
    return copies


def _shuffled(examples: list[Example], chance: random.Random) -> list[Example]:
    chance.shuffle(examples)
    return examples
