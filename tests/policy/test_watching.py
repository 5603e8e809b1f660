"""A rule that only watches: recorded and counted, and decides nothing."""

import pytest

from config.settings import Settings
from moderation import dry_run, flags, metrics, policy
from moderation.models import Decision
from moderation.policy import (
    Evidence,
    Mode,
    Outcome,
    PolicyError,
    Reason,
    Standing,
    Verdict,
    evaluate,
    parse,
)
from moderation.submission import FlagReport
from tests.metrics import figure
from tests.newsroom import NOON, POLICY, Newsroom, later
from tests.policy.test_evaluate import listed, rule
from tests.policy.test_evaluate import policy as policy_of
from tests.stand_in import StandIn
from worker.model import Model
from worker.scoring import Scoring

WATCHING = rule('attribute = "insult"\nhold = 0.3\nblock = 0.9\nwatch = true')
DECIDING = rule('attribute = "obscene"\nhold = 0.5')
BOTH = policy_of(WATCHING + DECIDING)
PUBLISH = Mode.PUBLISH_UNLESS_HELD


@pytest.mark.parametrize(
    ("scores", "outcome", "watched"),
    [
        ({"insult": 0.29, "obscene": 0.1}, Outcome.APPROVE, []),
        ({"insult": 0.3, "obscene": 0.1}, Outcome.APPROVE, [Outcome.HOLD]),
        ({"insult": 0.95, "obscene": 0.1}, Outcome.APPROVE, [Outcome.BLOCK]),
        ({"insult": 0.95, "obscene": 0.6}, Outcome.HOLD, [Outcome.BLOCK]),
    ],
)
def test_it_is_recorded_with_what_it_would_have_done(
    scores: dict[str, float], outcome: Outcome, watched: list[Outcome]
) -> None:
    verdict = evaluate(BOTH, Evidence(scores), PUBLISH)
    assert verdict.outcome is outcome
    assert [one.outcome for one in verdict.watched] == watched
    assert all(one.rule == "insult" for one in verdict.watched)
    assert all(one.rule == "obscene" for one in verdict.violations)
    assert verdict.primary is None or verdict.primary.rule == "obscene"


def test_a_score_that_it_lacks_holds_nothing() -> None:
    verdict = evaluate(BOTH, Evidence({"obscene": 0.1}), PUBLISH)
    assert verdict == Verdict(Outcome.APPROVE)
    missing = evaluate(BOTH, Evidence({"insult": 0.5}), PUBLISH)
    assert missing.reasons == (Reason.MISSING_SCORE,)


def test_words_and_standings_can_be_watched_too() -> None:
    words = policy_of(rule('words = {en = ["fool"]}\noutcome = "block"\nwatch = true'))
    [one] = evaluate(words, Evidence({}, signals=(listed(exact=True),)), PUBLISH).watched
    assert (one.outcome, one.spans) == (Outcome.BLOCK, ((3, 8),))
    newcomers = policy_of(rule('standing = "new"\nwatch = true'))
    verdict = evaluate(newcomers, Evidence({}, standing=Standing.NEW), PUBLISH)
    assert (verdict.outcome, len(verdict.watched)) == (Outcome.APPROVE, 1)


def test_it_survives_being_stored_and_older_rows_have_none() -> None:
    verdict = evaluate(BOTH, Evidence({"insult": 0.5, "obscene": 0.6}), PUBLISH)
    assert Verdict.from_json(verdict.as_json()) == verdict
    without = evaluate(BOTH, Evidence({"insult": 0.1, "obscene": 0.6}), PUBLISH)
    assert "watched" not in without.as_json()
    assert Verdict.from_json(without.as_json()).watched == ()
    with pytest.raises(TypeError):
        Verdict.from_json(without.as_json() | {"watched": 1})


def test_it_sets_no_threshold_of_the_policy() -> None:
    assert BOTH.holds == {"obscene": 0.5}
    assert BOTH.attributes == {"insult", "obscene"}  # the model must score it all the same
    with pytest.raises(PolicyError, match="no rule that decides uses this attribute"):
        policy_of(WATCHING, '[[overrides]]\nstory = "s"\nthresholds = {insult = 0.1}')


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_watch_is_true_or_false(value: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy_of(rule(f'attribute = "insult"\nhold = 0.3\nwatch = {value}'))
    [problem] = refused.value.problems
    assert problem.where == "clauses[0].rules[0].watch"
    assert problem.reason.startswith("must be true or false")
    [rule_read] = (
        policy_of(rule('attribute = "insult"\nhold = 0.3\nwatch = false')).clauses[0].rules
    )
    assert not rule_read.watch


def test_inside_of_all_it_is_not_known() -> None:
    both = 'all = [{attribute = "insult", hold = 0.3, watch = true}, {links = 1}]'
    with pytest.raises(PolicyError, match=r"all\[0\]\.watch: is not known here"):
        policy_of(rule(both))
    whole = 'all = [{attribute = "insult", hold = 0.3}, {links = 1}]\nwatch = true'
    assert policy_of(rule(whole)).clauses[0].rules[0].watch


WATCHED = POLICY.replace("hold = 0.6", "hold = 0.3\nwatch = true")


def test_the_decision_records_it_and_the_comment_is_approved(newsroom: Newsroom) -> None:
    newsroom.post_policy(WATCHED)
    comment_id = newsroom.receive("You are a fool, Tom.")

    [judged] = newsroom.judge({"insult": 0.83})

    assert (judged.status, judged.clause) == ("approved", None)
    assert judged.watched == [("personal-attacks", "insult")]
    decision_id = newsroom.comment(comment_id).decision_id
    with newsroom.db.reading() as session:
        decision = session.get_one(Decision, (newsroom.daily.id, decision_id))
        [watched] = policy.Verdict.from_json(decision.evidence).watched
    assert (watched.score, watched.threshold) == (0.83, 0.3)


def test_the_worker_counts_it(newsroom: Newsroom) -> None:
    newsroom.post_policy(WATCHED)
    newsroom.receive("You are a fool, Tom.")
    newsroom.receive("A fair point.")
    name = "moderation_rule_watched_total"
    name += '{clause="personal-attacks",rule="insult",site="the-daily"}'
    before = figure(metrics.exposition(), name)

    assert Scoring(Settings(), newsroom.db, Model(StandIn)).score_waiting() == 2

    assert figure(metrics.exposition(), name) == before + 1


def test_reports_that_are_only_watched_hold_nothing(newsroom: Newsroom) -> None:
    newsroom.post_policy(POLICY.replace("flags = 2", "flags = 2\nwatch = true"))
    comment_id = newsroom.approved()
    with newsroom.db.transaction() as session:
        for reader in ("r1", "r2", "r3"):
            report = FlagReport(reader=reader, reason="abusive", text=None)
            flags.flag(session, newsroom.daily.id, comment_id, report, now=later(1))
    assert newsroom.comment(comment_id).status == "approved"


def test_a_dry_run_counts_what_it_would_find(newsroom: Newsroom) -> None:
    newsroom.held("You are a fool, Tom.")
    newsroom.approved()
    with newsroom.db.reading() as session:
        kept = dry_run.judged_lately(session, newsroom.daily.id, now=NOON)
    run = dry_run.try_out(None, parse(WATCHED), kept, readable=frozenset({"en"}))
    [watched] = run.watched
    assert (watched.clause, watched.rule) == ("personal-attacks", "insult")
    assert len(watched.decided(None)) == 1
