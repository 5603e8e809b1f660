"""The ways a reader may read a text: as written, plainly, and with its disguises undone.

A scorer scores every reading and keeps the worst, so that a disguise can only raise a score.
"""

import re
from functools import cache, partial
from math import inf

from moderation.folding import Script, fold_normalised, normalise, script_of
from moderation.signals.disguises import Disguises, piece_in
from moderation.signals.kinds import WordList
from worker.common_english import SHARED, UNMISTAKABLE
from worker.scorers.pictures import spoken, without_harmless
from worker.scorers.rude_words import ALSO_WORDS, halves, meant_by, rude_words

_SPELLED = re.compile(
    r"(?<!\w)([^\W_]|[@$!])([^\w\n@$!]{1,3}|_|\n)(?:[^\W_]|[@$!])(?:\2(?:[^\W_]|[@$!]))+(?!\w)"
)
"""Three or more single letters with the same signs between them: `i d i o t`, `i.d.1.o.t`."""

# Not "and a letter at its end": looked for from each of 100,000 digits in a row, that takes minutes.
_WORD = re.compile(r"[\w@$!]+", re.ASCII)
_LETTER = re.compile(r"[A-Za-z]")
_SIGNS = "0123456789_@$!"
_LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
_CODED = re.compile(r"(?<![\w@$!.,])[\w@$!]{4,14}(?![\w@$])", re.ASCII)
_NUMBER = re.compile(r"[A-Z]*\d{2,}|\d+[A-Za-z]{1,3}$")
_STRETCHED = re.compile(r"([A-Za-z])\1{2,}")
_PLAIN_WORD = re.compile(r"[A-Za-z]{3,}")
_RUN_ON = re.compile(r"[^\W\d_]{25,}")
_LETTERS = re.compile(r"(?<![\w'’])[A-Za-z]{2,}(?![\w'’])")
_APOSTROPHE = re.compile(r"[A-Za-z]*['’][A-Za-z]*['’]?")
"""`he'll` is no hell, and quotation marks disguise nothing."""

