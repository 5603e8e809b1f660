"""`moderation webhook`, as an operator types it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.cli.webhooks import EVENTS
from moderation.models import Event
from tests.cli.test_cli import Operator
from tests.webhooks.receiver import LOOPBACK, Receiver, listening


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'cli.sqlite3'}")
    monkeypatch.setenv("MODERATION_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("MODERATION_WEBHOOK_NETWORKS", LOOPBACK)
    operator = Operator(tmp_path)
    operator.types("db", "upgrade")
    operator.types("site", "add", "the-daily")
    return operator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def test_from_nothing_to_a_test_and_back(operator: Operator, receiver: Receiver) -> None:
    added = operator.types("webhook", "add", "the-daily", receiver.url, "--event", "comment.held")
    assert added.exit_code == 0, added.output
    secret = added.stdout.strip()
    [listed] = operator.types("webhook", "list", "the-daily").stdout.splitlines()
    assert listed.split("\t")[1:] == ["on", "0 failed", receiver.url, "comment.held"]
    assert secret not in listed

    tested = operator.types("webhook", "test", "the-daily", receiver.url)
    assert tested.stdout.startswith("answered 200\t")
    assert tested.exit_code == 0
    assert receiver.got[0].is_signed_with(secret)

    both = operator.types("webhook", "rotate", "the-daily", receiver.url).stdout.strip()
    operator.types("webhook", "test", "the-daily", receiver.url)
    assert receiver.got[1].is_signed_with(secret)
    assert receiver.got[1].is_signed_with(both)

    alone = operator.types("webhook", "rotate", "the-daily", receiver.url, "--at-once")
    operator.types("webhook", "test", "the-daily", listed.split("\t")[0])
    assert receiver.got[2].is_signed_with(alone.stdout.strip())
    assert not receiver.got[2].is_signed_with(both)

    assert operator.types("webhook", "remove", "the-daily", receiver.url).exit_code == 0
    assert operator.types("webhook", "list", "the-daily").stdout == ""


def test_what_goes_wrong_is_said_in_a_line(operator: Operator, receiver: Receiver) -> None:
    operator.types("webhook", "add", "the-daily", receiver.url)
    receiver.answers = lambda _: 500
    tested = operator.types("webhook", "test", "the-daily", receiver.url)
    assert tested.exit_code == 1
    assert "it was not taken: status (docs/webhooks.md" in tested.stderr
    twice = operator.types("webhook", "add", "the-daily", receiver.url)
    assert twice.stderr == "Error: the site has a webhook at this address already\n"
    unsafe = operator.types("webhook", "add", "the-daily", "ftp://daily.example/")
    assert unsafe.stderr == "Error: the address must be one as https://daily.example/moderation\n"
    unknown = operator.types("webhook", "remove", "the-daily", "https://daily.example/")
    assert unknown.stderr == "Error: the site has no such webhook\n"
    nowhere = operator.types("webhook", "list", "the-post")
    assert nowhere.stderr == "Error: there is no site the-post\n"


def test_over_http_it_says_what_would_allow_that(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODERATION_WEBHOOK_NETWORKS")
    refused = operator.types("webhook", "add", "the-daily", "http://127.0.0.1:9000/")
    assert refused.exit_code == 1
    assert "MODERATION_WEBHOOK_NETWORKS" in refused.stderr


def test_its_secrets_are_sealed_anew(
    operator: Operator, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = operator.types("webhook", "add", "the-daily", receiver.url).stdout.strip()
    monkeypatch.setenv("MODERATION_SECRET_KEY", "n" * 40)
    monkeypatch.setenv("MODERATION_SECRET_KEY_PREVIOUS", "k" * 40)
    assert operator.types("moderator", "reseal").stderr.startswith("1 sealed under the key")
    monkeypatch.delenv("MODERATION_SECRET_KEY_PREVIOUS")
    operator.types("webhook", "test", "the-daily", receiver.url)
    assert receiver.got[0].is_signed_with(secret)


def test_the_command_knows_every_event() -> None:
    assert set(EVENTS) == {str(event) for event in Event}
