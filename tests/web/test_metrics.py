"""Figures: counted in one process, and summed over several."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from config import figures_folder
from config.settings import SettingsError
from moderation import metrics
from tests import services
from tests.metrics import figure


def test_one_process_counts_in_its_memory() -> None:
    name = 'moderation_comments_received_total{site="the-daily"}'
    before = figure(metrics.exposition(), name)

    metrics.received("the-daily", 3)
    metrics.received("the-daily", 0)

    assert figure(metrics.exposition(), name) == before + 3


def test_what_strangers_send_makes_no_label() -> None:
    metrics.answered(None, "BREW", 404, 0.001)

    text = metrics.exposition().decode()
    assert "BREW" not in text
    assert 'endpoint="none",le="0.001",method="other",status="4xx"' in text


def test_a_process_that_serves_nothing_else_serves_its_figures() -> None:
    address = f"127.0.0.1:{services.free_port()}"
    with (
        metrics.served(address),
        urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer,
    ):
        assert b"moderation_batch_comments_count" in answer.read()
        with pytest.raises(SettingsError, match="MODERATION_METRICS_BIND"), metrics.served(address):
            raise AssertionError("the address is taken")


SEVERAL = """
import os, signal, sys
from config import figures_folder
from config.settings import SettingsError
figures_folder.make()
from moderation import metrics
for loaded in ("old", "new"):
    done, told = os.pipe()
    if (pid := os.fork()) == 0:
        metrics.received("the-daily", 2)
        metrics.decided("the-daily", "held", "policy")
        metrics.scored(32, 0.2)
        metrics.model_loaded("bundled", loaded)
        os.write(told, b".")
        signal.pause()
    os.read(done, 1)
    if loaded == "old":
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
sys.stdout.buffer.write(metrics.exposition())
os.kill(pid, signal.SIGKILL)
figures_folder.remove()
"""


def test_several_processes_are_summed_and_the_killed_have_no_model() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL], capture_output=True, text=True, check=True, timeout=60
    )

    assert figure(done.stdout, 'moderation_comments_received_total{site="the-daily"}') == 4
    decided = 'moderation_comments_decided_total{actor="policy",site="the-daily",status="held"}'
    assert figure(done.stdout, decided) == 2
    assert figure(done.stdout, "moderation_batch_comments_sum") == 64
    assert 'moderation_model_loaded{name="bundled",version="new"} 1.0' in done.stdout
    assert 'version="old"' not in done.stdout


def test_the_folders_of_the_killed_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures_folder, "MEMORY", tmp_path)
    monkeypatch.setenv(figures_folder.FOLDER, "")  # put back after the test
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid(), os.getppid()):
        (tmp_path / f"moderation-figures-{pid}").mkdir()
        (tmp_path / f"moderation-figures-{pid}" / "counter_1.db").touch()

    figures_folder.make()

    own, parents = (f"moderation-figures-{pid}" for pid in (os.getpid(), os.getppid()))
    assert {folder.name for folder in tmp_path.iterdir()} == {own, parents}
    assert list((tmp_path / own).iterdir()) == []
    figures_folder.remove()
    assert {folder.name for folder in tmp_path.iterdir()} == {parents}
