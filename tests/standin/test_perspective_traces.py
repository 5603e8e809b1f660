"""Of a text that Perspective's clients send nothing is left, whatever happens to it: not in the
database, not in Redis nor its files, not in what the processes write."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from sqlalchemy import MetaData, select

from moderation.db import Database
from moderation.interactive import KEPT_SECONDS, WAIT_SECONDS
from tests import services
from tests.newsroom import Newsroom
from tests.processes import SECONDS, environ_of, until
from tests.services import own_redis
from tests.serving import Running, Web, ask, serving
from tests.stand_in_worker import ENDS, FAILS

MARK = "marked-7f3a"
WORDS = f"{MARK} words that only Rita wrote"
QUICK, SLOW = 0.01, 3 * WAIT_SECONDS


def body(text: str, *, do_not_store: bool = True) -> dict[str, Any]:
    return {
        "comment": {"text": text},
        "requestedAttributes": {"TOXICITY": {}},
        "languages": ["en"],
        "doNotStore": do_not_store,
        "spanAnnotations": True,
        "clientToken": MARK,
    }


class Scene:
    """The full installation's processes, all of which write down whatever they can."""

    def __init__(self, newsroom: Newsroom, folder: Path, redis_url: str) -> None:
        self._db = newsroom.db
        self._key = newsroom.daily_key
        self._folder = folder
        self._redis = redis.Redis.from_url(redis_url)
        self.environ = environ_of(
            newsroom,
            redis_url,
            MODERATION_LOG_LEVEL="DEBUG",
            MODERATION_METRICS_BIND=f"127.0.0.1:{services.free_port()}",
        )

    @contextmanager
    def web(self) -> Iterator[Web]:
        with serving(self.environ, self._folder / "web.log") as web:
            yield web

    @contextmanager
    def worker(self, seconds: float) -> Iterator[subprocess.Popen[bytes]]:
        """The interactive worker, with a model that takes so long for a text; it is at work."""
        log = self._folder / "worker.log"
        command = [sys.executable, "-m", "tests.stand_in_worker", str(seconds)]
        environ = os.environ | self.environ | {"MODERATION_METRICS_BIND": ""}
        with log.open("a") as file:
            process = subprocess.Popen(
                [*command, "worker", "-Q", "interactive"], env=environ, stdout=file, stderr=file
            )
        try:
            until(lambda: "model_loaded" in log.read_text(), said=log.read_text)
            yield process
        finally:
            process.kill()
            process.wait(timeout=SECONDS)

    def status(self, web: Web, text: str = WORDS, **wish: bool) -> int:
        path = f"/v1alpha1/comments:analyze?key={self._key}"
        return ask(web.address, "POST", path, body(text, **wish))[0]

    def hangs_up(self, web: Web) -> None:
        with suppress(OSError):
            self.status(web)

    def answered(self, web: Web) -> bool:
        return self.status(web) == 200

    def nothing_is_left(self) -> None:
        """Looked at at once, not when whatever was there has gone by itself."""
        for place, found in {
            "redis": in_redis(self._redis),
            "the database": in_database(self._db),
            "files": in_files(self._folder),
            "redis's files": in_files(Path(str(self._redis.config_get("dir")["dir"]))),
        }.items():
            assert MARK.encode() not in found, place
        assert self._key.encode() not in in_files(self._folder)

    def close(self) -> None:
        self._redis.close()


def in_redis(client: redis.Redis) -> bytes:
    read: dict[Any, Callable[[Any], Any]] = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"hash": client.hgetall,
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    return repr([(key, read[client.type(key)](key)) for key in client.scan_iter()]).encode()


def in_database(db: Database) -> bytes:
    found = MetaData()
    found.reflect(db.engine)
    with db.engine.connect() as connection:
        rows = [connection.execute(select(table)).all() for table in found.sorted_tables]
    return repr(rows).encode()


def in_files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough, and of this one the file is read as well."""
    return sqlite_url


@pytest.fixture
def scene(newsroom: Newsroom, tmp_path: Path) -> Iterator[Scene]:
    with own_redis() as (url, _):  # it saves nothing, as docker-compose.yml has it
        scene = Scene(newsroom, tmp_path, url)
        yield scene
        scene.close()


def test_after_it_was_scored(scene: Scene) -> None:
    with scene.web() as web, scene.worker(QUICK):
        until(lambda: scene.answered(web))
        until(lambda: scene.status(web, do_not_store=False) == 200)
        scene.nothing_is_left()
    scene.nothing_is_left()


def test_after_the_model_or_its_worker_failed_on_it(scene: Scene) -> None:
    with scene.web() as web:
        with scene.worker(QUICK):
            until(lambda: scene.answered(web))
            assert scene.status(web, f"{WORDS} {FAILS}") == 503
            scene.nothing_is_left()
        with scene.worker(QUICK) as process:
            until(lambda: scene.answered(web))
            assert scene.status(web, f"{WORDS} {ENDS}") == 503
            assert process.wait(timeout=SECONDS) == -signal.SIGKILL
            scene.nothing_is_left()
    scene.nothing_is_left()


def test_after_its_sender_waited_in_vain(scene: Scene) -> None:
    with scene.web() as web:
        assert scene.status(web) == 503  # nobody is there
        scene.nothing_is_left()
        with scene.worker(SLOW) as process:
            assert scene.status(web) == 503
            scene.nothing_is_left()
            process.kill()
    scene.nothing_is_left()


def test_after_the_web_process_was_killed_while_it_lay_there(scene: Scene) -> None:
    with scene.web() as web:
        sent = threading.Thread(target=scene.hangs_up, args=[web])
        sent.start()
        until(lambda: MARK.encode() in in_redis(scene._redis), every=0.005)
        for process in (web_process := psutil.Process(web.process.pid)).children():
            process.kill()
        web_process.kill()
        sent.join(timeout=SECONDS)
        time.sleep(KEPT_SECONDS + 0.1)
        scene.nothing_is_left()


def test_in_one_process(tmp_path: Path) -> None:
    running = Running(tmp_path)
    path = f"/v1alpha1/comments:analyze?key={running.key}"
    address = running.address.removeprefix("http://")

    until(lambda: ask(address, "POST", path, body(WORDS))[0] == 200)
    ask(address, "POST", path, body(f"{WORDS} " * 500))  # too long to be scored in time
    kept = in_files(tmp_path)
    running.process.send_signal(signal.SIGINT)
    said = "".join(running.process.communicate(timeout=SECONDS))

    assert MARK.encode() not in kept + in_files(tmp_path)
    assert MARK not in said
    assert running.key not in said
