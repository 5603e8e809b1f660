"""What lies in the data folder: for its owner alone, and whole."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Settings, SettingsError
from moderation import secret_key as keys
from moderation.db import Database


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_the_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "moderation.sqlite3"
    with Database(f"sqlite:///{file}") as db:
        with db.transaction() as session:
            session.execute(text("CREATE TABLE words (text TEXT)"))
        assert {mode_of(one) for one in file.parent.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    with pytest.raises(SettingsError, match=f"{folder} cannot be made: Not a directory"):
        Database(f"sqlite:///{folder / 'moderation.sqlite3'}")


def test_a_second_way_to_the_database_leaves_the_first_its_locks(tmp_path: Path) -> None:
    """Without them a command that ends would delete the write-ahead log."""
    url = f"sqlite:///{tmp_path / 'moderation.sqlite3'}"
    look = "import sys; from moderation.db import Database\nwith Database(sys.argv[1]) as db:\n"
    look += "    with db.reading() as session: session.connection()"
    with Database(url) as first, first.transaction() as session:
        session.execute(text("CREATE TABLE words (text TEXT)"))
        session.commit()
        log = tmp_path / "moderation.sqlite3-wal"
        before = log.stat().st_ino
        with Database(url):
            subprocess.run([sys.executable, "-c", look, url], check=True)
        assert log.stat().st_ino == before


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    key = keys.secret_key(settings)
    assert len(key) >= 32
    assert keys.secret_key(settings) == key
    assert mode_of(settings.data_dir / keys.FILE) == 0o600


def test_a_key_cut_short_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves an empty file, and forms signed with nothing could be forged."""
    monkeypatch.setattr(keys, "WRITTEN_WITHIN", 0.0)
    (tmp_path / keys.FILE).touch()
    with pytest.raises(SettingsError, match="holds no key"):
        keys.secret_key(Settings(data_dir=tmp_path))
