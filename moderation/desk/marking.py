"""Words of strangers, made safe to look at: escaped, with what is invisible shown, spans marked."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flask import Flask
from markupsafe import Markup, escape

KEPT = frozenset(
    "\t\n\u200c\u200d"
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Control and format characters that stay: line breaks, the joiners that scripts and emoji need,
and the signs that stand before Arabic, Syriac and Kaithi numbers, which are seen."""
SHORT_NAMES = {
    "\u00ad": "SHY",
    "\u061c": "ALM",
    "\u200b": "ZWSP",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2028": "LS",
    "\u2029": "PS",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
}
TAGS = range(0xE0020, 0xE0080)
"""Tag characters: they spell the flags of Scotland and Wales, and nothing that anybody sees."""


class Mark(NamedTuple):
    """Words from `start` to before `stop` (in code points), and what is said of them, if
    anything."""

    start: int
    stop: int
    says: str = ""


def set_up(app: Flask) -> None:
    """Make these filters of the app's templates."""
    app.add_template_filter(marked)
    app.add_template_filter(shown)
    app.add_template_filter(apart)
    app.add_template_filter(bold)


def shown(text: str) -> Markup:
    """Text escaped, each control or bidirectional character replaced by a visible mark.

    Without it a name could turn the rest of its line around, or hide what it says.
    """
    return _shown(text)


def apart(text: str) -> Markup:
    """`shown`, and the direction of its script is no business of the sentence around it."""
    return Markup("<bdi>%s</bdi>") % shown(text)


def bold(text: str) -> Markup:
    """In bold, to be put into a sentence; escaped, unless it is markup already."""
    return Markup("<b>%s</b>") % (text,)


def marked(text: str, marks: Iterable[Mark]) -> Markup:
    """`shown`, with the marks' words inside `<mark>`, and what is said of them as its title.

    Marks may overlap (then all is said that is said of the words), or lie outside the text (they
    are clipped): they come from the database.
    """
    parts: list[Markup] = []
    end = 0
    for start, stop, says in _apart(marks, len(text)):
        parts.append(_shown(text[end:start]))
        title = Markup(' title="%s"') % says if says else ""
        parts.append(Markup("<mark%s>%s</mark>") % (title, _shown(text[start:stop])))
        end = stop
    parts.append(_shown(text[end:]))
    return Markup("").join(parts)


def _apart(marks: Iterable[Mark], length: int) -> Iterator[Mark]:
    """The same without overlaps: cut wherever one begins or ends and something else is said."""
    opening: defaultdict[int, list[str]] = defaultdict(list)
    closing: defaultdict[int, list[str]] = defaultdict(list)
    for mark in marks:
        first, last = max(mark.start, 0), min(mark.stop, length)
        if first < last:
            opening[first].append(mark.says)
            closing[last].append(mark.says)
    said: Counter[str] = Counter()
    start = 0
    says: str | None = None  # from `start` on; None: nothing is marked there
    for at in sorted(opening.keys() | closing.keys()):
        said.update(opening[at])
        said.subtract(closing[at])
        said = +said
        says_now = "; ".join(filter(None, said)) if said else None
        if says_now != says:
            if says is not None:
                yield Mark(start, at, says)
            start, says = at, says_now


def _shown(text: str) -> Markup:
    # The line ends of Windows and old Macs are no marvel to be marked.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return escape(text)
    parts: list[Markup] = []
    plain: list[str] = []
    for character in text:
        if not _hidden(character):
            plain.append(character)
            continue
        parts.append(escape("".join(plain)))
        plain.clear()
        parts.append(_visible(character))
    parts.append(escape("".join(plain)))
    return Markup("").join(parts)


def _hidden(character: str) -> bool:
    if character in KEPT or ord(character) in TAGS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _visible(character: str) -> Markup:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "control character").capitalize()
    # A line or paragraph separator still breaks the line.
    after = "\n" if character in "\u2028\u2029\x85" else ""
    return Markup('<span class="unseen" title="{}">{}</span>{}').format(
        f"{name} ({code})", SHORT_NAMES.get(character, code), after
    )
