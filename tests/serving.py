"""The service as an operator starts it, and a site developer who talks to it: `moderation run`,
`moderation web`."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moderation.client import CommentAnswer, Site
from tests import services
from tests.processes import SECONDS, until

POSTS = "/api/v1/sites/the-daily/comments"


class Running:
    """A `moderation run` process on a free port, and a site developer who talks to it."""

    def __init__(self, folder: Path, key: str = "") -> None:
        environ = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "moderation",
                "run",
                "--port",
                "0",
                "--data-dir",
                str(folder),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ | {"PYTHONUNBUFFERED": "1"},
        )
        self.said = ""
        assert self.process.stdout is not None
        while "Ctrl-C stops it." not in self.said:
            line = self.process.stdout.readline()
            if not line:
                raise AssertionError(f"it ended: {self.said}{self.process.communicate()[1]}")
            self.said += line
        address = re.search(r"http://[\d.]+:\d+", self.said)
        assert address, self.said
        self.address = address[0]
        found = re.search(r"Bearer (mod_\S+)'", self.said)
        self.key = found[1] if found else key
        self.site = Site(self.address, "the-daily", self.key, seconds=SECONDS)

    def post(self, text: str) -> str:
        """Rita's comment, as the site's own server posts it; answers its id."""
        return self.site.post_comment(
            {"story": {"id": "tram-7"}, "commenter": {"id": "rita"}, "text": text}
        )["id"]

    def decided(self, comment_id: str) -> CommentAnswer:
        def found() -> CommentAnswer | None:
            answer = self.site.get_comment(comment_id)
            return None if answer["status"] == "received" else answer

        return until(found)

    def stop(self, how: signal.Signals) -> int:
        self.site.close()
        self.process.send_signal(how)
        self.process.communicate(timeout=SECONDS)
        return self.process.returncode


Answer = tuple[int, dict[str, str], str]
"""Status, headers (their names in lower case) and body."""


def ask(
    address: str, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
) -> Answer:
    """Ask a process that listens on this address (as 127.0.0.1:8000)."""
    request = urllib.request.Request(
        f"http://{address}{path}",
        method=method,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | headers,
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return answer.status, _lowered(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _lowered(error.headers), error.read().decode()


def _lowered(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


class Web:
    """A `moderation web` process, and a site developer who talks to it."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.address = f"127.0.0.1:{services.free_port()}"
        self.private = environ["MODERATION_METRICS_BIND"]
        self.log = log
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "moderation", "web", "--bind", self.address],
                env=os.environ | environ,
                stdout=file,
                stderr=file,
            )
        until(self._answers, said=log.read_text)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None, **sent: str) -> Answer:
        return ask(self.address, method, path, body, **sent)

    def get(self, path: str, *, private: bool = False) -> tuple[int, str]:
        status, _, text = ask(self.private if private else self.address, "GET", path)
        return status, text

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=SECONDS)


@contextmanager
def serving(environ: dict[str, str], log: Path) -> Iterator[Web]:
    """`moderation web` for the length of the block."""
    web = Web(environ, log)
    try:
        yield web
    finally:
        if web.process.poll() is None:
            web.stop()
