"""The ways a reader may read a text: as written, plainly, and with its disguises undone.

A scorer scores every reading and keeps the worst, so that a disguise can only raise a score.
"""

from moderation.folding import normalise
from worker.scorers.pictures import without_harmless
from worker.scorers.undisguised import out_of_flags, undisguised


def readings(text: str) -> list[str]:
    """One to three different texts, the text as written first, but for its harmless emoji.

    What cannot be written as UTF-8 (a lone surrogate) becomes a question mark.
    """
    written = without_harmless(text.encode("utf-8", "replace").decode("utf-8"))
    plain = normalise(text)
    spelled = without_harmless(out_of_flags(plain))
    return list(dict.fromkeys((written, without_harmless(plain), undisguised(spelled))))
