"""An upgrade beside the running release: nobody waits long, nothing is lost, too old is refused."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import (
    Connection,
    MetaData,
    Row,
    Uuid,
    column,
    func,
    insert,
    inspect,
    select,
    table,
    text,
)

from moderation import schema
from moderation.cli import main
from moderation.db import Database
from moderation.models import Comment, SchemaFloor, new_id
from tests import services
from tests.newsroom import NOON, Newsroom, open_newsroom

Values = dict[str, Any]
FIRST = "0001"
LONGEST_WAIT = schema.LOCK_SECONDS + 2.0
"""Seconds that a request of the running release may wait in the middle of an upgrade."""


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_server: services.Postgres
) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite3'}"
        return
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def new_postgres(postgres_server: services.Postgres) -> Iterator[Database]:
    """A PostgreSQL database at the schema of the first release."""
    url = postgres_server.create()
    with Database(url) as db:
        schema.upgrade(db, FIRST)
        yield db
    postgres_server.drop(url)


def downgrade(db: Database, revision: str) -> None:
    with db.engine.execution_options(immediate=True).begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def at_first_schema(db: Database) -> Newsroom:
    """The cast with something said and decided, in the tables of the first release."""
    schema.upgrade(db)
    newsroom = open_newsroom(db)
    parent = newsroom.approved("Trams are late again.", external_id="c-1")
    newsroom.held("You are a fool, Tom.", parent=str(parent))
    newsroom.receive("The last word, unjudged.")
    downgrade(db, FIRST)
    return newsroom


def all_rows(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every value of every column, as the driver gives it, but for what migrations write."""
    tables = MetaData()
    with db.engine.connect() as connection:
        tables.reflect(connection)
        return {
            name: sorted(map(repr_of, connection.execute(select(rows_of))))
            for name, rows_of in tables.tables.items()
            if name not in {"alembic_version", "schema_floor"}
        }


def repr_of(row: Row[Any]) -> tuple[str, ...]:
    return tuple(f"{name}={value!r}" for name, value in row._mapping.items())


ADDED = {"request_id", "expires_at", "together", "appeal_id", "reason", "imported_as"}
"""Columns that later releases gave to tables of the first one, and left empty."""
PREFERRED = {
    "language=None",
    "time_zone='UTC'",
    "keys='ours'",
    "blurs=False",
    "reads='[]'",
    "reads=[]",
}
"""What nobody has chosen yet."""
NEW = (
    "password_resets",
    "spans",
    "moves",
    "leases",
    "invitations",
    "authenticators",
    "recovery_codes",
    "identities",
    "commenter_notes",
    "commenter_blocks",
    "appeals",
    "notices",
    "spot_checks",
    "explanations",
    "saved_replies",
    "site_days",
    "embed_secrets",
    "coral_secrets",
    "webhooks",
    "deliveries",
    "outside_verdicts",
    "suggestions",
)
"""Tables that later releases brought, and left empty."""
OF_THE_QUEUE = {"tray", "move_id", "moved_by", "urgency", "worst", "held_for"}
"""Those that the upgrade fills."""


OF_SITES = {
    "spot_share",
    "spot_daily",
    "expire_days",
    "hold_budget",
    "figures_of_others",
    "embed_origins",
    "embed_guests",
    "keep_suggestions",
}
"""Settings with a default."""


def is_added(table: str, value: str) -> bool:
    name, _, written = value.partition("=")
    if table == "moderators" and value in PREFERRED:
        return True
    return (
        (name in ADDED and written == "None")
        or (table == "comments" and name in OF_THE_QUEUE)
        or (table == "sites" and name in OF_SITES)
    )


def test_what_is_held_is_sorted_as_if_this_release_had_held_it(new_url: str) -> None:
    with Database(new_url) as db:
        newsroom = at_first_schema(db)
        schema.upgrade(db)
        with db.reading() as session:
            before = session.scalars(select(Comment).where(Comment.status == "held")).one()
        again = newsroom.comment(newsroom.held("You are a fool, Ben."))

        assert "clause:personal-attacks" in before.held_for
        for name in OF_THE_QUEUE:
            assert getattr(before, name) == getattr(again, name)


def test_what_the_first_release_wrote_is_there_after_the_upgrade(new_url: str) -> None:
    with Database(new_url) as db:
        at_first_schema(db)
        before = all_rows(db)

        schema.upgrade(db)

        schema.check(db)
        after = all_rows(db)
        for added in NEW:
            assert after.pop(added) == []
        assert len(after.pop("commenter_names")) == len(after["commenters"])
        kept = {
            name: sorted(tuple(value for value in row if not is_added(name, value)) for row in rows)
            for name, rows in after.items()
        }
        assert kept == before
        assert len(before["revisions"]) == 3


