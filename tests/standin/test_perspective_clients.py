"""Clients of Perspective as they are, with nothing but the address and the key changed."""

import http.client
import json
import signal
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient.discovery import Resource, build
from googleapiclient.errors import HttpError
from perspective import PerspectiveAPI

from tests.processes import until
from tests.serving import Running
from tests.standin.perspective import RUDE

CORAL_WAITS = 0.8
"""Seconds that Coral waits for an answer; afterwards it publishes."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`moderation run` with the bundled model; its demo site's key has every scope."""
    running = Running(tmp_path_factory.mktemp("service"))
    ours = PerspectiveAPI(running.key)
    ours.api_client.url = f"{running.address}/v1alpha1/{{endpoint}}"
    until(lambda: _answers(ours))
    yield running
    running.stop(signal.SIGTERM)


def _answers(client: PerspectiveAPI) -> bool:
    try:
        return bool(client.score(RUDE))
    except urllib.error.HTTPError as error:
        with error:
            return bool(error.code != 503)  # 503: the model is being loaded


def built(service: Running, key: str) -> Resource:
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{service.address}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


def test_googleapiclient_by_discovery(service: Running) -> None:
    with built(service, service.key) as client:
        answer = (
            client.comments()
            .analyze(
                body={
                    "comment": {"text": RUDE},
                    "requestedAttributes": {"TOXICITY": {}, "INSULT": {"scoreThreshold": 0.01}},
                    "languages": ["en"],
                    "doNotStore": True,
                    "spanAnnotations": True,
                },
                fields="attributeScores,languages",
            )
            .execute()
        )
        heard = (
            client.comments()
            .suggestscore(
                body={
                    "comment": {"text": RUDE},
                    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
                    "clientToken": "a token",
                }
            )
            .execute()
        )

    assert set(answer) == {"attributeScores", "languages"}
    insult = answer["attributeScores"]["INSULT"]
    assert insult["summaryScore"]["value"] > 0.5
    assert [(one["begin"], one["end"]) for one in insult["spanScores"]] == [(0, len(RUDE))]
    assert heard == {"clientToken": "a token"}


def test_googleapiclient_reads_our_errors(service: Running) -> None:
    with built(service, service.key) as client, pytest.raises(HttpError) as refused:
        client.comments().analyze(
            body={
                "comment": {"text": "Доброе утро, как дела?"},
                "requestedAttributes": {"INSULT": {}},
            }
        ).execute()

    assert refused.value.status_code == 400
    assert refused.value.reason == "Attribute INSULT does not support request languages: ru"
    assert refused.value.error_details[0]["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"

    with (
        built(service, "mod_none") as stranger,
        pytest.raises(HttpError, match="API key not valid"),
    ):
        stranger.comments().analyze(body={}).execute()


def test_pypi_perspective(service: Running) -> None:
    client = PerspectiveAPI(service.key)
    client.api_client.url = f"{service.address}/v1alpha1/{{endpoint}}"

    scores = client.score(RUDE, tests=["TOXICITY", "SEVERE_TOXICITY", "THREAT"])
    answer = client.analyze_comment(
        RUDE,
        comment_type="PLAIN_TEXT",
        context=[{"text": "A parent.", "type": "PLAIN_TEXT"}],
        requested_attributes={"INSULT": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}},
        span_annotations=True,
        languages=["en"],
        do_not_store=True,
        client_token="7",
        session_id="8",
        community_id="9",
    )
    heard = client.suggest_score(
        RUDE, attribute_scores={"INSULT": {"summaryScore": {"value": 1.0, "type": "PROBABILITY"}}}
    )

    assert scores["TOXICITY"] > 0.5 > scores["THREAT"]
    assert answer["attributeScores"]["INSULT"]["spanScores"][0]["score"]["value"] > 0.5
    assert answer["clientToken"] == "7"
    assert heard == {}


def coral(service: Running, operation: str, body: dict[str, Any]) -> tuple[int, Any]:
    """As Coral sends it: axios, its key in the address, CORAL_WAITS; the endpoint is a setting."""
    address = service.address.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=CORAL_WAITS)
    connection.request(
        "POST",
        f"/v1alpha1/{operation}?key={service.key}",
        json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        {
            "Accept": "application/json, text/plain, */*",
            "Content-Type": "application/json",
            "User-Agent": "Talk/9",
            "Connection": "close",
        },
    )
    answer = connection.getresponse()
    return answer.status, json.load(answer)


def test_coral_asks_and_reports_what_its_moderators_decide(service: Running) -> None:
    status, answer = coral(
        service,
        "comments:analyze",
        {
            "comment": {"text": RUDE},
            "doNotStore": True,
            "requestedAttributes": {"TOXICITY": {}},
            "languages": ["en"],
        },
    )
    assert status == 200
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.5

    about = {"url": "https://daily.example/tram-7?commentID=7", "Coral_comment_id": "7"}
    assert coral(
        service,
        "comments:suggestscore",
        {
            "comment": {"text": RUDE},
            "context": {"entries": [{"text": json.dumps(about)}]},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
            "languages": ["en"],
            "communityId": "Coral:https://talk.daily.example",
            "clientToken": "comment:7",
        },
    ) == (200, {"requestedLanguages": ["en"], "clientToken": "comment:7"})


def test_coral_of_another_locale_says_en_whatever_the_text_is(service: Running) -> None:
    status, answer = coral(
        service,
        "comments:analyze",
        {
            "comment": {"text": "Բարի լույս, ինչպե՞ս եք այսօր"},
            "doNotStore": True,
            "requestedAttributes": {"TOXICITY": {}},
            "languages": ["en"],
        },
    )

    assert status == 400
    assert answer["error"]["details"][0]["languageNotSupportedByAttributeError"] == {
        "attribute": "TOXICITY",
        "detectedLanguages": ["hy"],
    }
