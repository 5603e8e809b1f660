"""What the processes write: never a comment's words, a key, a query string or an address.

The scenes send each of them marked, have things go wrong in the middle, and read every line.
"""

import logging
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from config import logs
from moderation.db import Database
from tests import services
from tests.api.conftest import a_comment
from tests.newsroom import Newsroom
from tests.processes import environ_of, until
from tests.serving import POSTS, Running, ask, serving

MARK = "marked-7f3a"
WORDS = f"{MARK} words that only Rita wrote"
ADDRESS = "203.0.113.77"
NEVER = (MARK, ADDRESS)


def provoke(address: str, key: str) -> None:
    """Everything that can be wrong with a request, with a mark in each of its parts."""
    marked = {
        "X-Forwarded-For": ADDRESS,
        "X-Request-ID": f"{MARK} {MARK}",
        "Cookie": f"desk={MARK}",
        "Referer": f"https://daily.example/?{MARK}",
        "User-Agent": MARK,
    }
    send = partial(ask, address)
    for body in (
        a_comment(WORDS),
        a_comment(WORDS) | {MARK: MARK},
        [WORDS],
        a_comment("x" * 99999),
    ):
        send("POST", f"{POSTS}?note={MARK}", body, key=key, **marked)
    send("POST", POSTS, a_comment(WORDS), key=f"mod_{MARK}", **marked)
    send("GET", f"/api/v1/sites/the-daily/commenters/{MARK}?{MARK}", key=key, **marked)
    send("GET", f"/{MARK}?{MARK}={MARK}", **marked)
    for _ in range(2):  # the second one is refused, and so is their address
        send("POST", f"/login?next={MARK}", {}, **marked)
    for raw in (
        f"GET /?{MARK} HTTP/9.9\r\n\r\n",
        f"{MARK.upper()} !{MARK}\r\n\r\n",
        f"GET /{'x' * 9000}?{MARK} HTTP/1.1\r\n\r\n",
        f"GET / HTTP/1.1\r\n{MARK} {MARK}: x\r\n\r\n",
        f"POST {POSTS} HTTP/1.1\r\nContent-Length: {MARK}\r\n\r\n{MARK}",
        f"POST {POSTS} HTTP/1.1\r\nTransfer-Encoding: {MARK}\r\n\r\n{MARK}",
        f"POST {POSTS} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{MARK}\r\n{MARK}",
        f"POST {POSTS} HTTP/1.1\r\nContent-Length: 500\r\n\r\n{MARK}",
    ):
        say(address, raw)


def say(address: str, raw: str) -> None:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw.encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def break_postgres(db: Database) -> None:
    """Every revision is refused, with its words in the message."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION '%%', NEW.text USING DETAIL = NEW.text; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER tell BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION tell()"
        )


def addresses_in(log: str) -> set[str]:
    """The lines with an address of a caller in it. Where the service itself listens is its own."""
    return {
        line
        for line in log.splitlines()
        if re.search(r"\d+\.\d+\.\d+\.\d+", line) and "Listening at" not in line
    }


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: its messages can hold a row's values."""
    return postgres_url


def test_the_web_processes(newsroom: Newsroom, redis_url: str, tmp_path: Path) -> None:
    environ = environ_of(
        newsroom,
        redis_url,
        MODERATION_METRICS_BIND=f"127.0.0.1:{services.free_port()}",
        MODERATION_LOG_LEVEL="DEBUG",
        MODERATION_RATE_PER_LOGIN="1/minute",
    )
    with serving(environ, tmp_path / "log") as web:
        provoke(web.address, newsroom.daily_key)
        break_postgres(newsroom.db)
        status, _, _ = web.ask("POST", POSTS, a_comment(WORDS), key=newsroom.daily_key)
        assert status == 500
        told = web.get("/metrics", private=True)[1]

    log = (tmp_path / "log").read_text()
    for event in ("request_answered", "request_failed", "request_unreadable"):
        assert event in log
    for never in (*NEVER, newsroom.daily_key, "rita"):
        assert never not in log
        assert never not in told
    assert addresses_in(log) == set()


def test_everything_in_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("MODERATION_RATE_PER_LOGIN", "1/minute")
    running = Running(tmp_path / "data")
    heard = Heard(running.process)

    provoke(running.address.removeprefix("http://"), running.key)
    break_sqlite(tmp_path / "data" / "moderation.sqlite3")
    running.post(WORDS)
    heard.wait_for("sweep_failed")
    log = heard.all()
    assert "request_answered" in log
    for never in (*NEVER, running.key, "rita"):
        assert never not in log
    assert addresses_in(log) == set()


def break_sqlite(file: Path) -> None:
    """No score can be kept."""
    with Database(f"sqlite:///{file}") as db, db.transaction() as session:
        session.execute(text("DROP TABLE scores"))


class Heard:
    """What a process writes to standard error, read while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)

    def wait_for(self, event: str) -> None:
        until(
            lambda: any(event in line for line in list(self._lines)),
            said=lambda: "".join(self._lines),
        )

    def all(self) -> str:
        """Everything, after a stop."""
        self._process.terminate()
        self._thread.join()
        said, _ = self._process.communicate(timeout=60)
        return said + "".join(self._lines)


@pytest.fixture
def set_up_again() -> Iterator[None]:
    """Leaves logging as it was."""
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level, threading.excepthook = handlers, level, hook
    structlog.reset_defaults()
    vars(logs.log).pop("bind", None)  # it keeps the logger that it was first used with


@pytest.mark.parametrize("as_json", [True, False])
def test_an_exception_is_told_by_its_kind_and_its_place(
    as_json: bool, set_up_again: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("DEBUG", as_json=as_json)
    library = logging.getLogger("celery.app.trace")

    def fail() -> None:
        raise RuntimeError(WORDS) from ValueError(WORDS)

    try:
        fail()
    except RuntimeError as error:
        library.exception("Task %s raised: %r", MARK, error)
        logs.log.exception("batch_failed", comments=3)
        logs.log.error("batch_failed", exc_info=error)
    thread = threading.Thread(target=fail, name="bell")
    thread.start()
    thread.join()

    said = capsys.readouterr().err
    assert MARK not in said
    for told in ("library_failed", "celery.app.trace", "thread_failed", "bell", "RuntimeError"):
        assert told in said
    assert said.count("in fail") == 4
