"""The text as word lists look at it: without case, accents and foreign letters."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from moderation.folding.lookalikes import LOOKALIKE
from moderation.folding.normalising import normalise
from moderation.folding.scripts import Script, script_of
from moderation.folding.table import Table
from moderation.folding.unseen import few_marks

_DOTTED = frozenset({"tr", "az"})
"""Languages in which I is the capital of the dotless ı, and İ that of i."""


def lower(text: str, language: str | None) -> str:
    """Case folded the way the language does it, in NFC. Nothing else is changed.

    In Turkish and Azerbaijani `I` becomes `ı` and `İ` becomes `i`.
    """
    if language in _DOTTED:
        # İ may also come decomposed, as I and a dot above: that dot must not become ı's
        text = text.replace("I\u0307", "i").replace("\u0130", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", few_marks(text).casefold())


_OWN_LETTERS: dict[str, frozenset[str]] = {
    "tr": frozenset("çğıöşü"),
    "az": frozenset("çğıöşüə"),
    "ru": frozenset("й"),
    "uk": frozenset("йїі"),
    "be": frozenset("йўі"),
}
"""Marked letters that are letters of their own: `sık` (often) must not become another word."""


def has_own_letters(language: str | None) -> bool:
    """Whether folding makes a difference between this language and others."""
    return language in _OWN_LETTERS


_MAIN_SCRIPT: dict[str, Script] = {
    "ru": Script.CYRILLIC,
    "uk": Script.CYRILLIC,
    "be": Script.CYRILLIC,
    "bg": Script.CYRILLIC,
    "sr": Script.CYRILLIC,
    "mk": Script.CYRILLIC,
    "kk": Script.CYRILLIC,
    "el": Script.GREEK,
    "hy": Script.ARMENIAN,
}


def main_script(language: str | None) -> Script:
    """The alphabet that look-alikes are folded to for a language; Latin where none is known."""
    return _MAIN_SCRIPT.get(language or "", Script.LATIN)


@lru_cache(maxsize=8192)
def _bare(character: str) -> str:
    """A letter without its accents, strokes and hooks; itself where there is no simpler one."""
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not _is_mark(c))
    if len(base) == 1 and (script_of(base) is not Script.LATIN or base.isascii()):
        return base
    if script_of(character) is Script.LATIN:
        plain = anyascii(character).lower()
        if plain.isalpha() and len(plain) == 1:
            return plain
    return base or character


def _is_mark(character: str) -> bool:
    return character >= "\u0300" and unicodedata.category(character) == "Mn"


def _bare_or_nothing(character: str) -> str | None:
    return None if _is_mark(character) else _bare(character)


_BARE = Table(_bare_or_nothing)


def bare(text: str) -> str:
    """Letters without accents, hooks and strokes: é as e, ё as е, ı as i, ø as o."""
    return text if text.isascii() else text.translate(_BARE)


@lru_cache(maxsize=64)
def _bare_but_own(language: str) -> Table:
    """As `bare`, but a letter of the language's own stays."""
    own = _OWN_LETTERS[language]
    return Table(lambda c: c if c in own else _bare_or_nothing(c))


@lru_cache(maxsize=16)
def _passing(script: Script) -> Table:
    """`y` for letters of the script and digits, `s` for look-alikes of such letters, `n` for all
    other letters, a blank for what is outside words.
    """
    shapes = LOOKALIKE.get(script, {})

    def letter_for(character: str) -> str:
        own = script_of(character)
        if own is None:
            return "y" if character.isalnum() else " "
        return "y" if own is script else "s" if character in shapes else "n"

    return Table(letter_for)


_DISGUISED = re.compile(r"(?<![ysn])y*s[ys]*(?![ysn])")


def fold(text: str, language: str | None, script: Script | None = None) -> str:
    """The text in its plainest look: normalised, case folded, without accents, in one alphabet.

    `script` is the alphabet to fold look-alikes to, by default the main one of `language`. A
    letter that the language has as its own (Turkish `ı` and `ş`, Russian `й`) stays. Words whose
    every letter passes for one of that alphabet are written in it, whichever script they are in:
    the Russian word `сор` becomes `cop` for an English list. That is a guess, so what is found in
    a folded text may hold a comment and never block it.

    Line breaks stay where they are: many words can be folded at once, one to a line.
    """
    return fold_normalised(normalise(text), language, script)


def fold_normalised(text: str, language: str | None, script: Script | None = None) -> str:
    """`fold` for a text that `normalise` has been through already."""
    script = script or main_script(language)
    text = lower(text, language)
    if text.isascii() and script is Script.LATIN:
        return text
    text = text.translate(_bare_but_own(language) if language in _OWN_LETTERS else _BARE)
    passing = text.translate(_passing(script))
    if "s" not in passing:
        return text
    shapes = LOOKALIKE[script]
    parts: list[str] = []
    end = 0
    for match in _DISGUISED.finditer(passing):
        word = text[slice(*match.span())]
        parts += [text[end : match.start()], "".join(shapes.get(c, c) for c in word)]
        end = match.end()
    return "".join([*parts, text[end:]])
