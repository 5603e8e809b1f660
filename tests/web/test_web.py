"""`moderation web` as an operator starts it: gunicorn's workers on a real Postgres and Redis."""

import http.client
import inspect
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from gunicorn import util
from gunicorn.workers import gthread
from sqlalchemy import select

from moderation.models import Revision
from tests import services
from tests.api.conftest import a_comment
from tests.metrics import figure
from tests.newsroom import Newsroom
from tests.processes import SECONDS, environ_of, until
from tests.serving import POSTS, Web, serving


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """Postgres alone: several processes are what SQLite is not for."""
    return postgres_url


@pytest.fixture
def environ(newsroom: Newsroom, redis_url: str) -> dict[str, str]:
    private = f"127.0.0.1:{services.free_port()}"
    return environ_of(newsroom, redis_url, MODERATION_METRICS_BIND=private)


@pytest.fixture
def web(environ: dict[str, str], tmp_path: Path) -> Iterator[Web]:
    with serving(environ, tmp_path / "log") as running:
        yield running


PATIENCE = 7
"""Seconds for an answer beside sixteen callers who hold a connection. It is there after one or two;
with gunicorn's own waits it came after 14, or 20."""


def test_a_comment_is_taken_in_and_counted_by_every_worker_together(
    web: Web, newsroom: Newsroom
) -> None:
    for n in range(8):
        body = a_comment(f"Number {n}.", external_id=f"daily-{n}")
        for _ in range(2):  # a repeat is no second comment
            status, _, text = web.ask("POST", POSTS, body, key=newsroom.daily_key)
            assert status == 202, text

    status, told = web.get("/metrics", private=True)

    assert status == 200
    assert figure(told, 'moderation_comments_received_total{site="the-daily"}') == 8
    posted = 'endpoint="comments.post_comment",method="POST",status="2xx"'
    assert figure(told, f"moderation_request_seconds_count{{{posted}}}") == 16
    assert figure(told, "moderation_waiting_comments") == 8


def test_the_two_addresses_are_kept_apart(web: Web) -> None:
    assert web.get("/metrics")[0] == 404
    assert web.get("/queue", private=True)[0] == 404
    assert web.get("/readyz", private=True)[0] == 200


def test_a_request_s_id_leads_from_the_door_to_the_revision(web: Web, newsroom: Newsroom) -> None:
    given = {"X-Request-ID": "edge-7.f_3"}
    _, taken, _ = web.ask("POST", POSTS, a_comment(), key=newsroom.daily_key, **given)
    _, made, _ = web.ask(
        "POST", POSTS, a_comment("Again."), key=newsroom.daily_key, **{"X-Request-ID": "no id!"}
    )

    assert taken["x-request-id"] == "edge-7.f_3"
    assert len(made["x-request-id"]) == 32
    with newsroom.db.reading() as session:
        kept = set(session.scalars(select(Revision.request_id)))
    assert kept == {"edge-7.f_3", made["x-request-id"]}
    web.stop()
    events = [json.loads(line) for line in web.log.read_text().splitlines()]
    [told] = [event for event in events if event.get("request") == "edge-7.f_3"]
    assert told.pop("milliseconds") > 0
    assert told.pop("timestamp")
    assert told == {
        "event": "request_answered",
        "level": "info",
        "method": "POST",
        "endpoint": "comments.post_comment",
        "status": 202,
        "request": "edge-7.f_3",
    }


def test_sigterm_ends_it_and_leaves_nothing_behind(web: Web) -> None:
    folder = Path(f"/dev/shm/moderation-figures-{web.process.pid}")  # noqa: S108 - to see it go
    had_one = folder.exists()
    assert web.stop() == 0
    assert had_one == os.access(folder.parent, os.W_OK)
    assert not folder.exists()


def test_a_worker_that_is_killed_is_replaced(web: Web) -> None:
    children = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children")
    before = children.read_text().split()
    os.kill(int(before[0]), signal.SIGKILL)

    def is_replaced() -> bool:
        now = children.read_text().split()
        return len(now) == 2 and before[0] not in now

    until(is_replaced)
    assert web.get("/readyz")[0] == 200


def test_a_body_far_too_large_is_refused_unread(web: Web, newsroom: Newsroom) -> None:
    connection = http.client.HTTPConnection(web.address, timeout=SECONDS)
    with closing(connection):
        connection.putrequest("POST", POSTS)
        connection.putheader("Authorization", f"Bearer {newsroom.daily_key}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(10**9))
        connection.endheaders(b"{")
        assert connection.getresponse().status == 413


def test_those_who_stop_in_the_middle_keep_nobody_out(web: Web) -> None:
    host, _, port = web.address.rpartition(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(16)]
    try:
        for connection in silent[:8]:  # as many as there are threads
            connection.sendall(b"GET /healthz HT")
        for connection in silent[8:]:
            connection.sendall(b"GET /healthz HTTP/9.9\r\n\r\n")  # answered, and held on to
        assert web.get("/healthz")[0] == 200  # after a while: urllib's patience is a minute
    finally:
        for connection in silent:
            connection.close()
    assert "request_unreadable" in web.log.read_text()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /healthz HTTP/9.9\r\n\r\n"],  # the second is answered, and its caller holds on
    ids=["silent", "held on to"],
)
def test_nobody_waits_for_those_who_hold_a_connection(web: Web, sent: bytes) -> None:
    host, _, port = web.address.rpartition(":")
    with ExitStack() as held:
        for _ in range(16):
            caller = held.enter_context(socket.create_connection((host, int(port))))
            caller.sendall(sent)
        began = time.perf_counter()
        assert web.get("/healthz")[0] == 200
        took = time.perf_counter() - began
    assert took < PATIENCE


