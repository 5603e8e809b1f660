"""Appeals over the API: posted once, within their time, and answered with reasons."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from moderation import commenter_blocks, commenters, decisions
from moderation.decisions import Seen
from moderation.models import (
    Appeal,
    Assignment,
    Commenter,
    CommenterBlock,
    Decision,
    Moderator,
    Scope,
    Status,
)
from moderation.redress import appeals
from moderation.staff import moderators
from moderation.staff.pseudonyms import pseudonym
from tests.api.conftest import SECRET, Caller, app_of, fields, key_of, problem
from tests.newsroom import NOON, Newsroom

WORDS = {"text": "I did not mean Tom."}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what is stored is looked at beside, on both."""
    return sqlite_url


def blocked(newsroom: Newsroom, *, days_ago: float = 1) -> UUID:
    """Rita's comment, blocked by Ana."""
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
        decisions.block(
            session, newsroom.daily.id,
            Seen(comment_id=comment_id, revision=1, status=Status.HELD),
            clause="personal-attacks", moderator_id=newsroom.ana.id,
            now=datetime.now(UTC) - timedelta(days=days_ago),
        )  # fmt: skip
    return comment_id


def blocked_rita(newsroom: Newsroom) -> None:
    newsroom.approved()
    with newsroom.db.transaction() as session:
        commenter_blocks.block(
            session, commenters.named(session, newsroom.daily.id, "rita"), reason="Insults.",
            until=None, moderator_id=newsroom.ana.id, now=datetime.now(UTC),
        )  # fmt: skip


def appealed(daily: Caller, path: str, **options: Any) -> dict[str, Any]:
    response = daily.post(f"{path}/appeal", WORDS, **options)
    assert response.status_code == 202, response.text
    body: dict[str, Any] = response.get_json()
    assert response.headers["Location"] == body["url"]
    return body


def decided(
    newsroom: Newsroom, appeal: str, outcome: str, by: Moderator, reason: str = "He is named."
) -> None:
    with newsroom.db.transaction() as session:
        more: dict[str, Any] = {"revision": 1} if outcome == "overturn" else {}
        getattr(appeals, outcome)(
            session, newsroom.daily.id, UUID(appeal), reason=reason, moderator_id=by.id,
            now=datetime.now(UTC), **more,
        )  # fmt: skip


