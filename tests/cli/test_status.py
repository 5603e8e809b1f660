"""`moderation status`: in words, and by its exit status."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from config import model
from moderation import cli
from tests import services
from tests.newsroom import MODEL, Newsroom


@pytest.fixture
def asked(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The operator's environment; the model is the one that The Daily's policy was posted for."""
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setattr(model, "facts_for", lambda _source: MODEL)
    return monkeypatch


def status(*options: str) -> Result:
    return CliRunner().invoke(cli.main, ["status", *options])


def test_all_is_well(newsroom: Newsroom, asked: pytest.MonkeyPatch) -> None:
    newsroom.held()

    said = status()

    assert said.exit_code == 0, said.output
    lines = said.output.splitlines()
    assert lines[:4] == [
        "Model      stand-in 000000000000",
        "Database   reachable, schema up to date",
        "Redis      none is used",
        "To judge   0",
    ]
    assert lines[4].startswith("Held       the-daily: 1, the oldest for ")
    assert lines[5:] == ["Held       the-evening-post: 0"]


def test_a_worker_that_stopped_consuming_needs_a_person(
    newsroom: Newsroom, asked: pytest.MonkeyPatch
) -> None:
    newsroom.receive()  # at noon of the scene, long ago

    said = status()

    assert said.exit_code == 1
    assert "is a worker running" in said.output


def test_a_model_that_does_not_fit_needs_a_person(
    newsroom: Newsroom, asked: pytest.MonkeyPatch
) -> None:
    other = replace(MODEL, attributes=("toxicity", "insult"))
    asked.setattr(model, "facts_for", lambda _source: other)

    said = status()

    assert said.exit_code == 1
    assert "the-daily: clause profanity: the model does not score obscene" in said.output


def test_without_redis_and_without_a_database(
    newsroom: Newsroom, asked: pytest.MonkeyPatch
) -> None:
    asked.setenv("REDIS_URL", f"redis://127.0.0.1:{services.free_port()}/0")
    said = status()
    assert said.exit_code == 1
    assert "Redis does not answer" in said.output

    asked.setenv("DATABASE_URL", f"postgresql+psycopg://x@127.0.0.1:{services.free_port()}/x")
    said = status()
    assert said.exit_code == 1
    assert "the database cannot be reached" in said.output


def test_as_json(newsroom: Newsroom, asked: pytest.MonkeyPatch) -> None:
    newsroom.held()

    told = json.loads(status("--json").stdout)

    assert (told["ok"], told["needs_a_person"], told["redis"]) == (True, [], "none")
    assert told["to_judge"] == {"comments": 0, "seconds": 0.0}
    assert told["held"]["the-daily"]["comments"] == 1
