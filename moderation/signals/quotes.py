"""Telling a commenter's own words from those they quote."""

import re
from collections.abc import Iterator

from moderation.signals.kinds import Span

_QUOTED_LINE = re.compile(r"^[ \t]*>[^\n]*\n?", re.MULTILINE)
_WORD = re.compile(r"[^\W_]+")

RUN = 6
"""So many words in a row, the same as in the parent, are a quotation and no coincidence."""


def quoted_spans(text: str, parent: str | None) -> tuple[Span, ...]:
    """Where somebody else is quoted: lines beginning with `>`, and long runs from the parent.

    Empty where nothing of the commenter's own would be left: then the whole text is theirs, so
    that nobody speaks through quotation marks alone.
    """
    spans = [match.span() for match in _QUOTED_LINE.finditer(text)] if ">" in text else []
    spans += _runs(text, parent or "")
    if not spans:
        return ()
    spans = _merged(spans)
    own = _without(text, spans)
    return tuple(spans) if any(character.isalnum() for character in own) else ()


def split_quoted(text: str, parent: str | None) -> tuple[str, str]:
    """The commenter's own words and the quoted ones. Without quotations: the text, and "".

    What comes between two quotations stays apart from the rest by a line break.
    """
    spans = quoted_spans(text, parent)
    if not spans:
        return text, ""
    quoted = "\n".join(text[start:end].strip("\n") for start, end in spans)
    return _without(text, list(spans)).strip(), quoted


def _without(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts.append(text[at:start])
        at = end
    parts.append(text[at:])
    return "\n".join(part for part in parts if part)


def _runs(text: str, parent: str) -> list[Span]:
    """Runs of `RUN` or more words that stand in the parent in the same order."""
    theirs = [match.group().casefold() for match in _WORD.finditer(parent)]
    if len(theirs) < RUN:
        return []
    known = set(_neighbours(theirs))
    words = list(_WORD.finditer(text))
    runs = _neighbours([match.group().casefold() for match in words])
    return [
        (words[at].start(), words[at + RUN - 1].end())
        for at, run in enumerate(runs)
        if run in known
    ]


def _neighbours(words: list[str]) -> Iterator[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(RUN)), strict=False)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
