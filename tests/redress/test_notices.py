"""Notices of illegal content, with other things happening to the comment at the same moment: each
ends once, as its comment stands, and nobody waits for somebody who waits."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import comments, decisions
from moderation.db import Database
from moderation.decisions import AlreadyDecided, Seen
from moderation.models import AuditEntry, Notice, Status
from moderation.redress import notices
from moderation.staff import moderators
from moderation.submission import IllegalContent, Notifier
from tests.newsroom import Newsroom, later, open_newsroom, unrecorded
from tests.redress.at_once import Act, at_once

GIVEN = IllegalContent(
    kind="defamation",
    text="It says that I was in prison.",
    notifier=Notifier(name="Omar", email="omar@reader.example"),
    good_faith=True,
)
ROUNDS = 8


@pytest.fixture
def busy(postgres_url: str) -> Iterator[Newsroom]:
    """The Daily with two moderators, on a database where everybody writes at once."""
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        with db.transaction() as session:
            moderators.assign(session, newsroom.ben, newsroom.daily)
        yield newsroom


def noticed(newsroom: Newsroom, comment_id: UUID, *, minutes: float = 10) -> UUID:
    with newsroom.db.transaction() as session:
        taken = notices.receive(session, newsroom.daily.id, comment_id, GIVEN, now=later(minutes))
        return taken.complaint.id


def row(newsroom: Newsroom, notice_id: UUID) -> Notice:
    with newsroom.db.reading() as session:
        return session.scalars(select(Notice).where(Notice.id == notice_id)).one()


def leaving(newsroom: Newsroom, notice_id: UUID, *, minutes: float = 20) -> Act:
    """Ana leaves the comment as it is."""
    return lambda session: notices.leave(
        session, newsroom.daily.id, notice_id, revision=1, reason="It names nobody.",
        moderator_id=newsroom.ana.id, now=later(minutes),
    )  # fmt: skip


def blocking(newsroom: Newsroom, notice_id: UUID, *, minutes: float = 20) -> Act:
    """Ben blocks it."""
    return lambda session: notices.block(
        session, newsroom.daily.id, notice_id, revision=1, status=Status.APPROVED,
        clause="personal-attacks", reason="It is an accusation.",
        moderator_id=newsroom.ben.id, now=later(minutes),
    )  # fmt: skip


ANSWERS = {"left": leaving, "blocked": blocking}


def test_words_that_were_not_seen_are_not_left_as_they_are(newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    notice_id = noticed(newsroom, comment_id)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Tom is a thief.", now=later(15))

    with pytest.raises(AlreadyDecided), newsroom.db.transaction() as session:
        leaving(newsroom, notice_id)(session)

    assert row(newsroom, notice_id).outcome is None
    with newsroom.db.reading() as session:
        assert "notice_left" not in session.scalars(select(AuditEntry.event)).all()


def test_of_two_who_answer_at_once_the_first_wins(busy: Newsroom) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        notice_id = noticed(busy, comment_id)

        went = at_once(busy.db, leaving(busy, notice_id), blocking(busy, notice_id))

        assert sorted(went) == ["AlreadyEnded", "done"]
        expected = ("left", "approved") if went[0] == "done" else ("blocked", "blocked")
        assert (row(busy, notice_id).outcome, busy.comment(comment_id).status) == expected


@pytest.mark.parametrize("answer", ANSWERS)
def test_answered_while_it_is_edited(busy: Newsroom, answer: str) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        notice_id = noticed(busy, comment_id)

        def edit(session: Session, comment_id: UUID = comment_id) -> None:
            comments.edit(session, busy.daily.id, comment_id, "Tom is a thief.", now=later(20))

        went = at_once(busy.db, ANSWERS[answer](busy, notice_id), edit)

        assert went in (["done", "done"], ["AlreadyDecided", "done"])
        assert row(busy, notice_id).outcome == (answer if went[0] == "done" else None)


@pytest.mark.parametrize("answer", ANSWERS)
def test_answered_while_it_is_deleted(busy: Newsroom, answer: str) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        notice_id = noticed(busy, comment_id)

        def erase(session: Session, comment_id: UUID = comment_id) -> None:
            comments.erase(session, busy.daily.id, comment_id, record=unrecorded, now=later(20))

        went = at_once(busy.db, ANSWERS[answer](busy, notice_id), erase)

        assert went[1] == "done"
        notice = row(busy, notice_id)
        assert notice.outcome == (answer if went[0] == "done" else "deleted")
        assert {notice.text, notice.name, notice.email, notice.reason} == {None}


def test_answered_while_the_comment_is_blocked_otherwise(busy: Newsroom) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        first, second = noticed(busy, comment_id), noticed(busy, comment_id)

        def block(session: Session, comment_id: UUID = comment_id) -> None:
            decisions.block(
                session, busy.daily.id,
                Seen(comment_id=comment_id, revision=1, status=Status.APPROVED),
                clause="profanity", moderator_id=busy.ben.id, now=later(20),
            )  # fmt: skip

        went = at_once(busy.db, leaving(busy, first), leaving(busy, second), block)

        assert went[2] == "done"
        for notice_id, how in zip((first, second), went, strict=False):
            notice = row(busy, notice_id)
            assert notice.outcome == ("left" if how == "done" else "blocked")
            assert (notice.settled_by is None) is (how == "done")


def test_a_block_undone_while_more_notices_come_in(busy: Newsroom) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        first = noticed(busy, comment_id)
        with busy.db.transaction() as session:
            made = blocking(busy, first)(session)

        def undo(session: Session, made: UUID = made) -> None:
            decisions.undo(session, busy.daily.id, made, moderator_id=busy.ben.id, now=later(30))

        def give(session: Session, comment_id: UUID = comment_id) -> None:
            notices.receive(session, busy.daily.id, comment_id, GIVEN, now=later(30))

        assert at_once(busy.db, undo, give, undo) in (
            ["done", "done", "AlreadyDecided"],
            ["AlreadyDecided", "done", "done"],
        )
        assert busy.comment(comment_id).status == "approved"
        with busy.db.reading() as session:
            of_it = select(Notice.outcome).where(Notice.comment_id == comment_id)
            assert session.scalars(of_it).all() == [None, None]


def test_an_answer_taken_back_while_the_comment_is_blocked(busy: Newsroom) -> None:
    for _ in range(ROUNDS):
        comment_id = busy.approved()
        first, second = noticed(busy, comment_id), noticed(busy, comment_id)
        with busy.db.transaction() as session:
            leaving(busy, first)(session)

        def take_back(session: Session, first: UUID = first) -> None:
            notices.take_back(
                session, busy.daily.id, first, moderator_id=busy.ana.id, now=later(30)
            )

        went = at_once(busy.db, take_back, blocking(busy, second, minutes=30))

        assert went in (["done", "done"], ["AlreadyEnded", "done"])
        outcome = "blocked" if went[0] == "done" else "left"
        assert (row(busy, first).outcome, row(busy, second).outcome) == (outcome, "blocked")


def test_the_feed_has_each_under_one_number(busy: Newsroom) -> None:
    ids = [noticed(busy, busy.approved()) for _ in range(8)]

    at_once(busy.db, *(leaving(busy, one) for one in ids))

    with busy.db.reading() as session:
        told = notices.feed(session, busy.daily.id)
    assert {one.id for one in told} == set(ids)
    seqs = [one.seq for one in told]
    assert seqs == sorted(set(seqs), key=lambda seq: seq or 0)
