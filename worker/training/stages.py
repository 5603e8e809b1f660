"""What the model reads, in which order: first all sources, then our own sentences among them."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from worker.training import augment
from worker.training.data import choose
from worker.training.examples import CLEAN, Example
from worker.training.train import Plan

BROAD = Plan("broad", tokens=3_500_000, peak=1.5e-4)
"""All sources, balanced: what abuse looks like."""

VOICE = (
    Plan("voice", tokens=3_200_000, peak=8e-5, mixed=True),
    Plan("voice-again", tokens=3_200_000, peak=8e-5, mixed=True),
)
"""Our own sentences, several times over, among fresh picks from the sources. Twice, because each
time what is kept is a mean, halfway between the sources and our own lines."""

LONG_COMMENTS = 1 / 12
"""How many long comments are put together, for each line of ours in a pass."""


def broad(
    examples: Sequence[Example], sentences: Sequence[Example], chance: random.Random
) -> list[Example]:
    """One pass of the first stage: all sources, every line of ours once, some of it misspelt."""
    chosen = choose([e for e in examples if not e.held_out], chance)
    chosen += _alike([e for e in sentences if not e.held_out], chance)
    return [*chosen, *_misspelt(chosen, chance)]


def voice(
    examples: Sequence[Example], sentences: Sequence[Example], chance: random.Random
) -> list[Example]:
    """One pass of a voice stage: every line of ours once, and twice as many from the sources.

    Of these three tenths are readers' comments, one half Wikipedia's, two tenths the rest.
    """
    lines = _alike([e for e in sentences if not e.held_out], chance)
    sources = [e for e in examples if not e.held_out]
    drawn = choose(sources, chance)
    readers = [e for e in drawn if e.source == "civil"]
    wikipedia = [e for e in drawn if e.source == "wikipedia"]
    rest = [e for e in drawn if e.source not in ("civil", "wikipedia")]
    tenth = len(lines) // 5
    mixed = [*lines, *readers[: 3 * tenth], *wikipedia[: 5 * tenth], *rest[: 2 * tenth]]
    mixed += _long_comments(sources, lines, chance)
    return [*mixed, *_misspelt(mixed, chance)]


def _alike(sentences: Sequence[Example], chance: random.Random) -> list[Example]:
    """Each family once, in any of its fillings."""
    families: defaultdict[str, list[Example]] = defaultdict(list)
    for sentence in sentences:
        families[sentence.family].append(sentence)
    return [chance.choice(members) for members in families.values()]


def _long_comments(
    examples: Sequence[Example], lines: Sequence[Example], chance: random.Random
) -> list[Example]:
    """A clean comment with a line of ours before or behind it; the line decides the labels.

    Teaches that one foul sentence makes a foul comment, and that length is no sign of anything.
    """
    clean = [e for e in examples if e.labels == CLEAN and 120 < len(e.text) < 330]
    made = []
    for _ in range(int(LONG_COMMENTS * len(lines)) if clean else 0):
        line, around = chance.choice(lines), chance.choice(clean)
        parts = [around.text, line.text] if chance.random() < 0.75 else [line.text, around.text]
        made.append(replace(line, text=" ".join(parts), kind="long"))
    return made


def _misspelt(examples: Sequence[Example], chance: random.Random) -> list[Example]:
    """Copies: a third of the attacks with rude words obfuscated, one in ten texts mistyped."""
    copies = []
    for example in examples:
        if example.labels.get("toxicity", 0.0) >= 0.6 and chance.random() < 1 / 3:
            text = augment.obfuscate(example.text, chance)
            if text != example.text:
                copies.append(replace(example, text=text))
        elif chance.random() < 1 / 10:
            copies.append(replace(example, text=augment.disturb(example.text, chance)))
    return copies
