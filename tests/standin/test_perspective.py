"""Perspective, stood in for: what is answered, and in whose words it is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from moderation.interactive import Interactive
from moderation.models import Scope
from moderation.standin.perspective import scale
from moderation.standin.perspective.asked import MOST_ATTRIBUTES
from tests.api.conftest import app_of, key_of
from tests.newsroom import MODEL, Newsroom
from tests.processes import SLOW_SWEEP, working
from tests.stand_in import StandIn
from worker import scorers

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
RUDE = "Seldom has anybody met such a fool."
ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
SIX = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this is stored."""
    return sqlite_url


class Site:
    """A site that used Perspective, and has changed the address and the key."""

    def __init__(self, newsroom: Newsroom, **settings: str) -> None:
        self.client = app_of(newsroom, **settings).test_client()
        self.key = key_of(newsroom, Scope.ANALYZE)

    def post(self, body: Any, path: str = ANALYZE, **query: str) -> TestResponse:
        # Not `json=`, which sorts the keys.
        query = {"key": self.key} | query
        return self.client.post(path, data=json.dumps(body), query_string=query)

    def analyze(self, text: str, *names: str, **fields: Any) -> TestResponse:
        wanted: dict[str, Any] = {name: {} for name in names or ("INSULT",)}
        return self.post({"comment": {"text": text}, "requestedAttributes": wanted} | fields)


@pytest.fixture
def at_work(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker that scores with the stand-in."""
    monkeypatch.setattr(scorers, "load", lambda *_: StandIn())
    with working(newsroom, SLOW_SWEEP):
        yield


def refused(answer: TestResponse, code: int, status: str) -> dict[str, Any]:
    """The error that an answer holds, after a look at what every error has."""
    assert answer.status_code == code, answer.text
    assert answer.content_type == "application/json; charset=UTF-8"
    error: dict[str, Any] = answer.get_json()["error"]
    assert error["code"] == code
    assert error["status"] == status
    return error


def of_type(answer: TestResponse, kind: str) -> dict[str, Any]:
    """The same, of an error of the analyzer's own; without the type of its detail."""
    error = refused(answer, 400, "INVALID_ARGUMENT")
    [detail] = error["details"]
    assert detail.pop("@type") == ERROR
    assert detail.pop("errorType") == kind
    return {"message": error["message"], **detail}


def test_scores_are_answered_as_perspective_does(newsroom: Newsroom, at_work: None) -> None:
    answer = Site(newsroom).analyze(RUDE, "TOXICITY", "INSULT", clientToken="a token")

    assert answer.status_code == 200
    assert answer.content_type == "application/json; charset=UTF-8"

    def scored(value: float) -> dict[str, Any]:
        score = {"value": value, "type": "PROBABILITY"}
        return {"spanScores": [{"begin": 0, "end": 35, "score": score}], "summaryScore": score}

    assert answer.get_json() == {
        "attributeScores": {"TOXICITY": scored(0.01), "INSULT": scored(0.9)},
        "languages": ["en"],
        "detectedLanguages": ["en"],
        "clientToken": "a token",
    }
    assert answer.text.startswith('{\n  "attributeScores": {\n')


def test_words_in_a_quote_count_as_well(newsroom: Newsroom, at_work: None) -> None:
    answer = Site(newsroom).analyze("> You are a fool, and everybody knows it.")

    assert answer.get_json()["attributeScores"]["INSULT"]["summaryScore"]["value"] == 0.9


def test_each_sentence_has_a_span_in_utf_16(newsroom: Newsroom, at_work: None) -> None:
    text = "Good morning 🐝 to you all. What a fool he is! Is that so?"

    answer = Site(newsroom).analyze(text, spanAnnotations=True)

    spans = answer.get_json()["attributeScores"]["INSULT"]["spanScores"]
    units = text.encode("utf-16-le")
    assert [units[2 * one["begin"] : 2 * one["end"]].decode("utf-16-le") for one in spans] == [
        "Good morning 🐝 to you all.",
        "What a fool he is!",
        "Is that so?",
    ]
    assert [one["score"]["value"] for one in spans] == [0.01, 0.9, 0.01]


def test_the_name_asked_for_is_the_name_answered(newsroom: Newsroom, at_work: None) -> None:
    names = ("TOXICITY@6", "INSULT_EXPERIMENTAL", "PROFANITY", "OBSCENE")

    answer = Site(newsroom).analyze(RUDE, *names)

    assert tuple(answer.get_json()["attributeScores"]) == names


def test_what_is_below_its_threshold_is_left_out(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)

    def asked(**thresholds: Any) -> Any:
        wanted = {name: {"scoreThreshold": value} for name, value in thresholds.items()}
        return daily.post({"comment": {"text": RUDE}, "requestedAttributes": wanted}).get_json()

    assert list(asked(INSULT=0.9, TOXICITY="0.5")["attributeScores"]) == ["INSULT"]
    assert asked(THREAT=0.5) == {"languages": ["en"], "detectedLanguages": ["en"]}


def test_snake_case_nulls_and_unknown_fields_are_taken(newsroom: Newsroom, at_work: None) -> None:
    answer = Site(newsroom).post(
        {
            "comment": {"text": RUDE, "type": None},
            "requested_attributes": {"INSULT": {"score_type": "PROBABILITY"}},
            "do_not_store": True,
            "client_token": "t",
            "something": {"else": 1},
            "languages": None,
        }
    )

    assert answer.get_json()["clientToken"] == "t"
    assert "INSULT" in answer.get_json()["attributeScores"]


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        (
            "attributeScores/INSULT/summaryScore/value,languages",
            {
                "attributeScores": {"INSULT": {"summaryScore": {"value": 0.9}}},
                "languages": ["en"],
            },
        ),
        (
            "attributeScores(*(spanScores(begin,end)))",
            {"attributeScores": {"INSULT": {"spanScores": [{"begin": 0, "end": 35}]}}},
        ),
        ("nothing", {}),
    ],
)
def test_fields_choose_a_part(
    newsroom: Newsroom, at_work: None, fields: str, left: dict[str, Any]
) -> None:
    answer = Site(newsroom).post(
        {"comment": {"text": RUDE}, "requestedAttributes": {"INSULT": {}}},
        fields=fields,
        prettyPrint="false",
        quotaUser="rita",
        **{"$.xgafv": "2", "alt": "json"},
    )

    assert answer.get_json() == left
    assert ": " not in answer.text


