"""What cannot be read is refused with the field and the limit, and changes nothing."""

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.http.errors import InvalidChunkSize, NoMoreData
from sqlalchemy import func, select

from moderation.models import AuditEntry, Comment, Commenter, Receipt, Refusal, Revision, Story
from tests.api.conftest import Caller, a_comment, app_of, problem
from tests.newsroom import Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing reaches it."""
    return sqlite_url


@pytest.fixture
def rows(newsroom: Newsroom) -> Iterator[None]:
    """Nothing is stored, whatever the test sends."""

    def counted() -> list[int | None]:
        tables = (Comment, Commenter, Receipt, Refusal, Revision, Story, AuditEntry)
        with newsroom.db.reading() as session:
            return [session.scalar(select(func.count()).select_from(t)) for t in tables]

    before = counted()
    yield
    assert counted() == before


def send(daily: Caller, body: bytes | str, content_type: str = "application/json") -> Any:
    return daily.call("POST", "/comments", data=body, content_type=content_type)


NOT_JSON: dict[str, bytes] = {
    "nothing": b"",
    "words": b"hello",
    "cut off": b'{"story": {"id": "tram-7"',
    "two values": b"{} {}",
    "a comment": b"{} // yes",
    "single quotes": b"{'a': 1}",
    "not a number": b'{"text": NaN}',
    "infinity": b'{"text": [-Infinity]}',
    "larger than any float": b'{"text": 1e999}',
    "a number of 5,000 digits": b'{"text": ' + b"9" * 5000 + b"}",
    "a fraction of 5,000 digits": b'{"text": 0.' + b"9" * 5000 + b"}",
    "one key twice": b'{"text": "a", "text": "b"}',
    "one key twice inside": b'{"story": {"id": "a", "id": "b"}}',
    "Latin-1": '{"text": "caf\u00e9"}'.encode("latin-1"),
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "lists 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a comment with something deep": b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json(body: bytes, daily: Caller, rows: None) -> None:
    problem(send(daily, body), 400, "malformed-json")


def test_depth_names_its_limit(daily: Caller) -> None:
    [error] = problem(send(daily, "[" * 33 + "]" * 33), 400, "malformed-json")["errors"]

    assert error["limit"] == 32
    problem(send(daily, "[" * 32 + "]" * 32), 422, "invalid")


def test_brackets_inside_a_text_are_not_depth(daily: Caller) -> None:
    assert daily.post("/comments", a_comment('"[[{{\\' * 100)).status_code == 202


def test_quotes_that_never_end_take_no_time(daily: Caller, rows: None) -> None:
    began = time.perf_counter()

    problem(send(daily, "[" * 40 + '"' + '\\"' * 400_000), 400, "malformed-json")

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "", "text/json"]
)
def test_another_media_type(content_type: str, daily: Caller, rows: None) -> None:
    response = send(daily, json.dumps(a_comment()), content_type)

    problem(response, 415, "unsupported-media-type")


def test_a_charset_may_be_named(daily: Caller) -> None:
    response = send(daily, json.dumps(a_comment()), "Application/JSON; charset=utf-8")

    assert response.status_code == 202


def test_a_body_of_two_megabytes(daily: Caller, rows: None) -> None:
    response = send(daily, json.dumps(a_comment("x" * 2_000_000)))

    [error] = problem(response, 413, "too-large")["errors"]
    assert error["limit"] == 1_048_576


UNFIT: dict[str, tuple[Any, str, str]] = {
    "a list": ([], "", "must be an object"),
    "a text": ("hello", "", "must be an object"),
    "nothing": (None, "", "must be an object"),
    "no story": ({"commenter": {"id": "r"}, "text": "t"}, "story", "is required"),
    "no text": (a_comment() | {"text": None}, "text", "must be a text"),
    "an unknown field": (a_comment(texts="x"), "texts", "is not a known field"),
    "an unknown field inside": (
        a_comment(story={"id": "a", "titel": "x"}),
        "story.titel",
        "is not a known field",
    ),
    "true for an id": (a_comment(story={"id": True}), "story.id", "must be a text"),
    "a number for an id": (a_comment(commenter={"id": 7}), "commenter.id", "must be a text"),
    "a list for a text": (a_comment() | {"text": ["a"]}, "text", "must be a text"),
    "true for a parent": (a_comment(parent=True), "parent", "must be a text"),
    "an empty id": (a_comment(story={"id": ""}), "story.id", "must not be empty"),
    "a blank id": (a_comment(story={"id": " \t"}), "story.id", "must not be blank"),
    "an empty text": (a_comment(""), "text", "must not be empty"),
    "a blank text": (a_comment(" \n\u00a0\t"), "text", "must not be blank"),
    "a text of invisible letters": (
        a_comment("\u200b\u2060\u202e\ufeff\u3164\u2800\ufe0f\U000e0041"),
        "text",
        "must not be blank",
    ),
    "half a surrogate pair": (
        a_comment("a \ud83d b"),
        "text",
        "must not contain half of a surrogate pair",
    ),
    "half a pair in a name": (
        a_comment(commenter={"id": "r", "name": "\udc00"}),
        "commenter.name",
        "must not contain half of a surrogate pair",
    ),
    "half a pair in a key": ({"\ud83d": 1}, "", "must not contain half of a surrogate pair"),
    "NUL": (a_comment("a\0b"), "text", "must not contain the character NUL"),
    "NUL in an id": (
        a_comment(story={"id": "a\0"}),
        "story.id",
        "must not contain the character NUL",
    ),
    "an address that is none": (
        a_comment(story={"id": "a", "url": "javascript:alert(1)"}),
        "story.url",
        r"must match ^https?://[^\x00-\x20\x7f-\x9f]+$",
    ),
    "an address with half a host": (
        a_comment(story={"id": "a", "url": "https://[daily.example/tram-7"}),
        "story.url",
        "must be a web address such as https://daily.example/tram-7",
    ),
    "an address without a host": (
        a_comment(story={"id": "a", "url": "https:///tram-7"}),
        "story.url",
        "must be a web address such as https://daily.example/tram-7",
    ),
    "a moment in seconds": (
        a_comment(created_at=1777896000),
        "created_at",
        "must be a moment such as 2026-05-04T12:00:00Z, with its time zone",
    ),
    "a moment in seconds, as text": (
        a_comment(created_at="1777896000"),
        "created_at",
        "must be a moment such as 2026-05-04T12:00:00Z, with its time zone",
    ),
    "a moment without a zone": (
        a_comment(created_at="2026-05-04T12:00:00"),
        "created_at",
        "must be a moment such as 2026-05-04T12:00:00Z, with its time zone",
    ),
    "the 30th of February": (
        a_comment(created_at="2026-02-30T12:00:00Z"),
        "created_at",
        "must be a moment such as 2026-05-04T12:00:00Z, with its time zone",
    ),
    "before 1970": (
        a_comment(created_at="1969-12-31T23:59:59Z"),
        "created_at",
        "must not be before 1970",
    ),
    "after 9999": (
        a_comment(created_at="9999-12-31T23:59:59-10:00"),
        "created_at",
        "must be before the year 10000",
    ),
    "a language that is none": (
        a_comment(language="English, I think"),
        "language",
        "must match ^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
    ),
}


@pytest.mark.parametrize(("body", "field", "detail"), UNFIT.values(), ids=UNFIT.keys())
def test_what_does_not_fit(body: Any, field: str, detail: str, daily: Caller, rows: None) -> None:
    response = send(daily, json.dumps(body))

    errors = problem(response, 422, "invalid")["errors"]
    assert {"field": field, "detail": detail} in errors


TOO_LONG: dict[str, tuple[dict[str, Any], str, int, int]] = {
    "text": (a_comment("x" * 10_001), "text", 10_001, 10_000),
    "text beyond any setting": (a_comment("x" * 200_000), "text", 200_000, 10_000),
    "text in code points": (a_comment("\U0001f600" * 10_001), "text", 10_001, 10_000),
    "story": (a_comment(story={"id": "x" * 201}), "story.id", 201, 200),
    "name": (a_comment(commenter={"id": "r", "name": "x" * 201}), "commenter.name", 201, 200),
    "external id": (a_comment(external_id="x" * 201), "external_id", 201, 200),
    "language": (a_comment(language="en-" + "a" * 20), "language", 23, 16),
}


@pytest.mark.parametrize(("body", "field", "length", "limit"), TOO_LONG.values(), ids=TOO_LONG)
def test_what_is_too_long(
    body: dict[str, Any], field: str, length: int, limit: int, daily: Caller, rows: None
) -> None:
    errors = problem(daily.post("/comments", body), 422, "invalid")["errors"]

    detail = f"has {length} characters, at most {limit} are taken"
    assert errors == [{"field": field, "detail": detail, "limit": limit}]


def test_the_longest_text_is_taken(daily: Caller) -> None:
    assert daily.post("/comments", a_comment("\U0001f600" * 10_000)).status_code == 202


def test_the_operator_sets_the_limits(newsroom: Newsroom, rows: None) -> None:
    with app_of(newsroom, text_max=5, batch_max=2, body_max=4096).test_client() as client:
        daily = Caller(client, newsroom.daily_key)

        text = problem(daily.post("/comments", a_comment("123456")), 422, "invalid")["errors"]
        many = [a_comment("1234", external_id=str(n)) for n in range(3)]
        batch = problem(daily.post("/comments:batch", {"comments": many}), 422, "invalid")["errors"]
        body = problem(daily.post("/comments", a_comment("x" * 5000)), 413, "too-large")["errors"]

    assert [(e["field"], e["limit"]) for e in text] == [("text", 5)]
    assert batch == [
        {"field": "comments", "detail": "has 3 entries, at most 2 are taken", "limit": 2}
    ]
    assert body[0]["limit"] == 4096


@pytest.mark.parametrize("text", ["\U0001fae8", "\ue000", "\u0301", ".", "\u200b!"])
def test_one_letter_that_shows_is_enough(text: str, daily: Caller) -> None:
    """Also a newer emoji than Python knows, and a letter of somebody's own font."""
    assert daily.post("/comments", a_comment(text)).status_code == 202


