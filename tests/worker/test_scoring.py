"""A round of work: claimed, read, judged; and what happens when the model does not play along."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from config.settings import Settings
from moderation import comments, judging, site_settings, sites
from moderation.backlog import ATTEMPTS, end_leases
from moderation.models import Decision, PostedPolicy, Revision, Status
from moderation.policy import Mode
from tests.newsroom import NOON, POLICY, Newsroom, submission
from tests.stand_in import StandIn
from worker.model import Model
from worker.scorers import Scorer
from worker.scoring import BATCH_CHARACTERS, BATCH_ROWS, Scoring


@pytest.fixture
def scoring_with(newsroom: Newsroom) -> Callable[[Callable[[], Scorer]], Scoring]:
    return lambda load: Scoring(Settings(), newsroom.db, Model(load))


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


def test_what_took_its_worker_with_it_is_left_to_a_person(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    bad = newsroom.receive("This will end the worker.")

    class Ending(StandIn):
        def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
            raise SystemExit  # no failure of the model: nothing after it is done

    for _ in range(ATTEMPTS):
        with pytest.raises(SystemExit):
            scoring_with(Ending).score_waiting()
        with newsroom.db.transaction() as session:
            end_leases(session)
    scoring = scoring_with(Ending)
    assert scoring.score_waiting() == 1
    assert newsroom.comment(bad).status == Status.HELD
    scoring.warm_up()
    assert scoring.score_waiting() == 0


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


def test_long_comments_of_one_site_do_not_keep_anothers_waiting(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    for _ in range(12):
        newsroom.receive("Even so. " * 1_000)
    other = of_the_post(newsroom)
    model = StandIn()
    scoring_with(lambda: model).score_waiting()
    assert len(model.calls) > 2
    assert submission().text in model.calls[0]
    assert newsroom.comment(other).judged_at is not None


def test_a_stopping_worker_begins_no_other_batch(newsroom: Newsroom, scoring_with: Make) -> None:
    newsroom.receive()
    assert scoring_with(StandIn).score_waiting(lambda: True) == 0


def spoil_the_policy(newsroom: Newsroom) -> None:
    """The Daily's policy becomes one that this release cannot read."""
    with newsroom.db.transaction() as session:
        session.execute(update(PostedPolicy).values(source="from a later release = [["))


def of_the_post(newsroom: Newsroom) -> UUID:
    with newsroom.db.transaction() as session:
        [answer] = comments.receive(session, newsroom.post.id, [submission()], now=NOON)
    assert isinstance(answer, comments.Received)
    return answer.comment_id


def test_a_site_that_cannot_be_judged_holds_its_comments_and_no_others(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    spoil_the_policy(newsroom)
    unjudged = [newsroom.receive(f"A fine morning, number {i}.") for i in range(3)]
    other = of_the_post(newsroom)
    scoring_with(StandIn).score_waiting()
    for comment_id in unjudged:
        comment = newsroom.comment(comment_id)
        assert (comment.status, comment.failed) == (Status.HELD, True)
    assert newsroom.comment(other).status == Status.HELD  # by its own site: it has no policy
    with newsroom.db.reading() as session:
        reasons = {
            decision.comment_id: decision.evidence["reasons"]
            for decision in session.scalars(select(Decision))
        }
    assert [reasons[comment_id] for comment_id in unjudged] == [["judging-failed"]] * 3
    assert reasons[other] == ["no-policy"]


def test_what_cannot_be_judged_is_held_in_shadow_mode_too_once_everything_is_to_be_held(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    spoil_the_policy(newsroom)
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, mode=Mode.SHADOW, hold_everything=True, now=NOON)
    comment_id = newsroom.receive()
    scoring_with(StandIn).score_waiting()

    assert newsroom.comment(comment_id).status == Status.HELD


def test_what_could_not_be_judged_is_judged_when_it_can(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    spoil_the_policy(newsroom)
    comment_id = newsroom.receive()
    scoring_with(StandIn).score_waiting()
    with newsroom.db.transaction() as session:
        session.execute(update(PostedPolicy).values(source=POLICY))
    scoring = scoring_with(StandIn)
    scoring.reopen_failed(datetime.now(UTC))
    scoring.score_waiting()
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_a_database_that_goes_away_in_the_middle_counts_no_attempt(
    newsroom: Newsroom, scoring_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    comment_id = newsroom.receive()
    scoring = scoring_with(StandIn)
    with monkeypatch.context() as away:

        def judge(*_args: object, **_kwargs: object) -> None:
            raise OperationalError("UPDATE", {}, ConnectionError("the server is gone"))

        away.setattr(judging, "judge", judge)
        for _ in range(5):
            with pytest.raises(OperationalError):
                scoring.score_waiting()
    assert newsroom.comment(comment_id).attempts == 1  # the one in hand, which is given back first
    assert scoring.score_waiting() == 1
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_a_batch_given_back_is_anothers_and_its_late_result_is_not_written(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    comment_id = newsroom.receive("You are a fool, Tom.")

    class GivenBack(StandIn):
        def score(self, texts: Sequence[str]) -> list[dict[str, float]]:
            stopped.give_back_in_hand()
            return super().score(texts)

    stopped = scoring_with(GivenBack)
    looks = iter([False, True])
    stopped.score_waiting(lambda: next(looks))
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.attempts, comment.leased_by) == (Status.RECEIVED, 0, None)
    scoring_with(StandIn).score_waiting()
    assert newsroom.comment(comment_id).status == Status.HELD


def test_a_long_backlog_is_left_when_the_worker_is_to_stop(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    for i in range(BATCH_ROWS + 8):
        newsroom.receive(f"A fine morning, number {i}.")
    looks = iter([False, True])
    assert scoring_with(StandIn).score_waiting(lambda: next(looks)) == BATCH_ROWS


def test_the_log_leads_from_the_request_to_the_decision(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    brought, other = newsroom.receive("A fine morning."), newsroom.receive("A fine evening.")
    with newsroom.db.transaction() as session:
        session.execute(
            update(Revision).where(Revision.comment_id == brought).values(request_id="req-7")
        )
    with structlog.testing.capture_logs() as said:
        scoring_with(StandIn).score_waiting()
    approved = {line["comment"]: line for line in said if line["event"] == "comment_approved"}
    assert approved[str(brought)]["site"] == "the-daily"
    assert approved[str(brought)]["request"] == "req-7"
    assert "request" not in approved[str(other)]


def test_the_log_of_a_site_that_only_looks_on_tells_of_no_decision(
    newsroom: Newsroom, scoring_with: Make
) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), mode=Mode.SHADOW, now=NOON)
    newsroom.receive("A fine morning.")
    with structlog.testing.capture_logs() as said:
        scoring_with(StandIn).score_waiting()
    told = [line["event"] for line in said if "comment" in line]
    assert told == ["comment_judged"]
