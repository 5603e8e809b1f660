"""What waits under a story that was closed long ago: blocked unreviewed, if the site wants that."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from moderation import comments, decision_log, decisions, history, leases, site_settings, stories
from moderation.cli import main
from moderation.db import Database
from moderation.decisions import AlreadyDecided, Seen
from moderation.figures import site_figures
from moderation.models import (
    EXPIRED,
    Actor,
    Comment,
    Commenter,
    Decision,
    Site,
    Status,
    Strike,
    Tray,
)
from moderation.queue import expiry, together, trays
from tests.newsroom import NOON, Newsroom, later, open_newsroom

DAYS = 14
LONG_AFTER = NOON + timedelta(days=DAYS + 1)


@pytest.fixture
def closed(newsroom: Newsroom) -> Newsroom:
    """The Daily lets what is held expire, and has closed the tram story at noon."""
    return close(newsroom)


def close(newsroom: Newsroom) -> Newsroom:
    newsroom.held("The first fool")
    with newsroom.db.transaction() as session:
        daily = session.get_one(Site, newsroom.daily.id)
        site_settings.change(session, daily, expire_days=DAYS, now=NOON)
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)
    return newsroom


def expire(newsroom: Newsroom, now: Any = LONG_AFTER) -> dict[str, int]:
    return dict(expiry.apply_to_all(newsroom.db.transaction, now=now))


def all_held(newsroom: Newsroom) -> list[UUID]:
    with newsroom.db.reading() as session:
        held = select(Comment.id).where(Comment.status == Status.HELD).order_by(Comment.id)
        return list(session.scalars(held))


def seen(comment_id: UUID, status: Status = Status.HELD) -> Seen:
    return Seen(comment_id=comment_id, revision=1, status=status)


def rita(newsroom: Newsroom) -> tuple[int, int, int]:
    """How many comments of Rita's count as approved and as blocked, and her strikes."""
    with newsroom.db.reading() as session:
        known = session.scalars(select(Commenter)).one()
        strikes = session.scalar(select(func.count()).select_from(Strike)) or 0
        return known.approved, known.blocked, strikes


def test_it_is_blocked_without_a_clause_a_strike_or_a_count(closed: Newsroom) -> None:
    [comment_id] = all_held(closed)
    assert expire(closed) == {"the-daily": 1}
    assert closed.comment(comment_id).status == Status.BLOCKED
    with closed.db.reading() as session:
        [_, told] = decision_log.feed(session, closed.daily.id)
        known = history.profile(
            session, closed.daily.id, closed.comment(comment_id).commenter_id, now=LONG_AFTER
        )
    decision = told.decision
    assert (decision.actor, decision.reason, decision.clause) == (Actor.SITE, EXPIRED, None)
    assert (decision.moderator_id, decision.evidence, decision.revision) == (None, {}, 1)
    assert rita(closed) == (0, 0, 0)
    assert (known.standing, known.rates["blocked"]) == ("new", 0)
    # Once is enough.
    assert expire(closed) == {}


def test_nothing_expires_before_its_time_or_where_nobody_wants_it(closed: Newsroom) -> None:
    assert expire(closed, NOON + timedelta(days=DAYS)) == {}
    # Held late, it has its own time.
    with closed.db.transaction() as session:
        stories.reopen(session, closed.daily.id, "tram-7", now=NOON)
    assert expire(closed) == {}
    with closed.db.transaction() as session:
        stories.close(session, closed.daily.id, "tram-7", now=LONG_AFTER)
    assert expire(closed) == {}
    with closed.db.transaction() as session:
        site_settings.change(
            session, session.get_one(Site, closed.daily.id), expire_days=0, now=NOON
        )
    assert expire(closed, LONG_AFTER + timedelta(days=400)) == {}
    assert len(all_held(closed)) == 1


def test_what_a_lead_is_to_see_or_somebody_has_open_stays(newsroom: Newsroom) -> None:
    escalated, opened, aside = (newsroom.held(f"Fool {kind}") for kind in ("a", "b", "c"))
    close(newsroom)
    by: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": later(1)}
    with newsroom.db.transaction() as session:
        for comment_id, tray in ((escalated, Tray.ESCALATED), (aside, Tray.LATER)):
            was = Seen(comment_id=comment_id, revision=1, status=Status.HELD, tray=Tray.WAITING)
            trays.move(session, newsroom.daily.id, was, tray, **by)
        leases.take(session, newsroom.daily.id, opened, moderator_id=newsroom.ana.id)
    assert expire(newsroom) == {"the-daily": 2}
    assert all_held(newsroom) == [escalated, opened]


def test_an_edit_that_is_not_judged_yet_does_not_expire(closed: Newsroom) -> None:
    [comment_id] = all_held(closed)
    with closed.db.transaction() as session:
        comments.edit(session, closed.daily.id, comment_id, "Sorry, Tom.", now=later(1))
    assert expire(closed) == {}
    closed.judge()
    assert expire(closed) == {"the-daily": 1}
    with closed.db.reading() as session:
        newest = select(Decision).order_by(Decision.seq.desc()).limit(1)
        assert session.scalars(newest).one().revision == 2


