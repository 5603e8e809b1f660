"""Undoing disguises: what a word looks like, as against which code points it is made of.

`normalise` is for the model and changes as little as it can: a reader would not see the
difference. `fold` is for word lists and goes further (case, accents, look-alike letters), which
is why what is found through it may hold a comment and never block it.

Both take any `str`, lone surrogates and control characters included, and work in linear time.
"""

from moderation.folding.normalising import normalise
from moderation.folding.scripts import Script, script_of
from moderation.folding.table import Table
from moderation.folding.unseen import invisible_in, is_invisible, marks_in, without_invisible
from moderation.folding.words import (
    bare,
    fold,
    fold_normalised,
    has_own_letters,
    lower,
    main_script,
)

__all__ = [
    "Script",
    "Table",
    "bare",
    "fold",
    "fold_normalised",
    "has_own_letters",
    "invisible_in",
    "is_invisible",
    "lower",
    "main_script",
    "marks_in",
    "normalise",
    "script_of",
    "without_invisible",
]
