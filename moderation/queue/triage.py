"""What the queue sorts and filters a held comment by: worked out once, when it is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from moderation.models import HELD_FOR_MAX, Urgency
from moderation.policy import Verdict

THREAT = "threat"
"""The attribute whose comments go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Where a held comment stands in the queue: values of its row (`models.Comment`)."""

    urgency: Urgency = Urgency.LIVE
    worst: float = 0.0
    held_for: str = ""


UNSORTED = Triage()
"""Of a comment that is not held: nobody looks for it in the queue."""


def triage(
    verdict: Verdict,
    *,
    scores: Mapping[str, float] | None,
    language: str | None,
    flags: int,
    story_open: bool,
) -> Triage:
    """Sort a comment that is held for this verdict.

    `scores` are attribute to 0..1, None where the model failed; `language` as it was detected;
    `flags` counts readers.
    """
    if any(violation.attribute == THREAT for violation in verdict.violations):
        urgency = Urgency.THREAT
    elif flags:
        urgency = Urgency.REPORTED
    else:
        urgency = Urgency.LIVE if story_open else Urgency.REST
    found = [score for score in (scores or {}).values() if isfinite(score)]
    return Triage(
        urgency=urgency,
        worst=max(found, default=0.0),
        held_for=_marks(verdict, language),
    )


def mark(kind: str, value: str) -> str:
    """One entry of `Comment.held_for`, with the spaces that set it apart."""
    return f" {kind}:{value} "


def _marks(verdict: Verdict, language: str | None) -> str:
    """Every clause that is broken, every signal and reason that it is held for, the language. What
    there is no room for is left out from the end, each mark as a whole: comments without a language
    are dealt to everybody, those with half of one would be to nobody."""
    marks = [f"clause:{violation.clause}" for violation in verdict.violations]
    marks += [f"signal:{v.signal}" for v in verdict.violations if v.signal]
    marks += [f"signal:{reason}" for reason in verdict.reasons]
    if language:
        marks.append(f"language:{language}")
    said = f" {' '.join(dict.fromkeys(marks))} " if marks else ""
    return said if len(said) <= HELD_FOR_MAX else said[: said.rindex(" ", 0, HELD_FOR_MAX) + 1]
