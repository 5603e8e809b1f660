"""What Perspective's clients say that a comment should have scored: kept where the site consents,
and gone with the consent, with the comment's words, and with time."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from moderation import comments, site_settings, sites
from moderation.cli import main
from moderation.keeping import retention
from moderation.models import Site, Suggestion
from tests.newsroom import NOON, Newsroom, unrecorded
from tests.standin.perspective import RUDE, SUGGEST
from tests.standin.perspective import Site as Client


@pytest.fixture
def daily(newsroom: Newsroom) -> Client:
    return Client(newsroom)


def consent(newsroom: Newsroom, *, given: bool = True) -> None:
    with newsroom.db.transaction() as session:
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, keep_suggestions=given, now=NOON)


def suggested(daily: Client, text: str = RUDE, value: float = 1, **fields: Any) -> None:
    body = {
        "comment": {"text": text},
        "attributeScores": fields.pop("scores", None)
        or {"TOXICITY": {"summaryScore": {"value": value}}, "SPAM": {"summaryScore": {"value": 0}}},
    }
    answer = daily.post(body | fields, SUGGEST)
    assert answer.status_code == 200, answer.text


def kept(newsroom: Newsroom) -> list[tuple[str, dict[str, float], str | None]]:
    with newsroom.db.reading() as session:
        rows = session.scalars(select(Suggestion).order_by(Suggestion.text))
        return [(row.text, row.scores, row.token) for row in rows]


def test_without_consent_it_is_heard_and_forgotten(newsroom: Newsroom, daily: Client) -> None:
    suggested(daily)

    assert kept(newsroom) == []


def test_with_consent_it_is_kept(newsroom: Newsroom, daily: Client) -> None:
    consent(newsroom)

    suggested(daily, f"{RUDE}\0", clientToken="comment:7")
    suggested(daily, "Good morning.", value=0, clientToken="\0")
    suggested(daily, "Cheap watches!", scores={"SPAM": {"summaryScore": {"value": 1}}})

    assert kept(newsroom) == [
        ("Good morning.", {"toxicity": 0.0}, None),
        (f"{RUDE}\ufffd", {"toxicity": 1.0}, "comment:7"),
    ]


def test_a_later_verdict_takes_the_place_of_an_earlier_one(
    newsroom: Newsroom, daily: Client
) -> None:
    consent(newsroom)
    for value in (1.0, 0.0):
        suggested(daily, value=value, clientToken="comment:7")

    assert kept(newsroom) == [(RUDE, {"toxicity": 0.0}, "comment:7")]


def test_it_goes_with_the_consent_and_no_other_sites_does(
    newsroom: Newsroom, daily: Client
) -> None:
    consent(newsroom)
    suggested(daily)
    with newsroom.db.transaction() as session:
        session.get_one(Site, newsroom.post.id).keep_suggestions = True
        session.add(
            Suggestion(site_id=newsroom.post.id, text="Theirs.", scores={}, received_at=NOON)
        )

    consent(newsroom, given=False)

    assert [text for text, *_ in kept(newsroom)] == ["Theirs."]


def test_it_goes_with_a_comment_of_the_same_words(newsroom: Newsroom, daily: Client) -> None:
    consent(newsroom)
    suggested(daily)
    suggested(daily, "Good morning.")
    comment_id = newsroom.receive(RUDE)

    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=NOON)

    assert [text for text, *_ in kept(newsroom)] == ["Good morning."]


def test_it_goes_with_time(newsroom: Newsroom, daily: Client) -> None:
    consent(newsroom)
    suggested(daily)
    with newsroom.db.transaction() as session:
        session.scalars(select(Suggestion)).one().received_at = NOON

    for days, left in ((9, 1), (11, 0)):
        with newsroom.db.transaction() as session:
            retention.apply(session, days=10, now=NOON + timedelta(days=days))
        assert len(kept(newsroom)) == left


def test_it_is_written_out_for_the_model_to_be_measured_by(
    newsroom: Newsroom, daily: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    run = CliRunner().invoke
    assert run(main, ["site", "set", "the-daily", "--keep-suggestions"]).exit_code == 0
    suggested(daily, clientToken="comment:7")

    written = run(main, ["suggestions", "export", "the-daily"])
    erased = run(main, ["suggestions", "erase", "the-daily", "comment:7"])

    [row] = csv.DictReader(io.StringIO(written.stdout))
    assert (row["text"], row["toxicity"], row["insult"]) == (RUDE, "1.0", "")
    assert "Erased 1." in erased.stderr
    assert kept(newsroom) == []
