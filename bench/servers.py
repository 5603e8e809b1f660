"""The servers that are measured, as processes of their own."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.services import free_port

SIZE = ("--workers", "2", "--threads", "4")
"""As `moderation web` comes; the same for what it is held against."""
GUNICORN = ("--worker-class", "gthread", "--keep-alive", "75", *SIZE)
"""What `moderation web` starts with from config/gunicorn.conf.py, as far as it costs anything."""
UNLIMITED = "900000000/minute"
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `port` is 0 for one that listens to nobody."""

    port: int
    process: psutil.Process

    def family(self) -> list[psutil.Process]:
        """The process and its children."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Processor time that the family has used."""
        times = [process.cpu_times() for process in self.family()]
        return sum(time.user + time.system for time in times)


def environment(database_url: str, redis_url: str = "") -> dict[str, str]:
    """The settings of the service: limits are counted, but nobody meets them."""
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    return {name: value for name, value in given.items() if value} | {
        "MODERATION_SECRET_KEY": "of no secret, thirty-two letters",
        "MODERATION_RATE_PER_KEY": UNLIMITED,
        "MODERATION_RATE_PER_COMMENTER": UNLIMITED,
    }


@contextmanager
def web(environ: Mapping[str, str]) -> Iterator[Server]:
    """The service's web side: `moderation web`."""
    port = free_port()
    command = [sys.executable, "-m", "moderation", "web", "--bind", f"127.0.0.1:{port}", *SIZE]
    with process(command, environ) as running:
        await_answer(port, running)
        yield Server(port, running)


@contextmanager
def gunicorn(
    application: str, environ: Mapping[str, str], python: str = sys.executable
) -> Iterator[Server]:
    """A WSGI application under gunicorn, entered once it answers."""
    port = free_port()
    command = [python, "-m", "gunicorn", *GUNICORN, "--bind", f"127.0.0.1:{port}", application]
    with process(command, environ) as running:
        await_answer(port, running)
        yield Server(port, running)


@contextmanager
def worker(environ: Mapping[str, str], queue: str = "scoring") -> Iterator[Server]:
    """One `moderation worker` of that queue. It may still be loading its model."""
    command = [sys.executable, "-m", "moderation", "worker", "--queue", queue]
    with process(command, environ) as running:
        yield Server(0, running)


@contextmanager
def process(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[psutil.Process]:
    """A process for the length of the block. What it says is told when it ends by itself."""
    with tempfile.TemporaryFile() as said:
        started = subprocess.Popen(
            command,
            env=os.environ | environ,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            yield psutil.Process(started.pid)
            ended = started.poll()
        finally:
            started.terminate()
            with suppress(subprocess.TimeoutExpired):
                started.wait(40)
            started.kill()
        if ended is not None:
            said.seek(0)
            raise RuntimeError(
                f"{command[2]} ended: {said.read().decode(errors='replace')[-2000:]}"
            )


def await_answer(port: int, running: psutil.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and running.is_running():
        with suppress(OSError):
            # Whatever it answers: HTTPError is an OSError, so a 404 is told apart by its name.
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            except urllib.request.HTTPError:
                return
            return
        time.sleep(0.05)
    raise RuntimeError("a server does not answer")
