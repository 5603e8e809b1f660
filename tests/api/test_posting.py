"""POST comments: taken in once, answered at once, refused with a reason."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from moderation import commenter_blocks, commenters, stories
from moderation.bell import Bell
from moderation.models import Comment, Refusal, Revision, Status
from moderation.services import EXTENSION
from tests.api.conftest import Caller, a_comment, fields, posted, problem
from tests.newsroom import NOON, Newsroom


def count(newsroom: Newsroom, table: type = Comment) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_comment_is_taken_in(daily: Caller, newsroom: Newsroom) -> None:
    response = daily.post("/comments", a_comment("Trams at last!", language="en"))

    assert response.status_code == 202
    body = response.get_json()
    row = newsroom.comment(UUID(body["id"]))
    assert body == {
        "id": str(row.id),
        "status": "received",
        "revision": 1,
        "url": f"http://localhost/api/v1/sites/the-daily/comments/{row.id}",
        "repeat": False,
    }
    assert response.headers["Location"] == body["url"]
    assert (row.status, row.language) == (Status.RECEIVED, "en")
    assert daily.client.get(body["url"], headers=auth(daily)).status_code == 200


def auth(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.key}"}


def test_the_bell_rings_once_the_comment_is_there(
    app: Flask, daily: Caller, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = []
    monkeypatch.setattr(Bell, "ring", lambda self: there.append(count(newsroom)))
    assert isinstance(app.extensions[EXTENSION].bell, Bell)

    posted(daily)

    assert there == [1]


@pytest.mark.parametrize("by", ["Idempotency-Key", "external_id"])
def test_a_repeat_answers_the_first_comment(by: str, daily: Caller, newsroom: Newsroom) -> None:
    headers = {by: "try-1"} if by == "Idempotency-Key" else {}
    body = a_comment() | ({} if headers else {"external_id": "d-1"})
    first = daily.post("/comments", body, headers=headers).get_json()
    newsroom.judge()

    again = daily.post("/comments", body, headers=headers)

    assert again.status_code == 202
    assert again.get_json() == first | {"status": "approved", "repeat": True}
    assert count(newsroom) == 1


@pytest.mark.parametrize("by", ["Idempotency-Key", "external_id"])
def test_the_same_key_with_another_body_is_refused(
    by: str, daily: Caller, newsroom: Newsroom
) -> None:
    headers = {by: "try-1"} if by == "Idempotency-Key" else {}
    more = {} if headers else {"external_id": "d-1"}
    daily.post("/comments", a_comment("One.") | more, headers=headers)

    response = daily.post("/comments", a_comment("Two.") | more, headers=headers)

    assert fields(problem(response, 409, "key-reused")) == [by]
    assert count(newsroom) == count(newsroom, Revision) == 1


@pytest.mark.parametrize(
    ("key", "limit"), [("", None), ("x" * 256, 255), ("caf\u00e9", None), ("a\tb", None)]
)
def test_a_key_has_1_to_255_printable_characters(
    key: str, limit: int | None, daily: Caller, newsroom: Newsroom
) -> None:
    response = daily.post("/comments", a_comment(), headers={"Idempotency-Key": key})

    [error] = problem(response, 422, "invalid")["errors"]
    assert error["field"] == "Idempotency-Key"
    assert error.get("limit") == limit
    assert count(newsroom) == 0


def test_eight_posts_at_once_with_one_key_store_one_comment(app: Flask, newsroom: Newsroom) -> None:
    together = threading.Barrier(8)

    def post() -> tuple[int, str, bool]:
        with app.test_client() as client:
            caller = Caller(client, newsroom.daily_key)
            together.wait()
            response = caller.post("/comments", a_comment(), headers={"Idempotency-Key": "one"})
            body = response.get_json()
            return response.status_code, body["id"], body["repeat"]

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(post) for _ in range(8)]]

    assert {status for status, _, _ in answers} == {202}
    assert len({comment_id for _, comment_id, _ in answers}) == 1
    assert [repeat for _, _, repeat in answers].count(False) == 1
    assert count(newsroom) == count(newsroom, Revision) == 1


def test_a_blocked_commenter_is_refused_and_the_text_is_not_kept(
    daily: Caller, newsroom: Newsroom
) -> None:
    posted(daily)
    with newsroom.db.transaction() as session:
        rita = commenters.find(session, newsroom.daily.id, "rita")
        assert rita is not None
        commenter_blocks.block(
            session, rita, reason="rude", until=None, moderator_id=None, now=NOON
        )

    response = daily.post("/comments", a_comment("Let me in."))

    assert fields(problem(response, 403, "commenter-blocked")) == ["commenter"]
    assert (count(newsroom), count(newsroom, Revision), count(newsroom, Refusal)) == (1, 1, 1)


def test_a_closed_story_takes_no_comment(daily: Caller, newsroom: Newsroom) -> None:
    posted(daily)
    with newsroom.db.transaction() as session:
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)

    response = daily.post("/comments", a_comment())

    assert fields(problem(response, 409, "story-closed")) == ["story"]
    assert count(newsroom) == 1


def test_a_reply_names_its_parent_by_our_id_or_the_sites(daily: Caller, newsroom: Newsroom) -> None:
    first = posted(daily, external_id="d-1")

    by_ours, by_theirs = posted(daily, parent=str(first)), posted(daily, parent="d-1")

    assert newsroom.comment(by_ours).parent_id == newsroom.comment(by_theirs).parent_id == first


def test_a_parent_must_stand_under_the_same_story(daily: Caller, newsroom: Newsroom) -> None:
    elsewhere = posted(daily, story={"id": "bridge-2"})
    for parent in ("nobody-knows", str(elsewhere)):
        response = daily.post("/comments", a_comment(parent=parent))

        assert fields(problem(response, 422, "unknown-parent")) == ["parent"]
    assert count(newsroom) == 1


def test_another_sites_comment_is_no_parent(
    daily: Caller, evening_post: Caller, newsroom: Newsroom
) -> None:
    theirs = posted(evening_post)

    problem(daily.post("/comments", a_comment(parent=str(theirs))), 422, "unknown-parent")


def test_a_comment_from_the_future_is_refused_with_the_limit(daily: Caller) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()

    response = daily.post("/comments", a_comment(created_at=ahead))

    [error] = problem(response, 422, "from-the-future")["errors"]
    assert (error["field"], error["limit"]) == ("created_at", 300)


def test_what_looks_odd_is_kept_as_data(daily: Caller, newsroom: Newsroom) -> None:
    odd = "\u202eevil\u202c \x07\x1b[31m <script>alert(1)</script> \U0001f600 \ufeff"
    name = "\u2067Rita\u2069\x01"

    comment_id = posted(daily, odd, commenter={"id": "\u202erita\n/..", "name": name})

    newsroom.judge()
    assert daily.get(f"/comments/{comment_id}").get_json()["text"] == odd
    [shown] = daily.get("/stories/tram-7/comments").get_json()["comments"]
    assert (shown["text"], shown["commenter_name"]) == (odd, name)


def test_moments_are_kept_in_utc(daily: Caller) -> None:
    comment_id = posted(daily, created_at="2026-05-04T14:00:00.25+02:00")

    body = daily.get(f"/comments/{comment_id}").get_json()
    assert body["posted_at"] == "2026-05-04T12:00:00.250000Z"


def test_a_repeat_does_not_bring_a_deleted_comment_back(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = posted(daily, external_id="d-1")
    daily.delete(f"/comments/{comment_id}")

    problem(daily.post("/comments", a_comment(external_id="d-1")), 409, "comment-deleted")
    batch = {"comments": [a_comment(external_id="d-1")]}
    [item] = daily.post("/comments:batch", batch).get_json()["comments"]
    assert item["problem"]["type"] == "/api/docs#comment-deleted"
    assert count(newsroom) == 1
