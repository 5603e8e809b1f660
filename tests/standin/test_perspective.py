"""Perspective, stood in for: what is answered."""

from typing import Any

import pytest

from moderation.standin.perspective import scale
from moderation.standin.perspective.asked import MOST_ATTRIBUTES
from tests.newsroom import MODEL, Newsroom
from tests.standin.perspective import ANALYZE, OSMOD, RUDE, SIX, SUGGEST, Site, of_type, refused


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: nothing of this is stored."""
    return sqlite_url


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


# --- attributes that nobody scores ------------------------------------------------------------


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


# --- the scale --------------------------------------------------------------------------------


def test_scores_are_put_on_perspectives_scale(newsroom: Newsroom, at_work: None) -> None:
    daily = Site(newsroom)
    daily.client.application.extensions[scale.EXTENSION] = scale.Scale(
        MODEL.version, {"INSULT": [(0.0, 0.1), (0.8, 0.5), (1.0, 0.9)]}
    )

    found = daily.analyze(RUDE, "INSULT", "TOXICITY").get_json()["attributeScores"]

    assert found["INSULT"]["summaryScore"]["value"] == 0.7
    assert found["TOXICITY"]["summaryScore"]["value"] == 0.01
