"""What Coral is told when something is wrong: with the request, with whoever sent it, or here."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
import structlog

from moderation import coral_secrets
from moderation.app import create_app
from moderation.db import Database
from moderation.interactive import Interactive, Scored
from moderation.sealing import Sealing
from tests.api.conftest import app_of, settings
from tests.newsroom import MODEL, NOON, Newsroom
from tests.standin.coral import (
    NEW,
    OLD,
    Coral,
    add_secret,
    counted,
    refuses,
    request_of,
    sent,
    signed,
    unjudged,
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


# --- what is held because something fails --------------------------------------------------------


def test_what_nobody_has_scored_is_held(coral: Coral, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Interactive, "score", refuses)

    assert unjudged(coral.asks("A fair point.")) == "not-scored"


def test_without_a_worker_it_is_held_before_the_limit(newsroom: Newsroom, coral: Coral) -> None:
    client = app_of(newsroom, coral_answer_ms=100).test_client()

    began = time.monotonic()
    assert unjudged(Coral(client).asks("A fair point.")) == "not-scored"

    assert time.monotonic() - began < 0.6


def test_a_verdict_that_comes_too_late_is_not_told(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Interactive.score

    def later(self: Interactive, text: str, *, within: float) -> Scored:
        time.sleep(0.15)
        return slow(self, text, within=within)

    monkeypatch.setattr(Interactive, "score", later)
    client = app_of(newsroom, coral_answer_ms=100).test_client()

    assert unjudged(Coral(client).asks("A fair point.")) == "late"


def test_whatever_breaks_it_is_held_and_nothing_of_it_is_logged(
    coral: Coral, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_self: Interactive, text: str, *, within: float) -> Scored:
        raise RuntimeError(text)

    monkeypatch.setattr(Interactive, "score", breaks)

    with structlog.testing.capture_logs() as logged:
        assert unjudged(coral.asks("Words that only Rita wrote.")) == "failed"

    assert [line["event"] for line in logged] == [
        "request_failed",
        "coral_answered",
        "request_answered",
    ]
    assert "Rita" not in str(logged)


def test_when_the_database_is_away_it_is_held(newsroom: Newsroom, coral: Coral) -> None:
    newsroom.db.dispose()
    away = create_app(settings(newsroom), db=Database("postgresql+psycopg://127.0.0.1:1/x"))

    assert unjudged(Coral(away.test_client()).asks("A fair point.")) == "failed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        sent(request_of("")),
        sent(request_of(" \u200b ")),
        sent(request_of("NUL \0")),
        sent(request_of("a" * 10_001)),
        sent(request_of("x", author="r" * 201)),
        sent(request_of("x") | {"comment": {"body": 7, "parentID": None}}),
        sent(request_of("x") | {"author": None}),
        sent(request_of("x") | {"story": {"url": "https://daily.example"}}),
        sent(request_of("half of a pair: HERE")).replace(b"HERE", b"\\ud83d"),
        sent(request_of("x" * 2_000_000)),
    ],
    ids=range(15),
)
def test_what_cannot_be_read_is_held(coral: Coral, scores: dict[str, float], body: bytes) -> None:
    assert unjudged(coral.sends(body)) == "unreadable"


def test_what_a_later_coral_sends_beside_is_let_be(coral: Coral, scores: dict[str, float]) -> None:
    said: dict[str, Any] = request_of("A fair point.") | {"revision": {"id": "7"}}
    said["author"] |= {"username": "Rita"}

    assert coral.sends(sent(said)).status_code == 204


# --- who is heard --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha256=é",
        "sha1=" + "0" * 40,
        ",,,",
        "sha256=0," * 5000,
        signed(sent(request_of("Another comment.")), OLD),
        signed(sent(request_of("A fair point.")), NEW),
        signed(sent(request_of("A fair point.")), OLD).removeprefix("sha256="),
    ],
    ids=range(10),
)
def test_whatever_another_has_signed_is_held_unread(
    coral: Coral, monkeypatch: pytest.MonkeyPatch, signature: str
) -> None:
    monkeypatch.delattr(Interactive, "score")  # nothing is asked of the model

    answer = coral.sends(sent(request_of("A fair point.")), signature=signature)

    assert unjudged(answer) == "signature"


def test_another_site_is_not_spoken_for(newsroom: Newsroom, coral: Coral) -> None:
    add_secret(newsroom, NEW, site=newsroom.post)
    body = sent(request_of("A fair point."))

    for path in ("/coral/the-evening-post/moderate", "/coral/nowhere/moderate"):
        assert unjudged(coral.sends(body, path=path)) == "signature"


def test_it_is_the_bytes_that_are_signed(coral: Coral, scores: dict[str, float]) -> None:
    body = sent(request_of("A fair point – très bien, 🐝"))
    assert coral.sends(body).status_code == 204
    same_json = json.dumps(json.loads(body)).encode()
    assert unjudged(coral.sends(same_json, signature=signed(body, OLD))) == "signature"


def test_one_signature_of_several_is_enough(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    """While Coral rolls its secret it signs with both; here either may be known."""
    rolling = Coral(coral.client, (NEW, OLD))
    assert rolling.asks("A fair point.").status_code == 204

    add_secret(newsroom, NEW)
    rolled = Coral(coral.client, (NEW,))
    assert rolled.asks("A fair point.").status_code == 204

    with newsroom.db.transaction() as session:
        coral_secrets.remove(session, newsroom.daily, OLD[:4], now=NOON)
    assert unjudged(coral.asks("A fair point.")) == "signature"


def test_what_is_overheard_and_sent_again_changes_nothing(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float]
) -> None:
    scores["insult"] = 0.97
    before = counted(newsroom)

    answers = [coral.asks("You are a fool, Tom.").data for _ in range(3)]

    assert len(set(answers)) == 1
    assert counted(newsroom) == before


def test_a_changed_secret_key_is_followed(
    newsroom: Newsroom, coral: Coral, scores: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    another = "another key of thirty-two letters."
    previous = settings(newsroom).secret_key
    rolled = create_app(
        replace(settings(newsroom), secret_key=another, secret_key_previous=previous),
        db=newsroom.db,
        model=MODEL,
    )
    assert Coral(rolled.test_client()).asks("A fair point.").status_code == 204

    sealing = Sealing([another, previous])
    with newsroom.db.transaction() as session:
        assert coral_secrets.reseal(session, sealing) == (1, 0)
    alone = create_app(replace(settings(newsroom), secret_key=another), db=newsroom.db, model=MODEL)
    assert Coral(alone.test_client()).asks("A fair point.").status_code == 204
    assert unjudged(coral.asks("A fair point.")) == "signature"
