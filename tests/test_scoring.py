"""A round of work: claimed, read, judged; and what happens when the model does not play along."""

from collections.abc import Callable, Sequence

import pytest

from config.model import ModelFacts
from config.settings import Settings
from moderation.models import Status
from tests.newsroom import MODEL, Newsroom
from worker.scorers import Scorer
from worker.scoring import BATCH_CHARACTERS, BATCH_ROWS, Scoring


class StandIn:
    """A model that finds an insult in every text with `fool` in it, and fails on `crash`."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    @property
    def facts(self) -> ModelFacts:
        return MODEL

    def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
        self.calls.append(list(texts))
        if any("crash" in text for text in texts):
            raise RuntimeError("the model has failed")
        calm = dict.fromkeys(MODEL.attributes, 0.01)
        return [calm | {"insult": 0.9} if "fool" in text else calm for text in texts]


@pytest.fixture
def scoring_with(newsroom: Newsroom) -> Callable[[Callable[[], Scorer]], Scoring]:
    return lambda load: Scoring(Settings(), newsroom.db, load)


Make = Callable[[Callable[[], Scorer]], Scoring]


def test_everything_that_waits_is_judged(newsroom: Newsroom, scoring_with: Make) -> None:
    kind = newsroom.receive("What a fine morning for the tram.")
    rude = newsroom.receive("You are a fool, Tom.")
    assert scoring_with(StandIn).score_waiting() == 2
    assert newsroom.comment(kind).status == Status.APPROVED
    assert newsroom.comment(rude).status == Status.HELD
    assert scoring_with(StandIn).score_waiting() == 0


def test_one_text_that_the_model_fails_on_takes_no_other_with_it(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    kind = [newsroom.receive(f"What a fine morning, number {i}.") for i in range(5)]
    bad = newsroom.receive("This will crash the model.")
    model = StandIn()
    scoring_with(lambda: model).score_waiting()
    assert {newsroom.comment(c).status for c in kind} == {Status.APPROVED}
    assert newsroom.comment(bad).status == Status.HELD
    alone = [call for call in model.calls if call == ["This will crash the model."]]
    assert len(alone) == 2  # and once among the others: three failures in all


def test_without_a_model_comments_wait_unpublished_and_uncounted(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    comment_id = newsroom.receive()
    there = False

    def load() -> Scorer:
        if not there:
            raise OSError("the model's file is gone")
        return StandIn()

    scoring = scoring_with(load)
    assert scoring.score_waiting() == 0
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.attempts) == (Status.RECEIVED, 0)
    there = True
    assert scoring.score_waiting() == 1
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_what_failed_is_judged_again_by_a_worker_that_starts(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    bad = newsroom.receive("This will crash the model.")
    scoring_with(StandIn).score_waiting()
    assert newsroom.comment(bad).status == Status.HELD

    class Mended(StandIn):
        def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
            return super().score([text.replace("crash", "please") for text in texts])

    scoring = scoring_with(Mended)
    scoring.warm_up()
    assert scoring.score_waiting() == 1
    assert newsroom.comment(bad).status == Status.APPROVED


def test_quoted_words_are_scored_apart(newsroom: Newsroom, scoring_with: Make) -> None:
    newsroom.receive("You are a fool and always were one.", external_id="c1")
    newsroom.receive("> You are a fool and always were one.\nPlease be kind.", parent="c1")
    model = StandIn()
    scoring_with(lambda: model).score_waiting()
    texts = [text.strip() for text in model.calls[0]]
    assert "Please be kind." in texts
    assert any("fool" in text and "kind" not in text for text in texts[2:])


def test_batches_are_bounded_in_rows_and_in_characters(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    for i in range(BATCH_ROWS + 3):
        newsroom.receive(f"Number {i}.")
    long = [newsroom.receive("The tram was late again. " * 390 + str(i)) for i in range(10)]
    model = StandIn()
    scoring_with(lambda: model).score_waiting()
    assert max(len(call) for call in model.calls) <= BATCH_ROWS
    assert max(sum(map(len, call)) for call in model.calls) <= BATCH_CHARACTERS
    assert {newsroom.comment(c).status for c in long} == {Status.APPROVED}


def test_a_stopping_worker_begins_no_other_batch(newsroom: Newsroom, scoring_with: Make) -> None:
    newsroom.receive()
    assert scoring_with(StandIn).score_waiting(lambda: True) == 0
