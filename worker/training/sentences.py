"""Our own labelled sentences, in the voice of a newspaper's readers.

They lie in `sentences/*.toml` in groups: a `kind`, its `labels` (an attribute that is not named
is 0), and `texts`, one a line. `{people}` and the like stand for the lists in `slots.toml`;
attacks and clean sentences share those lists, so that a name alone decides nothing.
"""

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from worker.training.examples import ATTRIBUTES, CLEAN, YES, Example

FOLDER = Path(__file__).parent / "sentences"
FILLINGS = 6
"""How many ways a line with places to fill is filled."""

HELD_BACK = frozenset(
    {
        # Attacks on groups, and what only looks like them.
        "a group denied its rights",
        "a question that is no question",
        "contempt that begins with an excuse",
        "harm wished on a group",
        "a negation that is the hate itself",
        "a group defended with force",
        "an answer to a hateful comment",
        "discrimination told and lamented",
        "groups in the news",
        # Abuse of people, and criticism.
        "abuse of the author or the paper, paired",
        "hard criticism of an article or the paper, paired",
        "sarcasm at a person, paired",
        "sarcasm at events, paired",
        "bot, troll, shill: thrown at somebody, paired",
        "bot, troll, shill: spoken of, paired",
        # Swearing, threats, sober words, and readers.
        "masked swearing at somebody",
        "threat with conditions and last warnings",
        "warnings that mean well",
        "bombs, guns and terror, as news",
        "doctors, hospitals and vaccines",
        "migration policy, argued",
        "heated with another reader, still acceptable",
    }
)
"""Kinds that nothing is trained on: how the model does on them is how it does on the next one."""

_PLACE = re.compile(r"\{(\w+)\}")


def read(folder: Path = FOLDER, fillings: int = FILLINGS) -> list[Example]:
    """Every sentence, those with places filled in up to `fillings` ways, the same each time.

    Raises ValueError for an unknown attribute, naming file and group, and for an unknown place, as
    `filled` does.
    """
    slots = tomllib.loads((folder / "slots.toml").read_text(encoding="utf-8"))
    chance = random.Random(1915)
    examples: list[Example] = []
    for path in sorted(folder.glob("*.toml")):
        if path.name == "slots.toml":
            continue
        for group in tomllib.loads(path.read_text(encoding="utf-8"))["group"]:
            unknown = set(group["labels"]) - set(ATTRIBUTES)
            if unknown:
                raise ValueError(f"{path.name}, {group['kind']}: no attribute {sorted(unknown)}")
            labels = CLEAN | group["labels"]
            if max(labels.values()) >= YES and "severe_toxicity" not in group["labels"]:
                # How severe an attack is, our sentences do not say.
                del labels["severe_toxicity"]
            kind = group["kind"]
            examples += [
                Example(text, labels, "ours", kind, family=line, held_back=kind in HELD_BACK)
                for line in group["texts"].strip().splitlines()
                for text in filled(line, slots, fillings, chance)
            ]
    return examples


def filled(
    line: str, slots: Mapping[str, Sequence[str]], fillings: int, chance: random.Random
) -> list[str]:
    """A line with its places taken by words of `slots`, in up to `fillings` different ways.

    Raises ValueError, quoting the line, for a place that `slots` has no list for.
    """
    places = _PLACE.findall(line)
    missing = set(places) - set(slots)
    if missing:
        raise ValueError(f"no list in slots.toml for {sorted(missing)}: {line!r}")
    if not places:
        return [line]
    texts: dict[str, None] = {}
    for _ in range(fillings):
        # Two places of one name in a line get two different words.
        words = {place: iter(chance.sample(slots[place], places.count(place))) for place in places}
        text = _PLACE.sub(lambda found: next(words[found.group(1)]), line)  # noqa: B023  called at once
        texts[text[0].upper() + text[1:] if line[0] == "{" else text] = None
    return list(texts)
