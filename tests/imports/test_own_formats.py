"""Our own formats, JSON Lines and CSV: what a row becomes, and which are refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from moderation.imports import own
from moderation.models import Comment, Commenter, Decision, Revision, Status, Story, Strike
from tests.imports.conftest import Operator
from tests.newsroom import Newsroom

ROW: dict[str, Any] = {
    "id": "1",
    "story": {"id": "tram-7", "url": "https://daily.example/tram-7", "title": "Tram line 7"},
    "commenter": {"id": "rita", "name": "Rita"},
    "text": "At last!",
    "created_at": "2024-05-04T10:00:00+02:00",
    "status": "approved",
}
HEADING = (
    "id,story,story_title,story_closed,commenter,commenter_name,parent,created_at,status,text\n"
)


def jsonl(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    file = tmp_path / "comments.jsonl"
    file.write_text("".join(json.dumps(ROW | row) + "\n" for row in rows))
    return file


def test_every_status_of_our_own(newsroom: Newsroom, operator: Operator, tmp_path: Path) -> None:
    file = jsonl(
        tmp_path,
        *({"id": f"{n}", "status": status} for n, status in enumerate([*own.STOOD, "seen"])),
    )

    done = operator.done("import", "jsonl", str(file), "--site", "the-daily")

    assert "unknown\t1\n" in done.stdout
    with newsroom.db.reading() as session:
        found = session.execute(
            select(Decision.imported_as, Comment.status, Decision.status_before, Revision.text)
            .join(Comment, Comment.id == Decision.comment_id)
            .join(Revision, Revision.comment_id == Comment.id)
        )
        assert {row[0]: row[1:] for row in found} == {
            "approved": (Status.APPROVED, Status.RECEIVED, "At last!"),
            "pending": (Status.HELD, Status.HELD, "At last!"),
            "rejected": (Status.BLOCKED, Status.RECEIVED, "At last!"),
            "spam": (Status.BLOCKED, Status.RECEIVED, "At last!"),
            "trash": (Status.BLOCKED, Status.RECEIVED, "At last!"),
            "deleted": (Status.BLOCKED, Status.RECEIVED, None),
            "unknown": (Status.HELD, Status.HELD, "At last!"),
        }
        rita = session.scalars(select(Commenter)).one()
        assert (rita.approved, rita.blocked) == (1, 3)


def test_the_ids_are_the_sites_own(newsroom: Newsroom, operator: Operator, tmp_path: Path) -> None:
    before = newsroom.receive(external_id="1")

    done = operator.done("import", "jsonl", str(jsonl(tmp_path, {})), "--site", "the-daily")

    assert "there already\t1\n" in done.stdout
    assert newsroom.comment(before).status == Status.RECEIVED


def test_what_was_posted_here_is_laid_under_nothing(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    posted = newsroom.receive(external_id="2")
    file = jsonl(tmp_path, {"id": "1"}, {"id": "2", "parent": "1"}, {"id": "3", "parent": "1"})

    done = operator.done("import", "jsonl", str(file), "--site", "the-daily")

    assert "there already\t1\n" in done.stdout
    with newsroom.db.reading() as session:
        parents = select(Comment.external_id, Comment.parent_id, Comment.id)
        found = {name: (parent, id_) for name, parent, id_ in session.execute(parents)}
        assert found["2"] == (None, posted)
        assert found["3"][0] == found["1"][1]


def test_a_recent_block_is_a_strike_as_long_as_it_would_be(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    ages = {"1": 10, "2": 80, "3": 100}
    file = jsonl(
        tmp_path,
        *(
            {"id": id_, "status": "blocked", "created_at": (now - timedelta(age)).isoformat()}
            for id_, age in ages.items()
        ),
    )

    operator.done("import", "jsonl", str(file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        left = [strike.expires_at - now for strike in session.scalars(select(Strike))]
        assert sorted(one.days for one in left) == [10, 80]


def test_when_it_was_decided_is_kept(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    rows = [
        {"decided_at": "2024-05-06T10:00:00Z"},
        {"id": "2", "decided_at": "2024-05-01T10:00:00Z"},  # before it came: that cannot be
    ]

    operator.done("import", "jsonl", str(jsonl(tmp_path, *rows)), "--site", "the-daily")

    with newsroom.db.reading() as session:
        times = [one.isoformat() for one in session.scalars(select(Decision.decided_at))]
    assert sorted(times) == ["2024-05-04T08:00:00+00:00", "2024-05-06T10:00:00+00:00"]


def test_a_spreadsheet(newsroom: Newsroom, operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "comments.csv"
    file.write_bytes(
        b"\xef\xbb\xbf"
        + (
            HEADING
            + "2,tram-7,Tram line 7,true,tom,Tom,1,2024-05-04T10:05:00Z,held,"
            + '"Two\nlines, and a ""word"""\n'
            + "1,tram-7,Tram line 7,true,rita,,,2024-05-04T10:00:00Z,approved,At last!\n"
            + "\n"
        ).encode()
    )

    operator.done("import", "csv", str(file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        there = {one.external_id: one for one in session.scalars(select(Comment))}
        assert there["2"].parent_id == there["1"].id
        assert there["2"].status == Status.HELD
        words = session.get_one(Revision, (newsroom.daily.id, there["2"].id, 1))
        assert words.text == 'Two\nlines, and a "word"'
        assert session.scalars(select(Story)).one().closed_at is not None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"shadow": 1}, "line 2: 'shadow' is no field of this format"),
        ({"story": {"id": "a", "slug": "b"}}, "line 2: story.slug is no field of this format"),
        ({"status": None}, "line 2: status is missing"),
        ({"text": None}, "line 2: text is missing"),
        ({"text": " \u200b"}, "line 2: text must not be blank"),
        ({"text": "a\0b"}, "line 2: text must not contain the character NUL"),
        ({"text": "a\ud800b"}, "line 2: contains half of a surrogate pair"),
        ({"text": "x" * 100_001}, "line 2: text is longer than 100000 characters"),
        ({"commenter": {"id": "\ud800"}}, "line 2: contains half of a surrogate pair"),
        ({"id": ""}, "line 2: id is empty"),
        ({"id": "x" * 201}, "line 2: id is longer than 200 characters"),
        ({"id": 7}, "line 2: id input should be a valid string"),
        ({"created_at": "yesterday"}, "line 2: created_at must be a moment such as"),
        ({"created_at": "2024-02-30T10:00:00Z"}, "line 2: created_at input should be a valid"),
        ({"created_at": "1969-12-31T10:00:00Z"}, "line 2: created_at must not be before 1970"),
        ({"created_at": "2999-12-31T10:00:00Z"}, "line 2: created_at or decided_at lies in the"),
        ({"story": {}}, "line 2: story.id is missing"),
        ({"commenter": {"id": "embed-guest:1"}}, "line 2: commenter.id must not begin with"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_line_and_reason(
    newsroom: Newsroom, operator: Operator, tmp_path: Path, row: dict[str, Any], said: str
) -> None:
    file = jsonl(tmp_path, {}, {"id": "2"} | row)

    result = operator.types("import", "jsonl", str(file), "--site", "the-daily")

    assert result.exit_code == 1
    assert f"comments.jsonl, {said}" in result.stderr
    assert "yesterday" not in result.stderr
    with newsroom.db.reading() as session:
        assert [one.external_id for one in session.scalars(select(Comment))] == ["1"]


@pytest.mark.parametrize(
    ("heading", "row", "said"),
    [
        ("id,story,commenter,text,created_at,status,stars", "", "line 1: 'stars' is no field"),
        ("id,story,commenter,text,status", "", "line 1: the column created_at must be there once"),
        ("id,id,story,commenter,text,created_at,status", "", "line 1: the column id must be"),
        ("", "", "line 1: the column id must be there once"),
        ("1,tram-7,rita,Twice,yesterday,approved", "", "line 1: the column id must be there once"),
        ("id,story,commenter,text,created_at,status", "1,2", "line 2: 2 cells, and 6 columns"),
        (
            "id,story,commenter,text,created_at,status",
            '1,tram-7,rita,"half',
            "line 2: not CSV: unexpected end of data",
        ),
        (
            "id,story,story_closed,commenter,text,created_at,status",
            "1,tram-7,perhaps,rita,Yes,2024-05-04T10:00:00Z,approved",
            "line 2: story_closed must be true or false",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_refused(
    operator: Operator, tmp_path: Path, heading: str, row: str, said: str
) -> None:
    file = tmp_path / "comments.csv"
    file.write_text(f"{heading}\n{row}\n")

    result = operator.types("import", "csv", str(file), "--site", "the-daily")

    assert result.exit_code == 1
    assert f"comments.csv, {said}" in result.stderr
    assert "Twice" not in result.stderr


def test_a_line_in_another_encoding(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "comments.jsonl"
    file.write_bytes(b'{"id": "1"}\n'.replace(b"1", "é".encode("latin-1")))

    result = operator.types("import", "jsonl", str(file), "--site", "the-daily")

    assert "comments.jsonl, line 1: not UTF-8 at byte 8" in result.stderr


def test_a_thread_never_goes_in_a_circle(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "1", "parent": "2"},
        {"id": "2", "parent": "1"},
        {"id": "3", "parent": "3"},
        {"id": "4", "parent": "1", "story": {"id": "another"}},
    ]

    done = operator.done("import", "jsonl", str(jsonl(tmp_path, *rows)), "--site", "the-daily")

    assert "replies to what is not there\t3\n" in done.stdout
    with newsroom.db.reading() as session:
        above = {one.external_id: one.parent_id for one in session.scalars(select(Comment))}
        assert [name for name, parent in above.items() if parent is not None] == ["2"]
