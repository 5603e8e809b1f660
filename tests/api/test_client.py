"""The client for Python: over a real connection, and against the API's description."""

import inspect
import json
import re
import subprocess
import sys
import threading
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from moderation import client
from moderation.client import Refused, Site, Submission, Unreachable
from tests.api.conftest import app_of
from tests.desk.conftest import served
from tests.newsroom import POLICY, Newsroom

KEY = "mod_of-the-daily"
COMMENT = "019df2c4-5e80-7c1a-9d3e-4b6f8a2c1e70"
RITA: Submission = {
    "story": {"id": "2026/tram 7"},
    "commenter": {"id": "rita", "name": "Rita"},
    "text": "A fair point, well made.",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


@pytest.fixture
def daily(newsroom: Newsroom) -> Iterator[Site]:
    # Noon of these scenes is long ago, and a block of then can be appealed still.
    with served(app_of(newsroom, appeal_days=3650, retain_blocked_days=0)) as address:
        site = Site(address, "the-daily", newsroom.daily_key)
        yield site
        site.close()


# --- a site at work ------------------------------------------------------------------------------


def test_a_comment_from_its_posting_to_its_end(daily: Site, newsroom: Newsroom) -> None:
    taken = daily.post_comment({**RITA, "external_id": "d/1"})
    again = daily.post_comment({**RITA, "external_id": "d/1"})
    assert (taken["status"], taken["repeat"], again["repeat"]) == ("received", False, True)
    newsroom.judge()
    assert daily.get_comment(taken["id"])["status"] == "approved"
    page = daily.list_story_comments("2026/tram 7", limit=10)
    assert [(one["id"], one["commenter_name"]) for one in page["comments"]] == [
        (taken["id"], "Rita")
    ]
    flagged = daily.flag_comment(taken["id"], reader="omar", text="Is it?")
    assert (flagged["flags"], flagged["status"]) == (1, "approved")
    assert daily.edit_comment(taken["id"], "A point.")["revision"] == 2
    daily.delete_comment(taken["id"])
    with pytest.raises(Refused) as gone:
        daily.get_comment(taken["id"])
    assert (gone.value.status, gone.value.kind) == (404, "not-found")


def test_a_second_call_without_an_id_of_ones_own_is_a_second_comment(daily: Site) -> None:
    ids = {daily.post_comment(RITA)["id"] for _ in range(2)}
    same = {daily.post_comment(RITA, idempotency_key="try-1")["id"] for _ in range(2)}
    batch = daily.post_batch([RITA, {**RITA, "parent": "nobody's"}])["comments"]

    assert (len(ids), len(same)) == (2, 1)
    assert [bool(item["comment"]) for item in batch] == [True, False]
    assert batch[1]["problem"]
    assert batch[1]["problem"]["errors"][0]["field"] == "comments[1].parent"


def test_the_feed_page_by_page(
    daily: Site, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [str(newsroom.approved(f"Number {n}.")) for n in range(5)]
    whole = daily.list_decisions
    monkeypatch.setattr(daily, "list_decisions", lambda *, after: whole(after=after, limit=2))

    assert [told["comment_id"] for told in daily.decisions()] == ids
    assert [told["seq"] for told in daily.decisions(after=3)] == [4, 5]


def test_stories_commenters_and_the_policy(daily: Site, newsroom: Newsroom) -> None:
    assert daily.put_story("2026/tram 7", title="Tram 7", section="City")["section"] == "City"
    assert daily.close_story("2026/tram 7")["closed"]
    with pytest.raises(Refused, match="409 The story is closed") as closed:
        daily.post_comment(RITA)
    assert closed.value.kind == "story-closed"
    assert not daily.open_story("2026/tram 7")["closed"]
    daily.post_comment(RITA)
    assert daily.block_commenter("rita", reason="Rude.")["block"]
    assert daily.get_commenter_statement("rita")["reason"] == "Rude."
    taken = daily.appeal_commenter("rita", "It was my brother.")
    assert daily.get_appeal(taken["id"])["text"] == "It was my brother."
    assert daily.unblock_commenter("rita")["block"] is None
    assert daily.list_appeals()["appeals"][0]["outcome"] == "lifted"
    daily.erase_commenter("rita")
    assert daily.post_policy(POLICY)["version"] == 2
    assert daily.get_policy()["title"] == "What we print"


def test_a_block_is_stated_and_appealed_and_a_notice_is_given(
    daily: Site, newsroom: Newsroom
) -> None:
    comment_id = str(newsroom.receive("Foul words."))
    newsroom.judge({"obscene": 0.99})
    statement = daily.get_comment_statement(comment_id)
    assert statement["clause"]
    assert statement["clause"]["key"] == "profanity"
    assert daily.appeal_comment(comment_id, "It is a dog's name.")["comment"] == comment_id
    notice = daily.give_notice(
        comment_id,
        kind="defamation",
        text="Not true.",
        good_faith=True,
        notifier={"name": "Tom", "email": "tom@reader.example"},
    )
    assert daily.get_notice(notice["id"])["kind"] == "defamation"
    assert [one["id"] for one in daily.list_notices()["notices"]] == [notice["id"]]


def test_a_fault_names_its_field_and_no_word_of_the_comment(daily: Site) -> None:
    with pytest.raises(Refused) as refused:
        daily.post_comment({**RITA, "created_at": "words that only Rita wrote"})

    assert refused.value.kind == "invalid"
    assert [error["field"] for error in refused.value.errors] == ["created_at"]
    assert "Rita" not in str(refused.value)


# --- when something is wrong ---------------------------------------------------------------------

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body. Status 0 hangs up."""


class Answers(ThreadingHTTPServer):
    """A server that gives these answers in their order, and keeps what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.left = list(answers)
        self.asked: list[tuple[str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((f"{self.command} {self.path}", dict(self.headers)))
        status, headers, body = self.server.left.pop(0)
        if status == 0:  # hangs up
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None: ...


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[Answers, Site]]:
    server = Answers(*answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    site = Site(server.address, "the-daily", KEY)
    try:
        yield server, site
    finally:
        site.close()
        server.shutdown()
        thread.join()
        server.server_close()


AWAY: Answer = (503, {"Retry-After": "0"}, b'{"title": "The database cannot be used now"}')
HANGS_UP: Answer = (0, {}, b"")
TAKEN: Answer = (202, {}, json.dumps({"id": COMMENT}).encode())


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moderation.client.time.sleep", lambda _: None)


def test_a_comment_is_posted_again_with_its_key_until_it_is_taken() -> None:
    with answering(AWAY, HANGS_UP, TAKEN) as (server, site):
        assert site.post_comment(RITA)["id"] == COMMENT

    keys = {headers["Idempotency-Key"] for _, headers in server.asked}
    assert (len(server.asked), len(keys)) == (3, 1)


def test_it_is_given_up_at_last() -> None:
    with answering(AWAY, AWAY, AWAY) as (_, site), pytest.raises(Refused, match="503"):
        site.post_comment(RITA)
    with answering(*[HANGS_UP] * 3) as (_, site), pytest.raises(Unreachable) as unreachable:
        site.get_commenter("rita")
    assert "rita" not in str(unreachable.value)


def test_nobody_waits_for_long() -> None:
    with (
        answering((429, {"Retry-After": "3600"}, b'{"title": "Too many"}')) as (server, site),
        pytest.raises(Refused, match="429"),
    ):
        site.get_policy()
    assert len(server.asked) == 1


def test_what_would_be_done_twice_is_asked_once() -> None:
    for name in ("edit_comment", "block_commenter", "post_policy"):
        with answering(HANGS_UP) as (server, site), pytest.raises(Unreachable):
            ARGUMENTS[name](site)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<p>Hello"),
        (502, {}, b"<p>Bad gateway"),
        (404, {}, b"[]"),
    ],
)
def test_another_server_than_ours(answer: Answer) -> None:
    with answering(answer) as (_, site), pytest.raises(Unreachable):
        site.get_policy()


def test_the_key_goes_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither after a redirect, nor is one from ~/.netrc sent in its place."""
    (tmp_path / ".netrc").write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with answering() as (elsewhere, _):
        to = (302, {"Location": f"{elsewhere.address}/"}, b"{}")
        with answering(to) as (server, site), pytest.raises(Unreachable):
            site.get_policy()
    assert elsewhere.asked == []
    [(_, headers)] = server.asked
    assert headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("strange", [".", "..", ""])
def test_an_id_that_an_address_cannot_hold(strange: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in an address"):
        Site("http://127.0.0.1:1", "the-daily", KEY).get_commenter(strange)


def test_it_can_be_copied_out_of_here(tmp_path: Path) -> None:
    (tmp_path / "daily_client.py").write_text(inspect.getsource(client))
    code = "import sys, daily_client; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    ).stdout.split()

    assert "daily_client" in loaded
    assert not {"moderation", "config", "worker"} & set(loaded)


# --- held to the API's description ---------------------------------------------------------------

ARGUMENTS: dict[str, Callable[[Site], object]] = {
    "post_comment": lambda site: site.post_comment(RITA),
    "post_batch": lambda site: site.post_batch([RITA]),
    "get_comment": lambda site: site.get_comment(COMMENT),
    "edit_comment": lambda site: site.edit_comment(COMMENT, "Again."),
    "delete_comment": lambda site: site.delete_comment(COMMENT),
    "flag_comment": lambda site: site.flag_comment(COMMENT, reader="omar", text="Is it?"),
    "analyze_text": lambda site: site.analyze_text("A fair point."),
    "tell_outside_verdicts": lambda site: site.tell_outside_verdicts(
        [{"comment": COMMENT, "status": "held"}]
    ),
    "put_story": lambda site: site.put_story("s", url="https://d", title="T", section="S"),
    "close_story": lambda site: site.close_story("s"),
    "open_story": lambda site: site.open_story("s"),
    "list_story_comments": lambda site: site.list_story_comments("s", after="1", limit=2),
    "list_decisions": lambda site: site.list_decisions(after=1, limit=2),
    "get_commenter": lambda site: site.get_commenter("rita"),
    "block_commenter": lambda site: site.block_commenter("rita", reason="R", until="2027"),
    "unblock_commenter": lambda site: site.unblock_commenter("rita"),
    "erase_commenter": lambda site: site.erase_commenter("rita"),
    "get_comment_statement": lambda site: site.get_comment_statement(COMMENT),
    "get_commenter_statement": lambda site: site.get_commenter_statement("rita"),
    "appeal_comment": lambda site: site.appeal_comment(COMMENT, "No."),
    "appeal_commenter": lambda site: site.appeal_commenter("rita", "No."),
    "get_appeal": lambda site: site.get_appeal(COMMENT),
    "list_appeals": lambda site: site.list_appeals(after=1, limit=2),
    "give_notice": lambda site: site.give_notice(
        COMMENT, kind="k", text="T", good_faith=True, notifier={"name": "T", "email": "t@d"}
    ),
    "get_notice": lambda site: site.get_notice(COMMENT),
    "list_notices": lambda site: site.list_notices(after=1, limit=2),
    "get_policy": lambda site: site.get_policy(),
    "post_policy": lambda site: site.post_policy(POLICY),
}
"""Each operation, asked for with all that it takes."""
SENT = {"Submission", "StoryRef", "CommenterRef", "Notifier", "OutsideDecision"}
"""Types of what is sent: a field that may be left out is."""


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    body: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return body


def test_every_operation_is_there_and_asks_as_described(
    spec: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {
        operation["operationId"]: (method.upper(), path, operation)
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
    }
    assert set(ARGUMENTS) == set(described)

    for name, (method, path, operation) in described.items():
        asked: dict[str, Any] = {}

        def note(_site: Site, method: str, path: str, body: Any = None, **more: Any) -> Any:
            asked.update(method=method, path=path, body=body, **more)  # noqa: B023 - called below

        monkeypatch.setattr(Site, "_call", note)
        ARGUMENTS[name](Site("http://127.0.0.1:1", "the-daily", KEY))

        template = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        assert asked["method"] == method, name
        assert re.fullmatch(template, "/api/v1/sites/the-daily" + asked["path"]), name
        takes = {(one["in"], one["name"]) for one in operation["parameters"]}
        assert {n for where, n in takes if where == "query"} == set(asked.get("query") or {}), name
        assert (("header", "Idempotency-Key") in takes) == bool(asked.get("key")), name
        [schema] = [
            one["schema"] for one in operation.get("requestBody", {}).get("content", {}).values()
        ] or [None]
        assert (schema is None) == (asked["body"] is None), name
        if schema is not None and name != "post_comment":
            assert set(asked["body"]) == set(_resolved(spec, schema)["properties"]), name


def _resolved(spec: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    model = str(schema["$ref"]).rpartition("/")[2]
    return dict(spec["components"]["schemas"][model])


def test_every_type_has_the_fields_that_are_described(spec: dict[str, Any]) -> None:
    types = {name: kind for name, kind in vars(client).items() if typing.is_typeddict(kind)}
    assert {"Submission", "CommentAnswer", "FedDecision", "StatementAnswer"} <= set(types)
    for name, kind in types.items():
        schema = spec["components"]["schemas"][name]
        hints = typing.get_type_hints(kind)
        assert set(hints) == set(schema["properties"]), name
        for field, described in schema["properties"].items():
            null = {"type": "null"} in described.get("anyOf", [])
            sent = name in SENT
            assert sent or null == (type(None) in typing.get_args(hints[field])), (name, field)
        if name in SENT:
            assert kind.__required_keys__ == frozenset(schema["required"]), name