def test_several_upgrades_at_once(new_url: str) -> None:
    def upgrade(_: int) -> None:
        with Database(new_url) as db:
            schema.upgrade(db)
            schema.check(db)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(upgrade, range(4))) == [None] * 4


# --- code that is older than the schema ------------------------------------------------------


@contextmanager
def a_newer_schema(db: Database, *, oldest_code: str) -> Iterator[None]:
    """What a release of the future leaves behind, whose migrations let code from `oldest_code` on
    pass. The database is at this release's schema again afterwards: the next test has it too."""
    current = schema.newest()
    floor = SchemaFloor(oldest_code=oldest_code, release="7.0.0")
    with db.transaction() as session:
        session.execute(text("DELETE FROM schema_floor"))
        session.add(floor)
        session.execute(text("UPDATE alembic_version SET version_num = '8000'"))
    yield
    with db.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": current})


def test_older_code_runs_on_a_newer_schema_that_lets_it(db: Database) -> None:
    with a_newer_schema(db, oldest_code=schema.newest()):
        schema.check(db)
        schema.upgrade(db)

        assert schema.revision(db) == "8000"
        assert open_newsroom(db).held() is not None


def test_older_code_makes_no_backup_that_lacks_what_came_later(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    with Database(sqlite_url) as db, a_newer_schema(db, oldest_code=schema.newest()):
        result = CliRunner().invoke(main, ["backup", str(tmp_path / "b.zip")])

    assert result.exit_code == 1
    assert "with the newer release" in result.stderr
    assert not list(tmp_path.glob("*.zip"))


def test_code_that_is_too_old_is_told_which_release_is_needed(db: Database) -> None:
    with a_newer_schema(db, oldest_code="7999"):
        for refuse in (schema.check, schema.upgrade):
            with pytest.raises(schema.SchemaError, match=r"release 7\.0\.0 is the oldest"):
                refuse(db)

        assert schema.revision(db) == "8000"


@pytest.mark.parametrize(
    "words",
    [
        ("site", "list"),
        ("db", "upgrade"),
        ("backup", "b.zip"),
        ("run", "--port", "0"),
        ("worker",),
    ],
    ids=" ".join,
)
def test_nothing_starts_with_code_that_is_too_old(
    words: tuple[str, ...], sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    if words == ("worker",):
        monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    with Database(sqlite_url) as db, a_newer_schema(db, oldest_code="7999"):
        result = CliRunner().invoke(main, words)

    assert result.exit_code == 1, result.output
    assert result.stderr.count("\n") == 1
    assert "release 7.0.0 is the oldest that may run on it" in result.stderr


# --- beside the running release, on PostgreSQL ------------------------------------------------


class OldRelease(threading.Thread):
    """Goes on posting as the first release does, and times each post."""

    def __init__(self, db: Database, newsroom_ids: tuple[UUID, UUID, UUID]) -> None:
        super().__init__()
        self.db, self.ids = db, newsroom_ids
        self.stopping = threading.Event()
        self.waits: list[float] = []
        self.failed: list[Exception] = []

    def run(self) -> None:
        while not self.stopping.wait(0.01):
            began = time.monotonic()
            try:
                with self.db.engine.begin() as connection:
                    post(connection, *self.ids)
            except Exception as error:  # noqa: BLE001 - told by the test
                self.failed.append(error)
            self.waits.append(time.monotonic() - began)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.join()


def post(connection: Connection, site_id: UUID, story_id: UUID, commenter_id: UUID) -> None:
    """A comment with the columns that the first release knows."""
    row = {
        "site_id": site_id,
        "id": new_id(),
        "story_id": story_id,
        "commenter_id": commenter_id,
        "status": "received",
        "revision": 1,
        "flags": 0,
        "posted_at": NOON,
        "received_at": NOON,
        "failed": False,
        "attempts": 0,
    }
    connection.execute(insert(with_columns("comments", row)), row)
    words = {
        "site_id": site_id,
        "comment_id": row["id"],
        "number": 1,
        "text": "A fair point, well made.",
        "created_at": NOON,
    }
    connection.execute(insert(with_columns("revisions", words)), words)


def with_columns(name: str, row: Values) -> Any:
    return table(
        name, *(column(key, Uuid() if isinstance(row[key], UUID) else None) for key in row)
    )


def known_to(db: Database) -> tuple[UUID, UUID, UUID]:
    """Site, story and commenter at the first schema."""
    ids = (new_id(), new_id(), new_id())
    site: Values = {"id": ids[0], "slug": "the-daily", "name": "The Daily", "mode": "shadow"}
    site |= {"hold_everything": False, "decisions_seq": 0, "created_at": NOON}
    of_site: Values = {"site_id": ids[0], "external_id": "one", "created_at": NOON}
    story = of_site | {"id": ids[1], "url": "", "title": "", "section": ""}
    commenter = of_site | {"id": ids[2], "name": "Rita", "approved": 0, "blocked": 0}
    commenter |= {"block_reason": ""}
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sites (id, slug, name, mode, hold_everything, languages,"
                " decisions_seq, created_at) VALUES (:id, :slug, :name, :mode, :hold_everything,"
                " '[]', :decisions_seq, :created_at)"
            ),
            site,
        )
        for name, row in (("stories", story), ("commenters", commenter)):
            connection.execute(insert(with_columns(name, row)), row)
    return ids


def count(db: Database, name: str) -> int:
    with db.engine.connect() as connection:
        counted = connection.scalar(select(func.count()).select_from(table(name)))
        assert counted is not None
        return counted


def test_posts_go_on_while_the_schema_is_upgraded_under_a_long_reader(
    new_postgres: Database,
) -> None:
    ids = known_to(new_postgres)
    with OldRelease(new_postgres, ids) as old, new_postgres.snapshot() as backup:
        backup.execute(text("SELECT count(*) FROM comments, revisions"))
        upgrading = threading.Thread(target=schema.upgrade, args=[new_postgres])
        upgrading.start()
        upgrading.join(8)
        assert upgrading.is_alive()  # it waits for the reader; who posts does not
        backup.rollback()
        upgrading.join(60)

    schema.check(new_postgres)
    assert old.failed == []
    assert max(old.waits) < LONGEST_WAIT
    assert count(new_postgres, "comments") == len(old.waits) > 20


def test_posts_wait_only_a_moment_for_a_lock_that_the_upgrade_does_not_get(
    new_postgres: Database,
) -> None:
    """A transaction that has changed the table, and ends late."""
    ids = known_to(new_postgres)
    with OldRelease(new_postgres, ids) as old:
        with new_postgres.engine.begin() as late:
            late.execute(text("UPDATE revisions SET number = number WHERE false"))
            upgrading = threading.Thread(target=schema.upgrade, args=[new_postgres])
            upgrading.start()
            upgrading.join(schema.LOCK_SECONDS + 3)
            assert upgrading.is_alive()
            assert index_is_whole(new_postgres, "ix_comments_blocked")
            tried = len(old.waits)
        upgrading.join(60)

    schema.check(new_postgres)
    assert old.failed == []
    assert max(old.waits) < LONGEST_WAIT
    assert max(old.waits[:tried]) > schema.LOCK_SECONDS / 2  # who came meanwhile did wait


def index_is_whole(db: Database, name: str) -> bool:
    with db.engine.connect() as connection:
        return bool(
            connection.scalar(
                text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
                {"name": name},
            )
        )


def test_an_index_that_was_interrupted_is_made_by_the_next_upgrade(
    new_postgres: Database,
) -> None:
    ids = known_to(new_postgres)
    with new_postgres.engine.begin() as late:
        post(late, *ids)  # the index waits for this one
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(schema.upgrade, new_postgres)
            while not (waiting := index_builders(new_postgres)):
                assert not first.done()
                time.sleep(0.01)
            with new_postgres.engine.begin() as killer:
                killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": waiting[0]})
            assert first.exception(30) is not None
    assert schema.revision(new_postgres) == FIRST
    assert not index_is_whole(new_postgres, "ix_comments_waiting_of_site")

    schema.upgrade(new_postgres)

    schema.check(new_postgres)
    assert index_is_whole(new_postgres, "ix_comments_waiting_of_site")
    assert index_is_whole(new_postgres, "ix_comments_blocked")
    with new_postgres.engine.connect() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("comments")}
    assert "ix_comments_waiting" not in names


def index_builders(db: Database) -> list[int]:
    """Who waits in the middle of making an index: it is there, and not whole."""
    with db.engine.connect() as connection:
        return list(
            connection.scalars(
                text(
                    "SELECT pid FROM pg_stat_progress_create_index"
                    " WHERE index_relid <> 0 AND phase LIKE 'waiting%'"
                )
            )
        )
