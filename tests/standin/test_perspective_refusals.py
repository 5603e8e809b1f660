"""Perspective, stood in for: in whose words something is refused."""

from dataclasses import replace
from typing import Any

import pytest

from moderation.interactive import Interactive
from moderation.models import Scope
from tests.api.conftest import key_of
from tests.newsroom import MODEL, Newsroom
from tests.stand_in import StandIn
from tests.standin.perspective import ANALYZE, RUDE, SUGGEST, Site, of_type, refused

BUT_BOTH = "but both fields were populated."


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this is stored."""
    return sqlite_url


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ({}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": " \u200b"}}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"comment": {"text": "é" * 10_241}}, "COMMENT_TOO_LONG", "Comment text too long."),
        (
            {"comment": {"text": RUDE}},
            "NO_REQUESTED_ATTRIBUTES",
            "Missing requested_attributes",
        ),
    ],
)
def test_mistakes_that_have_a_name(
    newsroom: Newsroom, body: dict[str, Any], kind: str, says: str
) -> None:
    assert of_type(Site(newsroom).post(body), kind) == {"message": says}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"comment": {"text": RUDE, "type": "HTML"}},
            "Currently, only 'PLAIN_TEXT' comments are supported",
        ),
        (
            {"requestedAttributes": {"INSULT": {"scoreType": "RAW"}}},
            "Requested score type RAW is not supported by attribute INSULT",
        ),
        (
            {
                "context": {
                    "entries": [{"text": "a"}],
                    "articleAndParentComment": {"article": {"text": "b"}},
                }
            },
            f"Context can have either entries or article_and_parent_comment, {BUT_BOTH}",
        ),
    ],
)
def test_mistakes_that_have_none(newsroom: Newsroom, fields: dict[str, Any], says: str) -> None:
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"INSULT": {}}} | fields

    error = refused(Site(newsroom).post(body), 400, "INVALID_ARGUMENT")

    assert error["message"] == says
    assert "details" not in error


@pytest.mark.parametrize(
    ("fields", "field", "kind"),
    [
        ({"comment": "words"}, "comment", "TYPE_MESSAGE"),
        ({"comment": {"text": 7}}, "comment.text", "TYPE_STRING"),
        ({"comment": {"text": "\ud83d"}}, "comment.text", "TYPE_STRING"),
        ({"comment": {"text": "a", "type": "MARKDOWN"}}, "comment.type", "TYPE_ENUM"),
        ({"doNotStore": "yes"}, "doNotStore", "TYPE_BOOL"),
        ({"languages": "en"}, "languages", "TYPE_MESSAGE"),
        ({"requestedAttributes": {"INSULT": None}}, "requestedAttributes.INSULT", "TYPE_MESSAGE"),
        (
            {"requestedAttributes": {"INSULT": {"scoreThreshold": True}}},
            "requestedAttributes.INSULT.scoreThreshold",
            "TYPE_FLOAT",
        ),
    ],
)
def test_what_is_of_the_wrong_kind_is_named(
    newsroom: Newsroom, fields: dict[str, Any], field: str, kind: str
) -> None:
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"INSULT": {}}} | fields

    error = refused(Site(newsroom).post(body), 400, "INVALID_ARGUMENT")

    says = f"Invalid value at '{field}' ({kind})"
    assert error["message"] == says
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": field, "description": says}],
        }
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]x", b'{"a": NaN}', b"\xff", b'"' + b"[" * 99])
def test_what_is_no_json_is_refused(newsroom: Newsroom, body: bytes) -> None:
    daily = Site(newsroom)

    answer = daily.client.post(f"{ANALYZE}?key={daily.key}", data=body)

    assert "Invalid JSON payload received." in refused(answer, 400, "INVALID_ARGUMENT")["message"]


def test_a_body_that_is_too_large_is_refused(newsroom: Newsroom) -> None:
    error = refused(Site(newsroom).analyze("a" * 1_100_000), 400, "INVALID_ARGUMENT")

    assert error["message"] == "Request payload size exceeds the limit: 1048576 bytes."


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ANALYZE),
        ("POST", "/v1alpha1/comments:praise"),
        ("POST", "/v1alpha1/comments"),
        ("GET", "/$discovery/rest?version=v9"),
        ("GET", "/$discovery/apis"),
    ],
)
def test_other_addresses_are_not_found(newsroom: Newsroom, method: str, path: str) -> None:
    answer = Site(newsroom).client.open(path, method=method)

    assert refused(answer, 404, "NOT_FOUND")["message"] == "Method not found."


@pytest.mark.parametrize("query", [{"alt": "proto"}, {"fields": "a("}, {"fields": "a,,b"}])
def test_parameters_that_cannot_be_met_are_refused(
    newsroom: Newsroom, query: dict[str, str]
) -> None:
    refused(Site(newsroom).post({}, **query), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"TOXICITY": {}},
        {"TOXICITY": {"summaryScore": {"value": 2}}},
        {"TOXICITY": {"summaryScore": {"value": -1}}},
        {"RUDENESS": {"summaryScore": {"value": 1}}},
    ],
)
def test_a_correction_that_says_nothing_is_refused(
    newsroom: Newsroom, scores: dict[str, Any]
) -> None:
    refused(
        Site(newsroom).post({"comment": {"text": RUDE}, "attributeScores": scores}, SUGGEST),
        400,
        "INVALID_ARGUMENT",
    )


# --- keys, limits, nobody there ---------------------------------------------------------------


def test_without_a_key(newsroom: Newsroom) -> None:
    answer = Site(newsroom).client.post(ANALYZE, json={})

    assert "API Key" in refused(answer, 403, "PERMISSION_DENIED")["message"]


def test_with_a_bad_key(newsroom: Newsroom) -> None:
    answer = Site(newsroom).client.post(f"{ANALYZE}?key=mod_none", data=b"{")

    error = refused(answer, 400, "INVALID_ARGUMENT")
    assert error["message"] == "API key not valid. Please pass a valid API key."
    assert error["details"][0]["reason"] == "API_KEY_INVALID"


def test_with_a_key_that_may_not(newsroom: Newsroom) -> None:
    daily = Site(newsroom)
    daily.key = key_of(newsroom, Scope.SUBMIT)

    error = refused(daily.analyze(RUDE), 403, "PERMISSION_DENIED")

    assert error["details"][0]["reason"] == "API_KEY_SERVICE_BLOCKED"


def test_beyond_its_rate(newsroom: Newsroom) -> None:
    daily = Site(newsroom, rate_per_key="1/minute")
    daily.post({})

    error = refused(answer := daily.post({}), 429, "RESOURCE_EXHAUSTED")

    assert int(answer.headers["Retry-After"]) >= 1
    [info] = error["details"]
    assert info["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert info["reason"] == "RATE_LIMIT_EXCEEDED"
    assert info["metadata"]["quota_limit"] == "AnalyzeRequestsPerMinutePerProject"
    assert info["metadata"]["quota_limit_value"] == "1"


def test_nobody_scores(newsroom: Newsroom) -> None:
    error = refused(answer := Site(newsroom).analyze(RUDE), 503, "UNAVAILABLE")

    assert error["message"] == "The service is currently unavailable."
    assert int(answer.headers["Retry-After"]) >= 1


def test_somebody_scores_with_another_model(
    newsroom: Newsroom, at_work: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = Site(newsroom)
    monkeypatch.setattr(StandIn, "facts", replace(MODEL, version="1"))

    refused(daily.analyze(RUDE), 503, "UNAVAILABLE")


def test_something_breaks(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = Site(newsroom)
    monkeypatch.setattr(Interactive, "score", lambda *_args, **_: 1 / 0)

    error = refused(daily.analyze(RUDE), 500, "INTERNAL")

    assert error["message"] == "Internal error encountered."


def test_the_database_is_away(newsroom: Newsroom) -> None:
    daily = Site(newsroom)
    with newsroom.db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE api_keys")

    refused(daily.analyze(RUDE), 503, "UNAVAILABLE")
