"""What becomes of the comments of a trial beside another system, once the site decides here."""

from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from moderation import comments, outside_verdicts, site_settings, sites
from moderation.cli import main
from moderation.models import Actor, Comment, Commenter, Decision, Strike
from moderation.policy import Mode
from moderation.submission import OutsideDecision
from tests.newsroom import NOON, Newsroom


def tell(newsroom: Newsroom, comment_id: UUID, status: str) -> None:
    said = OutsideDecision.model_validate({"comment": str(comment_id), "status": status})
    with newsroom.db.transaction() as session:
        outside_verdicts.tell(session, newsroom.daily.id, [said], now=NOON)


@pytest.fixture
def trial(newsroom: Newsroom) -> dict[str, UUID]:
    """Comments that were judged in shadow mode, by what the other system made of them."""
    with newsroom.db.transaction() as session:
        site_settings.change(session, sites.named(session, "the-daily"), mode=Mode.SHADOW, now=NOON)
    stood = ("approved", "blocked", "held", "untold", "edited")
    ids = {status: newsroom.held(f"You are a fool, {status}.") for status in stood}
    for status in ("approved", "blocked", "held"):
        tell(newsroom, ids[status], status)
    tell(newsroom, ids["edited"], "approved")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, ids["edited"], "You are no fool.", now=NOON)
    return ids


def live(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> str:
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    done = CliRunner().invoke(main, ["site", "set", "the-daily", "--mode", "publish-unless-held"])
    assert done.exit_code == 0, done.output
    return done.stderr


def test_what_the_other_system_has_decided_stands(
    newsroom: Newsroom,
    trial: dict[str, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside_verdicts, "AT_ONCE", 2)
    said = live(newsroom, monkeypatch)
    newsroom.judge({"insult": 0.83})

    assert "Comments that stand as the other system has decided: 2." in said
    statuses = {told: newsroom.comment(comment_id).status for told, comment_id in trial.items()}
    assert statuses == {
        "approved": "approved",
        "blocked": "blocked",
        "held": "held",
        "untold": "held",
        "edited": "held",
    }
    with newsroom.db.reading() as session:
        adopted = session.scalars(
            select(Decision).where(Decision.actor == Actor.IMPORT).order_by(Decision.seq)
        ).all()
        rita = session.scalars(select(Commenter)).one()
        strikes = session.scalars(select(Strike.comment_id)).all()
    assert [(one.comment_id, one.imported_as) for one in adopted] == [
        (trial["approved"], "approved"),
        (trial["blocked"], "rejected"),
    ]
    assert all(one.seq > 0 for one in adopted)  # the site is told
    assert newsroom.comment(trial["approved"]).decision_id == adopted[0].id
    assert (rita.approved, rita.blocked) == (1, 1)
    assert strikes == [trial["blocked"]]


def test_typed_twice_it_is_done_once(
    newsroom: Newsroom, trial: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    live(newsroom, monkeypatch)

    assert "other system" not in live(newsroom, monkeypatch)


def test_what_is_deleted_stays_so_and_another_papers_is_left_alone(
    newsroom: Newsroom, trial: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with newsroom.db.transaction() as session:
        assert outside_verdicts.adopt(session, newsroom.post.id, now=NOON) == (0, None)
        session.get_one(Comment, (newsroom.daily.id, trial["approved"])).erased_at = NOON

    assert "decided: 1." in live(newsroom, monkeypatch)
    assert newsroom.comment(trial["approved"]).status == "received"
