"""Spellings that people use to slip past a filter, put into some of the training texts."""

import random
import re

RUDE = re.compile(
    r"\b(?:\w*fuck\w*|shit\w*|bullshit|bitch\w*|\w*ass(?:hole|holes|es)?|bastards?|cunts?|dicks?|"
    r"idiot\w*|morons?|moronic|stupid\w*|dumb\w*|retard\w*|scum\w*|trash|garbage|pathetic|losers?|"
    r"clowns?|liars?|fools?|foolish|ignorant|imbeciles?|vermin|whores?|sluts?|pigs?|cockroach\w*|"
    r"coward\w*|disgusting|worthless|parasites?|animals?|savages?|kill|die|hate|crap|damn|dog|dogs|"
    r"traitors?|terrorists?|freaks?|filth\w*|hell|shut|ugly|brainless|cretins?|jerks?|wanker\w*)\b",
    re.IGNORECASE,
)

_LOOKALIKES = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "l": "1", "u": "v"}
_STARRABLE = "aeiouAEIOU"


def obfuscate(text: str, chance: random.Random) -> str:
    """The text with its rude words misspelt on purpose; unchanged when it has none."""
    style = chance.choice((_leet, _leet, _starred, _starred, _spaced, _dotted, _doubled, _swapped))
    return RUDE.sub(lambda found: style(found.group(), chance), text)


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
