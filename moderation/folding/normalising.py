"""The text as a reader sees it: what a model is given."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from moderation.folding.lookalikes import COSTUMES, LOOKALIKE
from moderation.folding.scripts import Script, script_of
from moderation.folding.table import Table
from moderation.folding.unseen import (
    BLANKS,
    INVISIBLE,
    drop_invisible,
    few_marks,
    is_simple,
    plain_marks,
)

_INITIALS = {
    Script.LATIN: "L",
    Script.CYRILLIC: "C",
    Script.GREEK: "G",
    Script.ARMENIAN: "A",
    Script.MIMIC: "M",
}


def _letter_for(character: str) -> str:
    """One letter that stands for the script; a blank for what is outside words."""
    script = script_of(character)
    if script is None:
        return "1" if character.isalnum() or unicodedata.category(character)[0] == "M" else " "
    return _INITIALS.get(script, "o")


_SCRIPTS = Table(_letter_for)
_RUN = re.compile(r"[^ ]+")


def _one_script(text: str) -> str:
    """Words of several scripts in the one script that all their letters can pass for.

    Line by line: words that are one to a line know nothing of each other.
    """
    if text.isascii() or not _is_mixed(text.translate(_SCRIPTS)):
        return text
    return "\n".join(map(_line_in_one_script, text.split("\n")))


def _is_mixed(scripts: str) -> bool:
    return len(set(scripts) & set("LCGAM")) > 1 or "M" in scripts


def _line_in_one_script(text: str) -> str:
    scripts = text.translate(_SCRIPTS)  # as long as the text, letter for letter
    if not _is_mixed(scripts):
        return text
    home = Counter(run[0] for run in _RUN.findall(scripts) if len(set(run)) == 1)
    parts: list[str] = []
    end = 0
    for match in _RUN.finditer(scripts):
        used = set(match.group()) - {"1"}
        if len(used) > 1 or "M" in used:
            parts += [
                text[end : match.start()],
                _passed_off(text[slice(*match.span())], home),
            ]
            end = match.end()
    return "".join([*parts, text[end:]])


def _passed_off(word: str, home: Mapping[str, int]) -> str:
    """The word in one alphabet: of those that it passes for, the one that most other words of
    the line are in.

    `home` counts these by the letter that stands for their script. It decides before the word's own
    letters: four of eight in Cyrillic make no Russian word in an English sentence.
    """
    letters = [script for script in map(script_of, word) if script is not None]

    def likely(script: Script) -> tuple[int, int]:
        return home[_INITIALS[script]], letters.count(script)

    for target in sorted(LOOKALIKE, key=likely, reverse=True):
        shapes = LOOKALIKE[target]
        if all(c in shapes or script_of(c) in (None, target) for c in word):
            return "".join(c if script_of(c) in (None, target) else shapes[c] for c in word)
    return word  # "ЧатGPT": really written in two scripts


def _normalise_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", few_marks(text.translate(BLANKS)))
    text = drop_invisible(text.translate(COSTUMES))
    text = unicodedata.normalize("NFKC", plain_marks(text))
    return _one_script(text)


def normalise(text: str) -> str:
    """The text as a reader sees it, in the plainest characters: what a model should be given.

    Compatibility forms become ordinary ones (full-width, mathematical, circled letters), invisible
    characters and piled-up accents go, and a word that mixes alphabets is written in the one that
    it passes for ("idi\u043et" with a Cyrillic o, "\u0434\u0443\u0440a\u043a" with a Latin a).
    Words of one alphabet stay as they are, so Russian stays Russian. Case, spacing, punctuation
    and digits are not touched.

    Idempotent. Never empties a text that has a visible letter. The answer can be encoded as UTF-8
    even where the text cannot. Offsets into the answer are not offsets into the text.
    """
    if is_simple(text):
        return text
    if text.isascii() and INVISIBLE.search(text) is None:
        return text.translate(BLANKS)
    for _ in range(4):  # what one step uncovers, the next may have to compose; two are the rule
        after = _normalise_once(text)
        if after == text:
            break
        text = after
    return text
