"""What a policy says of a comment, as tables; no database, no model."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.policy import (
    NO_POLICY,
    Evidence,
    Mode,
    Outcome,
    Policy,
    Reason,
    Standing,
    Verdict,
    Violation,
    evaluate,
    parse,
)
from moderation.signals import Signal, SignalKind

PUBLISH = Mode.PUBLISH_UNLESS_HELD


def policy(rules: str, more: str = "") -> Policy:
    """A policy with one clause, `first`, of these rules, and whatever else is wanted."""
    clause = '[[clauses]]\nkey = "first"\ntitle = "First"\ntext = "A clause."\n'
    return parse(f'title = "Policy"\ntext = "Be kind."\n{clause}{rules}\n{more}')


def rule(body: str) -> str:
    return f"[[clauses.rules]]\n{body}\n"


def signal(kind: SignalKind, value: float = 1.0, label: str = "", exact: bool = False) -> Signal:
    return Signal(kind, value, ((3, 8),), exact, label, "en")


def listed(label: str = "first/words", *, exact: bool) -> Signal:
    return signal(SignalKind.LISTED_WORD, label=label, exact=exact)


INSULT = policy(rule('attribute = "insult"\nhold = 0.6\nblock = 0.95'))


@pytest.mark.parametrize(
    ("score", "outcome", "threshold"),
    [
        (0.0, Outcome.APPROVE, None),
        (0.5999, Outcome.APPROVE, None),
        (0.6, Outcome.HOLD, 0.6),
        (0.9499, Outcome.HOLD, 0.6),
        (0.95, Outcome.BLOCK, 0.95),
        (1.0, Outcome.BLOCK, 0.95),
    ],
)
def test_a_score_fires_from_its_threshold_on(
    score: float, outcome: Outcome, threshold: float | None
) -> None:
    verdict = evaluate(INSULT, Evidence({"insult": score, "other": 1.0}), PUBLISH)
    assert verdict.outcome is outcome
    assert [(v.score, v.threshold) for v in verdict.violations] == (
        [] if threshold is None else [(score, threshold)]
    )


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"threat": 0.0},
        {"insult": math.nan},
        {"insult": -0.1},
        {"insult": 1.1},
    ],
)
def test_a_missing_score_holds(scores: Mapping[str, float]) -> None:
    verdict = evaluate(INSULT, Evidence(scores), PUBLISH)
    assert verdict == Verdict(Outcome.HOLD, (), (Reason.MISSING_SCORE,))
    assert verdict.failed_only


def test_a_score_that_no_rule_for_this_commenter_asks_for_may_be_missing() -> None:
    new_only = policy(rule('attribute = "insult"\nhold = 0.6\nstandings = ["new"]'))
    assert evaluate(new_only, Evidence({}, standing=Standing.TRUSTED), PUBLISH).outcome is (
        Outcome.APPROVE
    )
    assert evaluate(new_only, Evidence({}, standing=Standing.NEW), PUBLISH).outcome is Outcome.HOLD


def test_quoted_words_hold_and_never_block() -> None:
    verdict = evaluate(INSULT, Evidence({"insult": 0.1}, {"insult": 0.99}), PUBLISH)
    assert verdict.outcome is Outcome.HOLD
    assert verdict.primary == Violation(
        "first", "insult", Outcome.HOLD, "insult", 0.99, 0.6, detail="quoted"
    )
    assert evaluate(INSULT, Evidence({"insult": 0.1}, {}), PUBLISH).failed_only


def test_a_word_as_listed_in_a_quotation_is_told_as_quoted() -> None:
    disguised = listed(exact=False)
    theirs = replace(disguised, quoted=True)
    for found, detail in [((theirs,), "quoted"), ((theirs, disguised), "folded")]:
        primary = evaluate(WORDS, Evidence({}, signals=found), PUBLISH).primary
        assert primary is not None
        assert (primary.outcome, primary.detail) == (Outcome.HOLD, detail)


WORDS = policy(rule('words = {en = ["scum"]}\noutcome = "block"'))
WORDS_HOLDING = policy(rule('words = {en = ["scum"]}'))


@pytest.mark.parametrize(
    ("written", "found", "outcome"),
    [
        (WORDS, (), Outcome.APPROVE),
        (WORDS, (listed(exact=True),), Outcome.BLOCK),
        (WORDS, (listed(exact=False),), Outcome.HOLD),
        (WORDS, (listed(exact=False), listed(exact=True)), Outcome.BLOCK),
        (WORDS, (listed("first/other", exact=True),), Outcome.APPROVE),
        (WORDS_HOLDING, (listed(exact=True),), Outcome.HOLD),
    ],
)
def test_only_an_exact_word_blocks(
    written: Policy, found: tuple[Signal, ...], outcome: Outcome
) -> None:
    assert evaluate(written, Evidence({}, signals=found), PUBLISH).outcome is outcome


@pytest.mark.parametrize(
    ("condition", "evidence", "held"),
    [
        ("links = 2", Evidence({}, signals=(signal(SignalKind.LINKS, 2),)), False),
        ("links = 2", Evidence({}, signals=(signal(SignalKind.LINKS, 3),)), True),
        ("links = 0", Evidence({}), False),
        ("links = 0", Evidence({}, signals=(signal(SignalKind.LINKS, 1),)), True),
        ("repeats = 0.9", Evidence({}, signals=(signal(SignalKind.REPEAT, 0.89),)), False),
        ("repeats = 0.9", Evidence({}, signals=(signal(SignalKind.REPEAT, 0.9),)), True),
        ("shouting = 0.7", Evidence({}, signals=(signal(SignalKind.SHOUTING, 0.69),)), False),
        ("shouting = 0.7", Evidence({}, signals=(signal(SignalKind.SHOUTING, 0.7),)), True),
        (
            'personal_data = ["phone"]',
            Evidence({}, signals=(signal(SignalKind.PERSONAL_DATA, 1, "email"),)),
            False,
        ),
        (
            'personal_data = ["phone", "email"]',
            Evidence({}, signals=(signal(SignalKind.PERSONAL_DATA, 1, "email"),)),
            True,
        ),
        ('standing = "restricted"', Evidence({}, standing=Standing.NEW), False),
        ('standing = ["restricted", "new"]', Evidence({}, standing=Standing.NEW), True),
        ("flags = 3", Evidence({}, flags=2), False),
        ("flags = 3", Evidence({}, flags=3), True),
    ],
)
def test_what_else_holds(condition: str, evidence: Evidence, held: bool) -> None:
    verdict = evaluate(policy(rule(condition)), evidence, PUBLISH)
    assert verdict.outcome is (Outcome.HOLD if held else Outcome.APPROVE)
    assert bool(verdict.violations) is held
    assert not verdict.failed_only


def test_a_rule_is_for_the_standings_it_names() -> None:
    newcomers = policy(rule('links = 0\nstandings = ["new", "restricted"]'))
    outcomes = {
        standing: evaluate(
            newcomers,
            Evidence({}, signals=(signal(SignalKind.LINKS),), standing=standing),
            PUBLISH,
        ).outcome
        for standing in Standing
    }
    assert outcomes == {
        Standing.NEW: Outcome.HOLD,
        Standing.RESTRICTED: Outcome.HOLD,
        Standing.REGULAR: Outcome.APPROVE,
        Standing.TRUSTED: Outcome.APPROVE,
    }


ALL = policy(
    rule(
        'outcome = "block"\nall = [{attribute = "insult", hold = 0.4, block = 0.8}, '
        '{words = {en = ["scum"]}}]'
    )
)


@pytest.mark.parametrize(
    ("score", "exact", "outcome"),
    [
        (0.3, True, Outcome.APPROVE),
        (0.9, None, Outcome.APPROVE),
        (0.5, True, Outcome.HOLD),
        (0.9, False, Outcome.HOLD),
        (0.9, True, Outcome.BLOCK),
    ],
)
def test_all_needs_every_condition_and_is_as_mild_as_the_mildest(
    score: float, exact: bool | None, outcome: Outcome
) -> None:
    label = "first/insult-and-words#1"
    found = () if exact is None else (listed(label, exact=exact),)
    verdict = evaluate(ALL, Evidence({"insult": score}, signals=found), PUBLISH)
    assert verdict.outcome is outcome
    if verdict.primary:
        assert (verdict.primary.attribute, verdict.primary.signal) == ("insult", "listed_word")
        assert verdict.primary.spans == ((3, 8),)


def test_every_broken_clause_is_recorded_and_the_strictest_shown_first() -> None:
    three = policy(
        rule("links = 0") + rule('attribute = "insult"\nhold = 0.5'),
        '[[clauses]]\nkey = "second"\ntitle = "S"\ntext = "T"\n'
        + rule('attribute = "threat"\nhold = 0.5\nblock = 0.9')
        + '[[clauses]]\nkey = "third"\ntitle = "S"\ntext = "T"\n'
        + rule('attribute = "obscene"\nhold = 0.5\nblock = 0.9'),
    )
    scores = {"insult": 0.7, "threat": 0.95, "obscene": 0.99}
    verdict = evaluate(three, Evidence(scores, signals=(signal(SignalKind.LINKS),)), PUBLISH)
    assert verdict.outcome is Outcome.BLOCK
    assert [(v.clause, v.rule) for v in verdict.violations] == [
        ("first", "links"),
        ("first", "insult"),
        ("second", "threat"),
        ("third", "obscene"),
    ]
    assert verdict.primary is verdict.violations[2]


@pytest.mark.parametrize("reason", [Reason.MODEL_FAILED, Reason.TEXT_CUT, "something new"])
def test_what_is_incomplete_holds(reason: str) -> None:
    verdict = evaluate(INSULT, Evidence({"insult": 0.0}, incomplete=(reason,)), PUBLISH)
    assert (verdict.outcome, verdict.reasons) == (Outcome.HOLD, (reason,))
    assert verdict.failed_only is (reason is Reason.MODEL_FAILED)


def test_failed_only_is_for_nothing_but_a_failure() -> None:
    failed = Evidence({}, incomplete=(Reason.MODEL_FAILED,))
    assert evaluate(INSULT, failed, PUBLISH).failed_only
    assert not evaluate(INSULT, failed, Mode.HOLD_EVERYTHING).failed_only
    flagged = policy(rule("flags = 1"))
    assert not evaluate(
        flagged, Evidence({}, flags=1, incomplete=(Reason.MODEL_FAILED,)), PUBLISH
    ).failed_only
    assert not NO_POLICY.failed_only
    assert not Verdict(Outcome.APPROVE).failed_only


@pytest.mark.parametrize(
    ("mode", "score", "outcome", "reasons"),
    [
        (Mode.HOLD_EVERYTHING, 0.0, Outcome.HOLD, ("hold-everything",)),
        (Mode.HOLD_EVERYTHING, 0.99, Outcome.BLOCK, ("hold-everything",)),
        (Mode.SHADOW, 0.0, Outcome.APPROVE, ()),
        (Mode.SHADOW, 0.7, Outcome.HOLD, ()),
        (Mode.SHADOW, 0.99, Outcome.BLOCK, ()),
    ],
)
def test_modes(mode: Mode, score: float, outcome: Outcome, reasons: tuple[str, ...]) -> None:
    verdict = evaluate(INSULT, Evidence({"insult": score}), mode)
    assert (verdict.outcome, verdict.reasons) == (outcome, reasons)


def test_a_site_without_a_policy_holds_everything() -> None:
    assert NO_POLICY.outcome is Outcome.HOLD
    assert NO_POLICY.reasons == (Reason.NO_POLICY,)
    assert NO_POLICY.primary is None


LANGUAGES = policy(
    "",
    """
    [[languages]]
    languages = ["hy", "unknown"]
    standings = ["trusted"]
    unreadable = "publish"
    [[languages]]
    languages = ["ru"]
    unreadable = "hold"
    [[languages]]
    languages = ["*"]
    standings = ["regular"]
    unreadable = "publish"
    """,
)


@pytest.mark.parametrize(
    ("language", "standing", "held"),
    [
        ("hy", Standing.TRUSTED, False),
        ("unknown", Standing.TRUSTED, False),
        ("hy", Standing.NEW, True),
        ("hy", Standing.REGULAR, False),  # the first entry does not name regulars, the last does
        ("ru", Standing.REGULAR, True),
        ("ru", Standing.TRUSTED, True),
        ("no-letters", Standing.REGULAR, False),
        ("no-letters", Standing.TRUSTED, True),
    ],
)
def test_unreadable_text(language: str, standing: Standing, held: bool) -> None:
    found = (signal(SignalKind.LANGUAGE_UNREADABLE, label=language),)
    verdict = evaluate(LANGUAGES, Evidence({}, signals=found, standing=standing), PUBLISH)
    reason = Reason.NO_LETTERS if language == "no-letters" else Reason.LANGUAGE_UNREADABLE
    assert verdict.reasons == ((reason,) if held else ())
    assert verdict.outcome is (Outcome.HOLD if held else Outcome.APPROVE)


OVERRIDES = policy(
    rule('attribute = "insult"\nhold = 0.6\nblock = 0.9'),
    """
    [[overrides]]
    section = "Obituaries"
    mode = "hold-everything"
    [[overrides]]
    story = "s-1"
    thresholds = {insult = 0.3}
    """,
)


@pytest.mark.parametrize(
    ("section", "story", "score", "outcome", "override"),
    [
        ("News", "s-2", 0.5, Outcome.APPROVE, None),
        ("obituaries ", "s-2", 0.0, Outcome.HOLD, "section:Obituaries"),
        ("News", "s-1", 0.2, Outcome.APPROVE, "story:s-1"),
        ("News", "s-1", 0.3, Outcome.HOLD, "story:s-1"),
        ("News", "s-1", 0.9, Outcome.BLOCK, "story:s-1"),
        ("News", "S-1", 0.3, Outcome.APPROVE, None),
        ("Obituaries", "s-1", 0.4, Outcome.HOLD, "section:Obituaries, story:s-1"),
    ],
)
def test_an_override_tightens_and_is_named(
    section: str, story: str, score: float, outcome: Outcome, override: str | None
) -> None:
    evidence = Evidence({"insult": score}, section=section, story=story)
    verdict = evaluate(OVERRIDES, evidence, PUBLISH)
    assert (verdict.outcome, verdict.override) == (outcome, override)


def test_outcomes_compare_from_mild_to_strict() -> None:
    assert sorted([Outcome.BLOCK, Outcome.APPROVE, Outcome.HOLD]) == [
        Outcome.APPROVE,
        Outcome.HOLD,
        Outcome.BLOCK,
    ]
    assert max(Outcome.HOLD, Outcome.APPROVE) is Outcome.HOLD
    assert not Outcome.HOLD < Outcome.HOLD
    with pytest.raises(TypeError):
        _ = Outcome.HOLD < "block"


def test_a_verdict_survives_being_stored() -> None:
    found = (listed("first/insult-and-words#1", exact=True),)
    verdict = evaluate(ALL, Evidence({"insult": 0.9}, signals=found), Mode.HOLD_EVERYTHING)
    assert Verdict.from_json(verdict.as_json()) == verdict
    assert [Violation.from_json(v.as_json()) for v in verdict.violations] == list(
        verdict.violations
    )
    for broken in ({"outcome": "kept"}, {}, {"outcome": "hold", "reasons": 1}):
        with pytest.raises((TypeError, ValueError, KeyError)):
            Verdict.from_json(broken)


def test_a_stored_violation_has_no_words_in_it() -> None:
    found = (listed(exact=True),)
    (violation,) = evaluate(WORDS, Evidence({}, signals=found), PUBLISH).violations
    assert "scum" not in str(violation.as_json())


SCORES = st.none() | st.floats(0, 1)
KINDS = st.sampled_from(
    [listed(exact=True), listed(exact=False), signal(SignalKind.LINKS, 3)]
    + [signal(SignalKind.LANGUAGE_UNREADABLE, label=code) for code in ("hy", "ru", "unknown")]
)
MIXED = policy(
    rule('attribute = "insult"\nhold = 0.6\nblock = 0.95')
    + rule('attribute = "threat"\nhold = 0.4\nstandings = ["new"]')
    + rule('words = {en = ["scum"]}\noutcome = "block"')
    + rule("links = 2"),
    '[[overrides]]\nsection = "Obituaries"\nthresholds = {insult = 0.2}',
)


@given(
    SCORES,
    SCORES,
    st.lists(KINDS, max_size=3),
    st.sampled_from(Standing),
    st.sampled_from(Mode),
    st.lists(st.sampled_from(Reason), max_size=2),
    st.sampled_from(["", "Obituaries"]),
)
def test_nothing_is_approved_in_doubt_and_nothing_blocked_on_a_guess(
    insult: float | None,
    threat: float | None,
    found: list[Signal],
    standing: Standing,
    mode: Mode,
    incomplete: list[Reason],
    section: str,
) -> None:
    given_scores = {"insult": insult, "threat": threat}
    scores = {name: score for name, score in given_scores.items() if score is not None}
    evidence = Evidence(
        scores,
        signals=tuple(found),
        standing=standing,
        incomplete=tuple(incomplete),
        section=section,
    )
    verdict = evaluate(MIXED, evidence, mode)
    doubtful = (
        insult is None
        or (threat is None and standing is Standing.NEW)
        or bool(incomplete)
        or any(s.kind is SignalKind.LANGUAGE_UNREADABLE for s in found)
        or mode is Mode.HOLD_EVERYTHING
    )
    assert not (doubtful and verdict.outcome is Outcome.APPROVE)
    sure = (insult is not None and insult >= 0.95) or listed(exact=True) in found
    assert (verdict.outcome is Outcome.BLOCK) is sure
    assert (verdict.outcome is Outcome.APPROVE) is not bool(verdict.violations or verdict.reasons)
    assert Verdict.from_json(verdict.as_json()) == verdict


def test_more_evidence_never_makes_a_verdict_milder() -> None:
    evidences = [
        Evidence({"insult": insult, "threat": 0.0}, signals=found, section=section)
        for insult in (0.0, 0.3, 0.7, 0.96)
        for found in ((), (listed(exact=False),), (listed(exact=True),))
        for section in ("", "Obituaries")
    ]
    for one, other in itertools.product(evidences, repeat=2):
        more = (
            one.scores["insult"] <= other.scores["insult"]
            and (not one.signals or one.signals == other.signals)
            and (not one.section or one.section == other.section)
        )
        if more:
            verdicts = (evaluate(MIXED, evidence, PUBLISH) for evidence in (one, other))
            assert next(verdicts).outcome <= next(verdicts).outcome