def test_a_comment_is_appealed_and_waits(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = blocked(newsroom)

    body = appealed(daily, f"/comments/{comment_id}")

    statement = daily.get(f"/comments/{comment_id}/statement").get_json()
    assert (body["reference"], body["comment"]) == (statement["reference"], str(comment_id))
    assert (body["commenter"], body["text"], body["repeat"]) == ("rita", WORDS["text"], False)
    for empty in ("outcome", "decision", "ended_at", "settled_by", "seq"):
        assert body[empty] is None, empty
    [sentence] = body["sentences"]
    assert sentence.startswith("The Daily has your appeal of ")
    assert daily.get("/appeals").get_json() == {"appeals": [], "next": 0, "more": False}
    path = body["url"].removeprefix("http://localhost/api/v1/sites/the-daily")
    read = daily.get(path).get_json()
    assert read == {name: value for name, value in body.items() if name not in ("url", "repeat")}
    assert statement["appeal"] == body["id"]
    assert "a person will look at it again" in statement["redress"][0]
    assert "You have appealed this on" in statement["redress"][0]


def test_upheld_with_its_reason_by_a_pseudonym(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = blocked(newsroom)
    appeal = appealed(daily, f"/comments/{comment_id}")["id"]

    decided(newsroom, appeal, "uphold", newsroom.ben)

    response = daily.get("/appeals")
    [body] = response.get_json()["appeals"]
    called = pseudonym(SECRET, newsroom.daily.id, newsroom.ben.id)
    assert body["outcome"] == "upheld"
    assert body["decision"] == {"moderator": called, "own": False, "reason": "He is named."}
    said = "\n".join(body["sentences"])
    assert f": {called}, which is a pseudonym. The decision stands." in said
    assert "The reason given: “He is named.”" in said
    assert "go to a court" in body["sentences"][-1]
    for never in ("Ben", "Ana", str(newsroom.ben.id), str(newsroom.ana.id), "fool"):
        assert never not in response.text
    after = response.get_json()["next"]
    assert after == body["seq"]
    assert daily.get(f"/appeals?after={after}").get_json()["appeals"] == []
    [told] = daily.get(f"/comments/{comment_id}/statement").get_json()["redress"][:1]
    assert "the decision was upheld" in told


def test_overturned_stands_in_both_feeds(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = blocked(newsroom)
    appeal = appealed(daily, f"/comments/{comment_id}")["id"]

    decided(newsroom, appeal, "overturn", newsroom.ben, "It was a quotation.")

    [*_, told] = daily.get("/decisions").get_json()["decisions"]
    assert (told["status"], told["by"], told["appeal"]) == ("approved", "moderator", appeal)
    body = daily.get(f"/appeals/{appeal}").get_json()
    assert (body["outcome"], body["settled_by"]) == ("overturned", told["id"])
    assert "The decision was wrong. Your comment is let through." in "\n".join(body["sentences"])
    assert daily.get("/commenters/rita").get_json()["history"]["strikes"] == 0
    problem(daily.post(f"/comments/{comment_id}/appeal", WORDS), 404, "not-blocked")


def test_ones_own_block_is_said_to_be_so(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = blocked(newsroom)
    with newsroom.db.transaction() as session:
        session.execute(delete(Assignment).where(Assignment.moderator_id == newsroom.ben.id))
    appeal = appealed(daily, f"/comments/{comment_id}")["id"]

    decided(newsroom, appeal, "uphold", newsroom.ana)

    body = daily.get(f"/appeals/{appeal}").get_json()
    assert body["decision"]["own"] is True
    assert (
        "It was the person who had decided before: the site has nobody else." in body["sentences"]
    )


def test_a_reader_appeals_their_own_block(daily: Caller, newsroom: Newsroom) -> None:
    blocked_rita(newsroom)
    body = appealed(daily, "/commenters/rita")
    statement = daily.get("/commenters/rita/statement").get_json()
    assert (body["comment"], body["reference"]) == (None, statement["reference"])
    assert statement["appeal"] == body["id"]

    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    decided(newsroom, body["id"], "overturn", newsroom.ben)

    assert daily.get("/commenters/rita").get_json()["block"] is None
    said = daily.get(f"/appeals/{body['id']}").get_json()["sentences"]
    assert "You can comment again." in said[1]


@pytest.mark.parametrize("name", ["a/b", "rita/appeal", "?"])
def test_a_reader_may_have_any_id(name: str, daily: Caller, newsroom: Newsroom) -> None:
    newsroom.approved(commenter={"id": name})
    path = f"/commenters/{name.replace('/', '%2F').replace('?', '%3F')}"
    assert daily.post(f"{path}/block", {"reason": "r"}).status_code == 200
    assert appealed(daily, path)["commenter"] == name


def test_what_ended_it_beside_a_decision_of_it(daily: Caller, newsroom: Newsroom) -> None:
    blocked_rita(newsroom)
    first = appealed(daily, "/commenters/rita")["id"]
    daily.post("/commenters/rita/block", {"reason": "More insults."})
    second = appealed(daily, "/commenters/rita")["id"]
    daily.post("/commenters/rita/unblock")
    comment_id = blocked(newsroom)
    third = appealed(daily, f"/comments/{comment_id}")["id"]
    daily.delete(f"/comments/{comment_id}")

    told = {one["id"]: one for one in daily.get("/appeals").get_json()["appeals"]}

    assert [told[one]["outcome"] for one in (first, second, third)] == [
        "replaced",
        "lifted",
        "deleted",
    ]
    assert all(one["decision"] is None for one in told.values())
    assert "another block took the place of this one" in told[first]["sentences"][1]
    assert "the block was lifted" in told[second]["sentences"][1]
    assert "nobody can look at it again" in told[third]["sentences"][1]
    assert told[third]["text"] is None


# --- refused ----------------------------------------------------------------------------------


def test_once(daily: Caller, newsroom: Newsroom) -> None:
    path = f"/comments/{blocked(newsroom)}"
    first = appealed(daily, path)["id"]

    body = problem(daily.post(f"{path}/appeal", WORDS), 409, "already-appealed")

    assert body["appeal"] == first


def test_the_same_request_again_answers_the_same(daily: Caller, newsroom: Newsroom) -> None:
    path, other = f"/comments/{blocked(newsroom)}", f"/comments/{blocked(newsroom)}"
    key = {"headers": {"Idempotency-Key": "appeal-1"}}
    first = appealed(daily, path, **key)

    again = appealed(daily, path, **key)

    assert again == first | {"repeat": True}
    for there, words in ((path, {"text": "Other words."}), (other, WORDS)):
        response = daily.post(f"{there}/appeal", words, **key)
        assert fields(problem(response, 409, "key-reused")) == ["Idempotency-Key"]


def test_too_late_names_the_days(newsroom: Newsroom) -> None:
    daily = Caller(app_of(newsroom, appeal_days=30).test_client(), newsroom.daily_key)
    late, in_time = blocked(newsroom, days_ago=30.1), blocked(newsroom, days_ago=29.9)

    [error] = problem(daily.post(f"/comments/{late}/appeal", WORDS), 409, "too-late")["errors"]

    assert error["limit"] == 30
    appealed(daily, f"/comments/{in_time}")


def test_not_blocked_deleted_or_too_old(daily: Caller, newsroom: Newsroom) -> None:
    for comment_id in (newsroom.held(), newsroom.approved()):
        problem(daily.post(f"/comments/{comment_id}/appeal", WORDS), 404, "not-blocked")
    problem(daily.post("/commenters/rita/appeal", WORDS), 404, "not-blocked")
    problem(daily.post(f"/comments/{uuid4()}/appeal", WORDS), 404, "not-found")
    problem(daily.post("/commenters/nobody/appeal", WORDS), 404, "not-found")
    gone = blocked(newsroom)
    daily.delete(f"/comments/{gone}")
    problem(daily.post(f"/comments/{gone}/appeal", WORDS), 409, "comment-deleted")
    with newsroom.db.transaction() as session:
        session.execute(update(Commenter).values(blocked_at=NOON))
        assert session.scalars(select(CommenterBlock)).all() == []
    problem(daily.post("/commenters/rita/appeal", WORDS), 409, "too-late")


@pytest.mark.parametrize(
    ("body", "field", "limit"),
    [
        ({}, "text", None),
        ({"text": ""}, "text", None),
        ({"text": " \u200b"}, "text", None),
        ({"text": "x" * 5001}, "text", 5000),
        ({"text": "a\0b"}, "text", None),
        ({"text": 7}, "text", None),
        ({"text": "t", "reason": "r"}, "reason", None),
    ],
)
def test_an_appeal_that_does_not_fit(
    body: dict[str, Any], field: str, limit: int | None, daily: Caller, newsroom: Newsroom
) -> None:
    response = daily.post(f"/comments/{blocked(newsroom)}/appeal", body)

    [error] = problem(response, 422, "invalid")["errors"]
    assert error["field"] == field
    if limit is not None:
        assert error["limit"] == limit
    with newsroom.db.reading() as session:
        assert session.scalars(select(Appeal)).all() == []


def test_any_letters_up_to_the_limit(daily: Caller, newsroom: Newsroom) -> None:
    text = "Ես չէի ուզում 😀\u202e \n" * 250
    path = f"/comments/{blocked(newsroom)}/appeal"
    assert daily.post(path, {"text": text[:5000]}).get_json()["text"] == text[:5000]


def test_another_papers_are_not_found_and_keys_need_their_scope(
    daily: Caller, evening_post: Caller, newsroom: Newsroom
) -> None:
    path = f"/comments/{blocked(newsroom)}"
    appeal = appealed(daily, path)["id"]

    problem(evening_post.get(f"/appeals/{appeal}"), 404, "not-found")
    problem(evening_post.post(f"{path}/appeal", WORDS), 404, "not-found")
    assert evening_post.get("/appeals").get_json()["appeals"] == []
    reads = Caller(daily.client, key_of(newsroom, Scope.READ))
    submits = Caller(daily.client, key_of(newsroom, Scope.SUBMIT))
    problem(reads.post(f"{path}/appeal", WORDS), 403, "scope-missing")
    problem(submits.get(f"/appeals/{appeal}"), 403, "scope-missing")
    assert reads.get(f"/appeals/{appeal}").status_code == 200


def test_a_page_of_the_feed(daily: Caller, newsroom: Newsroom) -> None:
    ids = [appealed(daily, f"/comments/{blocked(newsroom)}")["id"] for _ in range(3)]
    for appeal in ids:
        decided(newsroom, appeal, "uphold", newsroom.ben)

    first = daily.get("/appeals?limit=2").get_json()
    second = daily.get(f"/appeals?limit=2&after={first['next']}").get_json()

    assert [one["id"] for one in first["appeals"] + second["appeals"]] == ids
    assert (first["more"], second["more"]) == (True, False)
    with newsroom.db.reading() as session:
        highest = max(session.scalars(select(Decision.seq)))
    assert second["next"] > highest
