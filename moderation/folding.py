"""Undoing disguises: what a word looks like, as against which code points it is made of.

`normalise` is for the model and changes as little as it can: a reader would not see the
difference. `fold` is for word lists and goes further (case, accents, look-alike letters), which
is why what is found through it may hold a comment and never block it.

Both take any `str`, lone surrogates and control characters included, and work in linear time.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache

from anyascii import anyascii


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


# --- invisible characters -------------------------------------------------------------------

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
    (
        0xD800,
        0xDFFF,
    ),  # lone surrogates: a tokenizer cannot take them, and nobody can see them
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE01EF),
)
_INVISIBLE = re.compile(
    "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE_RANGES) + "]"
)
_INVISIBLES = frozenset(
    chr(point) for first, last in _INVISIBLE_RANGES for point in range(first, last + 1)
)
_BLANKS = str.maketrans(
    dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2800", " ")
    | {"\u2028": "\n", "\u2029": "\n"}
    # the two ligatures that NFKC would spell out eighteen- and eightfold, as their abbreviations
    | {"\ufdfa": "صلعم", "\ufdfb": "جل"}
)


def _is_simple(text: str) -> bool:
    """Whether it is printable ASCII, in which there is nothing to undo. Told in a fifth of the time
    that a look for invisible characters takes (measured), and most texts in English are that."""
    return text.isascii() and text.isprintable()


def is_invisible(character: str) -> bool:
    """Whether a reader sees nothing at all there, not even a gap."""
    return character in _INVISIBLES


def invisible_in(text: str) -> str:
    """The invisible characters that occur in the text, each once."""
    return "" if _is_simple(text) else "".join(sorted(set(_INVISIBLE.findall(text))))


def without_invisible(text: str) -> tuple[str, list[int] | None]:
    """The text without its invisible characters, and for each character left its old offset.

    The offsets are None when nothing was taken out, so that the usual text costs nothing.
    """
    if _is_simple(text) or _INVISIBLE.search(text) is None:
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


def _drop_invisible(text: str) -> str:
    if _INVISIBLE.search(text) is None:
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


# --- combining marks ------------------------------------------------------------------------

_MARKS_KEPT = 4
_PLAIN = (Script.LATIN, Script.CYRILLIC, Script.GREEK, Script.ARMENIAN, Script.MIMIC)


def marks_in(text: str) -> str:
    """The combining marks that occur in the text, each once."""
    if text.isascii():
        return ""
    return "".join(sorted(c for c in set(text) if unicodedata.category(c).startswith("M")))


def _few_marks(text: str) -> str:
    """At most four combining marks in a row.

    Must run before any normal form: canonical ordering takes quadratic time on long runs of marks.
    """
    marks = marks_in(text)
    if not marks:
        return text
    return re.sub(f"([{marks}]{{{_MARKS_KEPT}}})[{marks}]+", r"\1", text)


def _plain_marks(text: str) -> str:
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


# --- look-alikes ----------------------------------------------------------------------------


def _pairs(source: str) -> dict[str, str]:
    """Reads "аa вb": each word is a letter and the letter that it looks like."""
    return {word[0]: word[1] for word in source.split()}


_TO_LATIN = (
    # Cyrillic
    _pairs("аa вb еe ёe кk мm нh оo рp сc тt уy хx іi їi јj ѕs ԁd ԛq ԝw һh ӏl ьb пn гr ԍg ѵv ҽe ғf")
    | _pairs("АA ВB ЕE ЁE КK МM НH ОO РP СC ТT УY ХX ІI ЇI ЈJ ЅS ԌG ԚQ ԜW ҺH ӀI ЬB Ғf ѴV")
    # Greek
    | _pairs("αa βb εe ιi κk νv οo ρp τt υu χx ηn ωw γy μu ϲc ϳj σo ςs άa έe ίi όo ύu ήn ώw")
    | _pairs("ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX")
    # Armenian
    | _pairs("օo ոn սu հh ցg զq յj աw քf լl ղn կu ՕO ՈN ՍU ՏS ԼL Հ2")
    # Cherokee and Lisu capitals
    | _pairs("ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH Ꭵi ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ")
    | _pairs("ꓐB ꓑP ꓓD ꓔT ꓖG ꓗK ꓙJ ꓚC ꓜZ ꓝF ꓟM ꓠN ꓡL ꓢS ꓣR ꓦV ꓧH ꓪW ꓫX ꓬY ꓮA ꓰE ꓲI ꓳO ꓴU")
)
del _TO_LATIN["Հ"]  # a capital like no Latin letter

_LOOKALIKE: dict[Script, dict[str, str]] = {
    Script.LATIN: _TO_LATIN,
    Script.CYRILLIC: _pairs("aа bь cс eе hн iі kк mм nп oо pр rг tт uи xх yу")
    | _pairs("AА BВ CС EЕ HН IІ KК MМ OО PР TТ XХ YУ")
    | _pairs("οо αа ρр οо օо"),
    Script.GREEK: _pairs("aα bβ eε iι kκ vν oο pρ tτ uυ xχ nη wω yγ")
    | _pairs("AΑ BΒ EΕ ZΖ HΗ IΙ KΚ MΜ NΝ OΟ PΡ TΤ YΥ XΧ аα оο"),
    Script.ARMENIAN: _pairs("oօ nո uս hհ gց qզ jյ wա fք lլ OՕ US SՏ LԼ оօ"),
}
_LOOKALIKE[Script.ARMENIAN]["U"] = "Ս"
_TARGETS = (Script.LATIN, Script.CYRILLIC, Script.GREEK, Script.ARMENIAN)

_COSTUMES = str.maketrans(
    _pairs("ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ꞯq ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɑa ɡg ꓸ.")
    | {chr(0x1F150 + n): chr(0x41 + n) for n in range(26)}
    | {chr(0x1F170 + n): chr(0x41 + n) for n in range(26)}
)
"""Small capitals and the white-on-black letters: Latin, but no compatibility form says so."""


class Table(dict[int, str | None]):
    """A table for `str.translate` that asks for each character only once.

    It remembers no more than `LIMIT` of them, or a few texts of rare characters would fill memory.
    """

    LIMIT = 10_000

    def __init__(self, of: Callable[[str], str | None]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, point: int) -> str | None:
        value = self._of(chr(point))
        if len(self) < self.LIMIT:
            self[point] = value
        return value


def _letter_for(character: str) -> str:
    """One letter that stands for the script; a blank for what is outside words."""
    script = script_of(character)
    if script is None:
        return "1" if character.isalnum() or unicodedata.category(character)[0] == "M" else " "
    return _INITIALS.get(script, "o")


_INITIALS = {
    Script.LATIN: "L",
    Script.CYRILLIC: "C",
    Script.GREEK: "G",
    Script.ARMENIAN: "A",
    Script.MIMIC: "M",
}
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

    for target in sorted(_TARGETS, key=likely, reverse=True):
        shapes = _LOOKALIKE[target]
        if all(c in shapes or script_of(c) in (None, target) for c in word):
            return "".join(c if script_of(c) in (None, target) else shapes[c] for c in word)
    return word  # "ЧатGPT": really written in two scripts


def _normalise_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", _few_marks(text.translate(_BLANKS)))
    text = _drop_invisible(text.translate(_COSTUMES))
    text = unicodedata.normalize("NFKC", _plain_marks(text))
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
    if _is_simple(text):
        return text
    if text.isascii() and _INVISIBLE.search(text) is None:
        return text.translate(_BLANKS)
    for _ in range(4):  # what one step uncovers, the next may have to compose; two are the rule
        after = _normalise_once(text)
        if after == text:
            break
        text = after
    return text


# --- folding for word lists -----------------------------------------------------------------

_DOTTED = frozenset({"tr", "az"})
"""Languages in which I is the capital of the dotless ı, and İ that of i."""


def lower(text: str, language: str | None) -> str:
    """Case folded the way the language does it, in NFC. Nothing else is changed.

    In Turkish and Azerbaijani `I` becomes `ı` and `İ` becomes `i`.
    """
    if language in _DOTTED:
        # İ may also come decomposed, as I and a dot above: that dot must not become ı's
        text = text.replace("I\u0307", "i").replace("\u0130", "i").replace("I", "ı")
    return unicodedata.normalize("NFC", _few_marks(text).casefold())


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
    shapes = _LOOKALIKE.get(script, {})

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
    shapes = _LOOKALIKE[script]
    parts: list[str] = []
    end = 0
    for match in _DISGUISED.finditer(passing):
        word = text[slice(*match.span())]
        parts += [text[end : match.start()], "".join(shapes.get(c, c) for c in word)]
        end = match.end()
    return "".join([*parts, text[end:]])
