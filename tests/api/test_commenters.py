"""Readers: what is known of them, blocked and unblocked by the site."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select

from moderation.models import AuditEntry, Scope, Strike
from tests.api.conftest import Caller, a_comment, fields, key_of, posted, problem
from tests.newsroom import Newsroom


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: no query here is its own."""
    return sqlite_url


def test_history_and_standing(daily: Caller, newsroom: Newsroom) -> None:
    for n in range(3):
        newsroom.approved(f"Number {n}.")
    newsroom.receive("Damn you all, and your trams.")
    newsroom.judge({"obscene": 0.99})

    body = daily.get("/commenters/rita").get_json()

    assert (body["id"], body["name"], body["standing"]) == ("rita", "Rita", "regular")
    assert (body["history"]["approved"], body["history"]["blocked"]) == (3, 1)
    assert body["block"] is None


def test_strikes_in_force_restrict(daily: Caller, newsroom: Newsroom) -> None:
    for n in range(4):
        comment_id = newsroom.receive(f"Number {n}.")
        row = newsroom.comment(comment_id)
        ends = datetime.now(UTC) + timedelta(days=1 if n else -1)
        with newsroom.db.transaction() as session:
            session.add(
                Strike(
                    site_id=row.site_id,
                    comment_id=row.id,
                    commenter_id=row.commenter_id,
                    expires_at=ends,
                )
            )

    body = daily.get("/commenters/rita").get_json()

    assert (body["history"]["strikes"], body["standing"]) == (3, "restricted")


def test_a_blocked_reader_until_unblocked(daily: Caller, newsroom: Newsroom) -> None:
    posted(daily)

    blocked = daily.post("/commenters/rita/block", {"reason": "Insults under three stories."})

    assert blocked.status_code == 200
    block = blocked.get_json()["block"]
    assert (block["reason"], block["until"]) == ("Insults under three stories.", None)
    problem(daily.post("/comments", a_comment("Again.")), 403, "commenter-blocked")
    assert daily.get("/commenters/rita").get_json()["block"] == block
    assert daily.post("/commenters/rita/unblock").get_json()["block"] is None
    assert daily.post("/commenters/rita/unblock").status_code == 200
    posted(daily, "Again.")
    with newsroom.db.reading() as session:
        events = list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))
    assert events[-2:] == ["commenter_blocked", "commenter_unblocked"]


def test_a_block_with_an_end(daily: Caller) -> None:
    posted(daily)
    until = datetime.now(UTC) + timedelta(days=1)

    body = daily.post("/commenters/rita/block", {"reason": "r", "until": until.isoformat()})

    assert datetime.fromisoformat(body.get_json()["block"]["until"]) == until


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": True}, "reason"),
        ({"reason": "r", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"reason": "r", "until": "tomorrow"}, "until"),
        ({"reason": "r", "note": "n"}, "note"),
    ],
)
def test_a_block_that_does_not_fit(body: dict[str, object], field: str, daily: Caller) -> None:
    posted(daily)

    assert fields(problem(daily.post("/commenters/rita/block", body), 422, "invalid")) == [field]
    assert daily.get("/commenters/rita").get_json()["block"] is None


def test_a_reader_whom_nobody_knows(daily: Caller) -> None:
    problem(daily.get("/commenters/nobody"), 404, "not-found")
    problem(daily.post("/commenters/nobody/block", {"reason": "r"}), 404, "not-found")
    problem(daily.post("/commenters/nobody/unblock"), 404, "not-found")


def test_a_reader_is_forgotten(daily: Caller, evening_post: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")

    problem(evening_post.delete("/commenters/rita"), 404, "not-found")
    problem(
        Caller(daily.client, key_of(newsroom, Scope.SUBMIT)).delete("/commenters/rita"),
        403,
        "scope-missing",
    )
    response = daily.delete("/commenters/rita")

    assert (response.status_code, response.data) == (204, b"")
    problem(daily.get("/commenters/rita"), 404, "not-found")
    problem(daily.delete("/commenters/rita"), 404, "not-found")
    problem(daily.get(f"/comments/{comment_id}"), 404, "not-found")
    [told] = daily.get("/decisions").get_json()["decisions"]
    assert told["comment_id"] == str(comment_id)
    assert told["commenter"].startswith("erased-")
    posted(daily, "Somebody new.")
    assert daily.get("/commenters/rita").get_json()["history"]["approved"] == 0


@pytest.mark.parametrize("reader", ["a/b", "rita/blocked", "rita@daily.example", "line\nend", "?"])
def test_a_reader_may_have_any_id(reader: str, daily: Caller) -> None:
    posted(daily, commenter={"id": reader})
    path = f"/commenters/{quote(reader, safe='')}"

    assert daily.get(path).get_json()["id"] == reader
    assert daily.post(f"{path}/block", {"reason": "r"}).get_json()["id"] == reader
