"""Stories in addresses: any id the site chooses, and pages asked for wrongly."""

from urllib.parse import quote

import pytest

from tests.api.conftest import Caller, a_comment, fields, posted, problem
from tests.newsroom import Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what is refused reaches none."""
    return sqlite_url


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("limit=1_0", "limit"),
        ("limit=", "limit"),
        ("limit=1&limit=2", "limit"),
        ("after=x", "after"),
        ("after=", "after"),
        ("after=1777896000000000-00", "after"),
        ("after=-1-019df2c45e807c1a9d3e4b6f8a2c1e70", "after"),
        ("after=" + "W" * 501, "after"),
        ("after=99999999999999999999-019df2c45e807c1a9d3e4b6f8a2c1e70", "after"),
        ("after=%00", "after"),
        ("offset=3", "offset"),
    ],
)
def test_a_query_that_does_not_fit(query: str, field: str, daily: Caller) -> None:
    posted(daily)

    response = daily.get(f"/stories/tram-7/comments?{query}")

    assert fields(problem(response, 422, "invalid")) == [field]


def test_a_story_that_nobody_posted(daily: Caller) -> None:
    problem(daily.get("/stories/no-such/comments"), 404, "not-found")


STRANGE = [
    "2026/05/tram-7",
    "a//b",
    "/a/",
    "a/close/b",
    "comments",
    "?q=1&r#s",
    "100%",
    "caf\u00e9 \u0567",
    "line\nend",
    "\u202eevil",
    "a b+c",
    "%2F",
]


@pytest.mark.parametrize("story", STRANGE)
def test_a_story_may_have_any_id(story: str, daily: Caller, newsroom: Newsroom) -> None:
    path = f"/stories/{quote(story, safe='')}"

    made = daily.put(path, {"title": "T", "url": "https://daily.example/t"})
    again = daily.put(path, {"section": "City"})

    assert (made.status_code, again.status_code) == (201, 200)
    assert again.get_json() == {
        "id": story,
        "url": "https://daily.example/t",
        "title": "T",
        "section": "City",
        "closed": False,
    }
    comment_id = posted(daily, story={"id": story})
    newsroom.judge()
    assert [c["id"] for c in daily.get(f"{path}/comments").get_json()["comments"]] == [
        str(comment_id)
    ]
    assert daily.post(f"{path}/close").get_json()["closed"] is True
    problem(daily.post("/comments", a_comment(story={"id": story})), 409, "story-closed")
    assert daily.post(f"{path}/open").get_json()["closed"] is False
    posted(daily, story={"id": story})


@pytest.mark.parametrize(("story", "limit"), [("x" * 201, 200), ("%20%09", None)])
def test_a_story_id_must_fit(story: str, limit: int | None, daily: Caller) -> None:
    [error] = problem(daily.put(f"/stories/{story}", {}), 422, "invalid")["errors"]

    assert (error["field"], error.get("limit")) == ("story", limit)


@pytest.mark.parametrize("ending", ["comments", "close", "open"])
def test_putting_a_story_where_another_address_ends_is_a_mistake(
    ending: str, daily: Caller, newsroom: Newsroom
) -> None:
    posted(daily, story={"id": f"a/{ending}"})

    response = daily.put(f"/stories/a%2F{ending}", {"title": "T"})

    problem(response, 405, "method-not-allowed")
    assert "PUT" not in response.headers["Allow"]
    newsroom.judge()
    path = f"/stories/a%2F{ending}"
    assert daily.get(f"{path}/comments").get_json()["count"] == 1
    assert daily.post(f"{path}/close").get_json()["closed"] is True
