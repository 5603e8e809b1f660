"""A comment is taken in once, whatever is repeated; edited; erased."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from moderation import commenter_blocks, commenters, comments, decision_log, decisions, stories
from moderation.comments import Reason, Received, Refused
from moderation.db import Database
from moderation.models import (
    Comment,
    Commenter,
    DecisionNote,
    Flag,
    Refusal,
    Revision,
    Status,
    Story,
)
from moderation.sites import NotFound
from moderation.submission import FlagReport, Submission
from tests.newsroom import NOON, Newsroom, later, open_newsroom, submission, unrecorded


def receive(
    newsroom: Newsroom, *posted: Submission, keys: list[str | None] | None = None
) -> list[Received | Refused]:
    with newsroom.db.transaction() as session:
        return comments.receive(session, newsroom.daily.id, posted, keys=keys, now=NOON)


def count(db: Database, table: type) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The statements of the block."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):  # which SQLite alone is told
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    yield asked
    event.remove(db.engine, "before_cursor_execute", hear)


def id_of(answer: Received | Refused) -> UUID:
    assert isinstance(answer, Received), answer
    return answer.comment_id


def test_a_new_comment_waits_as_received(newsroom: Newsroom) -> None:
    comment = newsroom.comment(newsroom.receive("Good morning."))
    assert (comment.status, comment.revision, comment.judged_at) == (
        Status.RECEIVED,
        1,
        None,
    )
    assert comment.received_at == NOON


def test_the_same_key_answers_the_same_comment(newsroom: Newsroom) -> None:
    [first] = receive(newsroom, submission("Hello."), keys=["k1"])
    [second] = receive(newsroom, submission("Hello."), keys=["k1"])
    assert id_of(second) == id_of(first)
    assert isinstance(second, Received)
    assert second.repeat
    assert count(newsroom.db, Comment) == 1


def test_the_same_external_id_answers_the_same_comment(newsroom: Newsroom) -> None:
    [first] = receive(newsroom, submission("Hello.", external_id="c1"))
    [second] = receive(newsroom, submission("Hello.", external_id="c1"), keys=["another"])
    [third] = receive(newsroom, submission("Hello.", external_id="c1"), keys=["another"])
    assert id_of(first) == id_of(second) == id_of(third)


@pytest.mark.parametrize(("key", "external_id"), [("k1", None), (None, "c1")])
def test_another_body_under_the_same_key_is_refused(
    newsroom: Newsroom, key: str | None, external_id: str | None
) -> None:
    fields = {"external_id": external_id} if external_id else {}
    receive(newsroom, submission("Hello.", **fields), keys=[key])
    [answer] = receive(newsroom, submission("Goodbye.", **fields), keys=[key])
    assert isinstance(answer, Refused)
    assert answer.reason == Reason.KEY_REUSED
    assert count(newsroom.db, Comment) == 1


def test_a_key_refused_for_its_external_id_stays_free(newsroom: Newsroom) -> None:
    receive(newsroom, submission("Hello.", external_id="c1"))
    [refused] = receive(newsroom, submission("Goodbye.", external_id="c1"), keys=["k2"])
    assert isinstance(refused, Refused)
    [taken] = receive(newsroom, submission("Goodbye."), keys=["k2"])
    assert isinstance(taken, Received)
    assert not taken.repeat


def test_a_repeat_within_one_batch_is_one_comment(newsroom: Newsroom) -> None:
    twice = submission("Hello.", external_id="c1")
    first, second = receive(newsroom, twice, twice)
    assert id_of(first) == id_of(second)
    assert count(newsroom.db, Comment) == 1


def test_simultaneous_repeats_store_one_comment(newsroom: Newsroom) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: receive(newsroom, submission("Hello.", external_id="c1"), keys=["k1"]),
                range(24),
            )
        )
    assert len({id_of(answer) for [answer] in answers}) == 1
    assert count(newsroom.db, Comment) == count(newsroom.db, Revision) == 1


def test_simultaneous_posts_make_a_story_and_a_commenter_once(
    newsroom: Newsroom,
) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: newsroom.receive(f"Hello {i}."), range(16)))
    assert count(newsroom.db, Story) == count(newsroom.db, Commenter) == 1
    assert count(newsroom.db, Comment) == 16


def test_a_reply_names_its_parent_by_either_id(newsroom: Newsroom) -> None:
    parent = newsroom.receive("First!", external_id="c1")
    for name in ("c1", str(parent)):
        assert newsroom.comment(newsroom.receive("Indeed.", parent=name)).parent_id == parent


def test_a_batch_may_hold_a_comment_and_its_reply(newsroom: Newsroom) -> None:
    first, second = receive(
        newsroom,
        submission("First!", external_id="c1"),
        submission("Indeed.", external_id="c2", parent="c1"),
    )
    assert newsroom.comment(id_of(second)).parent_id == id_of(first)


def test_a_parent_under_another_story_is_unknown(newsroom: Newsroom) -> None:
    newsroom.receive("First!", external_id="c1")
    [answer] = receive(newsroom, submission("Hm.", parent="c1", story={"id": "bees"}))
    assert answer == Refused(Reason.UNKNOWN_PARENT, "parent", "names no comment under this story")


def test_a_blocked_commenter_is_refused_and_the_refusal_kept_without_words(
    newsroom: Newsroom,
) -> None:
    newsroom.receive()
    with newsroom.db.transaction() as session:
        rita = commenters.find(session, newsroom.daily.id, "rita")
        assert rita is not None
        commenter_blocks.block(
            session, rita, reason="Spam", until=later(60), moderator_id=None, now=NOON
        )
    [answer] = receive(newsroom, submission("Let me in."), keys=["k1"])
    assert isinstance(answer, Refused)
    assert answer.reason == Reason.COMMENTER_BLOCKED
    with newsroom.db.reading() as session:
        assert session.scalars(select(Refusal.reason)).all() == ["commenter-blocked"]
    with newsroom.db.transaction() as session:
        [after] = comments.receive(
            session,
            newsroom.daily.id,
            [submission("Let me in.")],
            keys=["k1"],
            now=later(61),
        )
    assert isinstance(after, Received)


def test_a_closed_story_takes_no_comment_but_answers_a_repeat(
    newsroom: Newsroom,
) -> None:
    [first] = receive(newsroom, submission("In time.", external_id="c1"))
    with newsroom.db.transaction() as session:
        session.scalars(select(Story)).one().closed_at = NOON
    in_time, late = receive(
        newsroom, submission("In time.", external_id="c1"), submission("Too late.")
    )
    assert id_of(in_time) == id_of(first)
    assert isinstance(late, Refused)
    assert late.reason == Reason.STORY_CLOSED


def test_a_comment_from_the_future_is_refused(newsroom: Newsroom) -> None:
    created = (NOON + timedelta(hours=1)).isoformat()
    [answer] = receive(newsroom, submission("Hello.", created_at=created))
    assert isinstance(answer, Refused)
    assert answer.reason == Reason.FROM_THE_FUTURE


def test_an_edit_withdraws_an_approved_comment(newsroom: Newsroom) -> None:
    comment_id = newsroom.approved("Fine words.")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Other words.", now=later(1))
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.revision) == (Status.RECEIVED, 2)
    newsroom.judge()
    assert newsroom.comment(comment_id).status == Status.APPROVED
    with newsroom.db.reading() as session:
        assert session.scalars(select(Commenter.approved)).one() == 1


def test_an_edit_never_betters_a_held_comment(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Dear Tom.", now=later(1))
    newsroom.judge()
    comment = newsroom.comment(comment_id)
    assert (comment.status, comment.revision) == (Status.HELD, 2)


def test_erasing_takes_every_word_and_keeps_the_decisions(newsroom: Newsroom) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    site_id = newsroom.daily.id
    with newsroom.db.transaction() as session:
        from moderation import flags

        flags.flag(
            session,
            site_id,
            comment_id,
            FlagReport(reader="zoe", text="He called me a fool"),
            now=NOON,
        )
        decisions.block(
            session,
            site_id,
            decisions.Seen(comment_id=comment_id, revision=1, status=Status.HELD),
            clause="personal-attacks",
            note="Called Tom a fool",
            moderator_id=newsroom.ana.id,
            now=NOON,
        )
    with newsroom.db.transaction() as session:
        comments.erase(session, site_id, comment_id, record=unrecorded, now=later(1))
    with newsroom.db.reading() as session:
        words = [
            *session.scalars(select(Revision.text)),
            *session.scalars(select(Flag.text)),
            *session.scalars(select(DecisionNote.text)),
        ]
        told = decision_log.feed(session, site_id)
    assert words == [None, None, None]
    assert [t.decision.status_after for t in told] == ["held", "blocked"]
    with pytest.raises(NotFound), newsroom.db.transaction() as session:
        comments.edit(session, site_id, comment_id, "Back again", now=later(2))


def test_an_erased_comment_is_not_brought_back_by_a_late_repeat(
    newsroom: Newsroom,
) -> None:
    [first] = receive(newsroom, submission("Hello.", external_id="c1"))
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, id_of(first), record=unrecorded, now=NOON)
    [again] = receive(newsroom, submission("Hello.", external_id="c1"))
    assert id_of(again) == id_of(first)
    assert newsroom.judge() == []


def test_another_papers_comment_is_not_found(newsroom: Newsroom) -> None:
    comment_id = newsroom.receive()
    with pytest.raises(NotFound), newsroom.db.transaction() as session:
        comments.edit(session, newsroom.post.id, comment_id, "Hijacked", now=NOON)
    with pytest.raises(NotFound), newsroom.db.transaction() as session:
        comments.erase(session, newsroom.post.id, comment_id, record=unrecorded, now=NOON)


def test_twins_of_a_batch_that_are_refused_leave_their_keys_free(newsroom: Newsroom) -> None:
    newsroom.receive("First!")
    twins = [submission("Hello.", external_id="c1")] * 2
    with newsroom.db.transaction() as session:
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)
    for _ in range(2):
        answers = receive(newsroom, *twins, keys=["k1", "k2"])
        assert [type(answer) for answer in answers] == [Refused, Refused]
    with newsroom.db.transaction() as session:
        stories.reopen(session, newsroom.daily.id, "tram-7", now=NOON)
    one, other = receive(newsroom, *twins, keys=["k1", "k2"])
    assert id_of(one) == id_of(other)


def test_a_reply_waits_for_nobody_who_changes_its_parent(postgres_url: str) -> None:
    """The reply has changed its commenter's name; who holds the parent wants that row next."""
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        parent = newsroom.comment(newsroom.approved())
        with ThreadPoolExecutor(1) as pool, db.transaction() as editing:
            comments.edit(editing, newsroom.daily.id, parent.id, "Other words.", now=NOON)
            reply = submission("Indeed.", parent=str(parent.id), commenter={"id": "tom"})
            [answer] = pool.submit(receive, newsroom, reply).result(timeout=10)
        assert newsroom.comment(id_of(answer)).parent_id == parent.id


