"""Isso, a comment server in Python, in an environment of its own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import client
from bench.client import Post
from bench.servers import Server, gunicorn

PYTHON = Path(os.environ.get("BENCH_ISSO", ".venv-isso")) / "bin" / "python"
"""Made by `make bench`."""
SETTINGS = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:9/
[guard]
enabled = false
"""


@contextmanager
def served() -> Iterator[Server]:
    """Isso under the same gunicorn as we, loaded once before it forks, as its handbook says."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "isso.cfg")
        settings.write_text(SETTINGS.format(folder=folder), encoding="utf-8")
        environ = {"ISSO_SETTINGS": str(settings), "GUNICORN_CMD_ARGS": "--preload"}
        with gunicorn("isso.run", environ, python=str(PYTHON.absolute())) as server:
            yield server


def post(body: dict[str, Any]) -> Post:
    """The same comment as Isso takes it."""
    story = body["story"]
    said = {"text": body["text"], "author": body["commenter"]["name"], "title": story["title"]}
    return client.ready(f"/new?uri={quote('/' + story['id'], safe='')}", said)


def version() -> str:
    """The version that is measured."""
    asked = "from importlib.metadata import version; print(version('isso'))"
    said = subprocess.run(
        [str(PYTHON), "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    return said.stdout.strip()
