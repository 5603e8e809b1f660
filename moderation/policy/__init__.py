"""A site's discussion policy: what it is made of, how its file is read, what it says of a comment.

Pure: no database, no model, no clock; the standard library only.
"""

from moderation.policy.differences import Line, differences
from moderation.policy.evaluate import Evidence, evaluate
from moderation.policy.reading import parse
from moderation.policy.rules import (
    FAILURES,
    NO_POLICY,
    Clause,
    Condition,
    FlagsAtLeast,
    HasPersonalData,
    LanguageRule,
    LinksOver,
    Mode,
    Outcome,
    Override,
    Policy,
    PolicyError,
    Problem,
    Reason,
    RepeatAtLeast,
    Rule,
    ScoreAtLeast,
    ShoutingAtLeast,
    Standing,
    StandingIs,
    Verdict,
    Violation,
    Words,
)
from moderation.policy.toml import MAX_SOURCE_BYTES

__all__ = [
    "FAILURES",
    "MAX_SOURCE_BYTES",
    "NO_POLICY",
    "Clause",
    "Condition",
    "Evidence",
    "FlagsAtLeast",
    "HasPersonalData",
    "LanguageRule",
    "Line",
    "LinksOver",
    "Mode",
    "Outcome",
    "Override",
    "Policy",
    "PolicyError",
    "Problem",
    "Reason",
    "RepeatAtLeast",
    "Rule",
    "ScoreAtLeast",
    "ShoutingAtLeast",
    "Standing",
    "StandingIs",
    "Verdict",
    "Violation",
    "Words",
    "differences",
    "evaluate",
    "parse",
]
