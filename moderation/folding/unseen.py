"""What hides in a text: characters that nobody sees, marks piled up on letters."""

import re
import unicodedata

from moderation.folding.scripts import Script, script_of

_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""Invisible, yet part of the spelling in some scripts and of many emoji."""

_INVISIBLE_RANGES = (
    (0x00, 0x08),
    (0x0E, 0x1B),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates: a tokenizer cannot take them, nobody can see them
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE01EF),
)
INVISIBLE = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE_RANGES) + "]"
)
_INVISIBLES = frozenset(
    chr(point) for first, last in _INVISIBLE_RANGES for point in range(first, last + 1)
)
BLANKS = str.maketrans(
    dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2800", " ")
    | {"\u2028": "\n", "\u2029": "\n"}
    # the two ligatures that NFKC would spell out eighteen- and eightfold, as their abbreviations
    | {"\ufdfa": "صلعم", "\ufdfb": "جل"}
)
"""For `str.translate`: what is nothing but a gap or a line's end, as such."""


def is_simple(text: str) -> bool:
    """Whether it is printable ASCII, in which there is nothing to undo. Told in a fifth of the time
    that a look for invisible characters takes (measured), and most texts in English are that."""
    return text.isascii() and text.isprintable()


def is_invisible(character: str) -> bool:
    """Whether a reader sees nothing at all there, not even a gap."""
    return character in _INVISIBLES


def invisible_in(text: str) -> str:
    """The invisible characters that occur in the text, each once."""
    return "" if is_simple(text) else "".join(sorted(set(INVISIBLE.findall(text))))


def without_invisible(text: str) -> tuple[str, list[int] | None]:
    """The text without its invisible characters, and for each character left its old offset.

    The offsets are None when nothing was taken out, so that the usual text costs nothing.
    """
    if is_simple(text) or INVISIBLE.search(text) is None:
        return text, None
    kept = [(at, c) for at, c in enumerate(text) if not is_invisible(c)]
    return "".join(c for _, c in kept), [at for at, _ in kept]


def _joins(base: str) -> bool:
    """Whether a joiner behind this character may mean something: an emoji, or Arabic and on."""
    if not base:
        return False
    if script_of(base) is None:
        return unicodedata.category(base) in ("So", "Sk", "Mn", "Mc") or base in "#*0123456789"
    return ord(base) >= 0x0600 and script_of(base) not in (Script.LATIN, Script.GREEK)


def drop_invisible(text: str) -> str:
    """The text without its invisible characters, but for the joiners that may mean something."""
    if INVISIBLE.search(text) is None:
        return text
    kept: list[str] = []
    base, joiners = "", 0
    for character in text:
        if not is_invisible(character):
            kept.append(character)
            base, joiners = character, 0
        elif character in _JOINERS and joiners < 2 and _joins(base):
            kept.append(character)
            joiners += 1
    # a joiner with nothing behind it to join, "stop<ZWJ>", hides nothing and is left alone
    return "".join(kept)


_MARKS_KEPT = 4
_PLAIN = (Script.LATIN, Script.CYRILLIC, Script.GREEK, Script.ARMENIAN, Script.MIMIC)


def marks_in(text: str) -> str:
    """The combining marks that occur in the text, each once."""
    if text.isascii():
        return ""
    return "".join(sorted(c for c in set(text) if unicodedata.category(c).startswith("M")))


def few_marks(text: str) -> str:
    """At most four combining marks in a row.

    Must run before any normal form: canonical ordering takes quadratic time on long runs of marks.
    """
    marks = marks_in(text)
    if not marks:
        return text
    return re.sub(f"([{marks}]{{{_MARKS_KEPT}}})[{marks}]+", r"\1", text)


def plain_marks(text: str) -> str:
    """On alphabets whose accents compose: one mark that did not compose, no strokes, no rings."""
    marks = marks_in(text)
    if not marks:
        return text
    return re.sub(f"(.?)([{marks}]+)", _plain_run, text, flags=re.DOTALL)


def _plain_run(match: re.Match[str]) -> str:
    base, run = match.groups()
    if script_of(base) not in _PLAIN:
        return match.group()
    kept = (c for c in run if unicodedata.category(c) != "Me" and unicodedata.combining(c) != 1)
    return base + next(kept, "")
