"""Thresholds that are suggested for a model, from held-out comments."""

import numpy as np
import pytest

from worker.training.evaluate import (
    held_share,
    is_bad,
    is_clean,
    selection,
    suggest_thresholds,
)
from worker.training.examples import ATTRIBUTES, CLEAN, Example

CHANCE = np.random.default_rng(7)


def clean(source: str, count: int) -> list[Example]:
    return [Example(f"{source} {at}", dict(CLEAN), source) for at in range(count)]


@pytest.mark.parametrize("target", [1.0, 3.0, 10.0])
def test_they_hold_the_stated_share_of_clean_comments(target: float) -> None:
    examples = clean("readers", 2_000)
    scores = CHANCE.random((2_000, len(ATTRIBUTES)), dtype=np.float32)
    thresholds = suggest_thresholds(examples, scores, target)
    assert held_share(scores, thresholds) == pytest.approx(target / 100, abs=0.003)


def test_a_source_with_many_comments_counts_no_more_than_another() -> None:
    examples = [*clean("many", 3_000), *clean("few", 300)]
    toxicity = np.concatenate([np.linspace(0, 0.1, 3_000), np.linspace(0, 1, 300)])
    scores = np.tile(toxicity[:, None], len(ATTRIBUTES)).astype(np.float32)
    thresholds = suggest_thresholds(examples, scores, 3.0)
    # Of the many none reaches it, so of the few six in a hundred do.
    assert held_share(scores[3_000:], thresholds) == pytest.approx(0.06, abs=0.01)
    assert held_share(scores[:3_000], thresholds) == 0


def test_of_our_own_lines_twice_as_many_may_be_held() -> None:
    toxicity = np.concatenate([np.linspace(0, 0.1, 300), np.linspace(0, 1, 300)])
    scores = np.tile(toxicity[:, None], len(ATTRIBUTES)).astype(np.float32)
    examples = [*clean("readers", 300), *clean("ours", 300)]
    thresholds = suggest_thresholds(examples, scores, 3.0)
    assert held_share(scores[300:], thresholds) == pytest.approx(0.06, abs=0.01)
    assert held_share(scores[:300], thresholds) == 0


def test_an_attribute_without_a_share_of_the_wrong_holds_gets_no_threshold() -> None:
    scores = CHANCE.random((2_000, len(ATTRIBUTES)), dtype=np.float32)
    thresholds = suggest_thresholds(clean("readers", 2_000), scores, 3.0)
    assert "severe_toxicity" not in thresholds
    assert thresholds["insult"] < thresholds["obscene"]


def test_what_was_not_asked_is_not_called_clean() -> None:
    assert is_clean(Example("a", CLEAN | {"toxicity": 0.05}, "x"))
    assert not is_clean(Example("a", {"toxicity": 0.0}, "x"))
    assert not is_clean(Example("a", CLEAN | {"toxicity": 0.3}, "x"))
    assert is_bad(Example("a", CLEAN | {"threat": 0.5}, "x"))
    assert not is_bad(Example("a", CLEAN | {"threat": 0.4}, "x"))


def test_a_run_is_chosen_within_sources_and_not_for_telling_them_apart() -> None:
    examples = [
        Example(f"{source} {at}", {"toxicity": float(at % 2)}, source)
        for source in ("olid", "ours", "civil")
        for at in range(10)
    ]
    scores = np.zeros((30, len(ATTRIBUTES)), dtype=np.float32)
    scores[:, 0] = [0.9 if each.source == "ours" else 0.1 for each in examples]
    # Nor by tweets at all.
    assert selection(examples, scores) == (0.5, {"civil": 0.5, "ours": 0.5})
