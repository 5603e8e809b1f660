"""Whatever is killed, stopped or frozen: what was accepted is judged once, and nothing is lost."""

import random
import time

import pytest

from tests.full import faults
from tests.full.counting import Count
from tests.full.scene import Scene
from tests.full.site import Kind, Stream
from tests.processes import until

pytestmark = pytest.mark.faults

PROMPT = 2.0
"""Seconds in which an answer must be there, on a machine that is busy with these tests. It is a
tenth of that on one that is not; waiting for Redis, or for a lock, would take longer."""

RECONNECTED = 6.0
"""Seconds after which a worker has found Redis again; it asks more and more seldom."""


def kept(scene: Scene, stream: Stream) -> Count:
    """Count, and see that every promise was kept."""
    counted = scene.counted(stream)
    assert not counted.complaints, f"{counted}: {counted.complaints[:5]}"
    assert counted.posted == counted.accepted == counted.stored
    assert counted.stored == counted.judged_once + counted.judged_again
    assert counted.posted > 0
    return counted


def chance(of: Stream) -> random.Random:
    return random.Random(of.seed)


def test_workers_that_are_killed(scene: Scene) -> None:
    with scene.stream().flowing() as stream:
        for _ in range(3):
            time.sleep(1.5)
            faults.kill_a_worker(scene, chance(stream))
    assert kept(scene, stream).held_unread == 0
    assert stream.slowest() < PROMPT


def test_children_of_a_worker_that_are_killed(scene: Scene) -> None:
    several = scene.installation.start("worker", "--concurrency", "2")
    scene.installation.all_healthy([several])
    alone = [worker for worker in scene.installation.of("worker") if worker is not several]
    for worker in alone:
        assert worker.stop() == 0
    with scene.stream().flowing() as stream:
        before = {child.pid for child in several.children()}
        for _ in range(3):
            time.sleep(1)
            # Celery looks every five seconds which of its children have gone.
            until(lambda: len(several.children()) == 2)
            faults.kill_a_child_of_a_worker(scene, chance(stream))
    kept(scene, stream)
    until(lambda: len(several.children()) == 2)
    assert {child.pid for child in several.children()} != before
    assert several.popen.poll() is None
    for _ in alone:
        scene.installation.start("worker")
    assert several.stop() == 0


def test_web_workers_that_are_killed(scene: Scene) -> None:
    [web] = scene.installation.of("web")
    with scene.stream(clients=8).flowing() as stream:
        for _ in range(4):
            time.sleep(1)
            faults.kill_a_web_worker(scene, chance(stream))
    kept(scene, stream)
    assert scene.installation.of("web") == [web]


def test_redis_flushed(scene: Scene) -> None:
    with scene.stream().flowing() as stream:
        for _ in range(3):
            time.sleep(1)
            scene.flush_redis()
    kept(scene, stream)
    assert {answer.status for answer in stream.answers} == {202}
    assert stream.slowest() < PROMPT


def test_redis_gone_and_back(scene: Scene) -> None:
    with scene.stream().flowing() as stream:
        time.sleep(1)
        scene.redis.stop("KILL")
        time.sleep(4)
        scene.redis.start()
        time.sleep(1)
    kept(scene, stream)
    assert {answer.status for answer in stream.answers} == {202}
    assert stream.slowest() < PROMPT


def test_redis_frozen(scene: Scene) -> None:
    with scene.stream().flowing() as stream:
        time.sleep(1)
        with scene.redis.frozen():
            time.sleep(5)
        time.sleep(1)
    kept(scene, stream)
    assert {answer.status for answer in stream.answers} == {202}
    assert stream.slowest() < PROMPT


def freeze_redis_for_long(scene: Scene, _: random.Random) -> None:
    """Redis answers nobody for longer than its callers are patient."""
    with scene.redis.frozen():
        time.sleep(10)


