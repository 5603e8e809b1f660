"""What a Disqus export becomes."""

from pathlib import Path

from sqlalchemy import select

from moderation.imports import Brought, LeftOut, Stood, Why, disqus
from moderation.imports.records import of_mail, of_name
from moderation.models import Comment, Commenter, Revision, Status, Story
from tests.imports.conftest import Operator
from tests.newsroom import Newsroom

FILE = Path(__file__).with_name("files") / "disqus.xml"


def test_the_records_of_an_export() -> None:
    with FILE.open("rb") as file:
        records = list(disqus.read(file, "disqus.xml", site="the-daily"))

    brought = {one.id: one for one in records if isinstance(one, Brought)}
    assert {id_: (one.stood, one.parent) for id_, one in brought.items()} == {
        "1": (Stood.APPROVED, None),
        "2": (Stood.APPROVED, "1"),
        "3": (Stood.DELETED, "2"),
        "4": (Stood.SPAM, None),
        "5": (Stood.APPROVED, "3"),
        "6": (Stood.PENDING, None),
        "7": (Stood.UNKNOWN, None),
    }
    assert [one.why for one in records if isinstance(one, LeftOut)] == [Why.NO_STORY]
    assert brought["1"].text == (
        "It rings again under my window.\n\nGood morning, line 7 (https://daily.example/line-7)!"
    )
    assert brought["2"].text == "Not under mine,\nyet."
    assert [brought[id_].commenter.id for id_ in "123"] == [
        "disqus:rita_d",
        of_mail("the-daily", "tom@reader.example"),
        of_name("the-daily", "Kim"),
    ]
    assert (brought["1"].story.id, brought["1"].story.closed) == ("tram-7", False)
    assert (brought["4"].story.id, brought["4"].story.closed) == (
        "https://daily.example/depot",
        True,
    )
    assert brought["4"].story.title == "The depot & its cats"


def test_an_id_that_is_too_long_with_its_source(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "disqus.xml"
    file.write_text(FILE.read_text().replace('<post dsq:id="2">', f'<post dsq:id="{"2" * 195}">'))

    said = operator.types("import", "disqus", str(file), "--site", "the-daily").stderr

    assert "disqus.xml, line 33: id is longer than 200 characters here" in said


def test_what_was_deleted_is_a_place_without_words(newsroom: Newsroom, operator: Operator) -> None:
    done = operator.done("import", "disqus", str(FILE), "--site", "the-daily")

    assert "deleted\t1\n" in done.stdout
    assert "left out, without a story\t1\n" in done.stdout
    with newsroom.db.reading() as session:
        there = {one.external_id: one for one in session.scalars(select(Comment))}
        gone = there["disqus:3"]
        assert (gone.status, gone.erased_at is not None) == (Status.BLOCKED, True)
        assert session.get_one(Revision, (gone.site_id, gone.id, 1)).text is None
        kim = session.get_one(Commenter, (gone.site_id, gone.commenter_id))
        assert (kim.approved, kim.blocked) == (0, 0)
        assert there["disqus:5"].parent_id == gone.id
        assert [s.external_id for s in session.scalars(select(Story))].count("empty") == 0
    assert there["disqus:6"].status == there["disqus:7"].status == Status.HELD