def test_the_key_may_come_in_a_header(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)

    answer = daily.client.post(
        ANALYZE,
        json={"comment": {"text": RUDE}, "requestedAttributes": {"INSULT": {}}},
        headers={"X-Goog-Api-Key": daily.key},
    )

    assert answer.status_code == 200


# --- attributes that nobody scores ------------------------------------------------------------

OSMOD = (
    *SIX,
    "SEXUALLY_EXPLICIT",
    "FLIRTATION",
    "ATTACK_ON_AUTHOR",
    "ATTACK_ON_COMMENTER",
    "INCOHERENT",
    "INFLAMMATORY",
    "LIKELY_TO_REJECT",
    "OBSCENE",
    "SPAM",
    "UNSUBSTANTIAL",
)


def test_what_is_not_scored_is_refused_by_name(newsroom: Newsroom) -> None:
    error = refused(Site(newsroom).analyze(RUDE, *OSMOD), 400, "INVALID_ARGUMENT")

    assert error["message"] == "Unknown requested attribute: SEXUALLY_EXPLICIT"


def test_or_left_out_as_osmod_needs_it(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom, perspective_unscored="omit")

    answer = daily.analyze(RUDE, *OSMOD, spanAnnotations=True)

    assert tuple(answer.get_json()["attributeScores"]) == (*SIX, "OBSCENE")


def test_or_by_the_clients_own_wish(newsroom: Newsroom, at_work: None) -> None:
    answer = Site(newsroom).analyze(RUDE, "SPAM", "INSULT", dropUnsupportedAttributes=True)

    assert list(answer.get_json()["attributeScores"]) == ["INSULT"]


