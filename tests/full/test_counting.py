"""The count of the faults' tests sees each promise that is broken."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, update

from moderation import judging
from moderation.backlog import Waiting
from moderation.court import Reading
from moderation.models import Comment, Decision, Status, new_id
from tests.full.counting import Count, count
from tests.full.site import WORDS, Kind, Posted
from tests.newsroom import MODEL, NOON, Newsroom

CALM, RUDE = WORDS[Kind.CALM], WORDS[Kind.RUDE]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite alone: what is counted is the same on both."""
    return sqlite_url


@pytest.fixture
def posted(newsroom: Newsroom) -> list[Posted]:
    """Two comments, as the site knows them, both judged as they should be."""
    calm = newsroom.receive(CALM)
    newsroom.judge()
    rude = newsroom.receive(RUDE)
    newsroom.judge({"insult": 0.9})
    return [
        Posted("calm", Kind.CALM, CALM, id=calm),
        Posted("rude", Kind.RUDE, RUDE, id=rude),
    ]


def again(newsroom: Newsroom, posted: Posted, scores: dict[str, float] | None) -> None:
    """Judge a comment that was judged."""
    assert posted.id is not None
    worker = new_id()
    with newsroom.db.transaction() as session:
        session.execute(
            update(Comment)
            .where(Comment.id == posted.id)
            .values(judged_at=None, leased_by=worker, attempts=1)
        )
    waiting = Waiting(
        site_id=newsroom.daily.id,
        comment_id=posted.id,
        revision=1,
        text=posted.text,
        parent_text=None,
        attempts=1,
        expired=False,
        request_id=None,
    )
    reading = Reading(waiting=waiting, language="en", scores=scores)
    with newsroom.db.transaction() as session:
        assert judging.judge(session, [reading], worker=worker, model=MODEL, now=NOON)


def test_all_is_well(newsroom: Newsroom, posted: list[Posted]) -> None:
    assert count(newsroom.db, posted) == Count(
        posted=2,
        accepted=2,
        stored=2,
        judged_once=2,
        judged_again=0,
        held_unread=0,
        scores=2,
        lost=[],
        twice=[],
        broken=[],
    )


def accepted_and_gone(newsroom: Newsroom, posted: list[Posted]) -> None:
    posted.append(Posted("gone", Kind.CALM, "Gone.", id=new_id()))


def stored_twice(newsroom: Newsroom, posted: list[Posted]) -> None:
    newsroom.receive(CALM)
    newsroom.judge()


def never_judged(newsroom: Newsroom, posted: list[Posted]) -> None:
    posted.append(Posted("waits", Kind.CALM, "Waits.", id=newsroom.receive("Waits.")))


def judged_twice(newsroom: Newsroom, posted: list[Posted]) -> None:
    again(newsroom, posted[0], dict.fromkeys(MODEL.attributes, 0.01))


def approved_at_last(newsroom: Newsroom, posted: list[Posted]) -> None:
    text = WORDS[Kind.FAILS]
    posted.append(Posted("fails", Kind.FAILS, text, id=newsroom.receive(text)))
    newsroom.judge()


def held_for_no_reason(newsroom: Newsroom, posted: list[Posted]) -> None:
    posted.append(Posted("held", Kind.CALM, "Calm.", id=newsroom.held("Calm.")))


def without_its_decision(newsroom: Newsroom, posted: list[Posted]) -> None:
    with newsroom.db.transaction() as session:
        session.execute(delete(Decision).where(Decision.comment_id == posted[1].id))


def with_another_status(newsroom: Newsroom, posted: list[Posted]) -> None:
    with newsroom.db.transaction() as session:
        session.execute(
            update(Comment).where(Comment.id == posted[1].id).values(status=Status.APPROVED)
        )


@pytest.mark.parametrize(
    ("breach", "kind"),
    [
        (accepted_and_gone, "lost"),
        (never_judged, "lost"),
        (without_its_decision, "lost"),
        (stored_twice, "twice"),
        (judged_twice, "twice"),
        (approved_at_last, "broken"),
        (held_for_no_reason, "broken"),
        (with_another_status, "broken"),
    ],
)
def test_a_broken_promise_is_seen(
    newsroom: Newsroom,
    posted: list[Posted],
    breach: Callable[[Newsroom, list[Posted]], None],
    kind: str,
) -> None:
    breach(newsroom, posted)
    counted = count(newsroom.db, posted)
    assert [name for name in ("lost", "twice", "broken") if getattr(counted, name)] == [kind]
    assert len(counted.complaints) == 1
    if kind != "broken":
        assert f"{kind} 1" in str(counted)


def test_what_is_not_judged_once_is_not_counted_so(
    newsroom: Newsroom, posted: list[Posted]
) -> None:
    judged_twice(newsroom, posted)
    never_judged(newsroom, posted)
    counted = count(newsroom.db, posted)
    assert (counted.stored, counted.judged_once, counted.judged_again) == (3, 1, 0)


def test_what_failed_may_be_judged_again(newsroom: Newsroom, posted: list[Posted]) -> None:
    text = WORDS[Kind.CALM].format(n="that failed at first")
    posted.append(Posted("failed", Kind.CALM, text, id=newsroom.receive(text)))
    again(newsroom, posted[-1], None)
    again(newsroom, posted[-1], dict.fromkeys(MODEL.attributes, 0.01))
    counted = count(newsroom.db, posted)
    assert not counted.complaints
    assert (counted.judged_once, counted.judged_again) == (2, 1)
