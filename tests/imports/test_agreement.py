"""How the policy would have agreed with what had been decided of imported comments."""

from pathlib import Path

import pytest
from sqlalchemy import select

from moderation.models import Comment, Decision, Score
from tests.imports.conftest import Operator
from tests.newsroom import Newsroom
from tests.stand_in import StandIn
from worker import agreement, scorers

WORDPRESS = Path(__file__).with_name("files") / "wordpress.xml"


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A model that finds an insult in `fool`."""
    stand_in = StandIn()
    monkeypatch.setattr(scorers, "load", lambda *_: stand_in)
    monkeypatch.setattr(agreement, "AT_ONCE", 3)
    return stand_in


def test_scoring_an_import_says_how_the_policy_would_have_agreed(
    newsroom: Newsroom, operator: Operator
) -> None:
    done = operator.done("import", "wordpress", str(WORDPRESS), "--site", "the-daily", "--score")

    table = done.stdout[done.stdout.index("stood") :]
    assert table == (
        "stood\tapprove\thold\tblock\n"
        "approved\t4\t0\t0\n"
        "pending\t1\t0\t0\n"
        "spam\t1\t0\t0\n"
        "trash\t0\t1\t0\n"
        "unknown\t1\t0\t0\n"
        "\n"
        "clause\tapproved\tpending\tspam\ttrash\tunknown\n"
        "personal-attacks\t0\t0\t0\t1\t0\n"
    )
    assert "Looked at 8 imported comments, newest first." in done.stderr


def test_nothing_is_decided_or_stored(newsroom: Newsroom, operator: Operator) -> None:
    operator.done("import", "wordpress", str(WORDPRESS), "--site", "the-daily")

    def rows() -> list[object]:
        with newsroom.db.reading() as session:
            comments = session.execute(select(Comment.id, Comment.status, Comment.decision_id))
            log = session.scalars(select(Decision.id)).all()
            return [sorted(map(repr, comments)), sorted(log), session.scalars(select(Score)).all()]

    before = rows()
    operator.done("model", "agreement", "the-daily")
    assert rows() == before


def test_only_the_newest_if_only_so_many_are_asked_for(
    newsroom: Newsroom, operator: Operator, model: StandIn
) -> None:
    operator.done("import", "wordpress", str(WORDPRESS), "--site", "the-daily")

    operator.done("model", "agreement", "the-daily", "--last", "4")

    looked_at = [text for call in model.calls for text in call]
    assert looked_at[0] == "Fourteen cats!"
    assert len(looked_at) == 4


def test_what_nobody_imported_is_not_looked_at(
    newsroom: Newsroom, operator: Operator, model: StandIn
) -> None:
    newsroom.approved()

    done = operator.done("model", "agreement", "the-daily")

    assert model.calls == []
    assert "Looked at 0 imported comments" in done.stderr


def test_a_site_without_a_policy(operator: Operator) -> None:
    said = operator.refused("model", "agreement", "the-evening-post")
    assert said == "Error: the site has posted no policy\n"
