"""schemathesis, with all of its checks, against the running service finds nothing."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import waitress

from config.settings import Settings
from tests.api.conftest import app_of
from tests.newsroom import Newsroom
from tests.processes import working
from tests.stand_in import StandIn
from worker import scorers

SECONDS = 30
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: the others are in the scenes of the endpoints."""
    return sqlite_url


@pytest.fixture
def address(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a port of its own, with something to find in it and a worker beside it."""
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    for n in range(3):
        newsroom.approved(f"Number {n}.")
    newsroom.held()
    newsroom.receive("Damn you all, and your trams.")
    newsroom.judge({"obscene": 0.99})
    app = app_of(newsroom, rate_per_key="1000000/minute", rate_per_commenter="1000000/minute")
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    with working(newsroom, Settings()):
        yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(10)


@pytest.mark.parametrize(
    "asked",
    [
        ("--phases", "examples,coverage,fuzzing"),
        # In a chain the ids come from answers: they are as good as when they were taken in, but of
        # long ones in other alphabets the tool has said that they break the schema.
        ("--phases", "stateful", "--exclude-checks", "negative_data_rejection"),
    ],
    ids=["each", "chains"],
)
def test_schemathesis_finds_nothing(
    address: str, newsroom: Newsroom, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(CONFIG), "run", f"{address}/api/openapi.json"),
        *("--header", f"Authorization: Bearer {newsroom.daily_key}"),
        *("--checks", "all", "--max-time", str(SECONDS), "--max-examples", "12", *asked),
        # A seed of its own: a run that fails can be run again.
        *("--continue-on-failure", "--no-color", "--seed", "20260504"),
    ]

    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS + 60, check=False
    )

    assert run.returncode == 0, _shortened(run.stdout) + run.stderr[-2000:]
    assert re.search(r"\b(\d+) selected / \1 total", run.stdout), "some are left out"
    assert "returned only 401/403" not in run.stdout


def _shortened(said: str) -> str:
    """Without the middle of lines that repeat a whole body."""
    return "\n".join(line[:300] for line in said.splitlines())
