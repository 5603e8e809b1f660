"""A backup, restored on either database: whole, or not at all."""

import hashlib
import json
import os
import stat
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import MetaData, select, text

from moderation import backlog, comments, decision_log, decisions, flags, schema, site_keys
from moderation.db import Database
from moderation.figures import site_days
from moderation.keeping import backups
from moderation.models import Base, Comment, Decision, SignIn, new_id
from moderation.staff import moderators, sign_ins
from moderation.submission import FlagReport
from tests.keeping.conftest import Operator, url_of
from tests.newsroom import NOON, Newsroom, later, submission
from tests.test_upgrade import OF_THE_QUEUE

LEFT_OUT = {"sign_ins", "password_resets", "invitations", "schema_floor", "leases", "site_days"}
NOT_AS_IT_WAS = {"leased_by", "leased_until", "decisions_seq"}


def busy(newsroom: Newsroom) -> None:
    """Something of everything; a batch whose replies have ids in no order."""
    parent = newsroom.approved("Trams are late again. Ամեն օր։ 🚋", external_id="c-1")
    newsroom.held("You are a fool, Tom.", parent=str(parent))
    with newsroom.db.transaction() as session:
        many = [submission("First.", external_id="b-0")]
        many += [submission(f"Yes, {n}.", external_id=f"b-{n + 1}", parent=f"b-{n}")
                 for n in range(30)]  # fmt: skip
        comments.receive(session, newsroom.daily.id, many, now=later(1))
        report = FlagReport(reader="omar", reason="insult", text="He means me.")
        flags.flag(session, newsroom.daily.id, parent, report, now=later(1))
    newsroom.judge()
    blocked = newsroom.held("You are a fool, Ana.")
    seen = decisions.Seen(comment_id=blocked, revision=1, status="held")
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, seen, clause="personal-attacks", note="Again.",
            moderator_id=newsroom.ana.id, now=later(2),
        )  # fmt: skip
        sign_ins.begin(session, newsroom.ana, hours=1, now=NOON)
    next(site_days.count_due(newsroom.db.reading, newsroom.db.transaction, now=later(3)))
    newsroom.receive("Somebody reads this one just now.")
    with newsroom.db.transaction() as session:
        backlog.claim(session, worker=new_id(), limit=1, lease_seconds=60)


def rows(db: Database, without: Collection[str] = ()) -> dict[str, list[Any]]:
    """Every row of every table that is kept; without leases, and without what feeds are set on."""
    gone = NOT_AS_IT_WAS.union(without)
    kept = {}
    with db.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                columns = [one for one in table.columns if one.name not in gone]
                found = session.execute(select(*columns)).all()
                kept[table.name] = sorted(str(list(map(as_stored, row))) for row in found)
    return kept


def columns_of(revision: str, folder: Path) -> dict[str, set[str]]:
    """The tables of an older schema, and the columns of each."""
    tables = MetaData()
    with Database(f"sqlite:///{folder / 'older.sqlite3'}") as db:
        schema.upgrade(db, revision)
        tables.reflect(db.engine)
    return {name: set(of.columns.keys()) for name, of in tables.tables.items()}


def as_stored(value: Any) -> Any:
    """The order in which an object's fields are stored is the database's own."""
    return json.dumps(value, sort_keys=True) if isinstance(value, dict) else value


def counted(said: str) -> dict[str, int]:
    """How many rows of each table, as printed."""
    # A thread of an earlier scene may have its own line among these.
    found = (line.split("\t") for line in said.splitlines() if "\t" in line)
    return {name: int(rows) for name, rows in found}


def test_a_backup_comes_back_on_both_databases(
    newsroom: Newsroom, operator: Operator, empty: Database
) -> None:
    busy(newsroom)
    file = operator.folder / "monday.zip"

    said = operator.done("backup", str(file))
    operator.about(url_of(empty))
    back = operator.done("restore", str(file))

    counts = counted(said.stdout)
    assert (counts["comments"], counts["scores"], counts["decision_notes"]) == (35, 34, 1)
    assert back.stdout == said.stdout
    schema.check(empty)
    assert rows(empty) == rows(newsroom.db)
    with empty.reading() as session:
        assert session.scalars(select(SignIn)).all() == []
        leased = select(Comment.leased_by, Comment.leased_until).distinct()
        assert session.execute(leased).all() == [(None, None)]
        if session.get_bind().dialect.name == "postgresql":  # it has counted what came back
            known = session.scalars(text("SELECT DISTINCT tablename::text FROM pg_stats")).all()
            assert {"comments", "revisions", "decisions"} <= set(known)


def test_a_site_that_has_read_on_since_the_backup_misses_nothing(
    newsroom: Newsroom, operator: Operator, empty: Database
) -> None:
    newsroom.approved()
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    for _ in range(3):
        newsroom.approved()
    with newsroom.db.reading() as session:
        cursor = decision_log.feed(session, newsroom.daily.id)[-1].decision.seq
    operator.about(url_of(empty))
    operator.done("restore", str(file))
    restored = Newsroom(empty, newsroom.daily, newsroom.post, newsroom.ana, newsroom.ben, "", "")

    held = restored.held()

    with empty.reading() as session:
        told = decision_log.feed(session, newsroom.daily.id, after=cursor)
        assert [one.decision.comment_id for one in told] == [held]


