"""Who may import whom, as far as import-linter does not say it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

RUNTIMES = {"torch", "onnxruntime", "tokenizers", "transformers", "detoxify", "onnx"}


@pytest.mark.parametrize("module", ["moderation.app", "moderation.cli"])
def test_the_web_side_loads_no_model_runtime(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert module in loaded
    assert RUNTIMES.isdisjoint(loaded)
    assert not any(name == "worker" or name.startswith("worker.") for name in loaded)


def test_no_use_case_is_left_out_of_its_contract() -> None:
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    read = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in read["tool"]["importlinter"]["contracts"]}
    [layers] = [one["layers"] for name, one in contracts.items() if name.startswith("Inside")]
    [bound] = [one["source_modules"] for name, one in contracts.items() if name.startswith("Use c")]

    below = [name for row in layers[layers.index("db") + 1 :] for name in row.split(" | ")]

    assert bound == sorted(f"moderation.{name}" for name in below)
