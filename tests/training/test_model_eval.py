"""`moderation model eval`: what a model makes of labelled comments."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from config.model import ModelFacts
from worker.commands.model import model
from worker.training.evaluate import area, calibration_error, reliability
from worker.training.labelled import measure, read

FOUL = "You are a stupid fucking idiot."
KIND = "Thank you for this article about the harvest in our valley."
POLICY = """
title = "Policy"
text = "Be kind."
[[clauses]]
key = "attacks"
title = "No attacks"
text = "None."
[[clauses.rules]]
attribute = "insult"
hold = 0.6
[[clauses.rules]]
attribute = "insult"
hold = 0.4
[[clauses.rules]]
attribute = "threat"
hold = 0.1
standings = ["new"]
"""


class ByItsNumber:
    """A model that reads the score off the text: `0.7` is 0.7 an insult and no threat."""

    facts = ModelFacts("stand-in", "0" * 12, ("insult", "threat"), frozenset({"en"}))

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        return [{"insult": float(text), "threat": 0.0} for text in texts]


def written(folder: Path, rows: str) -> Path:
    path = folder / "labelled.csv"
    path.write_text(rows, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("truth", "scores", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 1.0),
        ([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], 0.0),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.75),
        ([0, 1, 1], [0.5, 0.5, 0.9], 0.75),  # a tie counts half
        ([1, 1], [0.5, 0.9], None),
        ([], [], None),
    ],
)
def test_the_area_is_how_often_a_yes_scores_above_a_no(
    truth: list[int], scores: list[float], expected: float | None
) -> None:
    assert area(np.array(truth, dtype=bool), np.array(scores, dtype=np.float32)) == expected


def test_the_calibration_error_is_the_distance_of_scores_from_shares() -> None:
    scores = np.array([0.05, 0.05, 1.0, 0.85], dtype=np.float32)
    shares = np.array([0.0, 0.5, 1.0, 0.85], dtype=np.float32)
    bins = reliability(shares, scores)
    assert [each.count for each in bins] == [2, 1, 1]
    assert calibration_error(bins) == pytest.approx(0.2 * 2 / 4)


def test_figures_of_a_column(tmp_path: Path) -> None:
    path = written(tmp_path, "text,insult,rude\n0.9,1,\n0.3,0.5,1\n0.5,0,0\n0.1,,0\n")
    found = measure(
        ByItsNumber(), read(path, ByItsNumber.facts.attributes, {"rude": "insult"}), {"insult": 0.4}
    )
    insult = found.columns["insult"]
    assert (insult.labelled, insult.yes, insult.area) == (3, 2, 0.5)
    assert (insult.caught, insult.wrongly_held) == (0.5, 1.0)
    rude = found.columns["rude"]
    assert (rude.attribute, rude.labelled, rude.yes, rude.area) == ("insult", 3, 1, 0.5)
    assert (found.texts, found.caught, found.wrongly_held) == (4, 0.5, 0.5)


def test_of_a_column_without_a_label_nothing_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, "text,insult\n0.9,\n")
    found = measure(ByItsNumber(), read(path, ByItsNumber.facts.attributes, {}), {"insult": 0.4})
    insult = found.columns["insult"]
    assert insult.labelled == 0
    assert (insult.area, insult.calibration_error, insult.caught) == (None, None, None)


def test_the_command_measures_the_bundled_model_at_a_policys_thresholds(tmp_path: Path) -> None:
    path = written(tmp_path, f"text,insult,threat\n{FOUL},1,0\n{KIND},0,0\n")
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    done = CliRunner().invoke(model, ["eval", str(path), "--policy", str(policy)])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["columns"]["insult"]["hold"] == 0.4  # the lower of two rules
    assert found["columns"]["insult"]["area"] == 1.0
    assert found["columns"]["insult"]["caught"] == 1.0
    assert found["columns"]["insult"]["wrongly_held"] == 0.0
    assert found["columns"]["threat"]["area"] is None
    assert found["columns"]["threat"]["hold"] is None  # for new commenters alone
    assert found["version"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("comment,insult\nA secret,1\n", "no column `text`"),
        ("text,hostile\nA secret,1\n", "no label column"),
        ("text,insult\nA secret,yes\n", "line 2: `insult` must be a number from 0 to 1"),
        ("text,insult\nA secret,1.5\n", "line 2: `insult` must be a number from 0 to 1"),
        ("text,insult\n", "no rows"),
        ("insult,text\n1\n", "line 2: there is no `text`"),
    ],
)
def test_an_unfit_file_is_named_and_never_quoted(tmp_path: Path, rows: str, said: str) -> None:
    done = CliRunner().invoke(model, ["eval", str(written(tmp_path, rows))])
    assert done.exit_code == 1
    assert said in done.stderr
    assert "labelled.csv" in done.stderr
    assert "secret" not in done.output


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    path.write_bytes(b"text,insult\n\xff\xfe,1\n")
    done = CliRunner().invoke(model, ["eval", str(path)])
    assert done.exit_code == 1
    assert "not UTF-8" in done.stderr


@pytest.mark.parametrize("pair", ["hostile", "hostile=anger", "=insult"])
def test_a_label_names_a_column_and_an_attribute(tmp_path: Path, pair: str) -> None:
    path = written(tmp_path, f"text,hostile\n{KIND},0\n")
    done = CliRunner().invoke(model, ["eval", str(path), "--label", pair])
    assert done.exit_code == 2
    assert "COLUMN=ATTRIBUTE" in done.stderr


def test_a_column_of_another_name_is_held_against_an_attribute(tmp_path: Path) -> None:
    path = written(tmp_path, f"comment,hostile\n{FOUL},1\n{KIND},0\n")
    options = ["--text", "comment", "--label", "hostile=toxicity"]
    done = CliRunner().invoke(model, ["eval", str(path), *options])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["columns"]["hostile"]["area"] == 1.0