def test_no_more_than_fifty_errors_are_told(daily: Caller, rows: None) -> None:
    response = daily.post("/comments", a_comment() | {f"field-{n}": n for n in range(1000)})

    assert len(problem(response, 422, "invalid")["errors"]) == 50


def test_nothing_that_was_sent_is_told_back(daily: Caller, rows: None) -> None:
    unsaid = "word-that-nobody-repeats"
    for body in (
        a_comment(unsaid, language=unsaid, created_at=unsaid, story={"id": 1, "url": unsaid}),
        a_comment() | {"text": {"deep": unsaid}},
    ):
        assert unsaid not in daily.post("/comments", body).text
    assert unsaid not in send(daily, f'{{"text": "{unsaid}", "x": nope}}').text


class Breaking(io.BytesIO):
    """A body that gunicorn cannot read to its end."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def read(self, _size: int | None = -1) -> bytes:
        raise self.error


@pytest.mark.parametrize("error", [InvalidChunkSize(b"zz"), NoMoreData()], ids=["chunk", "end"])
def test_a_body_that_breaks_off(daily: Caller, rows: None, error: Exception) -> None:
    response = daily.post(
        "/comments",
        content_type="application/json",
        input_stream=Breaking(error),
        environ_overrides={"wsgi.input_terminated": True},
    )
    problem(response, 400, "malformed-json")
