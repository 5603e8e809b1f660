"""The guides for a site's developer, followed to the letter against a service that runs."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Running

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
JUDGED = """
until curl -sS --config daily.curl "$SITE/decisions" | grep -q 88121; do sleep 0.2; done
"""
"""Whoever types is slower than the worker."""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    process = Running(tmp_path / "data")
    yield process
    process.stop(signal.SIGKILL)


def examples(kind: str, running: Running, guide: str = "api.md") -> list[str]:
    """A guide's blocks of a kind, with this service's address and key."""
    written = (DOCS / guide).read_text(encoding="utf-8")
    return [
        block.replace("https://moderation.example", running.address).replace(
            "YOUR-KEY", running.key
        )
        for block in re.findall(rf"```{kind}\n(.*?)```", written, re.DOTALL)
    ]


def typed(folder: Path, *blocks: str) -> str:
    """What is said when these are typed there, one after the other."""
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_commands_do_what_it_says(running: Running, tmp_path: Path) -> None:
    blocks = examples("sh", running)

    said = typed(tmp_path, *blocks[:2], JUDGED, *blocks[2:])

    assert '"status":"received"' in said
    assert '"external_id":"daily-88121"' in said
    assert '"flags":1' in said
    assert '"revision":2' in said
    assert (tmp_path / "daily.curl").stat().st_mode & 0o077 == 0
    told = [one for one in running.site.decisions() if one["external_id"] == "daily-88121"]
    assert told[0]["status"] == "approved"


def test_what_another_system_decided_is_told_as_its_guide_says(
    running: Running, tmp_path: Path
) -> None:
    [tell] = examples("sh", running, "shadow.md")

    said = typed(tmp_path, *examples("sh", running)[:2], tell)

    assert said.endswith('{"noted":1,"unknown":[1]}\n')


def test_its_python_does_what_it_says(running: Running) -> None:
    [example] = examples("python", running)

    done = subprocess.run(
        [sys.executable, "-c", example],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=CHECKOUT,
    )

    assert done.returncode == 0, done.stderr
    assert re.match(r"[0-9a-f-]{36} received\n", done.stdout), done.stdout
