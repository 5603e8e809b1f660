"""What Coral's collections become: comments, blocks of commenters, word lists."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from moderation import commenter_blocks, commenters, erasures
from moderation.db import Database
from moderation.imports import Brought, LeftOut, Stood, coral
from moderation.imports.records import of_name
from moderation.models import Comment, Commenter, CommenterBlock, Status
from moderation.policy import parse
from moderation.submission import CommenterRef
from tests.imports.conftest import Operator
from tests.newsroom import NOON, POLICY, Newsroom, later, open_newsroom

FOLDER = Path(__file__).with_name("files") / "coral"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the export, to be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "coral"))


def test_the_records_of_an_export() -> None:
    files = [(FOLDER / name).open("rb") for name in coral.FILES]
    records = list(coral.read(files, site="the-daily"))
    for file in files:
        file.close()

    brought = {one.id: one for one in records if isinstance(one, Brought)}
    assert {id_: (one.stood, one.commenter.id) for id_, one in brought.items()} == {
        "c-2": (Stood.REJECTED, "u-tom"),
        "c-1": (Stood.APPROVED, "rita"),
        "c-3": (Stood.APPROVED, "rita"),
        "c-4": (Stood.PENDING, "u-kim"),
        "c-5": (Stood.PENDING, "u-kim"),
        "c-6": (Stood.DELETED, of_name("the-daily", "")),
    }
    assert brought["c-1"].text == "At last!\n\n> Two years"
    assert brought["c-1"].created_at.isoformat() == "2022-02-01T09:00:00+00:00"
    assert brought["c-6"].settled_at.isoformat() == "2022-02-03T09:12:00+00:00"
    assert (brought["c-1"].story.section, brought["c-4"].story.closed) == ("City", True)
    assert sum(isinstance(one, LeftOut) for one in records) == 1
    assert "reader.example" not in repr(records)


def test_threads_and_blocks_come_in(newsroom: Newsroom, operator: Operator) -> None:
    done = operator.done("import", "coral", str(FOLDER), "--site", "the-daily")

    assert "blocks of commenters\t4\n" in done.stdout
    with newsroom.db.reading() as session:
        there = {one.external_id: one for one in session.scalars(select(Comment))}
        assert there["coral:c-2"].parent_id == there["coral:c-1"].id
        assert there["coral:c-2"].status == Status.BLOCKED
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        assert tom.is_blocked(NOON)
        assert (tom.blocked_until, tom.block_reason) == (None, "You were told twice.")
        blocks = session.scalars(select(CommenterBlock).order_by(CommenterBlock.blocked_at)).all()
        assert [
            (one.reason, f"{one.blocked_at:%m-%d}", one.ended_at and f"{one.ended_at:%m-%d}")
            for one in blocks
            if one.commenter_id == tom.id
        ] == [
            ("First warning.", "01-10", "01-20"),
            ("A long rest.", "02-02", "02-03"),  # the ban took its place
            ("You were told twice.", "02-03", None),
        ]
        [kims] = [one for one in blocks if one.commenter_id != tom.id]
        assert (kims.reason, f"{kims.until:%Y-%m-%d}") == ("Suspended in Coral", "2022-02-05")
        assert not commenters.named(session, newsroom.daily.id, "u-kim").is_blocked(NOON)
        assert (
            session.scalar(select(Commenter.approved).where(Commenter.external_id == "rita")) == 2
        )


def test_a_block_that_was_lifted_here_stays_lifted(newsroom: Newsroom, operator: Operator) -> None:
    operator.done("import", "coral", str(FOLDER), "--site", "the-daily")
    with newsroom.db.transaction() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        commenter_blocks.unblock(session, tom, moderator_id=newsroom.ana.id, now=NOON)

    again = operator.done("import", "coral", str(FOLDER), "--site", "the-daily")

    assert "blocks of commenters\t0\n" in again.stdout
    with newsroom.db.reading() as session:
        assert not commenters.named(session, newsroom.daily.id, "u-tom").is_blocked(NOON)


def test_who_was_erased_is_not_known_again_by_a_block(
    newsroom: Newsroom, operator: Operator
) -> None:
    operator.done("import", "coral", str(FOLDER), "--site", "the-daily")
    with newsroom.db.transaction() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        erasures.commenter(session, newsroom.daily.id, tom.id, record=lambda _: None, now=NOON)

    again = operator.done("import", "coral", str(FOLDER), "--site", "the-daily")

    assert "blocks of commenters\t0\n" in again.stdout
    with newsroom.db.reading() as session:
        assert commenters.find(session, newsroom.daily.id, "u-tom") is None


def test_a_block_of_here_stays(newsroom: Newsroom, operator: Operator) -> None:
    newsroom.receive(commenter={"id": "u-tom", "name": "Tom"})
    with newsroom.db.transaction() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        commenter_blocks.block(session, tom, reason="Ours", until=None, moderator_id=None, now=NOON)

    operator.done("import", "coral", str(FOLDER), "--site", "the-daily")

    with newsroom.db.reading() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        assert (tom.block_reason, tom.blocked_at) == ("Ours", NOON)


def test_a_block_of_here_stays_that_is_made_at_that_moment(postgres_url: str) -> None:
    """Whoever imports waits for the moderator, and sees what they did."""
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        newsroom.receive()
        earlier = commenter_blocks.Earlier(
            ref=CommenterRef(id="rita"),
            reason="You were told twice.",
            blocked_at=later(-60),
            until=None,
            ended_at=None,
        )

        def bring_in() -> int:
            with db.transaction() as session:
                return commenter_blocks.record_earlier(
                    session, newsroom.daily.id, [earlier], now=NOON
                )

        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        with ThreadPoolExecutor(1) as pool:
            with db.transaction() as session:
                rita = commenters.named(session, newsroom.daily.id, "rita")
                commenter_blocks.block(
                    session, rita, reason="Ours", until=None, moderator_id=None, now=NOON
                )
                bringing = pool.submit(bring_in)
                with db.reading() as other:
                    while not other.scalar(waits):
                        assert not bringing.done()
                        other.rollback()  # what it sees of the others is of one moment
            assert bringing.result() == 0
        with db.reading() as session:
            assert commenters.named(session, newsroom.daily.id, "rita").block_reason == "Ours"
            [block] = session.scalars(select(CommenterBlock))
            assert block.ended_at is None


def test_a_block_of_here_that_has_run_out_lets_nobody_in(
    newsroom: Newsroom, operator: Operator
) -> None:
    newsroom.receive(commenter={"id": "u-tom", "name": "Tom"})
    with newsroom.db.transaction() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        then: dict[str, Any] = {"moderator_id": None, "now": later(minutes=-60)}
        commenter_blocks.block(session, tom, reason="Ours", until=later(minutes=-1), **then)

    operator.done("import", "coral", str(FOLDER), "--site", "the-daily")

    with newsroom.db.reading() as session:
        tom = commenters.named(session, newsroom.daily.id, "u-tom")
        assert tom.is_blocked(NOON)
        assert tom.block_reason == "You were told twice."


def test_the_word_lists_are_rules_that_a_policy_takes(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "words.toml"

    operator.done(
        "import",
        "coral",
        str(FOLDER),
        "--site",
        "the-daily",
        "--dry-run",
        "--word-lists",
        str(file),
    )

    rules = file.read_text()
    assert '# banned-in-coral: no whole word, stem or phrase: "a.b"' in rules
    policy = parse(f"{POLICY}\n{rules}")
    assert {"banned-in-coral", "suspect-in-coral"} <= {
        rule.key for clause in policy.clauses for rule in clause.rules
    }
    assert {entry for listed in policy.word_lists for entry in listed.entries} == {
        "muckraker",
        "bog*",
        "wet blanket",
        "scoundrel",
        "muck*",
    }


def test_what_is_missing_in_the_folder_is_named(operator: Operator, folder: Path) -> None:
    (folder / "users.json").unlink()
    assert "coral has no users.json" in operator.refused(
        "import", "coral", str(folder), "--site", "the-daily"
    )


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        ("comments.json", "[{}]", "comments.json, line 1: made with --jsonArray"),
        ("comments.json", "7", "comments.json, line 1: no JSON object"),
        (
            "comments.json",
            json.dumps({"storyID": "depot", "revisions": [{"body": "May I?"}]}),
            "comments.json, line 1: id is missing",
        ),
        ("users.json", '{"username": "Tom"}', "users.json, line 1: id is missing"),
        (
            "users.json",
            r'{"id": "\ud800"}',
            "users.json, line 1: contains half of a surrogate pair",
        ),
        (
            "comments.json",
            json.dumps(
                {
                    "id": "c",
                    "storyID": "depot",
                    "revisions": [{"body": "Gone?"}],
                    "createdAt": {"$date": 1643706000000},
                    "deletedAt": {"$date": {"$numberLong": "soon"}},
                    "status": "APPROVED",
                }
            ),
            "comments.json, line 1: decided_at must be a moment",
        ),
        (
            "users.json",
            json.dumps({"id": "u", "status": {"suspension": {"history": [{"from": {}}]}}}),
            "users.json, line 1: blocked_at must be a moment",
        ),
    ],
)
def test_a_row_that_does_not_fit_is_refused(
    operator: Operator, folder: Path, file: str, row: str, said: str
) -> None:
    (folder / file).write_text(f"{row}\n")

    result = operator.types("import", "coral", str(folder), "--site", "the-daily")

    assert result.exit_code == 1
    assert said in result.stderr


def test_other_shapes_of_what_mongoexport_writes(
    newsroom: Newsroom, operator: Operator, folder: Path
) -> None:
    row = {
        "id": "c",
        "storyID": "depot",
        "authorID": "nobody",
        "createdAt": {"$date": 1643706000000},
    }
    odd = {"profiles": "none", "status": {"ban": {"active": True, "history": "none"}}}
    shapes = [
        row | {"revisions": [{"body": "Hello"}], "status": "APPROVED"},
        row | {"id": "d", "revisions": "none", "status": 7},
    ]
    (folder / "comments.json").write_text("".join(f"{json.dumps(one)}\n" for one in shapes))
    (folder / "users.json").write_text(
        json.dumps({"id": "u", "createdAt": {"$date": "2022-01-01T00:00:00Z"}} | odd)
    )
    (folder / "tenants.json").write_text('{"wordList": {"banned": 7, "suspect": [7, null]}}')
    words = folder / "words.toml"

    done = operator.done(
        *("import", "coral", str(folder), "--site", "the-daily", "--word-lists", str(words))
    )

    assert "approved\t1\n" in done.stdout
    assert "left out, without words\t1\n" in done.stdout
    assert "banned-in-coral: there are none" in words.read_text()
    with newsroom.db.reading() as session:
        assert commenters.named(session, newsroom.daily.id, "u").is_blocked(NOON)
        came = session.scalars(select(Comment.received_at)).one()
        assert came.isoformat() == "2022-02-01T09:00:00+00:00"
