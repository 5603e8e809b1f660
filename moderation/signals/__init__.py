"""What can be found in a comment without a model. Pure: no database, no model, no clock.

Everything here takes any `str`, lone surrogates and control characters included, and works in
time linear in the text.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from moderation.signals.contact import links, personal_data
from moderation.signals.kinds import PersonalData, Signal, SignalKind, Span, WordList
from moderation.signals.quotes import quoted_spans, split_quoted
from moderation.signals.repeats import fingerprint, repeat, similarity
from moderation.signals.tone import NO_LETTERS, shouting, unreadable
from moderation.signals.words import get_to_know, listed_words

__all__ = [
    "NO_LETTERS",
    "PersonalData",
    "Signal",
    "SignalKind",
    "Span",
    "WordList",
    "collect",
    "fingerprint",
    "get_to_know",
    "quoted_spans",
    "similarity",
    "split_quoted",
]


class WithWordLists(Protocol):
    """A policy, as far as signals need one."""

    @property
    def word_lists(self) -> tuple[WordList, ...]: ...


def collect(
    text: str,
    *,
    policy: WithWordLists | None,
    language: str | None,
    readable: Collection[str],
    earlier: Sequence[str],
    parent: str | None = None,
) -> tuple[Signal, ...]:
    """Everything found in a comment.

    `language` is the detected one (None: cannot tell), `readable` those that the model and the
    site's moderators read, `earlier` texts that this one may repeat, `parent` the text of the
    comment that it answers. Words quoted from the parent are never an exact match, and count
    neither as shouting nor as a repeat. All spans are offsets into `text` as written.
    """
    quoted = quoted_spans(text, parent)
    own = split_quoted(text, parent)[0] if quoted else text
    return (
        *listed_words(text, policy.word_lists if policy else (), language, quoted),
        *links(text),
        *personal_data(text),
        *repeat(own, earlier),
        *shouting(own),
        *unreadable(text, language, readable),
    )
