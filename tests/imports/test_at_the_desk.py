"""What is made of imported comments afterwards: nobody is told, nobody waits, people can decide."""

from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings
from moderation import decision_log, decisions, history, stories
from moderation.decisions import Seen
from moderation.figures import site_figures
from moderation.models import Actor, Comment, Decision, Delivery, Status
from moderation.queue import counting
from tests.api.conftest import Caller
from tests.api.conftest import app_of as service
from tests.desk.conftest import app_of, at_desk, words
from tests.imports.conftest import Operator
from tests.newsroom import NOON, Newsroom
from tests.webhooks.conftest import Told
from tests.webhooks.receiver import LOOPBACK

CORAL = Path(__file__).with_name("files") / "coral"
WORDPRESS = Path(__file__).with_name("files") / "wordpress.xml"


@pytest.fixture
def imported(newsroom: Newsroom, operator: Operator) -> Newsroom:
    """The Daily has comments of its own, and then those of its WordPress."""
    newsroom.approved()
    operator.done("import", "wordpress", str(WORDPRESS), "--site", "the-daily")
    return newsroom


def of(newsroom: Newsroom, name: str) -> Comment:
    with newsroom.db.reading() as session:
        return session.scalars(
            select(Comment).where(
                Comment.site_id == newsroom.daily.id, Comment.external_id == f"wordpress:{name}"
            )
        ).one()


def test_the_feed_tells_nothing_of_it(imported: Newsroom) -> None:
    with imported.db.reading() as session:
        told = decision_log.feed(session, imported.daily.id)
    assert [one.decision.actor for one in told] == [Actor.POLICY]

    later = imported.approved("Well said.", external_id="later")

    with imported.db.reading() as session:
        told = decision_log.feed(session, imported.daily.id, after=told[-1].decision.seq)
    assert [(one.decision.comment_id, one.decision.seq) for one in told] == [(later, 2)]


def test_no_webhook_tells_of_it(newsroom: Newsroom, operator: Operator, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key="k" * 40, webhook_networks=LOOPBACK)
    Told(newsroom, settings, "http://127.0.0.1:9/told")

    done = operator.done("import", "coral", str(CORAL), "--site", "the-daily")

    assert "blocks of commenters\t4\n" in done.stdout
    with newsroom.db.reading() as session:
        assert session.scalars(select(Delivery)).all() == []
    newsroom.approved()
    with newsroom.db.reading() as session:
        assert len(session.scalars(select(Delivery)).all()) == 1


def test_nothing_of_it_waits_to_be_judged(imported: Newsroom) -> None:
    assert imported.judge({"insult": 0.99}) == []


def test_a_moderator_decides_about_it_and_takes_that_back(imported: Newsroom) -> None:
    spam = of(imported, "5")
    with imported.db.transaction() as session:
        decided = decisions.approve(
            session,
            imported.daily.id,
            Seen(comment_id=spam.id, revision=1, status=Status.BLOCKED),
            moderator_id=imported.ana.id,
            now=NOON,
        )
    assert of(imported, "5").status == Status.APPROVED

    with imported.db.transaction() as session:
        decisions.undo(session, imported.daily.id, decided, moderator_id=imported.ana.id, now=NOON)
    assert of(imported, "5").status == Status.BLOCKED


def test_what_was_decided_elsewhere_is_not_taken_back(imported: Newsroom) -> None:
    spam = of(imported, "5")
    assert spam.decision_id is not None
    with (
        pytest.raises(decisions.AlreadyDecided),
        imported.db.transaction() as session,
    ):
        decisions.undo(
            session, imported.daily.id, spam.decision_id, moderator_id=imported.ana.id, now=NOON
        )
    with imported.db.reading() as session:
        log = history.decided(session, [imported.daily.id]).items
        assert len(log) == 9
        assert [one.can_be_undone for one in log] == [False] * 9


def test_a_post_under_an_imported_id_is_refused(imported: Newsroom) -> None:
    with pytest.raises(AssertionError, match="key-reused"):
        imported.receive("Something else.", external_id="wordpress:1")


def test_a_reply_to_an_imported_comment_stands_under_it(imported: Newsroom) -> None:
    reply = imported.receive(
        "They do, and it is about time.",
        story={"id": "42", "title": "Tram line 7 is back"},
        parent="wordpress:1",
    )

    assert imported.comment(reply).parent_id == of(imported, "1").id
    with imported.db.reading() as session:
        assert stories.named(session, imported.daily.id, "42").title == "Tram line 7 is back"


def test_the_figures_count_the_days_of_an_import_anew_and_nobody_decided_it(
    newsroom: Newsroom, operator: Operator, tmp_path: Path
) -> None:
    noon = NOON.isoformat()
    recent = WORDPRESS.read_text().replace("2024-05-05 12:00:00", f"{NOON:%Y-%m-%d} 09:00:00")
    file = tmp_path / "recent.xml"
    file.write_text(recent)
    operator.done("import", "wordpress", str(file), "--site", "the-daily")

    with newsroom.db.reading() as session:
        [day] = site_figures.count(session, newsroom.daily.id, [NOON.date()])
        log = session.scalars(select(Decision.decided_at)).all()
    assert noon[:10] in {f"{one:%Y-%m-%d}" for one in log}
    assert (day.day.received, day.day.held, day.day.net) == (1, 0, 0)
    assert (day.day.policy.total, day.day.people.total) == (0, 0)


def test_what_waited_there_waits_in_the_queue(imported: Newsroom) -> None:
    with imported.db.reading() as session:
        assert counting.counts(session, [imported.daily.id]) == {imported.daily.id: 2}
    ana = at_desk(app_of(imported), imported.ana)

    queue = words(ana.get("/queue"))

    assert "Imported while it waited for a moderator" in queue
    assert "Imported, its status was not known" in queue
    assert queue.index("Is the depot open") < queue.index("A plugin gave me")


def test_the_desk_says_how_it_stood(imported: Newsroom) -> None:
    ana = at_desk(app_of(imported), imported.ana)

    assert "Imported as approved" in words(ana.get("/decisions?by=all"))
    assert "Imported as spam" in words(ana.get(f"/sites/the-daily/comments/{of(imported, '5').id}"))
    kim = words(ana.get(f"/sites/the-daily/commenters/{of(imported, '6').commenter_id}"))
    assert "Imported from the trash" in kim
    assert "Imported while it waited for a moderator" in kim


def test_the_api_says_how_it_stood(imported: Newsroom) -> None:
    daily = Caller(service(imported).test_client(), imported.daily_key)

    decided = daily.get(f"/comments/{of(imported, '5').id}").get_json()["decision"]
    assert (decided["by"], decided["imported_as"], decided["seq"] < 0) == ("import", "spam", True)
    [kept] = [
        one
        for one in daily.get("/decisions").get_json()["decisions"]
        if one["imported_as"] or one["by"] == "policy"
    ]
    assert kept["by"] == "policy"


def test_the_statement_claims_to_know_no_more_than_it_does(imported: Newsroom) -> None:
    daily = Caller(service(imported).test_client(), imported.daily_key)

    stated = daily.get(f"/comments/{of(imported, '6').id}/statement").get_json()

    assert (stated["decision"]["by"], stated["decision"]["automated"]) == ("import", None)
    said = " ".join(stated["sentences"])
    assert "By whom, or whether automatically, is not known here." in said
    assert "No automatic check" not in said
