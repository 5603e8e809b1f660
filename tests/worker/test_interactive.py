"""A text scored while its sender waits: by the worker of the same process, by one of its own, by
nobody. Nothing of it is kept."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import redis
import structlog
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from config.settings import Settings
from moderation.bell import MOST_UNHEARD
from moderation.interactive import (
    KEPT_SECONDS,
    QUEUE,
    SCORE_TEXT,
    SENDERS_AT_ONCE,
    WAIT_SECONDS,
    Asked,
    InMemory,
    InRedis,
    Interactive,
    NotScored,
    Scored,
    Sentence,
    mailbox,
)
from moderation.models import Comment, Scope
from tests.api.conftest import Caller, app_of, key_of, problem
from tests.newsroom import MODEL, Newsroom
from tests.processes import SECONDS, SLOW_SWEEP, until, working
from tests.services import own_redis
from tests.stand_in import StandIn
from worker import scorers
from worker.interactive import score_text
from worker.model import Model

RUDE = "Seldom has anybody met such a fool."
ANSWER = Scored(
    language="en",
    scores={"insult": 0.9},
    quoted=None,
    sentences=(Sentence(0, 35, {"insult": 0.9}),),
    model="m",
    model_version="1",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this is stored."""
    return sqlite_url


def caller(newsroom: Newsroom, **settings: str) -> Caller:
    app = app_of(newsroom, **settings)
    return Caller(app.test_client(), key_of(newsroom, Scope.ANALYZE))


