"""A site that used Perspective, and what it sees of an answer."""

import json
from typing import Any

from werkzeug.test import TestResponse

from moderation.models import Scope
from tests.api.conftest import app_of, key_of
from tests.newsroom import Newsroom

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
RUDE = "Seldom has anybody met such a fool."
ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
SIX = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
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
"""All that OSMod asks for at once."""


class Site:
    """The Daily, which has changed the address and the key, and nothing else."""

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
