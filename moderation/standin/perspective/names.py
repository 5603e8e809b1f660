"""The names of Perspective's attributes, and what of ours stands for each."""

import re
from typing import NamedTuple

OURS = {
    "TOXICITY": "toxicity",
    "SEVERE_TOXICITY": "severe_toxicity",
    "IDENTITY_ATTACK": "identity_attack",
    "INSULT": "insult",
    "PROFANITY": "obscene",
    "THREAT": "threat",
    "SEXUALLY_EXPLICIT": "sexual_explicit",
    "OBSCENE": "obscene",
}
"""What a model of ours may score; the bundled one lacks `sexual_explicit`."""
OTHERS = frozenset(
    """
    ATTACK_ON_AUTHOR ATTACK_ON_COMMENTER ATTACK_ON_PUBLISHER INCOHERENT INFLAMMATORY
    LIKELY_TO_REJECT OFF_TOPIC SPAM UNSUBSTANTIAL FLIRTATION
    AFFINITY COMPASSION CURIOSITY NUANCE PERSONAL_STORY REASONING RESPECT
    ALIENATION FEARMONGERING GENERALIZATION MORAL_OUTRAGE POWER_APPEAL SCAPEGOATING
    """.split()  # noqa: SIM905 - so many names are read more easily without their quotes
)
"""What no model of ours scores: the other attributes of the New York Times' set, FLIRTATION, and
those that look for what bridges or divides. A client that asks for one makes no mistake."""
_FORM = re.compile(r"(?P<plain>[A-Z_]+?)(?:_EXPERIMENTAL)?(?:@[A-Za-z0-9_.-]+)?")


class Attribute(NamedTuple):
    """An attribute as it was asked for, its plain name, and ours (None: nothing of ours)."""

    asked: str
    plain: str
    ours: str | None


def find(asked: str) -> Attribute | None:
    """The attribute of that name, which may have `_EXPERIMENTAL` and a `@version` behind it; None
    when the real service never had it either."""
    found = _FORM.fullmatch(asked)
    plain = found["plain"] if found else ""
    if plain not in OURS and plain not in OTHERS:
        return None
    return Attribute(asked, plain, OURS.get(plain))