@pytest.mark.parametrize("concurrency", ["1", "2"])
def test_a_ring_is_heard_whatever_redis_went_through(scene: Scene, concurrency: str) -> None:
    """Celery on Redis has been seen to stop listening without a word. A worker that Redis does
    not answer can still be stopped."""
    others = scene.installation.of("worker")
    assert [worker.stop() for worker in others] == [0] * len(others)
    only_rings = {"MODERATION_SWEEP_SECONDS": "60"}
    listening = scene.installation.start("worker", "--concurrency", concurrency, own=only_rings)
    scene.installation.all_healthy([listening])
    dice = random.Random(1)
    for fault in (faults.flush_redis, faults.restart_redis, freeze_redis_for_long):
        fault(scene, dice)
        time.sleep(RECONNECTED)
        began = time.monotonic()
        with scene.stream(rate=10, clients=1).flowing() as stream:
            time.sleep(0.5)
        kept(scene, stream)
        assert time.monotonic() - began < 10, fault.__doc__
    with scene.redis.frozen():
        began = time.monotonic()
        assert listening.stop() == 0
        assert time.monotonic() - began < 20
    scene.installation.all_healthy([scene.installation.start("worker") for _ in others])


@pytest.mark.parametrize("ending", ["INT", "QUIT"], ids=["fast", "at once"])
def test_postgres_restarted(scene: Scene, ending: str) -> None:
    with scene.stream().flowing() as stream:
        time.sleep(1)
        scene.postgres.stop(ending)
        time.sleep(2)
        scene.postgres.start()
        time.sleep(1)
    kept(scene, stream)
    refused = [answer for answer in stream.answers if answer.status != 202]
    assert refused, "nothing was posted while Postgres was away"
    assert {answer.status for answer in refused} == {503}
    assert all(answer.retry_after is not None for answer in refused)
    assert stream.slowest() < PROMPT


def test_what_could_not_be_stored_is_stored_once_when_it_is_repeated(scene: Scene) -> None:
    with scene.stream(rate=2, clients=1).flowing() as stream:
        scene.postgres.stop("INT")
        time.sleep(2)
        scene.postgres.start()
    kept(scene, stream)
    first = stream.posted[0]
    assert first.answers[0].status == 503
    assert first.answers[-1].status == 202


def test_texts_that_the_model_fails_on(scene: Scene) -> None:
    with scene.stream(odd=0.1).flowing() as stream:
        time.sleep(4)
    counted = kept(scene, stream)
    assert any(comment.kind == Kind.FAILS for comment in stream.posted)
    assert counted.held_unread == 0


def test_a_text_that_takes_the_worker_with_it(scene: Scene) -> None:
    with scene.stream(odd=0.03, ends=True).flowing() as stream:
        time.sleep(4)
    assert any(comment.kind == Kind.ENDS for comment in stream.posted)
    assert kept(scene, stream).held_unread == 0


def test_a_clock_that_jumps(scene: Scene) -> None:
    """A lease that went by the worker's own clock would be over at once, or in an hour."""
    jumping = scene.installation.start("worker", own=scene.with_clock())
    scene.installation.all_healthy([jumping])
    with scene.stream().flowing() as stream:
        for jump in ("+1h", "-1h", "+0"):
            time.sleep(1.5)
            scene.clock.write_text(jump, encoding="ascii")
            faults.kill_a_worker(scene, chance(stream))
    assert kept(scene, stream).held_unread == 0
    for worker in scene.installation.of("worker"):
        if worker.own:
            worker.stop()


def test_everything_at_once(scene: Scene) -> None:
    dice = random.Random(7)
    with scene.stream(rate=15, odd=0.02).flowing() as stream:
        every = [*faults.OF_PROCESSES, *faults.OF_SERVERS]
        for fault in dice.sample(every, len(every)):
            time.sleep(dice.uniform(0.2, 1))
            fault(scene, dice)
    kept(scene, stream)
