"""What the web side knows of the model, and how an unfit model.json is refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from config.model import BUNDLED, OFFICIAL, ModelError, facts_for, load_facts
from worker.commands.model import model
from worker.scorers.onnx import content_version

FIT: dict[str, Any] = {
    "name": "a-model",
    "version": "0123456789ab",
    "attributes": ["toxicity", "insult"],
    "languages": ["en"],
}


def test_the_bundled_model() -> None:
    facts = load_facts(BUNDLED)
    assert facts.version == content_version(BUNDLED)
    assert facts.attributes == OFFICIAL["original"].attributes
    assert facts.languages == {"en"}
    # How severe an attack is rests on too few labels for a rule.
    assert set(facts.suggested_thresholds) == set(facts.attributes) - {"severe_toxicity"}
    assert all(0 < value < 1 for value in facts.suggested_thresholds.values())
    assert (BUNDLED / "MODEL_CARD.md").read_text(encoding="utf-8").startswith("# " + facts.name)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"version": 7}, "version"),
        ({"attributes": []}, "attributes"),
        ({"attributes": "toxicity"}, "attributes"),
        ({"attributes": ["toxicity", "toxicity"]}, "attributes"),
        ({"languages": [1]}, "languages"),
        ({"suggested_thresholds": {"beauty": 0.5}}, "suggested_thresholds"),
        ({"suggested_thresholds": []}, "suggested_thresholds"),
    ],
)
def test_an_unfit_card_names_the_key(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    (tmp_path / "model.json").write_text(json.dumps(FIT | change))
    with pytest.raises(ModelError, match=rf"model\.json: {named}"):
        load_facts(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "\udcff"])
def test_a_card_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "model.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ModelError, match=r"model\.json: not"):
        load_facts(tmp_path)


def test_facts_for_every_way_to_name_a_model(tmp_path: Path) -> None:
    assert facts_for("bundled") == load_facts(BUNDLED)
    assert facts_for(str(BUNDLED)) == load_facts(BUNDLED)
    assert "sexual_explicit" in facts_for("detoxify:unbiased").attributes
    assert {"en", "tr", "ru"} <= facts_for("detoxify:multilingual").languages
    (tmp_path / "model.json").write_text(json.dumps(FIT))
    assert facts_for(f"detoxify:{tmp_path / 'x.ckpt'}").name == "a-model"
    with pytest.raises(ModelError, match=r"model\.json"):
        facts_for("detoxify:/nowhere/x.ckpt")


def test_reading_the_facts_loads_no_runtime() -> None:
    script = (
        "import sys, config.model as m; m.facts_for('bundled');"
        "print([n for n in ('numpy', 'onnxruntime', 'tokenizers', 'torch') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_model_show_prints_the_facts() -> None:
    shown = CliRunner().invoke(model, ["show"])
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["version"] == load_facts(BUNDLED).version


def test_model_show_names_what_is_missing(tmp_path: Path) -> None:
    shown = CliRunner().invoke(model, ["show", str(tmp_path)])
    assert shown.exit_code == 1
    assert "model.json" in shown.stderr
    assert "Traceback" not in shown.output


def test_model_show_saves_for_checkpoints_only() -> None:
    shown = CliRunner().invoke(model, ["show", "bundled", "--save"])
    assert shown.exit_code == 1
    assert "--save is for a checkpoint" in shown.stderr
