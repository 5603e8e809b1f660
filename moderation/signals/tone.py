"""Findings about how a text is written: shouting, and a language that cannot be read."""

import re
from collections.abc import Collection

from moderation.folding import Script, Table, normalise, script_of
from moderation.signals.kinds import Signal, SignalKind

LEAST_CASED = 20
"""Fewer letters than this are an acronym, a name or a cheer, and no shouting."""
REPORTED = 0.3

NO_LETTERS = "no-letters"
UNKNOWN = "unknown"

_LETTERS = re.compile(r"[^\W\d_]{2,}")
_CASES = Table(lambda c: "U" if c.isupper() else "l" if c.islower() else None)
"""`U` for each capital and `l` for each small letter; everything else goes."""

_SCRIPTS: dict[str, frozenset[Script]] = {
    **dict.fromkeys(
        ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"),
        frozenset({Script.CYRILLIC, Script.LATIN}),
    ),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ug"), frozenset({Script.ARABIC, Script.LATIN})),
    **dict.fromkeys(("hi", "mr", "ne"), frozenset({Script.DEVANAGARI, Script.LATIN})),
    "el": frozenset({Script.GREEK, Script.LATIN}),
    "hy": frozenset({Script.ARMENIAN, Script.LATIN}),
    "ka": frozenset({Script.GEORGIAN, Script.LATIN}),
    "he": frozenset({Script.HEBREW, Script.LATIN}),
    "th": frozenset({Script.THAI, Script.LATIN}),
    "zh": frozenset({Script.HAN, Script.LATIN}),
    "ja": frozenset({Script.HAN, Script.LATIN}),
    "ko": frozenset({Script.HANGUL, Script.HAN, Script.LATIN}),
}
"""Scripts that a text in a language is written in. Latin for those not named; names and brands
in Latin letters stand in texts of every language."""

_ONLY_LANGUAGE = {
    Script.ARMENIAN: "hy",
    Script.GEORGIAN: "ka",
    Script.GREEK: "el",
    Script.THAI: "th",
    Script.HANGUL: "ko",
}
"""Scripts that give their language away."""


def shouting(text: str) -> list[Signal]:
    """The share of capitals among letters that have two cases, from 0.3 upwards."""
    cases = text.translate(_CASES)
    upper, cased = cases.count("U"), len(cases)
    if cased < LEAST_CASED or upper / cased < REPORTED:
        return []
    return [Signal(SignalKind.SHOUTING, upper / cased)]


def unreadable(text: str, language: str | None, readable: Collection[str]) -> list[Signal]:
    """Whether a person must read this because the model cannot.

    That is: a detected language outside `readable`; letters in no language that could be told; a
    word in an alphabet that no readable language uses, even in the midst of a text that can be
    read (one word can be the insult); and no letters at all, since nobody has scored an emoji.
    """
    plain = normalise(text)
    if not any(map(str.isalpha, plain)):
        return [Signal(SignalKind.LANGUAGE_UNREADABLE, 1.0, label=NO_LETTERS)]
    if language not in readable:
        label = language or _told_by_script(plain) or UNKNOWN
        return [Signal(SignalKind.LANGUAGE_UNREADABLE, 1.0, label=label, language=language)]
    scripts = {script for code in readable for script in _SCRIPTS.get(code, {Script.LATIN})}
    if plain.isascii() and Script.LATIN in scripts:
        return []
    for match in _LETTERS.finditer(plain):
        strange = script_of(match.group()[0])
        if strange is not None and strange not in scripts:
            label = _ONLY_LANGUAGE.get(strange, UNKNOWN)
            return [Signal(SignalKind.LANGUAGE_UNREADABLE, 1.0, label=label, language=language)]
    return []


def _told_by_script(text: str) -> str | None:
    """The language of a text too short to detect, where its first letters give it away."""
    first = next((c for c in text if c.isalpha()), "")
    script = script_of(first) if first else None
    return None if script is None else _ONLY_LANGUAGE.get(script)
