"""Whatever is sent to Perspective's addresses is answered in its words, and nothing breaks."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation import site_settings, sites
from moderation.interactive import Interactive, Scored, Sentence
from tests.newsroom import MODEL, NOON, Newsroom
from tests.standin.perspective import ANALYZE, OSMOD, SUGGEST, Site

NAMES = [*OSMOD, "TOXICITY@6", "RUDENESS", ""]
SMALL = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["en", "0.5"])
)
ANYTHING = st.recursive(
    SMALL, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


def mostly(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What fits, and now and then anything."""
    return st.integers(0, 9).flatmap(lambda chance: strategy if chance else ANYTHING)


TYPES = st.sampled_from(["PLAIN_TEXT", "HTML", "TEXT_TYPE_UNSPECIFIED", "RAW", "PROBABILITY"])
SCORE = st.fixed_dictionaries(
    {}, optional={"value": mostly(st.floats(0, 1)), "type": mostly(TYPES)}
)
ENTRY = st.fixed_dictionaries({}, optional={"text": mostly(st.text()), "type": mostly(TYPES)})
WANTED = st.fixed_dictionaries(
    {}, optional={"scoreType": mostly(TYPES), "scoreThreshold": mostly(st.floats(0, 1))}
)
SPAN = st.fixed_dictionaries({}, optional={"begin": ANYTHING, "end": ANYTHING, "score": SCORE})
GIVEN = st.fixed_dictionaries(
    {}, optional={"summaryScore": mostly(SCORE), "spanScores": mostly(st.lists(SPAN, max_size=2))}
)
NAMED = st.sampled_from(NAMES)
BODY = st.fixed_dictionaries(
    {"comment": mostly(ENTRY)},
    optional={
        "requestedAttributes": mostly(st.dictionaries(NAMED, mostly(WANTED), max_size=3)),
        "attributeScores": mostly(st.dictionaries(NAMED, mostly(GIVEN), max_size=3)),
        "languages": mostly(st.lists(st.sampled_from(["en", "en-GB", "ru", "", "x" * 300]))),
        "context": mostly(st.fixed_dictionaries({}, optional={"entries": st.lists(ENTRY)})),
        "doNotStore": ANYTHING,
        "dropUnsupportedAttributes": mostly(st.booleans()),
        "spanAnnotations": mostly(st.booleans()),
        "clientToken": mostly(st.text()),
    },
)
QUERY = st.fixed_dictionaries(
    {},
    optional={
        "fields": st.text("abc/(),* ", max_size=12),
        "alt": st.sampled_from(["json", "proto"]),
        "prettyPrint": st.text(max_size=5),
        "$.xgafv": st.text(max_size=3),
    },
)


@pytest.fixture
def site(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that keeps suggestions; its texts are scored at once, and taken for English, Russian
    or neither."""

    def score(_self: Interactive, text: str, *, whole: bool, sentences: bool) -> Scored:
        assert whole
        scores = dict.fromkeys(MODEL.attributes, 0.5)
        return Scored(
            language=("en", "ru", None)[len(text) % 3],
            scores=scores,
            quoted=None,
            sentences=(Sentence(0, len(text), scores),) if sentences else (),
            model=MODEL.name,
            model_version=MODEL.version,
        )

    monkeypatch.setattr(Interactive, "score", score)
    with newsroom.db.transaction() as session:
        daily = sites.named(session, "the-daily")
        site_settings.change(session, daily, keep_suggestions=True, now=NOON)
    return Site(newsroom, rate_per_key="1000000/minute")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from([ANALYZE, SUGGEST]), body=mostly(BODY), query=QUERY)
def test_nothing_breaks(site: Site, path: str, body: Any, query: dict[str, str]) -> None:
    answer = site.post(body, path, **query)

    assert answer.status_code in (200, 400), (answer.text, json.dumps(body))
    assert isinstance(answer.get_json(), dict)
    if answer.status_code == 400:
        assert answer.get_json()["error"]["status"] == "INVALID_ARGUMENT"