def test_the_waits_that_are_shortened_are_gunicorns() -> None:
    """config/gunicorn.conf.py sets them by name: under another name they would be longer again."""
    assert "timeout" in inspect.signature(util.close_graceful).parameters
    assert gthread.DEFAULT_WORKER_DATA_TIMEOUT > 0


def refused_quickly(web: Web, newsroom: Newsroom) -> None:
    began = time.perf_counter()
    status, headers, text = web.ask("POST", POSTS, a_comment(), key=newsroom.daily_key)
    took = time.perf_counter() - began
    assert (status, headers["retry-after"]) == (503, "5"), text
    assert took < 1
    assert web.get("/healthz")[0] == 200
    assert web.get("/readyz")[0] == 503


def test_it_starts_while_the_database_is_away_and_says_so(
    environ: dict[str, str], newsroom: Newsroom, tmp_path: Path
) -> None:
    nobody = f"postgresql+psycopg://nobody@127.0.0.1:{services.free_port()}/nothing"
    with serving(environ | {"DATABASE_URL": nobody}, tmp_path / "log") as web:
        refused_quickly(web, newsroom)
    assert "database_away" in (tmp_path / "log").read_text()


@pytest.fixture
def starting_up() -> Iterator[int]:
    """The port of a Postgres that answers everybody that it is starting up."""
    message = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
    refusal = b"E" + (len(message) + 4).to_bytes(4, "big") + message
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            while True:
                try:
                    caller, _ = listener.accept()
                except OSError:  # closed below
                    return
                with caller:
                    if caller.recv(8) == b"\0\0\0\x08\x04\xd2\x16\x2f":  # asks for encryption
                        caller.sendall(b"N")
                        caller.recv(8)
                    caller.recv(4096)
                    caller.sendall(refusal)

        thread = threading.Thread(target=refuse)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_database_that_is_starting_up_is_not_waited_for(
    environ: dict[str, str], newsroom: Newsroom, tmp_path: Path, starting_up: int
) -> None:
    busy = f"postgresql+psycopg://nobody@127.0.0.1:{starting_up}/nothing"
    with serving(environ | {"DATABASE_URL": busy}, tmp_path / "log") as web:
        refused_quickly(web, newsroom)
    assert "database_away" in (tmp_path / "log").read_text()


UNKNOWN = ({"MODERATION_TEXT_MAXX": "1"}, "MODERATION_TEXT_MAXX is not a setting of this service")
MALFORMED = ({"MODERATION_TEXT_MAX": "many"}, "MODERATION_TEXT_MAX must be a whole number")
NO_DATABASE = ({"DATABASE_URL": "somewhere"}, "DATABASE_URL is not an address of a database")
NO_MODEL = ({"MODERATION_MODEL": "/nowhere"}, "/nowhere/model.json")
NO_REDIS = ({"REDIS_URL": "localhost"}, "REDIS_URL must be an address of a Redis")
SAME_PORT = (
    {"MODERATION_METRICS_BIND": "127.0.0.1:8000"},
    "MODERATION_METRICS_BIND must have another port than the public one, 8000",
)


@pytest.mark.parametrize(
    ("command", "wrong", "named"),
    [
        *(("web", *wrong) for wrong in (UNKNOWN, MALFORMED, NO_DATABASE, NO_MODEL, NO_REDIS)),
        *(("worker", *wrong) for wrong in (UNKNOWN, MALFORMED, NO_DATABASE, NO_REDIS)),
        *(("run", *wrong) for wrong in (UNKNOWN, MALFORMED, NO_DATABASE, NO_MODEL, SAME_PORT)),
    ],
)
def test_a_wrong_setting_stops_start_up_with_a_line_that_names_it(
    command: str, wrong: dict[str, str], named: str, redis_server: str, tmp_path: Path
) -> None:
    given = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'x.sqlite3'}",
        "MODERATION_DATA_DIR": str(tmp_path),
    }
    if command != "run":
        given["REDIS_URL"] = redis_server
    done = subprocess.run(
        [sys.executable, "-m", "moderation", command],
        env=os.environ | given | wrong,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert named in line


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"REDIS_URL": ""}, "several processes need REDIS_URL"),
        ({"DATABASE_URL": "sqlite://"}, "run `moderation db upgrade`"),
        ({"MODERATION_METRICS_BIND": "127.0.0.1:8000"}, "another port than the public one, 8000"),
    ],
)
def test_what_web_cannot_be_run_with(
    environ: dict[str, str], change: dict[str, str], named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "web"],
        env=os.environ | environ | change,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert named in line
