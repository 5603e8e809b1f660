"""What a policy is made of, and what it says of a comment. Values only."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import total_ordering

from moderation.signals import PersonalData, Span, WordList


@total_ordering
class Outcome(Enum):
    """What a policy wants done with a comment, mildest first; they compare in that order."""

    APPROVE = "approve"
    HOLD = "hold"
    BLOCK = "block"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        order = list(Outcome)
        return order.index(self) < order.index(other)


class Mode(StrEnum):
    """How a site publishes."""

    PUBLISH_UNLESS_HELD = "publish-unless-held"
    HOLD_EVERYTHING = "hold-everything"
    SHADOW = "shadow"
    """The verdict is reached and recorded in full; acting on it is left out by the caller."""


class Standing(StrEnum):
    """What a site knows of a commenter."""

    NEW = "new"
    REGULAR = "regular"
    TRUSTED = "trusted"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a policy: `where` is a key path (`clauses[1].rules[0].hold`) or a line."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class PolicyError(ValueError):
    """A policy that cannot be posted, with everything that is wrong with it."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems: list[Problem] = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


# --- conditions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoreAtLeast:
    """A model's score for an attribute; fires from `hold` on, blocks from `block` on."""

    attribute: str
    hold: float
    block: float | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Any listed word. `name` is what the signals of these lists are labelled with."""

    name: str
    lists: tuple[WordList, ...]


@dataclass(frozen=True, slots=True)
class LinksOver:
    """More than `count` links."""

    count: int


@dataclass(frozen=True, slots=True)
class RepeatAtLeast:
    """At least this alike to an earlier comment, 0.5 to 1."""

    likeness: float


@dataclass(frozen=True, slots=True)
class ShoutingAtLeast:
    """At least this share of capitals, 0.3 to 1."""

    share: float


@dataclass(frozen=True, slots=True)
class HasPersonalData:
    """Any of these kinds."""

    kinds: tuple[PersonalData, ...]


@dataclass(frozen=True, slots=True)
class StandingIs:
    """Whatever commenters of these standings write."""

    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class FlagsAtLeast:
    """At least this many readers reported it."""

    count: int


Condition = (
    ScoreAtLeast
    | Words
    | LinksOver
    | RepeatAtLeast
    | ShoutingAtLeast
    | HasPersonalData
    | StandingIs
    | FlagsAtLeast
)


# --- the policy -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires when every condition holds, for commenters of `standings` (empty: for everyone).

    `outcome` is the strictest that it may have; a rule with a score reaches `BLOCK` only where
    the score reaches its own `block`, one with words only on an exact match. One that only
    watches (`watch`) is recorded when it fires, and decides nothing.
    """

    key: str
    conditions: tuple[Condition, ...]
    outcome: Outcome = Outcome.HOLD
    standings: tuple[Standing, ...] = ()
    watch: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph of the posted policy. `key` is stable across versions."""

    key: str
    title: str
    text: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class LanguageRule:
    """What happens to text that the model cannot read. The first one that matches counts.

    `languages` are codes, `unknown` (cannot tell), `no-letters`, or `*`; `standings` empty: all.
    """

    languages: tuple[str, ...]
    publish: bool
    standings: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """Tightens the policy for one section or one story. `thresholds` replace `hold` where lower."""

    section: str | None = None
    story: str | None = None
    hold_everything: bool = False
    thresholds: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """As a decision quotes it: `section:Obituaries` or `story:2024-0117`."""
        return f"story:{self.story}" if self.story is not None else f"section:{self.section}"

    def applies(self, section: str, story: str) -> bool:
        """Stories by their exact external id, sections without regard to case."""
        if self.story is not None:
            return self.story == story
        return (self.section or "").casefold().strip() == section.casefold().strip()


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's discussion policy, as parsed from its file."""

    title: str
    text: str
    clauses: tuple[Clause, ...]
    language: str | None = None
    languages: tuple[LanguageRule, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def word_lists(self) -> tuple[WordList, ...]:
        """Every word list of every rule."""
        return tuple(
            words
            for clause in self.clauses
            for rule in clause.rules
            for condition in rule.conditions
            if isinstance(condition, Words)
            for words in condition.lists
        )

    @property
    def attributes(self) -> frozenset[str]:
        """Every attribute that a rule or an override names."""
        return frozenset(attribute for _, attribute in self._named())

    @property
    def holds(self) -> dict[str, float]:
        """By attribute the score from which on a comment is held, whoever writes it and whatever
        else is in it. An attribute that no rule looks at alone, or only watches, is absent.
        """
        lowest: dict[str, float] = {}
        for rule in (rule for clause in self.clauses for rule in clause.rules):
            match rule:
                case Rule(conditions=(ScoreAtLeast(attribute, hold),), standings=(), watch=False):
                    lowest[attribute] = min(hold, lowest.get(attribute, hold))
        return lowest

    @property
    def clause_keys(self) -> frozenset[str]:
        """The keys of all clauses."""
        return frozenset(clause.key for clause in self.clauses)

    def clause(self, key: str) -> Clause | None:
        """The clause with this key."""
        return next((clause for clause in self.clauses if clause.key == key), None)

    def check(self, attributes: Collection[str]) -> list[Problem]:
        """The rules that ask for an attribute which the model does not declare."""
        known = ", ".join(sorted(attributes)) or "none"
        return [
            Problem(where, f"the model does not score {attribute!r} (it scores: {known})")
            for where, attribute in self._named()
            if attribute not in attributes
        ]

    def _named(self) -> Iterator[tuple[str, str]]:
        for c, clause in enumerate(self.clauses):
            for r, rule in enumerate(clause.rules):
                for n, condition in enumerate(rule.conditions):
                    if isinstance(condition, ScoreAtLeast):
                        inner = f".all[{n}]" if len(rule.conditions) > 1 else ""
                        yield f"clauses[{c}].rules[{r}]{inner}.attribute", condition.attribute
        for o, override in enumerate(self.overrides):
            for attribute, _ in override.thresholds:
                yield f"overrides[{o}].thresholds.{attribute}", attribute


# --- what a policy says of a comment --------------------------------------------------------


class Reason(StrEnum):
    """Why a comment is held beside any clause that it breaks."""

    MODEL_FAILED = "model-failed"
    JUDGING_FAILED = "judging-failed"
    MISSING_SCORE = "missing-score"
    TEXT_CUT = "text-cut"
    LANGUAGE_UNREADABLE = "language-unreadable"
    NO_LETTERS = "no-letters"
    HOLD_EVERYTHING = "hold-everything"
    NO_POLICY = "no-policy"


FAILURES = frozenset({Reason.MODEL_FAILED, Reason.JUDGING_FAILED, Reason.MISSING_SCORE})
"""Reasons that may be gone the next time: such a comment may be judged again."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that fired, in numbers, keys and offsets: never the words.

    `score` and `threshold` are the attribute's, or the signal's value and the rule's limit.
    `signal` is a `SignalKind` value, `standing` or `flags`. `detail` is `quoted` where the words
    were somebody else's; for listed words `exact`, `folded`, or `quoted` if all of them were; for
    personal data the kinds, with commas; for a standing that standing.
    """

    clause: str
    rule: str
    outcome: Outcome
    attribute: str | None = None
    score: float | None = None
    threshold: float | None = None
    signal: str | None = None
    spans: tuple[Span, ...] = ()
    detail: str | None = None

    def as_json(self) -> dict[str, object]:
        """Plain values, as stored and as the API answers."""
        return {
            "clause": self.clause,
            "rule": self.rule,
            "outcome": self.outcome.value,
            "attribute": self.attribute,
            "score": self.score,
            "threshold": self.threshold,
            "signal": self.signal,
            "spans": [list(span) for span in self.spans],
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Violation":
        """The violation that `as_json` wrote. TypeError, ValueError or KeyError for others."""
        spans = stored.get("spans") or []
        if not isinstance(spans, list):
            raise TypeError("spans is not a list")
        return cls(
            clause=str(stored["clause"]),
            rule=str(stored["rule"]),
            outcome=Outcome(stored["outcome"]),
            attribute=_text(stored.get("attribute")),
            score=_number(stored.get("score")),
            threshold=_number(stored.get("threshold")),
            signal=_text(stored.get("signal")),
            spans=tuple((int(start), int(end)) for start, end in spans),
            detail=_text(stored.get("detail")),
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    return float(value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of a comment: a value, not yet an act.

    `violations` are in the policy's order. `reasons` hold it beside the clauses (`Reason`, or
    what the caller named as incomplete). `override` names those in force for it. `watched` are the
    rules that fired and only watch, each with the outcome that it would have had.
    """

    outcome: Outcome
    violations: tuple[Violation, ...] = ()
    reasons: tuple[str, ...] = ()
    override: str | None = None
    watched: tuple[Violation, ...] = ()

    @property
    def primary(self) -> Violation | None:
        """The strictest violation; among equals the first in the policy."""
        if not self.violations:
            return None
        strictest = max(violation.outcome for violation in self.violations)
        return next(v for v in self.violations if v.outcome is strictest)

    @property
    def failed_only(self) -> bool:
        """Held for nothing but a failure: the one case in which a machine may judge it again."""
        return (
            self.outcome is Outcome.HOLD
            and not self.violations
            and bool(self.reasons)
            and FAILURES.issuperset(self.reasons)
        )

    def as_json(self) -> dict[str, object]:
        """Plain values, as a decision's evidence keeps them."""
        return {
            "outcome": self.outcome.value,
            "violations": [violation.as_json() for violation in self.violations],
            "reasons": [str(reason) for reason in self.reasons],
            "override": self.override,
            # Left out where there are none, as in every row from before rules could watch.
            **({"watched": [one.as_json() for one in self.watched]} if self.watched else {}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Verdict":
        """The verdict that `as_json` wrote. TypeError, ValueError or KeyError for others."""
        violations, reasons = stored.get("violations") or [], stored.get("reasons") or []
        watched = stored.get("watched") or []
        if not (
            isinstance(violations, list) and isinstance(reasons, list) and isinstance(watched, list)
        ):
            raise TypeError("violations, reasons and watched are lists")
        return cls(
            Outcome(stored["outcome"]),
            tuple(Violation.from_json(violation) for violation in violations),
            tuple(str(reason) for reason in reasons),
            _text(stored.get("override")),
            tuple(Violation.from_json(violation) for violation in watched),
        )


NO_POLICY = Verdict(Outcome.HOLD, reasons=(Reason.NO_POLICY,))
"""The verdict at a site that has posted no policy: a person looks at everything."""