@pytest.mark.parametrize("name", ["RUDENESS", "toxicity", "TOXICITY@", "", "TOXICITY_EXP", "@6"])
def test_a_name_that_never_was_is_always_refused(newsroom: Newsroom, name: str) -> None:
    daily = Site(newsroom, perspective_unscored="omit")

    error = refused(daily.analyze(RUDE, "INSULT", name), 400, "INVALID_ARGUMENT")

    assert error["message"] == f"Unknown requested attribute: {name}"


def test_versions_without_an_end_are_refused(newsroom: Newsroom) -> None:
    versions = [f"TOXICITY@{number}" for number in range(MOST_ATTRIBUTES + 1)]

    error = refused(Site(newsroom).analyze(RUDE, *versions), 400, "INVALID_ARGUMENT")

    assert error["message"] == "Too many requested attributes: 100 at most"


# --- languages --------------------------------------------------------------------------------

RUSSIAN = "Доброе утро, как у вас дела сегодня?"


def test_a_language_that_cannot_be_read_is_refused(newsroom: Newsroom, at_work: None) -> None:
    for claimed in ({}, {"languages": ["en"]}):
        assert of_type(
            Site(newsroom).analyze(RUSSIAN, "INSULT", "THREAT", **claimed),
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ) == {
            "message": "Attribute INSULT does not support request languages: ru",
            "languageNotSupportedByAttributeError": {
                "attribute": "INSULT",
                "detectedLanguages": ["ru"],
            },
        }


def test_so_is_one_that_the_client_names(newsroom: Newsroom) -> None:
    answer = Site(newsroom).analyze(RUDE, languages=["om", "it"])

    assert of_type(answer, "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE") == {
        "message": "Attribute INSULT does not support request languages: om, it",
        "languageNotSupportedByAttributeError": {
            "attribute": "INSULT",
            "requestedLanguages": ["om", "it"],
        },
    }


def test_or_its_attributes_are_left_out(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)

    detected = daily.analyze(RUSSIAN, dropUnsupportedAttributes=True)
    claimed = daily.analyze(RUDE, dropUnsupportedAttributes=True, languages=["om"])

    assert detected.get_json() == {"detectedLanguages": ["ru"]}
    assert claimed.get_json() == {}


def test_a_language_that_cannot_be_told_is_believed(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)

    assert of_type(daily.analyze("123 :-)"), "LANGUAGE_DETECTION_FAILED") == {
        "message": "Unable to detect language"
    }
    answer = daily.analyze("123 :-)", languages=["fr", "en-GB"])
    assert answer.get_json()["languages"] == ["en-GB"]
    assert "detectedLanguages" not in answer.get_json()


BUT_BOTH = "but both fields were populated."
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


# --- the scale --------------------------------------------------------------------------------


def test_scores_are_put_on_perspectives_scale(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)
    daily.client.application.extensions[scale.EXTENSION] = scale.Scale(
        MODEL.version, {"INSULT": [(0.0, 0.1), (0.8, 0.5), (1.0, 0.9)]}
    )

    found = daily.analyze(RUDE, "INSULT", "TOXICITY").get_json()["attributeScores"]

    assert found["INSULT"]["summaryScore"]["value"] == 0.7
    assert found["TOXICITY"]["summaryScore"]["value"] == 0.01


def test_discovery_names_our_own_address(newsroom: Newsroom) -> None:
    client = Site(newsroom).client

    asked = client.get("/$discovery/rest?version=v1alpha1", base_url="https://mod.daily.example")
    set_by_operator = Site(newsroom, public_url="https://a.example/mod").client.get(
        "/$discovery/rest"
    )

    assert asked.get_json()["rootUrl"] == "https://mod.daily.example/"
    assert set_by_operator.get_json()["rootUrl"] == "https://a.example/mod/"


def test_a_correction_is_heard(newsroom: Newsroom) -> None:
    answer = Site(newsroom).post(
        {
            "comment": {"text": RUDE},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
            "languages": ["en"],
            "clientToken": "comment:7",
        },
        SUGGEST,
    )

    assert answer.get_json() == {"requestedLanguages": ["en"], "clientToken": "comment:7"}


@pytest.mark.parametrize(
    "scores",
    [
        {},
        {"TOXICITY": {}},
        {"TOXICITY": {"summaryScore": {"value": 2}}},
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
