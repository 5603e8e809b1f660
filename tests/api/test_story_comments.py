"""What readers see under a story: approved comments, in reading order, with the policy."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from sqlalchemy import update

from moderation import decisions
from moderation.decisions import Seen
from moderation.models import Comment, Status
from tests.api.conftest import Caller, a_comment, posted
from tests.newsroom import NOON, Newsroom, later


def at(minutes: float) -> str:
    return later(minutes).isoformat()


def under(daily: Caller, story: str = "tram-7", **query: Any) -> dict[str, Any]:
    response = daily.get(f"/stories/{quote(story, safe='')}/comments", query_string=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    return body


def seen(body: dict[str, Any]) -> list[tuple[int, str]]:
    """What a reader sees: depth, and the words or why they are gone."""
    return [(c["depth"], c["text"] or f"({c['gone']})") for c in body["comments"]]


def block(newsroom: Newsroom, comment_id: UUID, status: Status = Status.APPROVED) -> None:
    with newsroom.db.transaction() as session:
        decisions.block(
            session,
            newsroom.daily.id,
            Seen(comment_id=comment_id, revision=1, status=status),
            clause="profanity",
            moderator_id=newsroom.ana.id,
            now=NOON,
        )


@pytest.fixture
def thread(daily: Caller, newsroom: Newsroom) -> dict[str, UUID]:
    """Two threads, posted out of order: A with replies A1 (and A1a below it) and A2, then B."""
    ids: dict[str, UUID] = {}

    def say(name: str, minute: float, parent: str | None = None) -> None:
        above = {"parent": str(ids[parent])} if parent else {}
        ids[name] = posted(daily, name, created_at=at(minute), **above)

    say("B", 5)
    say("A", 1)
    say("A2", 4, "A")
    say("A1", 2, "A")
    say("A1a", 6, "A1")
    newsroom.judge()
    return ids


def test_threads_by_time_and_replies_below_what_they_answer(
    daily: Caller, thread: dict[str, UUID]
) -> None:
    body = under(daily)

    assert seen(body) == [(0, "A"), (1, "A1"), (2, "A1a"), (1, "A2"), (0, "B")]
    assert (body["count"], body["next"]) == (5, None)
    assert body["comments"][1] == {
        "id": str(thread["A1"]),
        "parent": str(thread["A"]),
        "depth": 1,
        "posted_at": "2026-05-04T12:02:00Z",
        "gone": None,
        "external_id": None,
        "revision": 1,
        "commenter": "rita",
        "commenter_name": "Rita",
        "text": "A1",
    }


def test_the_story_and_its_policy_come_along(daily: Caller, thread: dict[str, UUID]) -> None:
    body = under(daily)

    assert body["story"]["title"] == "Tram line 7 reopens"
    policy = body["policy"]
    assert (policy["version"], policy["title"]) == (1, "What we print")
    assert policy["text"].startswith("Write as you would speak")
    assert [clause["key"] for clause in policy["clauses"]] == ["profanity", "personal-attacks"]
    assert "source" not in policy


def test_readers_see_nothing_that_is_not_approved(daily: Caller, newsroom: Newsroom) -> None:
    newsroom.held("You are a fool, Tom.")
    posted(daily, "Not judged yet.")

    body = under(daily)

    assert (seen(body), body["count"]) == ([], 0)
    assert "fool" not in str(body)


def test_a_blocked_parent_leaves_a_tombstone(
    daily: Caller, newsroom: Newsroom, thread: dict[str, UUID]
) -> None:
    block(newsroom, thread["A1"])
    block(newsroom, thread["A2"])

    body = under(daily)

    assert seen(body) == [(0, "A"), (1, "(blocked)"), (2, "A1a"), (0, "B")]
    assert body["count"] == 3
    tombstone = body["comments"][1]
    assert tombstone["id"] == str(thread["A1"])
    told = ("text", "commenter", "commenter_name", "external_id", "revision")
    assert [tombstone[name] for name in told] == [None] * 5


def test_a_tombstone_goes_with_the_last_reply(
    daily: Caller, newsroom: Newsroom, thread: dict[str, UUID]
) -> None:
    for name in ("A", "A1"):
        block(newsroom, thread[name])
    assert seen(under(daily)) == [
        (0, "(blocked)"),
        (1, "(blocked)"),
        (2, "A1a"),
        (1, "A2"),
        (0, "B"),
    ]

    daily.delete(f"/comments/{thread['A1a']}")

    assert seen(under(daily)) == [(0, "(blocked)"), (1, "A2"), (0, "B")]


def test_an_erased_parent_leaves_a_tombstone(daily: Caller, thread: dict[str, UUID]) -> None:
    daily.delete(f"/comments/{thread['A']}")

    body = under(daily)

    assert seen(body)[:2] == [(0, "(erased)"), (1, "A1")]
    assert body["count"] == 4


def test_an_edited_parent_is_withdrawn_until_it_is_approved(
    daily: Caller, newsroom: Newsroom, thread: dict[str, UUID]
) -> None:
    daily.put(f"/comments/{thread['A']}", {"text": "A, but better"})
    assert seen(under(daily))[:2] == [(0, "(withdrawn)"), (1, "A1")]

    newsroom.judge()

    assert seen(under(daily))[0] == (0, "A, but better")
    assert under(daily)["comments"][0]["revision"] == 2


def test_a_reply_to_what_was_never_public_waits_for_it(daily: Caller, newsroom: Newsroom) -> None:
    parent = newsroom.held("You are a fool, Tom.")
    reply = posted(daily, "No, he is not.", parent=str(parent))
    posted(daily, "He is.", parent=str(reply))
    newsroom.judge()
    assert seen(under(daily)) == []
    assert under(daily)["count"] == 0

    block(newsroom, parent, Status.HELD)

    assert seen(under(daily)) == [(0, "(blocked)"), (1, "No, he is not."), (2, "He is.")]
    assert under(daily)["count"] == 2


def test_what_is_counted_is_what_is_shown(
    daily: Caller, newsroom: Newsroom, thread: dict[str, UUID]
) -> None:
    """Whatever became of the comments above: also where one that was never public stands below
    another one."""
    held = newsroom.held("You are a fool, Tom.", parent=str(thread["A2"]))
    below = posted(daily, "No, he is not.", parent=str(held))
    newsroom.judge()
    posted(daily, "He is.", parent=str(newsroom.held("You are, Ann.", parent=str(below))))
    newsroom.judge()
    elsewhere = newsroom.held("You are a fool, Ed.", story={"id": "bridge"})
    posted(daily, "Not at all.", parent=str(elsewhere), story={"id": "bridge"})
    newsroom.judge()

    def counted() -> tuple[int, int]:
        body = under(daily)
        return body["count"], sum(comment["gone"] is None for comment in body["comments"])

    assert counted() == (5, 5)
    daily.put(f"/comments/{thread['A2']}", {"text": "withdrawn, but it was public"})
    assert counted() == (4, 4)
    block(newsroom, thread["A1"])
    assert counted() == (3, 3)
    daily.delete(f"/comments/{held}")
    assert counted() == (4, 4)


def approve_all(newsroom: Newsroom) -> None:
    """So many that judging them would take longer than the scene."""
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).values(status=Status.APPROVED, judged_at=NOON))


def pages(daily: Caller, limit: int) -> list[list[tuple[int, str]]]:
    found, cursor = [], None
    for _ in range(50):
        body = under(daily, limit=limit, **({"after": cursor} if cursor else {}))
        found.append(seen(body))
        cursor = body["next"]
        if cursor is None:
            return found
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 200])
def test_pages_join_to_the_whole(limit: int, daily: Caller, thread: dict[str, UUID]) -> None:
    found = pages(daily, limit)

    assert [line for page in found for line in page] == seen(under(daily))
    assert all(len(page) == limit for page in found[:-1])


def test_a_page_goes_on_where_the_last_comment_was_even_if_it_is_gone(
    daily: Caller, newsroom: Newsroom, thread: dict[str, UUID]
) -> None:
    first = under(daily, limit=3)
    assert seen(first)[-1] == (2, "A1a")

    daily.delete(f"/comments/{thread['A1a']}")
    posted(daily, "A0", created_at=at(1.5), parent=str(thread["A"]))
    newsroom.judge()

    assert seen(under(daily, after=first["next"])) == [(1, "A2"), (0, "B")]


def test_more_threads_than_are_read_at_once(daily: Caller, newsroom: Newsroom) -> None:
    batch = [
        a_comment(f"Tram {n:03}", commenter={"id": f"r{n}"}, created_at=at(0), external_id=f"d-{n}")
        for n in range(180)
    ]
    assert daily.post("/comments:batch", {"comments": batch}).status_code == 200
    approve_all(newsroom)
    hidden = [c["id"] for c in under(daily, limit=200)["comments"]][60:130]
    for comment_id in hidden:
        daily.delete(f"/comments/{comment_id}")

    found = pages(daily, 40)

    assert [len(page) for page in found] == [40, 40, 30]
    assert sorted(line for page in found for line in page) == sorted(seen(under(daily, limit=200)))


def test_replies_to_replies_without_an_end(daily: Caller, newsroom: Newsroom) -> None:
    for start in range(0, 1500, 500):
        batch = [
            a_comment(f"Tram {n}", external_id=f"d-{n}", created_at=at(0))
            | ({"parent": f"d-{n - 1}"} if n else {})
            for n in range(start, start + 500)
        ]
        assert daily.post("/comments:batch", {"comments": batch}).status_code == 200
    approve_all(newsroom)

    body = under(daily, limit=200)

    assert seen(body) == [(n, f"Tram {n}") for n in range(200)]
    assert body["count"] == 1500
