"""Emoji in words: most models have no token for them, and see a hole where a reader sees a clown."""

import re

_SAID = {
    "\N{REVERSED HAND WITH MIDDLE FINGER EXTENDED}": "fuck you",
    "\N{SERIOUS FACE WITH SYMBOLS COVERING MOUTH}": "fucking",
    "\N{PILE OF POO}": "shit",
    "\N{CLOWN FACE}": "clown",
    "\N{PIG}": "pig",
    "\N{PIG FACE}": "pig",
    "\N{PIG NOSE}": "pig",
    "\N{MONKEY}": "monkey",
    "\N{MONKEY FACE}": "monkey",
    "\N{GORILLA}": "ape",
    "\N{RAT}": "rat",
    "\N{SNAKE}": "snake",
    "\N{SHEEP}": "sheep",
    "\N{COCKROACH}": "cockroach",
    "\N{FACE WITH OPEN MOUTH VOMITING}": "disgusting",
    "\N{NAUSEATED FACE}": "disgusting",
    "\N{PUT LITTER IN ITS PLACE SYMBOL}": "trash",
    "\N{WASTEBASKET}": "trash",
    "\N{HOCHO}": "knife",
    "\N{DAGGER KNIFE}": "knife",
    "\N{PISTOL}": "gun",
    "\N{BOMB}": "bomb",
    "\N{COFFIN}": "coffin",
    "\N{HEADSTONE}": "coffin",
}
"""What a reader hears in pictures that can insult or threaten. The words are no verdict: of a pig on
a farm the model may think what it thinks of the word."""

_TRIMMINGS = "[\ufe0e\\ufe0f\\u200d\\u20e3\\U0001f3fb-\\U0001f3ff\\U000e0020-\\U000e007f]*"
"""Skin, hair, joiners: what is no picture by itself."""
_PICTURE = (
    "["
    r"\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55"
    r"\U0001f000-\U0001f0ff\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
    "]"
)
_INSULTING = f"[{''.join(_SAID)}]"
_HARMLESS = re.compile(f" *(?:(?!{_INSULTING}){_PICTURE}{_TRIMMINGS} *)+")
_INSULTS = re.compile(f" *(?:{_INSULTING}{_TRIMMINGS} *)+")


def without_harmless(text: str) -> str:
    """The text without its emoji, but for those that can insult or threaten.

    What is left out can raise no score; and a word that an emoji was stuck to is a word again.
    """
    if text.isascii() or _HARMLESS.search(text) is None:
        return text
    return _HARMLESS.sub(" ", text).strip()


def spoken(text: str) -> str:
    """The text with its insulting emoji in words; of those in a row, each word is said once."""
    if text.isascii() or _INSULTS.search(text) is None:
        return text
    return _INSULTS.sub(_words_for, text).strip()


def _words_for(found: re.Match[str]) -> str:
    said = dict.fromkeys(_SAID[sign] for sign in found.group() if sign in _SAID)
    return f" {' '.join(said)} "
