"""`moderation run` as an operator starts it: one process, killed and started again."""

import http.client
import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import services
from tests.metrics import figure
from tests.processes import SECONDS
from tests.serving import Running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    process = Running(folder)
    yield process
    if process.process.poll() is None:
        process.stop(signal.SIGKILL)


def test_a_posted_comment_is_scored_and_judged(running: Running) -> None:
    kind = running.decided(running.post("Thank you, this was a lovely article about bees."))
    rude = running.decided(running.post("You are an idiot, Tom, and a liar."))
    assert kind["status"] == "approved"
    assert rude["status"] == "held"
    assert rude["decision"]
    assert rude["decision"]["clause"]
    assert rude["decision"]["policy_version"] == 1
    assert 0 < rude["scores"][0]["attributes"]["insult"] <= 1


def test_ctrl_c_ends_it_cleanly(running: Running) -> None:
    running.post("A last word before the evening.")
    assert running.stop(signal.SIGINT) == 0


def test_what_was_posted_before_a_kill_is_judged_after_the_restart(
    running: Running, folder: Path
) -> None:
    posted = [running.post(f"Thank you for article number {i}, dear editors.") for i in range(20)]
    running.stop(signal.SIGKILL)
    again = Running(folder, key=running.key)
    try:
        for comment_id in posted:
            again.decided(comment_id)
        of_posted = [
            told["comment_id"] for told in again.site.decisions() if told["comment_id"] in posted
        ]
        assert sorted(of_posted) == sorted(posted)  # each decided exactly once
    finally:
        assert again.stop(signal.SIGTERM) == 0


def test_the_login_is_shown_once(running: Running, folder: Path) -> None:
    assert "Password" in running.said
    running.stop(signal.SIGINT)
    again = Running(folder, key=running.key)
    assert "Password" not in again.said
    assert again.stop(signal.SIGINT) == 0


@pytest.mark.parametrize(("hops", "scheme"), [("0", "http"), ("1", "https")])
def test_a_proxys_headers_reach_the_app_only_where_they_are_believed(
    folder: Path, hops: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_PROXY_HOPS", hops)
    running = Running(folder)
    connection = http.client.HTTPConnection(
        running.address.removeprefix("http://"), timeout=SECONDS
    )
    try:
        with closing(connection):
            connection.request(
                "POST",
                "/api/v1/sites/the-daily/comments",
                '{"story": {"id": "tram-7"}, "commenter": {"id": "rita"}, "text": "Well made."}',
                {
                    "Authorization": f"Bearer {running.key}",
                    "Content-Type": "application/json",
                    "X-Forwarded-For": "203.0.113.9",
                    "X-Forwarded-Proto": "https",
                },
            )
            answer = connection.getresponse()
            assert answer.status == 202
            assert json.load(answer)["url"].startswith(f"{scheme}://127.0.0.1:")
    finally:
        assert running.stop(signal.SIGINT) == 0


def test_a_body_far_too_large_is_refused_unread(running: Running) -> None:
    """It would be kept on disk until it is whole, whoever sends it."""
    connection = http.client.HTTPConnection(
        running.address.removeprefix("http://"), timeout=SECONDS
    )
    with closing(connection):
        connection.putrequest("POST", "/api/v1/sites/the-daily/comments")
        connection.putheader("Content-Length", str(10**9))
        connection.endheaders(b"{")
        assert connection.getresponse().status == 413


def test_figures_are_told_on_an_address_of_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = f"127.0.0.1:{services.free_port()}"
    monkeypatch.setenv("MODERATION_METRICS_BIND", private)
    running = Running(folder)
    try:
        running.decided(running.post("Thank you, this was a lovely article about bees."))
        with urllib.request.urlopen(f"http://{private}/metrics", timeout=SECONDS) as answer:
            told = answer.read().decode()
        assert figure(told, 'moderation_comments_received_total{site="the-daily"}') == 1
        assert figure(told, "moderation_database_up") == 1
        with pytest.raises(urllib.error.HTTPError, match="404") as refused:
            urllib.request.urlopen(f"{running.address}/metrics", timeout=SECONDS)  # noqa: S310
        refused.value.close()
    finally:
        assert running.stop(signal.SIGTERM) == 0
