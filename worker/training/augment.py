"""Spellings that people use to slip past a filter, put into some of the training texts."""

import random
import re
from collections.abc import Callable, Mapping

from worker.scorers.rude_words import rude_words

RUDE = re.compile(rf"\b(?:{'|'.join(rude_words())})\b", re.IGNORECASE)

_LOOKALIKES = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "l": "1", "u": "v"}
_STARRABLE = "aeiouAEIOU"


def obfuscate(text: str, chance: random.Random) -> str:
    """The text with its rude words misspelt on purpose; unchanged when it has none."""
    style = chance.choice((_leet, _leet, _starred, _starred, _spaced, _dotted, _doubled, _swapped))
    return RUDE.sub(lambda found: style(found.group(), chance), text)


def disguise(text: str, name: str, chance: random.Random) -> str:
    """The text with its rude words in one of the ways of `DISGUISES`; unchanged without any."""
    return RUDE.sub(lambda found: DISGUISES[name](found.group(), chance), text)


def disturb(text: str, chance: random.Random) -> str:
    """The text as a hasty reader may type it: capitals, no capitals, a doubled letter.

    Done to kind and unkind texts alike, so that sloppy typing alone is no sign of an attack.
    """
    pick = chance.random()
    if pick < 0.25:
        return text.upper()
    if pick < 0.6:
        return text.lower().replace("'", "")
    words = text.split(" ")
    at = chance.randrange(len(words))
    disturbance = chance.choice((_doubled, _swapped, _spaced))
    words[at] = disturbance(words[at], chance)
    return " ".join(words)


def _leet(word: str, chance: random.Random) -> str:
    places = [at for at, letter in enumerate(word) if letter.lower() in _LOOKALIKES]
    if not places:
        return word
    letters = list(word)
    for at in chance.sample(places, chance.randint(1, min(2, len(places)))):
        letters[at] = chance.choice(_LOOKALIKES[letters[at].lower()])
    return "".join(letters)


def _starred(word: str, chance: random.Random) -> str:
    mark = chance.choice("***#-_")
    if chance.random() < 0.3 and len(word) > 3:
        return word[0] + mark * (len(word) - 2) + word[-1]
    inner = [at for at in range(1, len(word)) if word[at] in _STARRABLE]
    if not inner:
        return word
    at = chance.choice(inner)
    return word[:at] + mark + word[at + 1 :]


def _spaced(word: str, chance: random.Random) -> str:
    gap = chance.choice((" ", " ", "  "))
    return gap.join(word) if len(word) < 9 else word


def _dotted(word: str, chance: random.Random) -> str:
    return chance.choice(".-_*").join(word) if len(word) < 10 else word


def _doubled(word: str, chance: random.Random) -> str:
    if not word:
        return word
    at = chance.randrange(len(word))
    return word[:at] + word[at] * chance.randint(2, 4) + word[at + 1 :]


def _swapped(word: str, chance: random.Random) -> str:
    if len(word) < 5:
        return word
    at = chance.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _lookalike(word: str, chance: random.Random) -> str:
    """Cyrillic letters that look like Latin ones."""
    del chance
    return word.translate(str.maketrans("aeiopcyxAEOPCX", "аеіорсухАЕОРСХ"))


def _wide(word: str, chance: random.Random) -> str:
    del chance
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in word)


def _invisible(word: str, chance: random.Random) -> str:
    """A character of no width among the letters."""
    at = chance.randrange(1, max(2, len(word)))
    return word[:at] + "\u200b" + word[at:]


DISGUISES: Mapping[str, Callable[[str, random.Random], str]] = {
    "digits for letters": _leet,
    "stars": _starred,
    "spaces": _spaced,
    "dots": _dotted,
    "letters repeated": _doubled,
    "letters swapped": _swapped,
    "letters of another script": _lookalike,
    "full width": _wide,
    "characters of no width": _invisible,
}
"""The ways that are measured; the model itself is trained on the first six."""
