"""The full installation as docker-compose.yml describes it, as processes of this machine.

No Docker engine is needed: commands, environment, secrets, health checks and the order of starting
are read from the file and used as they stand. What differs is where things are: a path of the
containers lies in a folder of the test's, a name on their network is a loopback address, and each
process has ports of its own. What an engine alone can show (the images, their user, read-only file
systems, networks, limits) is not tried here.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from config.model import BUNDLED
from tests import services, stand_in_worker

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""How long a process may take to be ready, or to end, on a busy machine."""

REAL = (sys.executable, "-m", "moderation")
STAND_IN = (sys.executable, "-m", "tests.stand_in_worker", str(stand_in_worker.SECONDS))
"""The command `moderation`, and the same with a stand-in for the model."""


def described() -> dict[str, Any]:
    """docker-compose.yml, with the values that stand for what an operator has not set."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    read: dict[str, Any] = yaml.safe_load(filled)
    return read


def of_the_image() -> dict[str, str]:
    """The settings that the Dockerfile gives to both images."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return dict(re.findall(r"\b(MODERATION_\w+)=(\S+)", text))


@dataclass(eq=False)
class Process:
    """A container's stand-in: a process, its ports, and where it writes its log."""

    service: str
    popen: subprocess.Popen[bytes]
    ports: Mapping[str, int]
    environ: Mapping[str, str]
    check: Sequence[str]
    log: Path
    more: Sequence[str]
    own: Mapping[str, str]
    """Arguments and environment that the file does not give it."""
    stopped: bool = False
    """By us, so that it stays down."""

    @property
    def address(self) -> str:
        """Where it listens, for a service that does."""
        return f"http://127.0.0.1:{self.ports['8000']}"

    def healthy(self) -> bool:
        """What the health check of docker-compose.yml says."""
        done = subprocess.run(
            self.check,
            env=self.environ,
            cwd=ROOT,
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode == 0

    def children(self) -> list[psutil.Process]:
        """The workers of gunicorn; the children of a worker that has any. A killed one that its
        parent has not yet seen to is none of them."""
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.popen.pid).children()
            return [child for child in found if child.status() != psutil.STATUS_ZOMBIE]
        return []

    def kill(self) -> None:
        """End it and all its children at once, as a machine that fails would."""
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.popen.pid).children(recursive=True)
            for one in (psutil.Process(self.popen.pid), *family):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self.popen.wait(timeout=SECONDS)

    def stop(self) -> int:
        """End it as `docker compose stop` does; answers the exit code."""
        self.stopped = True
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(timeout=SECONDS)


@dataclass
class Installation:
    """The services of docker-compose.yml on a database and a Redis that are there."""

    folder: Path
    database_url: str
    redis_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    """What an operator would write into `moderation.env`."""
    command: Sequence[str] = REAL
    """What runs as `moderation` in the workers."""
    running: list[Process] = field(default_factory=list)
    started: int = 0

    def __post_init__(self) -> None:
        self.file = described()
        secrets = self.folder / "secrets"
        secrets.mkdir(parents=True)
        (self.folder / "data").mkdir()
        for name, value in {
            "database-url": self.database_url,
            "secret-key": "k" * 64,
            "postgres-password": "p" * 64,
        }.items():
            (secrets / name).write_text(f"{value}\n", encoding="ascii")
        self._places = {
            "/run/secrets": str(secrets),
            "/var/lib/moderation": str(self.folder / "data"),
            "/model": str(BUNDLED),
            "redis://redis:6379/0": self.redis_url,
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - to have it replaced
        }

    def up(self) -> None:
        """Start everything in its order, and wait until all of it is healthy."""
        self.once("migrate")
        replicas = int(self.file["services"]["worker"]["deploy"]["replicas"])
        scaled = ["worker"] * replicas
        self.all_healthy([self.start(service) for service in ("web", "interactive", *scaled)])

    def once(self, service: str) -> None:
        """Run a service that ends by itself; it must end well."""
        process = self.start(service)
        assert process.popen.wait(timeout=SECONDS) == 0, process.log.read_text()
        process.stopped = True

    def start(
        self,
        service: str,
        *more: str,
        own: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> Process:
        """Start a service as its command says, with `more` behind it and in an environment of
        its `own`, if any."""
        described = self.file["services"][service]
        arguments = [str(word) for word in (*described["command"], *more)]
        assert arguments.pop(0) == "moderation", described["command"]
        self.started += 1
        private = self.folder / f"{service}-{self.started}"
        private.mkdir()
        ports = ports or {"8000": services.free_port(), "9100": services.free_port()}
        program = self.command if service in {"worker", "interactive"} else REAL
        own = own or {}
        environ = self.environ_of(service, ports) | {"TMPDIR": str(private)} | dict(own)
        check = described.get("healthcheck", {}).get("test", ["CMD", "true"])
        assert check[0] == "CMD", check
        log = private / "log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [*program, *(self._here(argument, ports) for argument in arguments)],
                env=environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C goes to who drives the test, not to the services
            )
        interpreter = [sys.executable if part == "python" else part for part in check[1:]]
        process = Process(
            service,
            popen,
            ports,
            environ,
            [self._here(part, ports) for part in interpreter],
            log,
            more,
            own,
        )
        self.running.append(process)
        return process

    def environ_of(self, service: str, ports: Mapping[str, int]) -> dict[str, str]:
        """The environment of a service. The file's own has the last word, as with Docker."""
        own = ("MODERATION_", "DATABASE_URL", "REDIS_URL")
        outside = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        of_service = self.file["services"][service]["environment"]
        given = of_the_image() | dict(self.settings) | of_service
        return outside | {key: self._here(value, ports) for key, value in given.items()}

    def _here(self, text: str, ports: Mapping[str, int]) -> str:
        for place, where in self._places.items():
            text = text.replace(place, where)
        for port, free in ports.items():
            text = re.sub(rf":{port}\b", f":{free}", text)
        return text

    def all_healthy(self, processes: Sequence[Process]) -> None:
        """Wait until the health check of each says yes."""
        deadline = time.monotonic() + SECONDS
        for process in processes:
            while not process.healthy():
                assert process.popen.poll() is None, process.log.read_text()
                assert time.monotonic() < deadline, process.log.read_text()
                time.sleep(0.3)  # each look is a process of its own

    def moderation(self, *arguments: str, given: str = "") -> str:
        """What `docker compose exec web moderation ...` prints; `given` is its standard input."""
        done = subprocess.run(
            [*REAL, *arguments],
            env=self.environ_of("web", {"9100": services.free_port()}),
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def restarting(self) -> Iterator[None]:
        """`restart: unless-stopped`, during the block: what ends by itself is started again."""
        calm = threading.Event()

        def watch() -> None:
            while not calm.wait(0.2):
                for process in list(self.running):
                    if not process.stopped and process.popen.poll() is not None:
                        self.running.remove(process)
                        self.start(
                            process.service, *process.more, own=process.own, ports=process.ports
                        )

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            calm.set()
            watcher.join()

    def of(self, service: str) -> list[Process]:
        """The processes of a service that have not ended."""
        return [p for p in self.running if p.service == service and p.popen.poll() is None]

    def logs(self) -> str:
        """All that was ever logged."""
        return "".join(
            log.read_text(errors="replace") for log in sorted(self.folder.glob("*-*/log"))
        )

    def down(self) -> None:
        """End whatever still runs. The web side by itself, so that it takes its figures with it."""
        for process in self.running:
            if process.service == "web" and process.popen.poll() is None:
                process.stop()
            process.kill()
