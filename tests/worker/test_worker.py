"""The Celery worker in a thread: rung, restarted, stopped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from moderation import decisions, site_settings, stories
from moderation.bell import Bell
from moderation.models import Revision, Site
from tests.figures.test_site_days import kept
from tests.newsroom import NOON, Newsroom
from tests.processes import QUICK_SWEEP, SLOW_SWEEP, judged, until, working
from tests.stand_in import StandIn
from worker import scorers


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())


def test_a_ring_has_what_waits_judged(newsroom: Newsroom) -> None:
    bell = Bell(SLOW_SWEEP)
    with working(newsroom, SLOW_SWEEP):
        for text, status in (("A fine morning to you all.", "approved"), ("You fool.", "held")):
            comment_id = newsroom.receive(text)
            bell.ring()
            assert judged(newsroom, comment_id) == status


def test_what_nobody_rang_for_is_found_by_the_sweep(newsroom: Newsroom) -> None:
    with working(newsroom, QUICK_SWEEP):
        assert judged(newsroom, newsroom.receive("A fine morning to you all.")) == "approved"
        assert judged(newsroom, newsroom.receive("You fool.")) == "held"


def test_words_that_were_kept_long_enough_are_erased(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    seen = decisions.Seen(comment_id=comment_id, revision=1, status="held")
    with newsroom.db.transaction() as session:
        decisions.block(
            session,
            newsroom.daily.id,
            seen,
            clause="personal-attacks",
            moderator_id=newsroom.ana.id,
            now=datetime.now(UTC) - timedelta(days=8),
        )
    with working(newsroom, replace(QUICK_SWEEP, appeal_days=7, retain_blocked_days=7)):
        until(lambda: newsroom.comment(comment_id).erased_at)

    with newsroom.db.reading() as session:
        assert session.scalars(select(Revision.text)).all() == [None]


def test_what_waited_for_too_long_under_a_closed_story_expires(newsroom: Newsroom) -> None:
    comment_id = newsroom.held()  # at noon of a day that is long gone
    with newsroom.db.transaction() as session:
        site = session.get_one(Site, newsroom.daily.id)
        site_settings.change(session, site, expire_days=14, now=NOON)
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)
    with working(newsroom, QUICK_SWEEP):
        until(lambda: newsroom.comment(comment_id).status == "blocked")


def test_days_that_are_over_are_counted(newsroom: Newsroom) -> None:
    with working(newsroom, QUICK_SWEEP):
        until(
            lambda: {row.site_id for row in kept(newsroom)} == {newsroom.daily.id, newsroom.post.id}
        )


def test_a_worker_that_ended_by_itself_scores_again(newsroom: Newsroom) -> None:
    with working(newsroom, QUICK_SWEEP) as worker:
        assert judged(newsroom, newsroom.receive("A fine morning to you all.")) == "approved"
        ended = worker._controller
        ended.stop()
        until(lambda: worker._controller is not ended)
        comment_id = newsroom.receive("And a fine evening, dear neighbours.")
        assert judged(newsroom, comment_id) == "approved"
