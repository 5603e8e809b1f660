"""What every test may ask for: a database of its own, Redis, a browser, the cast."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from moderation import schema
from moderation.db import Database
from tests import services
from tests.newsroom import Newsroom, open_newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.full.installation import Installation

SHARED = Path(__file__).parents[2] / "shared"
"""The folder of real input beside the checkout, for tests marked `shared`."""

# An operator's own settings are not the tests' (services.py has read its two by now).
for _name in list(os.environ):
    if _name.startswith("MODERATION_") or _name in {"DATABASE_URL", "REDIS_URL"}:
        del os.environ[_name]

# A shell starts its background jobs with Ctrl-C ignored, and children inherit that: a service that
# a test starts could then not be stopped with it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.fail("this test reads the folder `shared` beside the checkout, which is missing")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[services.Postgres]:
    """A PostgreSQL server that makes and drops databases."""
    with services.postgres() as server:
        yield server


class KeptDatabase:
    """A PostgreSQL database with the schema, emptied for each test: six times as fast as a new one.

    One in which a test left a table, column, constraint, trigger or function is replaced.
    """

    def __init__(self, server: services.Postgres) -> None:
        self.server = server
        self._make()

    def emptied(self) -> str:
        """Its URL, with no row in it."""
        if self.server.shape(self.url) == self.shape:
            self.server.empty(self.url)
        else:
            self.server.drop(self.url)
            self._make()
        return self.url

    def _make(self) -> None:
        self.url = self.server.create()
        with Database(self.url) as db:
            schema.upgrade(db)
        self.shape = self.server.shape(self.url)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: services.Postgres) -> Iterator[KeptDatabase]:
    """What `postgres_url` is taken from."""
    kept = KeptDatabase(postgres_server)
    yield kept
    postgres_server.drop(kept.url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing in it, to be copied."""
    file = tmp_path_factory.mktemp("template") / "moderation.sqlite3"
    with Database(f"sqlite:///{file}") as db:
        schema.upgrade(db)
    return file


@pytest.fixture
def postgres_url(postgres_database: KeptDatabase) -> str:
    """A PostgreSQL database with the schema and nothing in it."""
    return postgres_database.emptied()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database of the test's own, with the schema."""
    file = shutil.copy(sqlite_template, tmp_path / "moderation.sqlite3")
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of the test's own, with the schema: the test runs on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    with Database(database_url) as db:
        yield db


@pytest.fixture
def newsroom(db: Database) -> Newsroom:
    """The cast, in a database of their own."""
    return open_newsroom(db)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis database; a test asks for `redis_url`, which finds it empty."""
    with services.redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis database."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


OwnRedis = tuple[str, services.Server]
"""The URL of a Redis, and its process."""


@pytest.fixture
def own_redis() -> Iterator[OwnRedis]:
    """A Redis that the test may freeze, stop and start again."""
    with services.own_redis() as own:
        yield own


@pytest.fixture
def installation(
    tmp_path: Path, postgres_server: services.Postgres, redis_url: str
) -> "Iterator[Installation]":
    """The full installation on a database without any table; nothing of it runs yet."""
    from tests.full.installation import Installation  # `make test-detoxify` has no psutil, no yaml

    url = postgres_server.create()
    installation = Installation(tmp_path / "installation", url, redis_url)
    yield installation
    installation.down()
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that starts here."""
    return services.chromium()


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> "Iterator[Browser]":
    """That Chromium, headless, driven by Playwright."""
    from playwright.sync_api import sync_playwright  # `make test-detoxify` has no Playwright

    with (
        sync_playwright() as playwright,
        closing(
            playwright.chromium.launch(
                executable_path=chromium_path, args=list(services.CHROMIUM_FLAGS)
            )
        ) as browser,
    ):
        yield browser


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """A new tab with no cookies."""
    with closing(browser.new_context()) as context:
        yield context.new_page()
