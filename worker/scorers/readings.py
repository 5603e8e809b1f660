"""The ways a reader may read a text: as written, plainly, and with its disguises undone.

A scorer scores every reading and keeps the worst, so that a disguise can only raise a score.
"""

import re

from moderation.folding import normalise

_SPELLED = re.compile(r"(?<!\w)[^\W\d_](?:([ .\-_*])[^\W\d_])(?:\1[^\W\d_])+(?!\w)")
"""Three or more single letters with the same sign between them: `i d i o t`, `i.d.i.o.t`."""

_WORD = re.compile(r"[\w@$!]*[A-Za-z][\w@$!]*[A-Za-z]", re.ASCII)
_LOOKALIKES = str.maketrans("01345@$!", "oieasasi")
_NUMBER = re.compile(r"[A-Z]*\d{2,}|\d+(?:st|nd|rd|th|[a-z]{1,2})$")
_STRETCHED = re.compile(r"([A-Za-z])\1{2,}")


def readings(text: str) -> list[str]:
    """One to three different texts, the text as written first.

    What cannot be written as UTF-8 (a lone surrogate) becomes a question mark.
    """
    written = text.encode("utf-8", "replace").decode("utf-8")
    plain = normalise(text)
    return list(dict.fromkeys((written, plain, undisguised(plain))))


def undisguised(text: str) -> str:
    """The text with spelled-out, digit-for-letter and stretched words put back: `1d1ot` as `idiot`.

    A guess: `B2B` may come out as another word. Good for one more reading, never for the only one.
    """
    text = _SPELLED.sub(lambda found: found.group().replace(found.group(1), ""), text)
    return _STRETCHED.sub(r"\1", _WORD.sub(_letters, text))


def _letters(found: re.Match[str]) -> str:
    word = found.group()
    if word.isalpha() or _NUMBER.match(word):
        return word
    return word.translate(_LOOKALIKES)
