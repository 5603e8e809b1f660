"""The library Detoxify on torch, in an environment of its own."""

import os
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import scorer
from bench.scorer import Scorer

PYTHON = Path(os.environ.get("BENCH_DETOXIFY", ".venv-detoxify"), "bin", "python").absolute()
"""Made by `make bench`."""
SAME_SIZE, BERT_BASE = "same-size", "bert-base"
"""Folders that `bench.checkpoints` makes."""
CUT = 512
"""Tokens of a text that the library reads, the two marks of beginning and end included."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """A folder with both checkpoints, and with what we made of the larger one."""

    folder: Path

    def opened(self, name: str) -> AbstractContextManager[Scorer]:
        """One of them in the library, as its own README says."""
        checkpoint, config = (str(self.folder / name / part) for part in ("model.ckpt", "hf"))
        return scorer.started(checkpoint, config, python=str(PYTHON))

    @property
    def exported(self) -> Path:
        """BERT-base as `moderation model export` writes it."""
        return self.folder / "exported"


def make(folder: Path) -> Checkpoints:
    """Make the checkpoints in `folder`, and export the larger one."""
    made = Checkpoints(folder)
    _run("-m", "bench.checkpoints", str(folder))
    base = folder / BERT_BASE
    arguments = (str(base / "model.ckpt"), str(made.exported), "--config-dir", str(base / "hf"))
    _run("-m", "moderation", "model", "export", *arguments)
    return made


def versions() -> str:
    """The versions that are measured."""
    asked = (
        "from importlib.metadata import version as of;"
        "print(f\"Detoxify {of('detoxify')} on torch {of('torch')}\")"
    )
    return _run("-c", asked).strip()


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [str(PYTHON), *arguments],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode:
        raise RuntimeError(f"{arguments[1]} failed: {done.stderr[-2000:]}")
    return done.stdout
