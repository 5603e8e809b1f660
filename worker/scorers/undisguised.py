"""Rude words out of their disguises: set apart, starred, in digits, held down, misspelt.

Everything here takes any `str`, and linear time.
"""

import re
from functools import cache, partial
from math import inf

from moderation.signals import Span, WordList
from moderation.signals.disguises import Disguises, piece_in
from worker.common_english import COMMON
from worker.scorers.pictures import spoken
from worker.scorers.rude_words import ALSO_WORDS, halves, meant_by, rude_words


def undisguised(text: str) -> str:
    """The text with what was spelled out, dotted, starred, stretched, swapped or written in digits
    put back: `1d10t`, `i.d.i.o.t`, `id*ot`, `idiooot`, `idoit` as `idiot`; insulting emoji said in
    words. Addresses stay as they are.

    A guess: `k1tten` comes out as another word. Good for one more reading, never for the only one.
    """
    if _ADDRESS.search(text) is None:
        return _undisguised(text)
    parts: list[str] = []
    end = 0
    for address in _ADDRESS.finditer(text):
        parts += [_undisguised(text[end : address.start()]), address.group()]
        end = address.end()
    return "".join([*parts, _undisguised(text[end:])])


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w+")


def _undisguised(text: str) -> str:
    text = _SPELLED.sub(_joined, spoken(text))
    text = _revealed(_STARS.sub(_unstarred, text))
    text = _CODED.sub(_decoded, text)
    text = _MIXED.sub(partial(_in_letters, shouted=text.isupper()), text)
    text = _STRETCHED_WORD.sub(_unstretched, text)
    return _corrected(_RUN_ON.sub(_parted, text))


@cache
def _rude() -> frozenset[str]:
    return frozenset(rude_words())


@cache
def _known() -> frozenset[str]:
    return COMMON | _rude()


# --- letters set apart ----------------------------------------------------------------------

_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_SPELLED = re.compile(
    r"(?<!\w)([^\W_]|[@$!])([^\w\n@$!]{1,3}|_|\n)(?:[^\W_]|[@$!])(?:\2(?:[^\W_]|[@$!]))+(?!\w)"
)
"""Three or more single letters with the same signs between them: `i d i o t`, `i.d.1.o.t`."""

_LONGEST = 14
"""Letters of the longest word that is looked for in a run of them."""
_SENTENCE = 7
"""So many letters are cut into words, rude or not, where they can be; USA is no "us a"."""


def _joined(found: re.Match[str]) -> str:
    written = found.group()[:: 1 + len(found.group(2))]
    if not any(map(str.isalpha, written)):
        return found.group()
    letters = written if written.isalpha() else written.translate(_LOOKALIKES)
    words = _words_in(letters)
    if any(word.lower() in _rude() for word in words):
        return " ".join(words)
    if not written.isalpha():
        return found.group()  # a list of numbers, moves, coordinates
    return " ".join(words) if words and len(letters) >= _SENTENCE else letters


def _words_in(letters: str) -> list[str]:
    """The fewest known words that these letters are with nothing left over; else none."""
    lower = letters.lower()
    counts, starts = [0.0], [0]
    for end in range(1, len(letters) + 1):
        cuts = [
            (counts[start] + 1, start)
            for start in range(max(0, end - _LONGEST), end)
            if lower[start:end] in _known()
        ]
        count, start = min(cuts, default=(inf, 0))
        counts.append(count)
        starts.append(start)
    words: list[str] = []
    end = len(letters) if counts[-1] < inf else 0
    while end:
        words.append(letters[starts[end] : end])
        end = starts[end]
    return words[::-1]


# The letters that make flags in pairs. Set apart, or where no country has them, letters are seen.
_FLAG_LETTERS = {0x1F1E6 + nth: ord("a") + nth for nth in range(26)} | {ord(" "): None}
_FLAGS = re.compile("(?<! ) *[\U0001f1e6-\U0001f1ff](?: ?[\U0001f1e6-\U0001f1ff]){2,} *")


def out_of_flags(text: str) -> str:
    """The text with rude words that are spelled in flags written in letters."""
    return _FLAGS.sub(_out_of_flags, text)


def _out_of_flags(found: re.Match[str]) -> str:
    """The words that they spell where one of them is rude; else the flags that they are."""
    words = _words_in(found.group().translate(_FLAG_LETTERS))
    rude = any(word in _rude() for word in words)
    return f" {' '.join(words)} " if rude else found.group()


# --- stars ----------------------------------------------------------------------------------

_STARS = re.compile(r"(?<![\w*#])([A-Za-z]+)([*#])(\2{2,})([A-Za-z]*)(?![\w*#])")
_NEWSPAPER = {
    ("f", 4): "fuck",
    ("s", 4): "shit",
    ("c", 4): "cunt",
    ("b", 5): "bitch",
    ("f", 6): "fucker",
    ("w", 6): "wanker",
    ("f", 7): "fucking",
    ("a", 7): "asshole",
    ("b", 7): "bastard",
}
"""What is printed as one letter and stars, by that letter and the length."""


def _unstarred(found: re.Match[str]) -> str:
    stars, first, last = found.group(), found.group(1), found.group(4).lower()
    if not last:  # of other capitals and stars, somebody's name is made
        told = len(first) == 1 and (first.islower() or first in "FS")
        return _NEWSPAPER.get((first.lower(), len(stars)), stars) if told else stars
    same = (word for word in rude_words() if len(word) == len(stars) and word.endswith(last))
    return next((word for word in same if word.startswith(first.lower())), stars)


