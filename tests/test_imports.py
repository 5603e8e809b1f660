"""The web side loads no model runtime."""

import subprocess
import sys

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
