"""An import that is killed, or stops at a malformed line, goes on when it is run again."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from moderation import importing
from moderation.importing import Import
from moderation.imports import Record, json_lines
from moderation.models import AuditEntry, Comment, Commenter, Decision, Revision
from tests.imports.conftest import Operator
from tests.newsroom import NOON, Newsroom

MANY = 6_000


def written(tmp_path: Path, count: int, *, replies_first: bool = True) -> Path:
    """So many comments of ten readers under three stories; of two that belong together the reply
    stands first, far before what it answers."""
    file = tmp_path / "many.jsonl"
    numbers = list(range(count))
    with file.open("w") as target:
        for number in reversed(numbers) if replies_first else numbers:
            row = {
                "id": f"{number}",
                "story": {"id": f"story-{number % 3}"},
                "commenter": {"id": f"reader-{number % 10}"},
                "text": f"Comment number {number}.",
                "created_at": f"2024-05-04T{number // 3600:02}:{number // 60 % 60:02}"
                f":{number % 60:02}Z",
                "status": "approved",
            }
            if number >= count - count // 3 and number >= 1500:
                row["parent"] = f"{number - 1500}"
            target.write(json.dumps(row) + "\n")
    return file


def how_many(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).select_from(Comment)) or 0


def test_a_killed_import_goes_on(newsroom: Newsroom, operator: Operator, tmp_path: Path) -> None:
    file = written(tmp_path, MANY)
    command = ["-m", "moderation", "import", "jsonl", str(file), "--site", "the-daily"]
    with subprocess.Popen([sys.executable, *command], env=os.environ) as process:
        until = time.monotonic() + 60
        while how_many(newsroom) == 0 and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
    before = how_many(newsroom)
    assert 0 < before < MANY
    assert before % importing.AT_ONCE == 0

    done = operator.done("import", "jsonl", str(file), "--site", "the-daily")

    assert f"approved\t{MANY - before}\nthere already\t{before}\n" in done.stdout
    assert "replies to what is not there\t0\n" in done.stdout
    with newsroom.db.reading() as session:
        for rows_of in (Comment, Revision, Decision):
            assert session.scalar(select(func.count()).select_from(rows_of)) == MANY
        assert session.scalar(select(func.sum(Commenter.approved))) == MANY
        assert len(set(session.scalars(select(Decision.seq)))) == MANY
        replies = session.scalar(select(func.count()).where(Comment.parent_id.is_not(None)))
        assert replies == MANY // 3


def test_what_came_before_a_malformed_line_stays_and_the_rest_comes_later(
    newsroom: Newsroom, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 10)
    file = written(tmp_path, 35, replies_first=False)
    whole = file.read_text()
    file.write_text(
        whole.replace('"story": {"id": "story-1"}', '"story": 7', 9).replace(
            '"story": 7', '"story": {"id": "story-1"}', 8
        )
    )

    stopped = operator.types("import", "jsonl", str(file), "--site", "the-daily")

    assert stopped.exit_code == 1
    assert "approved\t25\n" in stopped.stdout
    assert "many.jsonl, line 26: story" in stopped.stderr
    assert "What came before that stays" in stopped.stderr
    assert how_many(newsroom) == 25

    file.write_text(whole)
    done = operator.done("import", "jsonl", str(file), "--site", "the-daily")
    assert "approved\t10\nthere already\t25\n" in done.stdout
    with newsroom.db.reading() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.event == "comments_imported"))
        assert sorted(one.subject["imported"] for one in told) == [10, 25]


def test_a_dry_run_of_a_malformed_file_claims_nothing(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text("[]\n")

    looked = operator.types("import", "jsonl", str(file), "--site", "the-daily", "--dry-run")

    assert looked.exit_code == 1
    assert looked.stderr.endswith("Error: many.jsonl, line 1: no JSON object\n")


@pytest.mark.parametrize("packed", [gzip.compress(b"<disqus/>"), b"PK\x03\x04 and the rest"])
def test_a_packed_file_is_to_be_unpacked(operator: Operator, tmp_path: Path, packed: bytes) -> None:
    file = tmp_path / "export.xml.gz"
    file.write_bytes(packed)

    refused = operator.types("import", "disqus", str(file), "--site", "the-daily")

    assert refused.exit_code == 1
    assert "export.xml.gz is packed: unpack it first" in refused.stderr


def test_a_pipe_is_refused(operator: Operator) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"<disqus/>")
    os.close(writing)
    try:
        refused = operator.types("import", "disqus", f"/dev/fd/{reading}", "--site", "the-daily")
    finally:
        os.close(reading)

    assert refused.exit_code == 1
    assert "is a pipe" in refused.stderr


def test_what_was_erased_since_does_not_come_back(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    file = written(tmp_path, 20)
    operator.done("import", "jsonl", str(file), "--site", "the-daily")
    operator.done("erase", "the-daily", "reader-1", "--yes")

    operator.done("import", "jsonl", str(file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        words = session.scalars(select(Revision.text)).all()
        assert words.count(None) == 2
        assert session.scalar(select(func.count()).select_from(Commenter)) == 10


def test_two_imports_at_once_bring_everything_in_once(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 50)
    file = written(tmp_path, 600)

    def bring_in(_: int) -> int:
        def read() -> Iterator[Record]:
            with file.open("rb") as source:
                yield from json_lines.read(source, "many.jsonl", site="the-daily")

        run = Import(site_id=newsroom.daily.id, source="", read=read)
        for _step in run.write(newsroom.db.transaction, now=NOON):
            pass
        return run.tally.brought.total()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(bring_in, range(2))) == 600
    with newsroom.db.reading() as session:
        assert session.scalar(select(func.sum(Commenter.approved))) == 600
        seqs = sorted(session.scalars(select(Decision.seq)))
        assert seqs == list(range(-600, 0))
