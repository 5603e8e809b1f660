"""The guide for whoever moves from Perspective, followed to the letter."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.model import BUNDLED
from moderation.standin.perspective.scale import FILE
from tests.processes import until
from tests.serving import Running, ask
from worker.training.perspective import Fit, Fitted

CHECKOUT = Path(__file__).parents[2]
GUIDE = (CHECKOUT / "docs" / "perspective.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service, with its model loaded."""
    process = Running(tmp_path_factory.mktemp("service"))
    address = process.address.removeprefix("http://")
    asked = {"comment": {"text": "Good morning."}, "requestedAttributes": {"THREAT": {}}}
    path = f"/v1alpha1/comments:analyze?key={process.key}"
    until(lambda: ask(address, "POST", path, asked)[0] == 200)
    yield process
    process.stop(signal.SIGKILL)


def examples(kind: str, running: Running) -> list[str]:
    """The guide's blocks of a kind, with this service's address and key."""
    return [
        re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
        .replace("https://moderation.example", running.address)
        .replace("YOUR-KEY", running.key)
        for block in re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)
    ]


def test_its_commands_do_what_it_says(running: Running, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", "\n".join(examples("sh", running))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    scores, heard = (json.loads(one) for one in done.stdout.replace("}\n{", "}\0{").split("\0"))
    assert scores["attributeScores"]["INSULT"]["summaryScore"]["value"] > 0.8
    assert heard == {"clientToken": "comment:7"}


@pytest.mark.parametrize("which", [0, 1])
def test_its_python_does_what_it_says(running: Running, which: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", examples("python", running)[which]],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert "0." in done.stdout


def test_its_table_is_the_shipped_maps() -> None:
    said = json.loads((BUNDLED / FILE).read_text(encoding="utf-8"))
    fits = {name: Fit(**fit) for name, fit in said["attributes"].items()}
    left_out = said["left_out"]
    shipped = Fitted(
        said["model"], said["comments"], left_out["in_training"], left_out["twice"], fits
    )

    table = re.search(r"<!-- fit[^>]*-->\n(.*?)\n<!-- /fit -->", GUIDE, re.DOTALL)

    assert table
    assert table[1] == shipped.table()
    for count in (said["comments"], *left_out.values()):
        assert f"{count:,} " in GUIDE
