"""Readers of other systems' exports: each a stream of frozen records from a file. Pure.

None of them keeps what it has read, so that a file may be of any length, and none of them hands on
an e-mail address or a network address.
"""

from moderation.imports.records import (
    Block,
    Brought,
    BroughtStory,
    LeftOut,
    Record,
    Stood,
    Unreadable,
    Why,
)

__all__ = [
    "Block",
    "Brought",
    "BroughtStory",
    "LeftOut",
    "Record",
    "Stood",
    "Unreadable",
    "Why",
]
