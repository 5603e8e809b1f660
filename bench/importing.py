"""What it takes to import a large export: comments a second, and memory, which must not grow."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psutil

from bench import texts
from bench.databases import Servers
from bench.servers import environment
from bench.table import Row, Target, shown
from moderation import schema
from moderation.db import Database
from moderation.imports import wordpress
from tests.newsroom import open_newsroom

COUNT = 1_000_000
QUICK = 20_000
PER_STORY = 50
READERS = 50_000
GROWTH = Target(side="at most", value=1.2)
HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
"""
COMMENT = """<wp:comment>
<wp:comment_id>{number}</wp:comment_id>
<wp:comment_author><![CDATA[Reader {reader}]]></wp:comment_author>
<wp:comment_author_email>reader-{reader}@reader.example</wp:comment_author_email>
<wp:comment_author_IP>192.0.2.1</wp:comment_author_IP>
<wp:comment_date>{moment:%Y-%m-%d %H:%M:%S}</wp:comment_date>
<wp:comment_date_gmt>{moment:%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content>
<wp:comment_approved>{approved}</wp:comment_approved>
<wp:comment_type>comment</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent>
<wp:comment_user_id>0</wp:comment_user_id>
</wp:comment>
"""


def rows(servers: Servers, *, quick: bool) -> Iterator[Row]:
    """A WordPress export into each of the databases, beside one of a tenth."""
    count = QUICK if quick else COUNT
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.xml", Path(folder) / "large.xml"
        write(small, count // 10)
        write(large, count)
        alone = _reading_alone(large)
        for name in ("SQLite", "PostgreSQL"):
            runs = [
                _import(
                    file,
                    f"sqlite:///{file}.sqlite3" if name == "SQLite" else servers.postgres.create(),
                )
                for file in (small, large)
            ]
            yield _speed(name, count, runs[1], alone)
            yield _memory(name, count, *runs)


def write(file: Path, count: int) -> None:
    """An export with so many comments: most approved, a third of them replies, some with HTML."""
    chance = Random(count)
    said = [texts.ordinary(chance) for _ in range(2_000)]
    began = datetime(2015, 1, 1, tzinfo=UTC)
    with file.open("w", encoding="utf-8") as target:
        target.write(HEAD)
        for number in range(1, count + 1):
            story, place = divmod(number - 1, PER_STORY)
            if place == 0:
                target.write(
                    f"<item><title>Story {story}</title><link>https://daily.example/{story}</link>"
                    f"<wp:post_id>{story}</wp:post_id><wp:comment_status>open</wp:comment_status>"
                )
            text = f"{chance.choice(said)} {number}"
            if number % 4 == 0:
                text = f"<blockquote>{text[:40]}</blockquote>\n{text} <b>Really</b> &amp; truly."
            target.write(
                COMMENT.format(
                    number=number,
                    reader=chance.randrange(READERS),
                    moment=began + timedelta(seconds=60 * number),
                    text=text,
                    approved=("1", "1", "1", "1", "0", "spam", "trash")[number % 7],
                    parent=number - 1 if place and number % 3 == 0 else 0,
                )
            )
            if place == PER_STORY - 1 or number == count:
                target.write("</item>\n")
        target.write("</channel></rss>\n")


@dataclass(frozen=True, slots=True)
class _Run:
    seconds: float
    mebibytes: float


def _import(file: Path, url: str) -> _Run:
    """`moderation import wordpress`, as an operator starts it, into a database of its own."""
    with Database(url) as db:
        schema.upgrade(db)
        open_newsroom(db)
    command = [sys.executable, "-m", "moderation", "import", "wordpress", str(file)]
    began = time.perf_counter()
    most = 0
    with psutil.Popen(
        [*command, "--site", "the-daily"],
        env=os.environ | environment(url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        # Looked at again and again: what the system keeps as the most has this process in it, too.
        while process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                most = max(most, process.memory_info().rss)
            time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return _Run(time.perf_counter() - began, most / 2**20)


def _reading_alone(file: Path) -> float:
    """Seconds that the reader takes for the file, with nothing written."""
    began = time.perf_counter()
    with file.open("rb") as source:
        for _ in wordpress.read(source, file.name, site="the-daily"):
            pass
    return time.perf_counter() - began


def _speed(name: str, count: int, run: _Run, alone: float) -> Row:
    return Row(
        what=f"import of a WordPress export into {name}, {count:,} comments",
        figure=count / run.seconds,
        unit=" a second",
        measured=f"{shown(run.seconds)} s, start and counting of rows included; reading the file"
        f" alone {shown(alone)} s",
        reference="none: it only tells. What is read is the same without writing it",
    )


def _memory(name: str, count: int, small: _Run, large: _Run) -> Row:
    return Row(
        what=f"memory of that import into {name}",
        figure=large.mebibytes / small.mebibytes,
        measured=f"{shown(large.mebibytes)} MiB at the most, {shown(small.mebibytes)} MiB for"
        f" {count // 10:,} comments",
        reference="the same import of a tenth: what does not grow with the file is in both",
        target=GROWTH,
    )