@pytest.mark.parametrize(("posts", "statements"), [(1, 5), (40, 5)])
def test_a_post_takes_few_statements_and_a_batch_no_more(
    newsroom: Newsroom, posts: int, statements: int
) -> None:
    """Receipt, story, commenter, comment, words: each looked at or written once."""
    newsroom.receive("The first, which makes story and commenter known.")
    bodies = [submission(f"Hello {i}.", external_id=f"c{i}") for i in range(posts)]
    with counted(newsroom.db) as asked:
        receive(newsroom, *bodies)
    assert len(asked) == statements, asked


def test_a_new_story_takes_two_more_and_a_new_commenter_three(newsroom: Newsroom) -> None:
    with counted(newsroom.db) as asked:
        receive(newsroom, submission("Hello."))
    assert len(asked) == 9, asked


def test_a_repeat_writes_nothing(newsroom: Newsroom) -> None:
    [first] = receive(newsroom, submission("Hello.", external_id="c1"))
    with counted(newsroom.db) as asked:
        [again] = receive(newsroom, submission("Hello.", external_id="c1"))
    assert id_of(again) == id_of(first)
    # The receipt that is not written, the one that is there, and what became of the comment.
    assert [statement.split()[0] for statement in asked] == ["INSERT", "SELECT", "SELECT"]
