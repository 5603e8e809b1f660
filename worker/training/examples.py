"""One labelled comment, and the attributes that the bundled model learns."""

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

ATTRIBUTES = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
"""The names and the order of Detoxify's original model. `sexual_explicit` is in no source."""

CLEAN = dict.fromkeys(ATTRIBUTES, 0.0)

YES = 0.5
"""The share of people from which on they count as having said yes."""

_MENTION = re.compile(r"(?:!+\s*)?(?:RT\s+)?@\w+:?|\[USER\]")
_ADDRESS = re.compile(r"https?://\S+|\bURL\b|\[URL\]")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Example:
    """A text with what people said of it.

    `labels` maps an attribute to the share of people (0..1) who saw it. An attribute that the
    source did not ask for is absent, and costs the model nothing in training. `family` names
    the template that a text was filled from: a family is held out whole or not at all. Of a kind
    that is `held_back` nothing is trained on.
    """

    text: str
    labels: dict[str, float] = field(hash=False)
    source: str
    kind: str = ""
    family: str = ""
    held_back: bool = False

    @property
    def held_out(self) -> bool:
        """True for one text in fifteen: kept out of training, for validation.

        Decided by the letters alone, so that the same text from two sources (with other
        capitals or spaces) can never be in training and in validation at once.
        """
        return self.held_back or _digest(self.family or self.text)[0] % 15 == 0

    @property
    def for_fitting(self) -> bool:
        """Of the held-out ones, the half that calibration and thresholds are fitted to.

        The other half measures them.
        """
        return _digest(self.family or self.text)[1] % 2 == 0


def clean_text(text: str) -> str:
    """The comment without the marks of the site it came from (mentions, addresses, entities)."""
    text = html.unescape(html.unescape(text))
    text = _ADDRESS.sub(" ", _MENTION.sub(" ", text))
    return _SPACES.sub(" ", text).strip(' "\n')


def without_repeats(examples: Sequence[Example], but: Sequence[str] = ()) -> list[Example]:
    """The examples, each text once (the first source that has it wins) and none of `but`."""
    seen = {_digest(text) for text in but}
    kept = []
    for example in examples:
        digest = _digest(example.text)
        if digest not in seen:
            seen.add(digest)
            kept.append(example)
    return kept


def repeats(texts: Sequence[str], among: Sequence[Example]) -> list[bool]:
    """For each text whether it stands among the examples, whatever its capitals and spaces."""
    known = {_digest(example.text) for example in among}
    return [_digest(text) in known for text in texts]


def _digest(text: str) -> bytes:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return hashlib.sha256((letters or text).encode()).digest()
