"""SQLite has no room left: what cannot be stored is refused, and stored once when there is room."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from config.settings import Settings
from moderation.app import create_app
from moderation.db import Database
from tests.full.counting import count, wait_until_calm
from tests.full.site import WORDS, Kind, Posted
from tests.newsroom import open_newsroom
from tests.stand_in_worker import FaultyStandIn
from worker import scorers
from worker.app import create_worker
from worker.embedded import EmbeddedWorker

UNBOUNDED = 2**30
ROOM = 20
"""Pages of 4 KiB: a few comments, and not all that comes with judging them."""


@dataclass
class Disk:
    """How many pages the file may have."""

    pages: int = UNBOUNDED


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def db(sqlite_url: str, disk: Disk) -> Iterator[Database]:
    def bound(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {disk.pages}")

    with Database(sqlite_url) as db:
        event.listen(db.engine, "checkout", bound)
        yield db


def test_a_full_disk(
    db: Database, disk: Disk, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scorers, "load", lambda *_: FaultyStandIn())
    settings = Settings(database_url=sqlite_url, secret_key="s" * 40, sweep_seconds=0.1)
    key = open_newsroom(db).daily_key
    client = create_app(settings, db=db).test_client()

    def post(comment: Posted) -> int:
        answer = client.post(
            "/api/v1/sites/the-daily/comments",
            json={
                "story": {"id": "tram-7"},
                "commenter": {"id": comment.key},
                "text": comment.text,
            },
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": comment.key},
        )
        if answer.status_code == 202:
            comment.id = UUID(answer.get_json()["id"])
        else:
            assert answer.headers["Retry-After"] == "5"
        return answer.status_code

    with db.reading() as session:
        disk.pages = int(session.scalar(text("PRAGMA page_count")) or 0) + ROOM
    worker = EmbeddedWorker(create_worker(settings, db), settings.drain_seconds)
    worker.start()
    try:
        posted = [Posted(f"daily-{n}", Kind.CALM, WORDS[Kind.CALM].format(n=n)) for n in range(120)]
        statuses = [post(comment) for comment in posted]
        assert set(statuses) == {202, 503}
        time.sleep(0.5)  # the worker meets the full disk too

        disk.pages = UNBOUNDED
        assert {post(comment) for comment in posted} == {202}
        wait_until_calm(db)
    finally:
        worker.stop()

    counted = count(db, posted)
    assert not counted.complaints
    assert counted.judged_once == counted.stored == len(posted)