# --- signs inside a word, letters held down ---------------------------------------------------

_APOSTROPHE = re.compile(r"[A-Za-z]*['’][A-Za-z]*['’]?")
"""`he'll` is no hell, and quotation marks disguise nothing."""


@cache
def _disguises() -> Disguises:
    # A list for each word, so that what is found says which word it is.
    return Disguises([WordList(word, "en", (word,)) for word in rude_words()])


def _revealed(text: str) -> str:
    """The text with its disguised rude words as they are written plainly."""
    pattern = piece_in(text)
    found = _disguises().find(text, set(pattern.findall(text)), pattern, None)
    hits = sorted(((span, words.name) for words, span in found), key=_longest_first)
    parts: list[str] = []
    end = 0
    for (start, last), word in hits:
        piece = text[start:last]
        innocent = piece.lower() in _innocent() or _APOSTROPHE.fullmatch(piece)
        if start >= end and not innocent:
            parts += [text[end:start], word.upper() if piece.isupper() else word]
            end = last
    return "".join([*parts, text[end:]])


@cache
def _innocent() -> frozenset[str]:
    """What is no disguise: "as" is none for a footnote's star, nor a rude word for itself."""
    return _known() | ALSO_WORDS


def _longest_first(hit: tuple[Span, str]) -> tuple[int, int]:
    """Of what begins in one place."""
    (start, last), _ = hit
    return start, -last


# What a word must have is looked for from its beginning alone: from each of 100,000 letters or
# digits in a row it would take minutes.
_CODED = re.compile(r"(?<![\w@$!])(?=[A-Za-z]*[\d@$!])[\w@$!]{4,14}(?![\w@$])", re.ASCII)
_MIXED = re.compile(r"(?<![\w@$])(?=[A-Za-z_]*[\d@$])[\w$][\w@$]*", re.ASCII)
_STRETCHED_WORD = re.compile(r"(?<![A-Za-z])(?=[A-Za-z]*?([A-Za-z])\1\1)[A-Za-z]+")
_NUMBER = re.compile(r"[A-Z]*\d{2,}|\d+[A-Za-z]{1,3}$")
_LETTER = re.compile(r"[A-Za-z]")
_STRETCHED = re.compile(r"([A-Za-z])\1{2,}")
_RUN_ON = re.compile(r"[^\W\d_]{25,}")


def _decoded(found: re.Match[str]) -> str:
    """Digits and signs as letters where that makes a rude word, however few letters it has."""
    written = found.group()
    read = written.translate(_LOOKALIKES)
    coded = not written.isalpha() and _LETTER.search(written) and read.lower() in _rude()
    return read if coded else written


def _in_letters(found: re.Match[str], *, shouted: bool) -> str:
    """Digits and signs as letters in whatever word has two letters of its own."""
    written = found.group()
    word = written.rstrip("0123456789_@$")
    innocent = word.isalpha() or _NUMBER.match(word) or (word.isupper() and not shouted)
    if innocent or len(_LETTER.findall(word)) < 2:
        return written  # H1N1 is no word
    return word.translate(_LOOKALIKES) + written[len(word) :]


def _unstretched(found: re.Match[str]) -> str:
    """With one letter for three and more, or two where that makes a word that is known."""
    word = found.group()
    if len(set(word)) == 1:
        return word  # www, III
    double = _STRETCHED.sub(r"\1\1", word)
    return double if double.lower() in _known() else _STRETCHED.sub(r"\1", word)


def _parted(found: re.Match[str]) -> str:
    """What is too long to be a word, with blanks around the rude words in it.

    A tokenizer gives up on a word of more than a hundred letters, and sees nothing at all.
    """
    return _inside().sub(r" \g<0> ", found.group())


@cache
def _inside() -> re.Pattern[str]:
    longest_first = sorted(filter(lambda word: len(word) >= 4, rude_words()), key=len, reverse=True)
    return re.compile("|".join(longest_first), re.IGNORECASE)


# --- misspelt words -------------------------------------------------------------------------

_PLAIN_WORD = re.compile(r"(?<![\w'’])[A-Za-z]{2,}(?![\w'’])")
_ACRONYM = 4
"""Letters of the longest capitals that may be one: FCK is a club."""


def _corrected(text: str) -> str:
    """With letters that changed places, vowels left out and words torn in two put right."""
    words = set(_PLAIN_WORD.findall(text.lower()))
    meant, torn = meant_by(), halves()
    if words.isdisjoint(meant) and words.isdisjoint(torn):
        return text
    shouted = text.isupper()
    parts: list[str] = []
    end = 0
    before: tuple[str, int, int] = ("", 0, -2)
    for found in _PLAIN_WORD.finditer(text):
        written, (start, last) = found.group(), found.span()
        word = written.lower()
        if start == before[2] + 1 and text[before[2]] == " " and word in torn.get(before[0], ()):
            parts += [text[end : before[1]], before[0] + word]
            end = last
        elif word in meant and (shouted or len(word) > _ACRONYM or not written.isupper()):
            parts += [text[end:start], meant[word]]
            end = last
        before = (word, start, last) if end < last else ("", 0, -2)
    return "".join([*parts, text[end:]])
