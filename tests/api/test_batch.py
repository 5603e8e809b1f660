"""POST comments:batch: one transaction, an answer for each."""

import time

from sqlalchemy import func, select

from moderation.models import Comment, Story
from tests.api.conftest import Caller, a_comment, app_of, fields, posted, problem
from tests.newsroom import Newsroom


def count(newsroom: Newsroom, table: type = Comment) -> int:
    with newsroom.db.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_each_comment_has_its_answer(daily: Caller, newsroom: Newsroom) -> None:
    posted(daily)
    daily.post("/commenters/rita/block", {"reason": "rude"})
    omar = {"id": "omar"}
    batch = [
        a_comment("One.", commenter=omar, external_id="d-1"),
        a_comment("From Rita.", external_id="d-2"),
        a_comment("A reply.", commenter=omar, external_id="d-3", parent="d-1"),
        a_comment("A reply to nobody.", commenter=omar, parent="d-99"),
        a_comment("One.", commenter=omar, external_id="d-1"),
        a_comment("Another one.", commenter=omar, external_id="d-1"),
    ]

    response = daily.post("/comments:batch", {"comments": batch})

    assert response.status_code == 200
    items = response.get_json()["comments"]
    assert [item["index"] for item in items] == list(range(6))
    taken = [item["comment"] for item in items]
    assert [bool(comment) for comment in taken] == [True, False, True, False, True, False]
    assert taken[4] == taken[0] | {"repeat": True}
    kinds = [item["problem"] and item["problem"]["type"].partition("#")[2] for item in items]
    assert kinds == [None, "commenter-blocked", None, "unknown-parent", None, "key-reused"]
    assert fields(items[1]["problem"]) == ["comments[1].commenter"]
    assert fields(items[3]["problem"]) == ["comments[3].parent"]
    assert fields(items[5]["problem"]) == ["comments[5].external_id"]
    assert count(newsroom) == 3


def test_a_batch_that_does_not_fit_is_refused_whole(daily: Caller, newsroom: Newsroom) -> None:
    batch = [a_comment("Fine."), a_comment(""), a_comment(extra=1)]

    response = daily.post("/comments:batch", {"comments": batch})

    assert fields(problem(response, 422, "invalid")) == ["comments[1].text", "comments[2].extra"]
    assert count(newsroom) == count(newsroom, Story) == 0


def test_five_hundred_are_taken_and_no_more(daily: Caller, newsroom: Newsroom) -> None:
    batch = [a_comment(f"Number {n}.", commenter={"id": f"reader-{n}"}) for n in range(501)]

    refused = problem(daily.post("/comments:batch", {"comments": batch}), 422, "invalid")
    assert refused["errors"] == [
        {"field": "comments", "detail": "has 501 entries, at most 500 are taken", "limit": 500}
    ]
    taken = daily.post("/comments:batch", {"comments": batch[:500]})
    assert taken.status_code == 200
    assert all(item["comment"] for item in taken.get_json()["comments"])
    assert count(newsroom) == 500


def test_an_empty_batch_is_refused(daily: Caller) -> None:
    response = daily.post("/comments:batch", {"comments": []})

    assert fields(problem(response, 422, "invalid")) == ["comments"]


def test_a_batch_repeated_stores_nothing_twice(daily: Caller, newsroom: Newsroom) -> None:
    batch = [a_comment(f"Number {n}.", external_id=f"d-{n}") for n in range(5)]
    first = daily.post("/comments:batch", {"comments": batch}).get_json()["comments"]

    again = daily.post("/comments:batch", {"comments": batch}).get_json()["comments"]

    assert [item["comment"]["id"] for item in again] == [item["comment"]["id"] for item in first]
    assert all(item["comment"]["repeat"] for item in again)
    assert count(newsroom) == 5


def test_a_batch_is_not_counted_on_its_commenters(newsroom: Newsroom) -> None:
    with app_of(newsroom, rate_per_commenter="2/minute").test_client() as client:
        batch = [a_comment(f"Number {n}.") for n in range(5)]

        response = Caller(client, newsroom.daily_key).post("/comments:batch", {"comments": batch})

    assert response.status_code == 200
    assert count(newsroom) == 5


def test_a_batch_may_be_repeated_under_its_key(daily: Caller, newsroom: Newsroom) -> None:
    batch = {"comments": [a_comment("One."), a_comment("Two.")]}
    changed = {"comments": [a_comment("One."), a_comment("Three.")]}
    key = {"Idempotency-Key": "night-1"}

    first = daily.post("/comments:batch", batch, headers=key).get_json()["comments"]
    again = daily.post("/comments:batch", batch, headers=key).get_json()["comments"]
    other = daily.post("/comments:batch", changed, headers=key).get_json()["comments"]

    assert [i["comment"]["id"] for i in again] == [i["comment"]["id"] for i in first]
    assert [i["comment"]["repeat"] for i in again] == [True, True]
    assert other[0]["comment"]["repeat"]
    assert other[1]["problem"]["status"] == 409
    assert count(newsroom) == 2


def test_wrong_entries_beyond_the_limit_are_not_read(daily: Caller) -> None:
    before = time.process_time()
    response = daily.post("/comments:batch", {"comments": [1] * 300_000})

    [error] = problem(response, 422, "invalid")["errors"]
    assert (error["field"], error["limit"]) == ("comments", 500)
    assert time.process_time() - before < 3