def kept(redis_url: str) -> str:
    """All that Redis holds."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        read = {
            "string": client.get,
            "list": lambda key: client.lrange(key, 0, -1),
            "set": client.smembers,
            "hash": client.hgetall,
            "zset": lambda key: client.zrange(key, 0, -1),
        }
        return "\n".join(f"{key}: {read[client.type(key)](key)}" for key in client.scan_iter())


def test_in_one_process_its_worker_answers(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    daily = caller(newsroom)
    with working(newsroom, SLOW_SWEEP):
        answers = [daily.post("/analyze", {"text": text}) for text in ("Good morning.", RUDE)]

    assert [answer.status_code for answer in answers] == [200, 200]
    calm, rude = (answer.get_json() for answer in answers)
    assert calm["scores"]["insult"] == 0.01
    assert rude == {
        "language": "en",
        "readable": True,
        "scores": dict.fromkeys(MODEL.attributes, 0.01) | {"insult": 0.9},
        "quoted": None,
        "model": MODEL.name,
        "model_version": MODEL.version,
    }
    with newsroom.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 0


def test_quoted_words_are_scored_apart(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    with working(newsroom, SLOW_SWEEP):
        answer = caller(newsroom).post(
            "/analyze", {"text": "> You fool.\n\nThat was uncalled for."}
        )

    assert answer.get_json()["scores"]["insult"] == 0.01
    assert answer.get_json()["quoted"]["insult"] == 0.9


@contextmanager
def interactive_worker(redis_url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "moderation", "worker", "-Q", "interactive"],
        env=os.environ | {"REDIS_URL": redis_url, "MODERATION_SECRET_KEY": "s" * 40},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_worker_of_its_own_answers_and_keeps_nothing(newsroom: Newsroom, redis_url: str) -> None:
    daily = caller(newsroom, redis_url=redis_url)
    with interactive_worker(redis_url) as process:

        def answered() -> TestResponse | None:
            assert process.poll() is None
            answer = daily.post("/analyze", {"text": RUDE})
            return answer if answer.status_code == 200 else None

        answer = until(answered)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS)

    assert process.returncode == 0, said
    assert answer.get_json()["scores"]["insult"] > 0.3
    assert answer.get_json()["model"].startswith("moderation-")
    assert "fool" not in said
    assert "fool" not in kept(redis_url)


def test_without_a_worker_it_is_refused_and_forgotten(newsroom: Newsroom, redis_url: str) -> None:
    daily = caller(newsroom, redis_url=redis_url)

    problem(answer := daily.post("/analyze", {"text": RUDE}), 503, "not-scored")

    assert int(answer.headers["Retry-After"]) >= 1
    assert "score_text" in kept(redis_url)  # the wake-up, which carries a key alone
    assert "fool" not in kept(redis_url)


def test_without_redis_it_is_refused(newsroom: Newsroom) -> None:
    daily = caller(newsroom, redis_url="redis://127.0.0.1:1/0")

    problem(daily.post("/analyze", {"text": RUDE}), 503, "not-scored")


def test_who_waits_holds_no_more_than_some_of_the_threads(redis_url: str) -> None:
    interactive = Interactive(Settings(redis_url=redis_url))
    with ThreadPoolExecutor(SENDERS_AT_ONCE) as others, redis.Redis.from_url(redis_url) as client:
        waiting = [others.submit(interactive.score, RUDE) for _ in range(SENDERS_AT_ONCE)]
        while client.llen(QUEUE) < SENDERS_AT_ONCE:
            time.sleep(0.01)
        with pytest.raises(NotScored):
            interactive.score(RUDE)
        assert not any(one.done() for one in waiting)  # they wait, and it did not
        assert all(isinstance(one.exception(), NotScored) for one in waiting)

        with pytest.raises(NotScored):
            interactive.score(RUDE)
        assert client.llen(QUEUE) == SENDERS_AT_ONCE + 1  # their places are free again


def test_nobody_waits_behind_wake_ups_that_nobody_hears(redis_url: str) -> None:
    interactive = Interactive(Settings(redis_url=redis_url))
    with redis.Redis.from_url(redis_url) as client:
        client.rpush(QUEUE, *[SCORE_TEXT] * MOST_UNHEARD)

        began = time.monotonic()
        with pytest.raises(NotScored):
            interactive.score(RUDE)

        assert time.monotonic() - began < WAIT_SECONDS
        assert client.keys("text:*") == []


def test_a_redis_that_freezes_is_waited_for_no_longer_than_a_worker() -> None:
    with own_redis(("--save", "", "--appendonly", "no")) as (url, server):
        box = InRedis(url)
        box.leave_text("a key", Asked(text=RUDE))
        server.freeze()
        began = time.monotonic()
        with pytest.raises(redis.RedisError):
            box.wait("a key", WAIT_SECONDS)
        assert time.monotonic() - began < 1
        server.thaw()


def test_a_text_that_the_model_fails_on_has_no_answer_and_is_not_logged() -> None:
    box = InMemory()
    box.leave_text("a key", Asked(text="This will crash."))

    with structlog.testing.capture_logs() as logged:
        score_text(box, Model(StandIn), "a key")

    assert box.wait("a key", 0.01) is None
    assert [line["event"] for line in logged] == ["model_loaded", "scoring_failed"]
    assert "crash" not in str(logged)


@pytest.fixture(params=["memory", "redis"])
def box(request: pytest.FixtureRequest) -> InMemory | InRedis:
    if request.param == "memory":
        return InMemory()
    return InRedis(request.getfixturevalue("redis_url"))


def test_a_text_is_taken_once(box: InMemory | InRedis) -> None:
    asked = Asked(text="Доброе утро, 🐝 \ud83d", whole=True, sentences=True)
    box.leave_text("a key", asked)

    assert box.take_text("a key") == asked
    assert box.take_text("a key") is None


def test_scores_are_waited_for_and_then_nothing_is_left(box: InMemory | InRedis) -> None:
    box.leave_text("a key", Asked(text=RUDE))
    assert box.wait("a key", 0.05) is None
    box.leave_scores("a key", ANSWER)

    assert box.wait("a key", 1) == ANSWER

    box.leave_scores("a key", ANSWER)
    box.forget("a key")
    assert box.take_text("a key") is None


def test_scores_that_nobody_waits_for_go_by_themselves(redis_url: str) -> None:
    box = mailbox(Settings(redis_url=redis_url))
    box.leave_text("one", Asked(text=RUDE))
    box.leave_scores("two", ANSWER)

    with redis.Redis.from_url(redis_url) as client:
        lives = [client.ttl(key) for key in client.scan_iter()]

    assert len(lives) == 2
    assert all(0 <= seconds <= KEPT_SECONDS for seconds in lives)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": " \n"}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"text": "Good morning.", "commenter": "rita"}, "commenter"),
    ],
)
def test_bad_bodies_are_named(newsroom: Newsroom, body: dict[str, str], field: str) -> None:
    refused = problem(caller(newsroom).post("/analyze", body), 422, "invalid")

    assert [error["field"] for error in refused["errors"]] == [field]