def test_life_goes_on_where_it_was(newsroom: Newsroom, operator: Operator, empty: Database) -> None:
    busy(newsroom)
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    operator.about(url_of(empty))
    operator.done("restore", str(file))
    with empty.reading() as session:
        last = max(session.scalars(select(Decision.seq)))
        assert (
            site_keys.authenticate(session.connection(), newsroom.daily_key, now=NOON) is not None
        )
        ana = moderators.named(session, newsroom.ana.email)
        assert [site.slug for site in moderators.sites_of(session, ana.id)] == ["the-daily"]
    restored = Newsroom(empty, newsroom.daily, newsroom.post, newsroom.ana, newsroom.ben, "", "")

    with empty.transaction() as session:
        again = submission("Trams are late again. Ամեն օր։ 🚋", external_id="c-1")
        [repeat] = comments.receive(session, newsroom.daily.id, [again], now=later(5))
    restored.judge()

    assert isinstance(repeat, comments.Received)
    assert repeat.repeat
    with empty.reading() as session:
        told = decision_log.feed(session, newsroom.daily.id, after=last)
        assert [one.decision.seq for one in told] == [last + backups.LEAP + 1]
        # Replies still cannot name what is not there: the foreign keys are as they were.
        foreign = [comment for comment in session.scalars(select(Comment)) if comment.parent_id]
        assert len(foreign) == 31
    if empty.engine.dialect.name == "postgresql":
        with empty.reading() as session:
            deferrable = "SELECT count(*) FROM pg_constraint WHERE condeferrable"
            assert session.execute(text(deferrable)).scalar_one() == 0


def test_the_file_is_of_one_moment_while_posts_go_on(
    newsroom: Newsroom, operator: Operator
) -> None:
    """A comment and its words are two tables: read apart, one would be there without the other."""
    stopping = threading.Event()

    def post() -> None:
        while not stopping.is_set():
            newsroom.receive()

    posting = threading.Thread(target=post)
    posting.start()
    try:
        files = [operator.folder / f"{n}.zip" for n in range(5)]
        counts = [counted(operator.done("backup", str(file)).stdout) for file in files]
    finally:
        stopping.set()
        posting.join()

    assert all(count["comments"] == count["revisions"] for count in counts)
    assert counts[0]["comments"] < counts[-1]["comments"]


def test_what_a_killed_backup_left_is_in_nobodys_way(
    newsroom: Newsroom, operator: Operator
) -> None:
    (operator.folder / f".monday.zip.{os.getpid()}.unfinished").touch()

    operator.done("backup", str(operator.folder / "monday.zip"))


