"""An operator with the cast's database: what is typed, and where its files lie."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from moderation.cli import main
from moderation.db import Database
from moderation.keeping.journal import ErasureJournal
from tests import services
from tests.newsroom import Newsroom, open_newsroom

OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


@dataclass
class Operator:
    """Types commands, in a folder of their own, about one database."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def about(self, url: str) -> None:
        self.monkeypatch.setenv("DATABASE_URL", url)

    def types(self, *words: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, words, input=stdin)

    def done(self, *words: str, stdin: str | None = None) -> Result:
        """The same, which goes well."""
        result = self.types(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result

    def refused(self, *words: str) -> str:
        """What is said, in one line, when it does not."""
        result = self.types(*words)
        assert result.exit_code == 1, result.output
        assert result.stderr.count("\n") == 1, result.stderr
        assert result.stderr.startswith("Error: ")
        return result.stderr

    @property
    def journal(self) -> ErasureJournal:
        return ErasureJournal(self.folder / "erasures.jsonl")


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Newsroom]:
    """The cast on SQLite alone, where a file is looked at and no database."""
    with Database(sqlite_url) as db:
        yield open_newsroom(db)


@pytest.fixture
def operator(newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """The operator of the cast's database."""
    operator = Operator(tmp_path, monkeypatch)
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    # Noon of these scenes is long ago, and what is past its time is erased at once.
    monkeypatch.setenv("MODERATION_RETAIN_BLOCKED_DAYS", "0")
    operator.about(newsroom.db.engine.url.render_as_string(hide_password=False))
    return operator


@pytest.fixture(params=["same", "other"])
def empty(
    request: pytest.FixtureRequest,
    newsroom: Newsroom,
    tmp_path: Path,
    postgres_server: services.Postgres,
) -> Iterator[Database]:
    """A database without any table: of the same kind as the cast's, and of the other."""
    kind = "postgres" if newsroom.db.engine.dialect.name == "postgresql" else "sqlite"
    if (OTHER[kind] if request.param == "other" else kind) == "sqlite":
        with Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}") as db:
            yield db
        return
    url = postgres_server.create()
    with Database(url) as db:
        yield db
    postgres_server.drop(url)


def url_of(db: Database) -> str:
    return db.engine.url.render_as_string(hide_password=False)


def lines(text: str) -> list[dict[str, Any]]:
    """JSON Lines, read."""
    return [json.loads(line) for line in text.splitlines()]
