"""What waits is claimed, judged once, and held whenever something is amiss."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from moderation import backlog, comments, decisions, judging, site_settings, sites
from moderation.court import Reading
from moderation.models import Comment, Commenter, Decision, Score, Status, Tray, new_id
from moderation.policy import Mode
from moderation.queue import trays
from moderation.sql import from_now
from tests.newsroom import MODEL, NOON, POLICY, Newsroom, later, submission, unrecorded


def claim(newsroom: Newsroom, worker: UUID, limit: int = 10) -> list[backlog.Waiting]:
    with newsroom.db.transaction() as session:
        return backlog.claim(session, worker=worker, limit=limit, lease_seconds=60)


def judge(
    newsroom: Newsroom, worker: UUID, waiting: list[backlog.Waiting], **scores: float
) -> list[judging.Judged]:
    readings = [
        Reading(
            waiting=item,
            language="en",
            scores=dict.fromkeys(MODEL.attributes, 0.01) | scores,
        )
        for item in waiting
    ]
    with newsroom.db.transaction() as session:
        return judging.judge(session, readings, worker=worker, model=MODEL, now=NOON)


def expire_leases(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        session.execute(
            update(Comment).where(Comment.leased_by.is_not(None)).values(leased_until=from_now(-1))
        )


def test_a_kind_comment_is_approved_and_its_scores_are_kept(newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    assert newsroom.comment(comment_id).status == Status.APPROVED
    with newsroom.db.reading() as session:
        [score] = session.scalars(select(Score)).all()
        [decision] = session.scalars(select(Decision)).all()
    assert set(score.attributes) == set(MODEL.attributes)
    assert (score.model, score.model_version) == (MODEL.name, MODEL.version)
    assert (decision.status_after, decision.policy_version, decision.actor) == (
        "approved",
        1,
        "policy",
    )


@pytest.mark.parametrize(
    ("scores", "status", "clause"),
    [
        ({"insult": 0.59}, Status.APPROVED, None),
        ({"insult": 0.6}, Status.HELD, "personal-attacks"),
        ({"insult": 0.99}, Status.HELD, "personal-attacks"),
        ({"obscene": 0.95}, Status.BLOCKED, "profanity"),
        ({"obscene": 0.95, "insult": 0.7}, Status.BLOCKED, "profanity"),
        ({"obscene": 0.6, "insult": 0.7}, Status.HELD, "profanity"),
    ],
)
def test_scores_are_held_against_the_posted_policy(
    newsroom: Newsroom, scores: dict[str, float], status: Status, clause: str | None
) -> None:
    newsroom.receive()
    [judged] = newsroom.judge(scores)
    assert (judged.status, judged.clause) == (status, clause)


def test_a_site_without_a_policy_holds_everything(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        comments.receive(session, newsroom.post.id, [submission()], now=NOON)
    [judged] = newsroom.judge()
    assert judged.status == Status.HELD


def test_the_switch_holds_what_the_policy_would_publish(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, hold_everything=True, now=NOON)
    comment_id = newsroom.approved()
    assert newsroom.comment(comment_id).status == Status.HELD


def test_in_shadow_mode_a_verdict_is_recorded_and_nothing_decided(
    newsroom: Newsroom,
) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), mode=Mode.SHADOW, now=NOON)
    comment_id = newsroom.held()
    comment = newsroom.comment(comment_id)
    assert comment.status == Status.RECEIVED
    with newsroom.db.reading() as session:
        [decision] = session.scalars(select(Decision)).all()
    assert decision.clause == "personal-attacks"
    assert newsroom.judge() == []


def test_what_was_posted_in_shadow_mode_is_judged_once_the_site_leaves_it(
    newsroom: Newsroom,
) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), mode=Mode.SHADOW, now=NOON)
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, mode=Mode.PUBLISH_UNLESS_HELD, now=NOON)
    newsroom.judge({"insult": 0.83})
    assert newsroom.comment(comment_id).status == Status.HELD


@pytest.mark.parametrize("language", ["hy", "ru", None])
def test_a_language_that_the_model_cannot_read_goes_to_a_person(
    newsroom: Newsroom, language: str | None
) -> None:
    newsroom.receive("Բարի լույս, սիրելի հարևաններ։")
    [judged] = newsroom.judge(language=language)
    assert judged.status == Status.HELD


def test_a_near_repeat_is_found_when_the_policy_asks(newsroom: Newsroom) -> None:
    source = """