def test_the_file_is_for_its_owner_and_replaces_none(
    newsroom: Newsroom, operator: Operator
) -> None:
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    before = file.read_bytes()

    assert "is there already" in operator.refused("backup", str(file))
    assert "cannot be written" in operator.refused("backup", str(operator.folder / "no" / "b.zip"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == before
    assert not list(operator.folder.glob(".*"))


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def cut_in_half(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def a_bit_turned(file: Path) -> None:
    """In the words, not in what a zip says twice."""
    with ZipFile(file) as packed:
        words = packed.getinfo("revisions.jsonl")
    whole = bytearray(file.read_bytes())
    begins = whole.index(words.filename.encode(), words.header_offset) + len(words.filename)
    whole[begins + words.compress_size // 2] ^= 1
    file.write_bytes(whole)


def a_word_changed(file: Path) -> None:
    """By somebody who packs it again: the zip's own checksums are right."""
    members = unpacked(file)
    members["revisions.jsonl"] = members["revisions.jsonl"].replace(b"fool", b"fine")
    repacked(file, members)


def a_row_dropped(file: Path) -> None:
    members = unpacked(file)
    members["comments.jsonl"] = b"\n".join(members["comments.jsonl"].split(b"\n")[1:])
    repacked(file, members)


def a_table_gone(file: Path) -> None:
    members = unpacked(file)
    del members["strikes.jsonl"]
    repacked(file, members)


def without_a_manifest(file: Path) -> None:
    repacked(file, {"readme.txt": b"holiday pictures"})


def not_a_zip(file: Path) -> None:
    file.write_text("-- PostgreSQL database dump\n")


def nothing(file: Path) -> None:
    file.write_bytes(b"")


def unpacked(file: Path) -> dict[str, bytes]:
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(file: Path, members: dict[str, bytes]) -> None:
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@contextmanager
def rewritten(file: Path) -> Iterator[tuple[dict[str, Any], dict[str, bytes]]]:
    """The manifest of a backup and its members, to be changed in the block; then packed again."""
    members = unpacked(file)
    manifest = json.loads(members["manifest.json"])
    yield manifest, members
    repacked(file, members | {"manifest.json": json.dumps(manifest).encode()})


@pytest.mark.parametrize(
    "harm",
    [
        cut_off,
        cut_in_half,
        a_bit_turned,
        a_word_changed,
        a_row_dropped,
        a_table_gone,
        without_a_manifest,
        not_a_zip,
        nothing,
    ],
)
def test_a_file_that_is_not_whole_changes_nothing(
    harm: Any, on_sqlite: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(on_sqlite)
    operator = Operator(tmp_path, monkeypatch)
    operator.about(url_of(on_sqlite.db))
    file = tmp_path / "monday.zip"
    operator.done("backup", str(file))
    harm(file)
    operator.about(f"sqlite:///{tmp_path / 'new.sqlite3'}")

    said = operator.refused("restore", str(file))

    assert "the file is not" in said
    assert not (tmp_path / "new.sqlite3").exists()


def test_a_database_with_rows_is_refused_with_the_way_out(
    newsroom: Newsroom, operator: Operator
) -> None:
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    before = rows(newsroom.db)

    said = operator.refused("restore", str(file))

    assert "has rows already" in said
    assert "DATABASE_URL" in said
    assert rows(newsroom.db) == before


def test_a_restore_that_fails_in_the_middle_leaves_no_row(
    newsroom: Newsroom, operator: Operator, empty: Database
) -> None:
    """Rows that do not fit together, in a file whose sums are right."""
    busy(newsroom)
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    with rewritten(file) as (manifest, members):
        for part in manifest["parts"]:
            if part["table"] == "revisions":
                members["revisions.jsonl"] = b""
                part |= {"rows": 0, "sha256": hashlib.sha256().hexdigest()}
    operator.about(url_of(empty))

    said = operator.refused("restore", str(file))

    assert "nothing was restored" in said
    assert all(not found for found in rows(empty).values())


@pytest.mark.parametrize(
    ("table", "was", "forged"),
    [
        ("sites", b"{", b"["),
        ("sites", b'"id": "', b'"id": "x'),
        ("sites", b"+00:00", b""),  # a moment of no time zone
        ("sites", b'"decisions_seq": ', b'"decisions_seq": 99999999999999999999'),
        ("comments", b'"approved"', b'"published"'),
    ],
)
def test_what_no_row_can_be_is_refused_in_a_line(
    newsroom: Newsroom,
    operator: Operator,
    empty: Database,
    table: str,
    was: bytes,
    forged: bytes,
) -> None:
    """By somebody who makes the sums right again."""
    newsroom.approved()
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    members = unpacked(file)
    manifest = json.loads(members["manifest.json"])
    members[f"{table}.jsonl"] = members[f"{table}.jsonl"].replace(was, forged)
    for part in manifest["parts"]:
        if part["table"] == table:
            part["sha256"] = hashlib.sha256(members[f"{table}.jsonl"]).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    repacked(file, members)
    operator.about(url_of(empty))

    assert "nothing was restored" in operator.refused("restore", str(file))
    assert all(not found for found in rows(empty).values())


@pytest.mark.parametrize("name", ["", "0000", "0001x", "+1"])
def test_a_schema_that_there_is_not_is_refused(
    newsroom: Newsroom, operator: Operator, tmp_path: Path, name: str
) -> None:
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    members = unpacked(file)
    said = json.loads(members["manifest.json"]) | {"schema": name}
    repacked(file, members | {"manifest.json": json.dumps(said).encode()})
    operator.about(f"sqlite:///{tmp_path / 'new.sqlite3'}")

    assert "a schema that there is not" in operator.refused("restore", str(file))


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    newsroom: Newsroom, operator: Operator, empty: Database
) -> None:
    """As the first release would have written it: without the newer columns and tables."""
    busy(newsroom)
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    first = columns_of("0001", operator.folder)
    with rewritten(file) as (manifest, members):
        manifest["schema"] = "0001"
        for part in manifest["parts"]:
            if part["table"] not in first:
                del members[f"{part['table']}.jsonl"]
        manifest["parts"] = [part for part in manifest["parts"] if part["table"] in first]
        for part in manifest["parts"]:
            had, name = first[part["table"]], f"{part['table']}.jsonl"
            part["columns"] = {k: v for k, v in part["columns"].items() if k in had}
            found = [json.loads(line) for line in members[name].splitlines()]
            found = [{k: v for k, v in row.items() if k in had} for row in found]
            members[name] = "".join(json.dumps(row) + "\n" for row in found).encode()
            part["sha256"] = hashlib.sha256(members[name]).hexdigest()
    operator.about(url_of(empty))

    operator.done("restore", str(file))

    schema.check(empty)
    # The upgrade sorts what is held; what is not, nobody looks for in the queue.
    assert rows(empty, OF_THE_QUEUE) == rows(newsroom.db, OF_THE_QUEUE) | {"spans": []}


def test_a_backup_of_a_newer_release_names_it(newsroom: Newsroom, operator: Operator) -> None:
    file = operator.folder / "monday.zip"
    operator.done("backup", str(file))
    with rewritten(file) as (manifest, _):
        manifest |= {"schema": "9000", "release": "7.0.0"}
    operator.about(f"sqlite:///{operator.folder / 'new.sqlite3'}")

    assert "was made by release 7.0.0" in operator.refused("restore", str(file))
