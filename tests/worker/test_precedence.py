"""A text whose sender waits goes first, in a process where comments are scored as well."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from config.model import BUNDLED
from config.settings import Settings
from moderation.interactive import WAIT_SECONDS, Asked, InMemory, Interactive, Places
from tests.newsroom import MODEL, Newsroom
from tests.processes import SECONDS, SLOW_SWEEP, until, working
from tests.stand_in import StandIn
from worker import scorers
from worker.interactive import score_text
from worker.model import Model
from worker.precedence import Precedence
from worker.scorers.onnx import OnnxScorer
from worker.scorers.pauses import pause, pausing

PASS_SECONDS = 0.005
MOST_SECONDS = 0.05
"""How long comments may keep a text waiting, of processor time."""


class InPasses(StandIn):
    """A model that takes a pass for each word, and remembers who asked for each."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[str] = []

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        for text in texts:
            for _ in text.split():
                pause()
                self.passes.append(threading.current_thread().name)
                time.sleep(PASS_SECONDS)
        return [dict.fromkeys(MODEL.attributes, 0.01) for _ in texts]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """As in one process."""
    return sqlite_url


def test_comments_that_are_scored_give_way(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = InPasses()
    monkeypatch.setattr(scorers, "load", lambda *_: scorer)
    for count in range(5):
        newsroom.receive("word " * 60, external_id=f"c-{count}")
    with working(newsroom, SLOW_SWEEP):
        until(lambda: len(scorer.passes) > 20)
        scored = Interactive(Settings()).score("A few words of a reader who waits.", whole=True)

    assert scored.scores["insult"] == 0.01
    [ours, *_] = [name for name in scorer.passes if name != "sweep"]
    began = scorer.passes.index(ours)
    assert scorer.passes[began : began + 8] == [ours] * 8  # nobody came between
    assert scorer.passes[-1] == "sweep"  # they went on


def test_the_others_wait_until_nobody_goes_first() -> None:
    precedence = Precedence()
    with ThreadPoolExecutor(1) as beside:
        with precedence.first():
            with precedence.first():
                waiting = beside.submit(precedence.give_way)
            time.sleep(0.05)
            assert not waiting.done()
        waiting.result(timeout=1)
    precedence.give_way()


@pytest.mark.parametrize("text", ["Some words, " * 800, "s.o.m.e w0rds, " * 600, "#" * 10_000])
def test_the_bundled_model_may_be_stopped_every_50_milliseconds(text: str) -> None:
    scorer = OnnxScorer(BUNDLED)
    moments = [time.thread_time()]

    with pausing(lambda: moments.append(time.thread_time())):
        scorer.score([text])

    moments.append(time.thread_time())
    gaps = [end - start for start, end in pairwise(moments)]
    assert max(gaps) < MOST_SECONDS


def test_what_takes_longer_than_its_sender_waits_is_given_up() -> None:
    scorer = InPasses()
    box = InMemory()
    box.leave_text("a key", Asked(text="word " * 10_000, whole=True))

    began = time.monotonic()
    score_text(box, Model(lambda: scorer), "a key")

    assert time.monotonic() - began < 5
    assert WAIT_SECONDS / PASS_SECONDS / 5 < len(scorer.passes) < 10_000
    assert box.wait("a key", 0.01) is None


def test_when_nobody_scores_they_wait_one_at_a_time() -> None:
    places = Places(2)
    assert [places.take(0) for _ in range(3)] == [True, True, False]
    places.give_back(scored=False)
    places.give_back(scored=False)

    began = time.monotonic()
    assert [places.take(SECONDS) for _ in range(2)] == [True, False]
    assert time.monotonic() - began < SECONDS / 2  # nobody waits for a place where nobody scores
    places.give_back(scored=True)

    assert [places.take(0) for _ in range(3)] == [True, True, False]


def test_one_more_waits_for_a_place_where_texts_are_scored() -> None:
    places = Places(1)
    places.take(0)
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(places.take, SECONDS)
        time.sleep(0.05)
        assert not waiting.done()
        places.give_back(scored=True)
        assert waiting.result(timeout=SECONDS)
