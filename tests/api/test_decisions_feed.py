"""GET decisions: the site follows what was decided, and misses none."""

import pytest

from moderation import decisions
from moderation.decisions import Seen
from moderation.models import Status
from tests.api.conftest import Caller, fields, problem
from tests.newsroom import NOON, Newsroom


def test_a_site_that_has_none(daily: Caller) -> None:
    assert daily.get("/decisions").get_json() == {"decisions": [], "next": 0, "more": False}


def test_the_feed_is_followed_by_its_cursor(daily: Caller, newsroom: Newsroom) -> None:
    ids = [newsroom.approved(f"Number {n}.", external_id=f"d-{n}") for n in range(3)]

    first = daily.get("/decisions?limit=2").get_json()
    rest = daily.get(f"/decisions?after={first['next']}").get_json()

    told = first["decisions"] + rest["decisions"]
    assert [decision["comment_id"] for decision in told] == [str(comment_id) for comment_id in ids]
    assert [decision["seq"] for decision in told] == [1, 2, 3]
    assert (first["next"], first["more"]) == (2, True)
    assert (rest["next"], rest["more"]) == (3, False)
    ids_of_the_site = {(d["external_id"], d["story"], d["commenter"]) for d in told}
    assert ids_of_the_site == {(f"d-{n}", "tram-7", "rita") for n in range(3)}
    assert daily.get("/decisions?after=3").get_json()["next"] == 3


def test_a_persons_decision_and_its_undoing(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        seen = Seen(comment_id=comment_id, revision=1, status=Status.HELD)
        made = decisions.block(
            session,
            newsroom.daily.id,
            seen,
            clause="profanity",
            moderator_id=newsroom.ana.id,
            now=NOON,
        )
        decisions.undo(session, newsroom.daily.id, made, moderator_id=newsroom.ana.id, now=NOON)

    held, blocked, undone = daily.get("/decisions").get_json()["decisions"]

    assert [d["by"] for d in (held, blocked, undone)] == ["policy", "moderator", "moderator"]
    assert blocked["clause"] == {"key": "profanity", "title": "Profanity"}
    assert (undone["undoes"], undone["status"]) == (blocked["id"], "held")


def test_the_other_papers_feed_is_its_own(evening_post: Caller, newsroom: Newsroom) -> None:
    newsroom.held()

    assert evening_post.get("/decisions").get_json()["decisions"] == []


@pytest.mark.parametrize(
    ("query", "field", "limit"),
    [
        ("after=-1", "after", None),
        ("after=9223372036854775808", "after", 2**63 - 1),
        ("after=99999999999999999999", "after", None),
        ("after=1.0", "after", None),
        ("after=\u0661", "after", None),
        ("limit=0", "limit", 1),
        ("limit=201", "limit", 200),
        ("before=3", "before", None),
    ],
)
def test_a_query_that_does_not_fit(
    query: str, field: str, limit: int | None, daily: Caller
) -> None:
    body = problem(daily.get(f"/decisions?{query}"), 422, "invalid")

    assert fields(body) == [field]
    assert body["errors"][0].get("limit") == limit


def test_the_largest_cursor(daily: Caller) -> None:
    response = daily.get("/decisions?after=9223372036854775807")

    assert response.get_json() == {"decisions": [], "next": 2**63 - 1, "more": False}
