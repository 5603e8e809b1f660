"""The policy through the API: read, posted, refused with every mistake."""

import pytest

from tests.api.conftest import Caller, fields, posted, problem
from tests.newsroom import POLICY, Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


def test_the_policy_in_force(daily: Caller) -> None:
    body = daily.get("/policy").get_json()

    assert (body["version"], body["title"]) == (1, "What we print")
    assert body["source"] == POLICY
    assert body["clauses"][0] == {
        "key": "profanity",
        "title": "Profanity",
        "text": "Keep it clean.",
    }
    assert body["posted_at"] == "2026-05-04T12:00:00Z"


def test_a_site_without_a_policy(evening_post: Caller) -> None:
    problem(evening_post.get("/policy"), 404, "not-found")


def test_a_new_version_is_in_force_at_once(daily: Caller, newsroom: Newsroom) -> None:
    response = daily.post("/policy", {"toml": POLICY.replace("hold = 0.6", "hold = 0.9")})

    assert (response.status_code, response.get_json()) == (201, {"version": 2})
    assert response.headers["Location"] == "/api/v1/sites/the-daily/policy"
    assert daily.get("/policy").get_json()["version"] == 2
    comment_id = posted(daily, "You are a fool, Tom.")
    newsroom.judge({"insult": 0.83})
    assert daily.get(f"/comments/{comment_id}").get_json()["status"] == "approved"


MISTAKES = {
    "an unknown attribute": (
        POLICY.replace('attribute = "insult"', 'attribute = "rudeness"'),
        "clauses[1].rules[0].attribute",
        "rudeness",
    ),
    "a threshold over 1": (
        POLICY.replace("hold = 0.6", "hold = 1.5"),
        "clauses[1].rules[0].hold",
        "1",
    ),
    "a threshold under 0": (
        POLICY.replace("hold = 0.6", "hold = -0.5"),
        "clauses[1].rules[0].hold",
        "0",
    ),
    "a clause twice": (
        POLICY.replace('key = "personal-attacks"', 'key = "profanity"'),
        "clauses[1].key",
        "profanity",
    ),
    "not TOML": ('title = "What we print', "line 1", ""),
}


@pytest.mark.parametrize(("toml", "where", "named"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_place(
    toml: str, where: str, named: str, daily: Caller
) -> None:
    body = problem(daily.post("/policy", {"toml": toml}), 422, "policy-refused")

    [mistake] = body["problems"]
    assert mistake["where"] == where
    assert named in mistake["reason"]
    assert fields(body) == ["toml"]
    assert daily.get("/policy").get_json()["version"] == 1


def test_every_mistake_is_named(daily: Caller) -> None:
    toml = POLICY.replace("hold = 0.6", "hold = 2").replace("hold = 0.5", "hold = 3")

    body = problem(daily.post("/policy", {"toml": toml}), 422, "policy-refused")

    assert len(body["problems"]) >= 2


@pytest.mark.parametrize("body", [{}, {"toml": ""}, {"toml": 7}, {"toml": "x" * 262_145}])
def test_a_body_that_does_not_fit(body: dict[str, object], daily: Caller) -> None:
    assert fields(problem(daily.post("/policy", body), 422, "invalid")) == ["toml"]