_STARS = re.compile(r"(?<![\w*#])([A-Za-z]+)([*#])(\2{2,})([A-Za-z]*)(?![\w*#])")
_STARRED = {
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
"""What newspapers print as one letter and stars, by that letter and the length. A capital and stars
may be somebody's name."""


def readings(text: str) -> list[str]:
    """One to three different texts, the text as written first, but for its harmless emoji.

    What cannot be written as UTF-8 (a lone surrogate) becomes a question mark.
    """
    written = without_harmless(text.encode("utf-8", "replace").decode("utf-8"))
    plain = without_harmless(normalise(text))
    return list(dict.fromkeys((written, plain, undisguised(plain))))


def undisguised(text: str) -> str:
    """The text with what was spelled out, dotted, starred, stretched, swapped or written in digits
    put back: `1d10t`, `i.d.i.o.t`, `id*ot`, `idiooot`, `idoit` as `idiot`; insulting emoji in words.

    A guess: `B2B` may come out as another word. Good for one more reading, never for the only one.
    """
    if not text.isascii() and _is_disguised_latin(text):
        text = fold_normalised(text, None)
    text = _SPELLED.sub(_joined, spoken(text))
    text = _revealed(_STARS.sub(_unstarred, text))
    text = _RUN_ON.sub(_parted, _CODED.sub(_decoded, text))
    text = _WORD.sub(partial(_in_letters, shouted=text.isupper()), text)
    if _STRETCHED.search(text):
        text = _PLAIN_WORD.sub(_unstretched, text)
    return _corrected(text)


def _is_disguised_latin(text: str) -> bool:
    """Whether most letters are Latin and some of another alphabet that passes for it."""
    scripts = [script for script in map(script_of, text) if script is not None]
    others = set(scripts) & {Script.CYRILLIC, Script.GREEK, Script.ARMENIAN}
    return bool(others) and 2 * scripts.count(Script.LATIN) > len(scripts)


def _joined(found: re.Match[str]) -> str:
    written = found.group()[:: 1 + len(found.group(2))]
    if not any(map(str.isalpha, written)):
        return found.group()
    letters = written if written.isalpha() else written.translate(_LOOKALIKES)
    words = _words_in(letters)
    if any(word.lower() in _rude() for word in words):
        return " ".join(words)
    if not written.isalpha():
        return found.group()  # coordinates, moves, a list of numbers
    return " ".join(words) if words and len(letters) >= _SENTENCE else letters


_SENTENCE = 7
"""Letters, from which on spaced ones are cut into words where they can be; USA is not "us a"."""


def _words_in(letters: str) -> list[str]:
    """The fewest words that these letters are when nothing is left over; else none."""
    known, lower = _known(), letters.lower()
    counts, starts = [0.0], [0]
    for end in range(1, len(letters) + 1):
        cuts = [
            (counts[start] + 1, start)
            for start in range(max(0, end - _LONGEST), end)
            if lower[start:end] in known
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


_LONGEST = 14
"""Letters of the longest word that is looked for."""


@cache
def _rude() -> frozenset[str]:
    return frozenset(rude_words())


@cache
def _known() -> frozenset[str]:
    return UNMISTAKABLE | SHARED | _rude()


@cache
def _inside() -> re.Pattern[str]:
    longest_first = sorted(filter(lambda word: len(word) >= 4, rude_words()), key=len, reverse=True)
    return re.compile("|".join(longest_first), re.IGNORECASE)


@cache
def _disguises() -> Disguises:
    # A list for each word, so that what is found says which word it is.
    return Disguises([WordList(word, "en", (word,)) for word in rude_words()])


def _revealed(text: str) -> str:
    """The text with its disguised rude words as they are written plainly."""
    pattern = piece_in(text)
    found = _disguises().find(text, set(pattern.findall(text)), pattern, None)
    parts: list[str] = []
    end = 0
    for start, last, word in sorted(
        ((*span, words.name) for words, span in found), key=lambda hit: (hit[0], -hit[1])
    ):
        piece = text[start:last]
        innocent = piece.lower() in ALSO_WORDS or _APOSTROPHE.fullmatch(piece)
        if start < end or innocent or piece.lower() == word:
            continue
        parts += [text[end:start], word.upper() if piece.isupper() else word]
        end = last
    return "".join([*parts, text[end:]])


def _unstarred(found: re.Match[str]) -> str:
    stars = found.group()
    first, last, length = found.group(1), found.group(4), len(stars)
    if not last:
        short = len(first) == 1 and (first.islower() or first in "FS")
        return _STARRED.get((first.lower(), length), stars) if short else stars
    first, last = first.lower(), last.lower()
    fits = (word for word in rude_words() if len(word) == length and word.startswith(first))
    return next((word for word in fits if word.endswith(last)), stars)


def _decoded(found: re.Match[str]) -> str:
    """Digits and signs read as letters where that makes a rude word, however few letters it has."""
    word = found.group()
    read = word.translate(_LOOKALIKES).lower()
    return read if read in _rude() and not word.isalpha() and _LETTER.search(word) else word


def _parted(found: re.Match[str]) -> str:
    """What is too long to be a word, with blanks around the rude words in it.

    A tokenizer gives up on a word of more than a hundred letters, and sees nothing at all.
    """
    return _inside().sub(r" \g<0> ", found.group())


def _in_letters(found: re.Match[str], *, shouted: bool) -> str:
    written = found.group()
    word = written.rstrip(_SIGNS)
    if word.isalpha() or _NUMBER.match(word) or (word.isupper() and not shouted):
        return written  # H1N1 is no word
    if len(_LETTER.findall(word)) < 2:
        return written
    return word.translate(_LOOKALIKES) + written[len(word) :]


def _decoded(found: re.Match[str]) -> str:
    """Digits and signs read as letters where that makes a rude word, however few letters it has."""
    word = found.group()
    read = word.translate(_LOOKALIKES).lower()
    return read if read in _rude() and not word.isalpha() and _LETTER.search(word) else word


def _parted(found: re.Match[str]) -> str:
    """What is too long to be a word, with blanks around the rude words in it.

    A tokenizer gives up on a word of more than a hundred letters, and sees nothing at all.
    """
    return _inside().sub(r" \g<0> ", found.group())


def _in_letters(found: re.Match[str], *, shouted: bool) -> str:
    word = found.group()
    if word.isalpha() or _NUMBER.match(word) or (word.isupper() and not shouted):
        return word  # H1N1 is no word
    if len(_LETTER.findall(word)) < 2:
        return word
    return word.translate(_LOOKALIKES)


def _unstretched(found: re.Match[str]) -> str:
    """With one letter for three and more, or two where that makes a word that is known."""
    single, double = (_STRETCHED.sub(by, found.group()) for by in (r"\1", r"\1\1"))
    known = _known()
    return single if single.lower() in known or double.lower() not in known else double


def _corrected(text: str) -> str:
    """With letters that changed places, vowels left out and words torn in two put right."""
    meant, torn, shouted = meant_by(), halves(), text.isupper()
    parts: list[str] = []
    end = 0
    before: re.Match[str] | None = None
    for found in _LETTERS.finditer(text):
        word = found.group().lower()
        start, right = found.start(), meant.get(word)
        if right is None and before and start == before.end() + 1 and text[start - 1] == " ":
            if (before.group().lower(), word) in torn and before.start() >= end:
                start, right = before.start(), before.group().lower() + word
        if right is not None and (len(word) > 4 or shouted or not found.group().isupper()):
            parts += [text[end:start], right]
            end = found.end()
        before = found
    return "".join([*parts, text[end:]])

