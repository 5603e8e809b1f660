"""Who gets what of the backlog: every site its share, one that crashed a worker alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from moderation import backlog, comments
from moderation.db import Database
from moderation.models import Comment, Revision, Site, new_id
from moderation.sql import from_now, table_of
from tests.newsroom import NOON, Newsroom, later, open_newsroom, submission


def flood(newsroom: Newsroom, site: Site, count: int) -> list[UUID]:
    """So many comments of a site, a second apart, from noon on."""
    with newsroom.db.transaction() as session:
        [first] = comments.receive(session, site.id, [submission("The first.")], now=NOON)
        assert isinstance(first, comments.Received)
        known = session.scalars(select(Comment).where(Comment.id == first.comment_id)).one()
        ids = [new_id() for _ in range(count - 1)]
        shared = {
            "site_id": site.id,
            "story_id": known.story_id,
            "commenter_id": known.commenter_id,
            "status": "received",
            "revision": 1,
            "flags": 0,
            "failed": False,
            "attempts": 0,
        }
        moments = [NOON + timedelta(seconds=nth) for nth in range(1, count)]
        session.execute(
            insert(table_of(Comment)),
            [
                shared | {"id": comment_id, "posted_at": at, "received_at": at}
                for comment_id, at in zip(ids, moments, strict=True)
            ],
        )
        session.execute(
            insert(table_of(Revision)),
            [
                {
                    "site_id": site.id,
                    "comment_id": comment_id,
                    "number": 1,
                    "text": "Another one.",
                    "created_at": at,
                }
                for comment_id, at in zip(ids, moments, strict=True)
            ],
        )
    return [first.comment_id, *ids]


def claim(
    newsroom: Newsroom, limit: int = 32, *, tried_first: bool = False
) -> list[backlog.Waiting]:
    with newsroom.db.transaction() as session:
        return backlog.claim(
            session, worker=new_id(), limit=limit, lease_seconds=60, tried_first=tried_first
        )


def let_leases_run_out(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        session.execute(
            update(Comment).where(Comment.leased_by.is_not(None)).values(leased_until=from_now(-1))
        )


def to_the_post(newsroom: Newsroom) -> UUID:
    with newsroom.db.transaction() as session:
        [answer] = comments.receive(session, newsroom.post.id, [submission()], now=later(600))
    assert isinstance(answer, comments.Received)
    return answer.comment_id


def test_a_flood_of_one_site_keeps_no_other_site_waiting(newsroom: Newsroom) -> None:
    of_daily = flood(newsroom, newsroom.daily, 5_000)
    single = to_the_post(newsroom)
    batch = claim(newsroom)
    assert single in [item.comment_id for item in batch]
    assert len(batch) == 32  # what the single one leaves of its share is used
    flood_of = [item.comment_id for item in batch if item.site_id == newsroom.daily.id]
    assert flood_of == of_daily[:16] + of_daily[-15:]


def test_what_is_just_written_waits_for_no_flood_of_its_own_site(newsroom: Newsroom) -> None:
    """As when a site leaves shadow mode: all that came in there is judged once more. Neither end
    keeps the other waiting, and nothing is claimed twice."""
    waiting = flood(newsroom, newsroom.daily, 100)
    with newsroom.db.transaction() as session:
        [answer] = comments.receive(session, newsroom.daily.id, [submission()], now=later(600))
    assert isinstance(answer, comments.Received)
    batches = [[item.comment_id for item in claim(newsroom)] for _ in range(4)]
    assert answer.comment_id in batches[0]
    assert batches[0][:16] == waiting[:16]
    claimed = [one for batch in batches for one in batch]
    assert [len(batch) for batch in batches] == [32, 32, 32, 5]
    assert sorted(claimed) == sorted([*waiting, answer.comment_id])


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7])
def test_a_batch_is_as_large_as_it_may_be(newsroom: Newsroom, limit: int) -> None:
    flood(newsroom, newsroom.daily, 8)
    sizes = [len(claim(newsroom, limit)) for _ in range(9)]
    assert sizes[: 8 // limit] == [limit] * (8 // limit)
    assert sum(sizes) == 8


def test_two_floods_share_a_batch(newsroom: Newsroom) -> None:
    flood(newsroom, newsroom.daily, 100)
    flood(newsroom, newsroom.post, 100)
    sites = [item.site_id for item in claim(newsroom)]
    assert sites.count(newsroom.daily.id) == sites.count(newsroom.post.id) == 16


def test_what_was_tried_and_what_is_fresh_take_turns(newsroom: Newsroom) -> None:
    flood(newsroom, newsroom.daily, 40)
    claim(newsroom)
    let_leases_run_out(newsroom)
    single = to_the_post(newsroom)
    [alone] = claim(newsroom, tried_first=True)
    assert alone.expired
    assert alone.attempts == 2
    fresh = claim(newsroom, tried_first=False)
    assert single in [item.comment_id for item in fresh]
    assert len(fresh) == 9
    assert {(item.attempts, item.expired) for item in fresh} == {(1, False)}


def test_what_was_tried_is_claimed_though_nothing_else_is_left(newsroom: Newsroom) -> None:
    flood(newsroom, newsroom.daily, 3)
    claim(newsroom)
    let_leases_run_out(newsroom)
    assert [len(claim(newsroom, tried_first=False)) for _ in range(4)] == [1, 1, 1, 0]


def test_since_when_the_oldest_of_all_sites_waits(newsroom: Newsroom) -> None:
    to_the_post(newsroom)
    flood(newsroom, newsroom.daily, 1_500)
    with newsroom.db.reading() as session:
        assert backlog.since(session) == (1000, NOON)


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Newsroom]:
    """On SQLite only one claims at a time."""
    with Database(postgres_url) as db:
        yield open_newsroom(db)


def test_workers_that_claim_at_once_share_no_comment(on_postgres: Newsroom) -> None:
    ids = flood(on_postgres, on_postgres.daily, 400)
    gate = threading.Barrier(4)

    def claim_all(_worker: int) -> list[UUID]:
        gate.wait()
        mine: list[UUID] = []
        while batch := claim(on_postgres):
            mine += [item.comment_id for item in batch]
        return mine

    with ThreadPoolExecutor(4) as pool:
        claimed = [comment_id for mine in pool.map(claim_all, range(4)) for comment_id in mine]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) == set(ids)


def test_what_another_one_is_just_claiming_can_be_told_from_nothing(on_postgres: Newsroom) -> None:
    flood(on_postgres, on_postgres.daily, 3)
    with on_postgres.db.transaction() as session:
        batch = backlog.claim(session, worker=new_id(), limit=32, lease_seconds=60)
        assert len(batch) == 3
        assert claim(on_postgres) == []
        with on_postgres.db.reading() as other:
            assert backlog.is_claimable(other)
    with on_postgres.db.reading() as session:
        assert not backlog.is_claimable(session)


def test_a_new_sites_flood_is_claimed_quickly_though_no_statistics_know_it(
    on_postgres: Newsroom,
) -> None:
    """A plan that reads the whole site for each row of a batch would touch millions of pages."""
    flood(on_postgres, on_postgres.post, 50)
    with on_postgres.db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    flood(on_postgres, on_postgres.daily, 3_000)
    with on_postgres.db.transaction() as session:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = '2s'")
        batch = backlog.claim(session, worker=new_id(), limit=32, lease_seconds=60)
    assert len(batch) == 32


def test_who_gives_back_waits_for_nobody_who_waits_for_them(on_postgres: Newsroom) -> None:
    """`judge` locks a batch by its ids, as it is given back meanwhile: whoever has to wait for the
    first must not hold the last."""
    first, *_, last = sorted(flood(on_postgres, on_postgres.daily, 20))
    worker = new_id()
    with on_postgres.db.transaction() as session:
        batch = backlog.claim(session, worker=worker, limit=32, lease_seconds=60)
    batch.sort(key=lambda item: item.comment_id, reverse=True)

    def give_back() -> None:
        with on_postgres.db.transaction() as session:
            backlog.give_back(session, batch, worker=worker, uncounted=True)

    locked = select(Comment.id).with_for_update(nowait=True)
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with ThreadPoolExecutor(1) as pool:
        with on_postgres.db.transaction() as judging:
            judging.execute(locked.where(Comment.id == first))
            giving = pool.submit(give_back)
            with on_postgres.db.reading() as other:
                while not other.scalar(waits):
                    assert not giving.done()
                    other.rollback()  # what it sees of the others is of one moment
            judging.execute(locked.where(Comment.id == last))
        giving.result()
    assert on_postgres.comment(last).leased_by is None
