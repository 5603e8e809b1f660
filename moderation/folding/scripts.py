"""Writing systems: which one a letter belongs to."""

from enum import StrEnum
from functools import lru_cache


class Script(StrEnum):
    """The writing systems that are told apart here. Every other letter is `OTHER`."""

    LATIN = "Latin"
    CYRILLIC = "Cyrillic"
    GREEK = "Greek"
    ARMENIAN = "Armenian"
    GEORGIAN = "Georgian"
    HEBREW = "Hebrew"
    ARABIC = "Arabic"
    DEVANAGARI = "Devanagari"
    THAI = "Thai"
    HANGUL = "Hangul"
    HAN = "Han"
    """Chinese characters and the two Japanese syllabaries."""
    MIMIC = "mimic"
    """Cherokee and Lisu capitals: met in comments as costume for Latin ones."""
    OTHER = "other"


_RANGES: tuple[tuple[int, int, Script], ...] = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0250, 0x02AF, Script.LATIN),
    (0x0370, 0x03FF, Script.GREEK),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0531, 0x058F, Script.ARMENIAN),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x077F, Script.ARABIC),
    (0x08A0, 0x08FF, Script.ARABIC),
    (0x0900, 0x097F, Script.DEVANAGARI),
    (0x0E00, 0x0E7F, Script.THAI),
    (0x10A0, 0x10FF, Script.GEORGIAN),
    (0x1100, 0x11FF, Script.HANGUL),
    (0x13A0, 0x13FF, Script.MIMIC),
    (0x1C80, 0x1C8F, Script.CYRILLIC),
    (0x1C90, 0x1CBF, Script.GEORGIAN),
    (0x1D00, 0x1DBF, Script.LATIN),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x1F00, 0x1FFF, Script.GREEK),
    (0x2C60, 0x2C7F, Script.LATIN),
    (0x2DE0, 0x2DFF, Script.CYRILLIC),
    (0x3040, 0x30FF, Script.HAN),
    (0x3400, 0x4DBF, Script.HAN),
    (0x4E00, 0x9FFF, Script.HAN),
    (0xA4D0, 0xA4FF, Script.MIMIC),
    (0xA640, 0xA69F, Script.CYRILLIC),
    (0xA720, 0xA7FF, Script.LATIN),
    (0xAB30, 0xAB6F, Script.LATIN),
    (0xAC00, 0xD7A3, Script.HANGUL),
    (0xF900, 0xFAFF, Script.HAN),
    (0xFB13, 0xFB17, Script.ARMENIAN),
    (0x20000, 0x323AF, Script.HAN),
)


@lru_cache(maxsize=8192)
def script_of(character: str) -> Script | None:
    """The script of one letter; None for whatever is not a letter (digits, marks, signs, emoji)."""
    if not character or not character.isalpha():
        return None
    point = ord(character)
    for first, last, script in _RANGES:
        if first <= point <= last:
            return script
    return Script.OTHER