def test_a_moderator_takes_it_back_and_nothing_was_counted(closed: Newsroom) -> None:
    [comment_id] = all_held(closed)
    expire(closed)
    decision_id = closed.comment(comment_id).decision_id
    assert decision_id is not None
    by: dict[str, Any] = {"moderator_id": closed.ana.id, "now": LONG_AFTER}
    with closed.db.transaction() as session:
        assert decisions.undo(session, closed.daily.id, decision_id, **by) == Status.HELD
    assert rita(closed) == (0, 0, 0)
    assert expire(closed) == {}  # it has its time again
    # A person's block of it is one as any other.
    with closed.db.transaction() as session:
        decisions.block(session, closed.daily.id, seen(comment_id), clause="profanity", **by)
    assert rita(closed) == (0, 1, 1)
    with closed.db.transaction() as session:
        decisions.approve(session, closed.daily.id, seen(comment_id, Status.BLOCKED), **by)
    assert rita(closed) == (1, 0, 0)


def test_approved_and_that_undone_it_is_unreviewed_again(closed: Newsroom) -> None:
    [comment_id] = all_held(closed)
    expire(closed)
    by: dict[str, Any] = {"moderator_id": closed.ana.id, "now": LONG_AFTER}
    for _ in range(2):
        with closed.db.transaction() as session:
            blocked = seen(comment_id, Status.BLOCKED)
            approved = decisions.approve(session, closed.daily.id, blocked, **by)
        assert rita(closed) == (1, 0, 0)
        with closed.db.transaction() as session:
            decisions.undo(session, closed.daily.id, approved, **by)
        assert rita(closed) == (0, 0, 0)
        assert closed.comment(comment_id).status == Status.BLOCKED


def test_many_go_in_small_batches(newsroom: Newsroom) -> None:
    for number in range(9):
        newsroom.receive(f"Fool number {number}")
    close(newsroom)
    with newsroom.db.transaction() as session:
        assert expiry.expire(session, newsroom.daily.id, now=LONG_AFTER, limit=4) == 4
    assert expire(newsroom) == {"the-daily": 6}
    with newsroom.db.reading() as session:
        seqs = session.scalars(select(Decision.seq).order_by(Decision.seq)).all()
    assert seqs == list(range(1, 21))  # ten held, ten expired: the feed misses none


def test_with_workers_and_moderators_at_once_each_is_decided_once(postgres_url: str) -> None:
    db = Database(postgres_url)
    newsroom = open_newsroom(db)
    for number in range(59):
        newsroom.receive(f"Fool number {number}")
    close(newsroom)
    held = all_held(newsroom)
    start = threading.Barrier(4)
    by: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": LONG_AFTER}

    def work() -> int:
        start.wait()
        total = 0
        for _ in range(40):
            with db.transaction() as session:
                total += expiry.expire(session, newsroom.daily.id, now=LONG_AFTER, limit=3)
        return total

    def approve() -> int:
        start.wait()
        done = 0
        for comment_id in reversed(held):
            try:
                with db.transaction() as session:
                    decisions.approve(session, newsroom.daily.id, seen(comment_id), **by)
                done += 1
            except AlreadyDecided:
                continue
        return done

    def approve_together() -> int:
        start.wait()
        was = [
            Seen(comment_id=one, revision=1, status=Status.HELD, tray=Tray.WAITING)
            for one in held[20:40]
        ]
        with db.transaction() as session:
            done = together.decide(session, newsroom.daily.id, was, Status.APPROVED, **by)
        return len(done.comment_ids)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(job) for job in (work, work, approve, approve_together)]
        counts = [job.result() for job in jobs]
    assert sum(counts) == len(held)
    with db.reading() as session:
        made = session.execute(
            select(Decision.comment_id, func.count())
            .where(Decision.actor != Actor.POLICY)
            .group_by(Decision.comment_id)
        ).all()
        known = session.scalars(select(Commenter)).one()
    assert sorted(row[0] for row in made) == held
    assert {row[1] for row in made} == {1}
    assert (known.approved, known.blocked) == (counts[2] + counts[3], 0)
    db.engine.dispose()


def test_a_story_that_is_opened_in_the_same_moment_keeps_its_comments(postgres_url: str) -> None:
    db = Database(postgres_url)
    newsroom = close(open_newsroom(db))
    [comment_id] = all_held(newsroom)
    with db.transaction() as opening, db.transaction() as expiring:
        # Opened, and not yet committed: its comments are locked, and left alone.
        stories.reopen(opening, newsroom.daily.id, "tram-7", now=LONG_AFTER)
        assert expiry.expire(expiring, newsroom.daily.id, now=LONG_AFTER) == 0
    assert expire(newsroom) == {}
    assert newsroom.comment(comment_id).status == Status.HELD
    db.engine.dispose()


def test_an_operator_sets_the_days(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    run = CliRunner().invoke
    assert run(main, ["site", "set", "the-daily", "--expire-days", "30"]).exit_code == 0
    with newsroom.db.reading() as session:
        assert session.get_one(Site, newsroom.daily.id).expire_days == 30
    refused = run(main, ["site", "set", "the-daily", "--expire-days", "-1"])
    assert refused.exit_code != 0
    assert "what is held expires after 1..3650 days, or never: 0" in refused.output


def test_it_is_counted_apart_in_the_figures(closed: Newsroom) -> None:
    expire(closed)
    with closed.db.reading() as session:
        seen_then = site_figures.figures(
            session, closed.daily.id, moderator_id=closed.ana.id, now=LONG_AFTER
        )
    today = seen_then.today
    assert (today.expired, today.policy.total, today.people.total) == (1, 0, 0)
    assert today.net == -1
    [held_for] = seen_then.clauses
    assert (held_for.held, held_for.blocked) == (1, 0)
