"""What can happen to an installation on any day, one function each."""

import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.full.scene import Scene

Fault = Callable[[Scene, random.Random], None]


def kill_a_worker(scene: Scene, chance: random.Random) -> None:
    """A worker is killed with all its children."""
    if workers := scene.installation.of("worker"):
        chance.choice(workers).kill()


def kill_a_child_of_a_worker(scene: Scene, chance: random.Random) -> None:
    """Of a worker with children, one is killed."""
    if of_workers := [c for w in scene.installation.of("worker") for c in w.children()]:
        _kill(chance.choice(of_workers))


def kill_a_web_worker(scene: Scene, chance: random.Random) -> None:
    """One of gunicorn's workers is killed."""
    if of_web := [c for w in scene.installation.of("web") for c in w.children()]:
        _kill(chance.choice(of_web))


def stop_a_worker(scene: Scene, chance: random.Random) -> None:
    """A worker is stopped as Docker does, and another started, as at every upgrade."""
    if workers := scene.installation.of("worker"):
        leaving = chance.choice(workers)
        leaving.stop()
        scene.installation.start("worker", *leaving.more, own=leaving.own)


def flush_redis(scene: Scene, chance: random.Random) -> None:
    """All that Redis holds is gone."""
    scene.flush_redis()


def restart_redis(scene: Scene, chance: random.Random) -> None:
    """Redis is away for a while, and comes back with nothing."""
    scene.redis.stop("KILL")
    time.sleep(chance.uniform(0.5, 3))
    scene.redis.start()


def freeze_redis(scene: Scene, chance: random.Random) -> None:
    """Redis holds its connections, and answers nobody for a while."""
    with scene.redis.frozen():
        time.sleep(chance.uniform(1, 4))


def restart_postgres_fast(scene: Scene, chance: random.Random) -> None:
    """Postgres ends every transaction in hand and stops, as at an upgrade of its own."""
    _restart_postgres(scene, "INT", chance)


def restart_postgres_at_once(scene: Scene, chance: random.Random) -> None:
    """Postgres stops without a word and recovers, as after a crash."""
    _restart_postgres(scene, "QUIT", chance)


def _restart_postgres(scene: Scene, ending: str, chance: random.Random) -> None:
    scene.postgres.stop(ending)
    time.sleep(chance.uniform(0, 2))
    scene.postgres.start()


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def let_the_clock_jump(scene: Scene, chance: random.Random) -> None:
    """The wall clock of some workers is an hour ahead, an hour behind, or right again."""
    scene.clock.write_text(chance.choice(["+1h", "-1h", "+0"]), encoding="ascii")


OF_PROCESSES: tuple[Fault, ...] = (
    kill_a_worker,
    kill_a_child_of_a_worker,
    kill_a_web_worker,
    stop_a_worker,
    let_the_clock_jump,
)
OF_SERVERS: tuple[Fault, ...] = (
    flush_redis,
    restart_redis,
    freeze_redis,
    restart_postgres_fast,
    restart_postgres_at_once,
)
