"""What can be found in a comment without a model, as values."""

from dataclasses import dataclass
from enum import StrEnum

Span = tuple[int, int]
"""Where a piece of a text stands, in code points: from the first number to before the second."""


class SignalKind(StrEnum):
    """The kinds of finding; the values are stored."""

    LISTED_WORD = "listed_word"
    """A word of one of the policy's lists. `label` is the list's name, `value` how many times."""
    LINKS = "links"
    """`value` is the number of links."""
    REPEAT = "repeat"
    """`value` is the likeness to the most similar earlier comment, 0.5 to 1."""
    SHOUTING = "shouting"
    """`value` is the share of capitals among letters that have them, 0.3 to 1."""
    PERSONAL_DATA = "personal_data"
    """`label` is a `PersonalData` value, `value` how many were found."""
    LANGUAGE_UNREADABLE = "language_unreadable"
    """`label` is a language code, or `unknown`, or `no-letters`; `value` is 1."""


class PersonalData(StrEnum):
    """What identifies or reaches a person."""

    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Signal:
    """One finding. Never holds the words themselves, only where they stand.

    `spans` are of the comment as written, in order. `exact` is true where nothing was guessed,
    folded or quoted: only then may it block. `quoted` is true where the words are as listed and
    somebody else's. `language` is that of the word list, or the one
    detected for an unreadable text.
    """

    kind: SignalKind
    value: float
    spans: tuple[Span, ...] = ()
    exact: bool = False
    label: str = ""
    language: str | None = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class WordList:
    """Words of one language: `entries` are whole words, `stem*`, or phrases of these.

    `name` says which rule the list belongs to; `language` is a code, or `*` for every language.
    """

    name: str
    language: str
    entries: tuple[str, ...]