title = "t"
text = "No spam."
[[clauses]]
key = "spam"
title = "Spam"
text = "Say it once."
[[clauses.rules]]
repeats = 0.8
"""
    newsroom.post_policy(source)
    words = "Buy my wonderful lamps today, they are the best lamps in the whole of this town."
    first = newsroom.approved(words)
    again = newsroom.approved(words.upper() + "!!", commenter={"id": "sock-puppet"})
    other = newsroom.approved("The tram was late again this morning, as it is every Monday.")
    assert newsroom.comment(first).status == Status.APPROVED
    assert newsroom.comment(again).status == Status.HELD
    assert newsroom.comment(other).status == Status.APPROVED


def test_two_workers_never_claim_the_same_comment(newsroom: Newsroom) -> None:
    for i in range(6):
        newsroom.receive(f"Comment {i}.")
    first, second = claim(newsroom, new_id(), 4), claim(newsroom, new_id(), 4)
    assert [len(first), len(second)] == [4, 2]
    assert not {w.comment_id for w in first} & {w.comment_id for w in second}


def test_a_lease_that_ran_out_is_taken_over_and_the_late_worker_changes_nothing(
    newsroom: Newsroom,
) -> None:
    comment_id = newsroom.receive()
    slow, quick = new_id(), new_id()
    held_by_slow = claim(newsroom, slow)
    assert claim(newsroom, quick) == []
    expire_leases(newsroom)
    taken_over = claim(newsroom, quick)
    assert judge(newsroom, slow, held_by_slow, insult=0.9) == []
    [judged] = judge(newsroom, quick, taken_over)
    assert judged.comment_id == comment_id
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_what_was_tried_before_is_claimed_alone(newsroom: Newsroom) -> None:
    for i in range(3):
        newsroom.receive(f"Comment {i}.")
    claim(newsroom, new_id())
    expire_leases(newsroom)
    newsroom.receive("A fresh one.")
    assert [len(claim(newsroom, new_id())) for _ in range(5)] == [1, 1, 1, 1, 0]


def test_a_batch_given_back_untried_counts_no_attempt(newsroom: Newsroom) -> None:
    newsroom.receive()
    worker = new_id()
    batch = claim(newsroom, worker)
    with newsroom.db.transaction() as session:
        backlog.give_back(session, batch, worker=worker, uncounted=True)
    [again] = claim(newsroom, new_id())
    assert again.attempts == 1


def test_a_comment_edited_while_it_is_scored_waits_for_its_new_words(
    newsroom: Newsroom,
) -> None:
    comment_id = newsroom.receive("Old words.")
    worker = new_id()
    claimed = claim(newsroom, worker)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "New words.", now=later(1))
    assert judge(newsroom, worker, claimed) == []
    [waiting] = claim(newsroom, worker)
    assert (waiting.revision, waiting.text) == (2, "New words.")


def test_a_comment_erased_while_it_is_scored_stays_erased(newsroom: Newsroom) -> None:
    comment_id = newsroom.receive()
    worker = new_id()
    claimed = claim(newsroom, worker)
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    assert judge(newsroom, worker, claimed) == []
    with newsroom.db.reading() as session:
        assert session.scalars(select(Score)).all() == []


def fail(newsroom: Newsroom) -> list[judging.Judged]:
    worker = new_id()
    readings = [
        Reading(waiting=waiting, language=None, scores=None) for waiting in claim(newsroom, worker)
    ]
    with newsroom.db.transaction() as session:
        return judging.judge(session, readings, worker=worker, model=MODEL, now=NOON)


def test_a_text_that_the_model_failed_on_is_held_and_judged_again_when_it_works(
    newsroom: Newsroom,
) -> None:
    comment_id = newsroom.receive()
    [judged] = fail(newsroom)
    assert judged.status == Status.HELD
    with newsroom.db.transaction() as session:
        assert backlog.reopen_failed(session, before=NOON) == 0
        assert backlog.reopen_failed(session, before=NOON + timedelta(hours=1)) == 1
    assert newsroom.comment(comment_id).status == Status.HELD
    newsroom.judge()
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_a_failure_lets_nothing_through_that_was_held_before_it(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Words unread.", now=later(1))
    fail(newsroom)
    with newsroom.db.transaction() as session:
        backlog.reopen_failed(session, before=later(60))
    newsroom.judge()
    assert newsroom.comment(comment_id).status == Status.HELD


@pytest.mark.parametrize("to", [Tray.ESCALATED, Tray.LATER])
def test_what_somebody_laid_aside_is_not_let_through_when_the_model_works_again(
    newsroom: Newsroom, to: Tray
) -> None:
    comment_id = newsroom.receive()
    fail(newsroom)
    lay = decisions.Seen(comment_id=comment_id, revision=1, status=Status.HELD, tray=Tray.WAITING)
    with newsroom.db.transaction() as session:
        trays.move(session, newsroom.daily.id, lay, to, moderator_id=newsroom.ana.id, now=later(1))
        backlog.reopen_failed(session, before=later(60))
    newsroom.judge()
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.tray) == (Status.HELD, to)


def test_a_person_who_decides_while_it_waits_again_has_the_last_word(
    newsroom: Newsroom,
) -> None:
    comment_id = newsroom.receive()
    fail(newsroom)
    with newsroom.db.transaction() as session:
        backlog.reopen_failed(session, before=later(60))
    worker = new_id()
    claimed = claim(newsroom, worker)
    with newsroom.db.transaction() as session:
        decisions.approve(
            session,
            newsroom.daily.id,
            decisions.Seen(comment_id=comment_id, revision=1, status=Status.HELD),
            moderator_id=newsroom.ana.id,
            now=later(1),
        )
    assert judge(newsroom, worker, claimed, insult=0.9) == []
    assert newsroom.comment(comment_id).status == Status.APPROVED


def test_words_quoted_from_the_parent_never_block(newsroom: Newsroom) -> None:
    parent = newsroom.receive("Something obscene that a reader has said here.", external_id="c1")
    newsroom.judge({"obscene": 0.97})
    assert newsroom.comment(parent).status == Status.BLOCKED
    reply = newsroom.receive("> Something obscene that\nDo not say such things.", parent="c1")
    worker = new_id()
    [waiting] = claim(newsroom, worker)
    assert waiting.parent_text == "Something obscene that a reader has said here."
    calm = dict.fromkeys(MODEL.attributes, 0.01)
    with newsroom.db.transaction() as session:
        judging.judge(
            session,
            [
                Reading(
                    waiting=waiting,
                    language="en",
                    scores=calm,
                    quoted=calm | {"obscene": 0.97},
                )
            ],
            worker=worker,
            model=MODEL,
            now=NOON,
        )
    assert newsroom.comment(reply).status == Status.HELD


def test_the_commenters_history_is_counted(newsroom: Newsroom) -> None:
    newsroom.approved()
    newsroom.receive("Something obscene.")
    newsroom.judge({"obscene": 0.99})
    with newsroom.db.reading() as session:
        rita = session.scalars(select(Commenter)).one()
    assert (rita.approved, rita.blocked) == (1, 1)


def test_how_many_wait_and_since_when(newsroom: Newsroom) -> None:
    with newsroom.db.reading() as session:
        assert backlog.since(session) == (0, None)
    newsroom.receive()
    with newsroom.db.reading() as session:
        assert backlog.since(session) == (1, NOON)


def test_a_flood_of_one_text_hides_no_repeat_of_another(newsroom: Newsroom) -> None:
    newsroom.post_policy(f"{POLICY}\n[[clauses.rules]]\nrepeats = 0.8\n")
    flood = "Buy my wonderful lamps today, they are the best lamps in the whole of this town."
    words = "The council never asked the tenants of the old harbour what they wanted at all."
    newsroom.approved(words)
    with newsroom.db.transaction() as session:
        sellers = [submission(flood, commenter={"id": f"seller-{n}"}) for n in range(60)]
        comments.receive(session, newsroom.daily.id, sellers, now=NOON)
    newsroom.judge()
    newsroom.receive(flood, commenter={"id": "seller-60"})
    newsroom.receive(words, commenter={"id": "tom"})
    assert [judged.status for judged in newsroom.judge()] == [Status.HELD, Status.HELD]
