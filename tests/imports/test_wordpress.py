"""What a WordPress export becomes."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from moderation.imports import Brought, LeftOut, Stood, Why, wordpress
from moderation.imports.records import of_mail, of_name
from moderation.models import (
    Actor,
    Comment,
    Commenter,
    Decision,
    Receipt,
    Revision,
    Status,
    Story,
    Strike,
)
from tests.imports.conftest import Operator
from tests.keeping.conftest import lines
from tests.newsroom import Newsroom


def counted(output: str) -> dict[str, int]:
    """What an import prints."""
    return {name: int(count) for name, count in (line.split("\t") for line in output.splitlines())}


def test_the_records_of_an_export(wordpress_file: Path) -> None:
    with wordpress_file.open("rb") as file:
        records = list(wordpress.read(file, "wordpress.xml", site="the-daily"))

    brought = {one.id: one for one in records if isinstance(one, Brought)}
    assert {id_: one.stood for id_, one in brought.items()} == {
        "1": Stood.APPROVED,
        "3": Stood.APPROVED,
        "2": Stood.APPROVED,
        "4": Stood.PENDING,
        "5": Stood.SPAM,
        "6": Stood.TRASH,
        "7": Stood.UNKNOWN,
        "10": Stood.APPROVED,
    }
    assert [(one.why, one.line) for one in records if isinstance(one, LeftOut)] == [
        (Why.PINGBACK, 97),
        (Why.TRACKBACK, 106),
        (Why.NO_WORDS, 131),
        (Why.OTHER_KIND, 139),
    ]
    first = brought["1"]
    assert first.text == (
        "Two years late, but the stops have ramps at last.\n\nIt says so in the plan"
        " (https://daily.example/plan) – and on page 3 <below>."
    )
    assert first.story.model_dump() == {
        "id": "42",
        "title": "Tram line 7 reopens & stays",
        "url": "https://daily.example/2024/05/tram-7/",
        "section": None,
        "closed": False,
    }
    assert first.created_at.isoformat() == "2024-05-04T10:00:00+00:00"
    assert (first.parent, brought["3"].parent, brought["2"].parent) == (None, "2", "1")
    assert brought["3"].text == (
        "> Two years late\n\nThree, if you count the bridge. x[i[0]]> is how my son says it."
    )
    assert brought["2"].text == "And who pays for it?\nWe do."
    assert brought["10"].story.closed


@pytest.mark.parametrize(
    "said",
    [
        "<wp:status><![CDATA[private]]></wp:status>",
        "<wp:status>draft</wp:status>",
        "<wp:status>publish</wp:status><wp:post_password><![CDATA[tram]]></wp:post_password>",
    ],
)
def test_what_readers_do_not_see_there_is_not_shown_here(
    wordpress_file: Path, tmp_path: Path, said: str
) -> None:
    file = tmp_path / "export.xml"
    whole = wordpress_file.read_text("utf-8")
    file.write_text(whole.replace("<wp:status>publish</wp:status>", said, 1), encoding="utf-8")

    with file.open("rb") as source:
        records = list(wordpress.read(source, "export.xml", site="the-daily"))

    stories = {one.story.id for one in records if isinstance(one, Brought)}
    assert "42" not in stories
    assert stories
    assert Why.NOT_PUBLIC in {one.why for one in records if isinstance(one, LeftOut)}


def test_commenters_are_users_or_guests_by_a_hash_of_their_address(wordpress_file: Path) -> None:
    with wordpress_file.open("rb") as file:
        records = list(wordpress.read(file, "wordpress.xml", site="the-daily"))

    names = {one.id: one.commenter for one in records if isinstance(one, Brought)}
    assert (names["1"].id, names["1"].name) == ("7", "Rita")
    assert names["3"].id == of_mail("the-daily", "tom@reader.example")
    assert (names["2"].id, names["2"].name) == (of_name("the-daily", "Mia & Noa"), "Mia & Noa")
    assert names["4"].id == names["6"].id
    assert "reader.example" not in repr(records)
    assert "192.0.2.7" not in repr(records)


def test_an_export_comes_in_with_threads_and_verdicts(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    done = operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")

    assert counted(done.stdout) == {
        "approved": 4,
        "pending": 1,
        "spam": 1,
        "trash": 1,
        "unknown": 1,
        "there already": 0,
        "left out, of another kind": 1,
        "left out, pingback": 1,
        "left out, trackback": 1,
        "left out, without words": 1,
        "blocks of commenters": 0,
        "replies to what is not there": 1,
    }
    assert "wordpress:10 replies to what is not there" in done.stderr
    assert "Imported 8 comments into the-daily." in done.stderr
    with newsroom.db.reading() as session:
        there = {one.external_id: one for one in session.scalars(select(Comment))}
        assert {name: one.status for name, one in there.items()} == {
            "wordpress:1": Status.APPROVED,
            "wordpress:2": Status.APPROVED,
            "wordpress:3": Status.APPROVED,
            "wordpress:4": Status.HELD,
            "wordpress:5": Status.BLOCKED,
            "wordpress:6": Status.BLOCKED,
            "wordpress:7": Status.HELD,
            "wordpress:10": Status.APPROVED,
        }
        above = {one.id: name for name, one in there.items()}
        assert {name: above.get(one.parent_id) for name, one in there.items() if one.parent_id} == {
            "wordpress:2": "wordpress:1",
            "wordpress:3": "wordpress:2",
            "wordpress:6": "wordpress:3",
        }
        for one in there.values():
            assert one.received_at == one.posted_at == one.judged_at
            assert one.posted_at.year == 2024
        by_age = sorted(there.values(), key=lambda one: one.id)
        assert by_age == sorted(there.values(), key=lambda one: one.posted_at)
        log = list(session.scalars(select(Decision).order_by(Decision.seq)))
        assert {(one.actor, one.moderator_id, one.clause) for one in log} == {
            (Actor.IMPORT, None, None)
        }
        assert sorted(one.imported_as or "" for one in log) == [
            "approved",
            "approved",
            "approved",
            "approved",
            "pending",
            "spam",
            "trash",
            "unknown",
        ]
        assert {one.id for one in log} == {one.decision_id for one in there.values()}
        assert all(one.decided_at.year == 2024 and one.seq < 0 for one in log)
        closed = {s.external_id: s.closed_at is not None for s in session.scalars(select(Story))}
        assert closed == {"42": False, "43": True}
        assert session.scalars(select(Strike)).all() == []  # all of them have expired by now


def test_imported_approvals_are_a_commenters_history(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        known = {one.external_id: one for one in session.scalars(select(Commenter))}
        assert (known["7"].approved, known["7"].blocked) == (2, 0)
        assert known["7"].created_at.isoformat() == "2024-05-04T10:00:00+00:00"
        kim = known[of_mail("the-daily", "kim@reader.example")]
        assert (kim.approved, kim.blocked, kim.name) == (0, 1, "Kim")


def test_nothing_of_an_address_is_kept(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")

    everything = operator.done("export", "the-daily").stdout
    assert "wordpress:1" in everything
    assert "rita@reader.example" not in everything.lower()
    assert "192.0.2.7" not in everything
    assert {one["kind"] for one in lines(everything)} >= {"comment", "decision", "story"}


def rows_of(newsroom: Newsroom) -> list[Any]:
    """All that an import writes, but for the log of who did what."""
    with newsroom.db.reading() as session:
        return [
            sorted(map(repr, session.execute(select(*kind.__table__.columns)).all()))
            for kind in (Comment, Revision, Decision, Receipt, Story, Commenter, Strike)
        ]


def test_a_second_time_changes_nothing(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")
    before = rows_of(newsroom)

    again = operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")

    assert counted(again.stdout)["there already"] == 8
    assert "approved" not in counted(again.stdout)
    assert rows_of(newsroom) == before


def test_a_dry_run_counts_and_changes_nothing(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    before = rows_of(newsroom)

    told = operator.done(
        "import", "wordpress", str(wordpress_file), "--site", "the-daily", "--dry-run"
    )

    assert counted(told.stdout)["approved"] == 4
    assert "Would import 8 comments" in told.stderr
    assert rows_of(newsroom) == before


def test_another_site_has_its_own(
    newsroom: Newsroom, operator: Operator, wordpress_file: Path
) -> None:
    operator.done("import", "wordpress", str(wordpress_file), "--site", "the-daily")
    done = operator.done("import", "wordpress", str(wordpress_file), "--site", "the-evening-post")

    assert counted(done.stdout)["approved"] == 4
    assert operator.refused(
        "import", "wordpress", str(wordpress_file), "--site", "the-nightly"
    ) == ("Error: there is no site the-nightly\n")


@pytest.fixture
def wordpress_file() -> Path:
    """An export of WordPress with every status, pingbacks, and replies before what they answer."""
    return Path(__file__).with_name("files") / "wordpress.xml"
