"""The map from our scores to Perspective's: equal shares of comments reach equal heights."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from config.model import BUNDLED, ModelError, load_facts
from config.settings import Settings
from moderation.standin.perspective import scale
from moderation.standin.perspective.names import OURS
from tests.newsroom import MODEL
from tests.stand_in import StandIn
from worker.training import data, perspective
from worker.training.examples import Example


def many() -> tuple[perspective.Values, perspective.Values]:
    """Our scores and theirs of a thousand comments."""
    chance = np.random.default_rng(7)
    ours = chance.beta(0.4, 4, 1000)
    return ours, np.clip(np.sqrt(ours) + chance.normal(0, 0.05, 1000), 0, 1)


def test_as_many_reach_a_threshold_as_before() -> None:
    ours, theirs = many()

    points = perspective.line(ours, theirs)

    mapped = np.array([scale.along(points, score) for score in ours])

    for threshold in (0.2, 0.5, 0.7, 0.8):
        wanted = (theirs >= threshold).mean()
        assert (mapped >= threshold).mean() == pytest.approx(wanted, abs=0.01)
    assert points[0][0] == 0
    assert points[-1] == (1, 1)


def test_the_error_is_told_of_comments_that_it_was_not_made_from() -> None:
    found = perspective.fitted(*many())

    assert found.order > 0.9
    assert found.error < 0.06 < found.raw_error
    assert found.reach_raw < found.reach_mapped == pytest.approx(found.reach, abs=4)


def test_where_everything_is_alike_there_is_a_line_all_the_same() -> None:
    assert perspective.line(np.full(50, 0.3), np.full(50, 0.2)) == [(0, 0.2), (0.3, 0.2), (1, 1)]


class Counting(StandIn):
    """A model that scores a text by the number in it."""

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        return [dict.fromkeys(MODEL.attributes, int(text.split()[2][:-1]) / 40) for text in texts]


def test_what_stands_in_training_or_twice_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Comment number {count}." for count in range(40)]
    columns = data.PERSPECTIVE.values()
    with (tmp_path / "perspective_2k_scores.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["comment_text", *columns])
        for count, text in enumerate([*texts, texts[0]]):
            rows.writerow([text, *[count / 50] * len(columns)])
    seen = Example(texts[3].upper(), {}, "wikipedia")
    monkeypatch.setattr(data, "SOURCES", (lambda _: [seen],))

    found = perspective.fit(tmp_path, Counting())

    assert (found.comments, found.in_training, found.twice) == (39, 1, 1)
    assert set(found.attributes) == set(OURS) - {"SEXUALLY_EXPLICIT"}
    assert found.table().count("\n") == 1 + len(found.attributes)


def test_the_shipped_map_is_of_the_bundled_model() -> None:
    facts = load_facts(BUNDLED)

    found = scale.of(Settings())

    assert found.model == facts.version, "python -m worker.training perspective --data ..."
    assert set(found.points) == {name for name, ours in OURS.items() if ours in facts.attributes}
    assert found.value(facts.version, "TOXICITY", 0.95) > 0.8
    assert found.value("another", "TOXICITY", 0.123) == 0.123


def test_without_a_map_scores_stay_as_they_are(tmp_path: Path) -> None:
    for settings in (
        Settings(perspective_scale="raw"),
        Settings(model="detoxify:original"),
        Settings(model=str(tmp_path)),
    ):
        assert scale.of(settings) == scale.AS_IT_IS


@pytest.mark.parametrize(
    "said",
    ["{", "[]", '{"model": "m"}', '{"model": "m", "attributes": {"TOXICITY": {"points": []}}}']
    + [
        json.dumps({"model": "m", "attributes": {"TOXICITY": {"points": points}}})
        for points in ([[0, 0.5], [1, 0.4]], [[0, 0], [0, 1]], [[0, "a"]], [[0]], 7)
    ],
)
def test_a_file_that_is_no_map_is_named(tmp_path: Path, said: str) -> None:
    (tmp_path / scale.FILE).write_text(said)

    with pytest.raises(ModelError, match=r"perspective\.json: not a map of scores"):
        scale.load(tmp_path / scale.FILE)
