"""Notices of illegal content: confirmed, decided by a person, answered; nobody is named."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from moderation import commenters, complaints, decisions, erasures
from moderation.decisions import Seen
from moderation.keeping import retention
from moderation.models import AuditEntry, Notice, Scope, Status
from moderation.redress import appeals, notices
from moderation.staff.pseudonyms import pseudonym
from moderation.submission import AppealText
from tests.api.conftest import SECRET, Caller, fields, key_of, problem
from tests.newsroom import Newsroom, unrecorded

GIVEN: dict[str, Any] = {
    "kind": "defamation",
    "text": "It says that I was in prison.",
    "notifier": {"name": "Omar Said", "email": "omar@reader.example"},
    "good_faith": True,
}
UNSAID = ("Omar", "omar@", "prison")
ANSWERS_IT = "Somebody had given notice of it as illegal content, and this decision answers that."


def noticed(daily: Caller, comment_id: UUID, **options: Any) -> dict[str, Any]:
    response = daily.post(f"/comments/{comment_id}/notices", GIVEN, **options)
    assert response.status_code == 202, response.text
    body: dict[str, Any] = response.get_json()
    assert response.headers["Location"] == body["url"]
    return body


def left(newsroom: Newsroom, notice: str) -> None:
    with newsroom.db.transaction() as session:
        notices.leave(
            session, newsroom.daily.id, UUID(notice), revision=1,
            reason="It names nobody.", moderator_id=newsroom.ana.id, now=datetime.now(UTC),
        )  # fmt: skip


def blocked(newsroom: Newsroom, notice: str, status: Status = Status.APPROVED) -> UUID:
    with newsroom.db.transaction() as session:
        return notices.block(
            session, newsroom.daily.id, UUID(notice), revision=1, status=status,
            clause="personal-attacks", reason="It is an accusation.",
            moderator_id=newsroom.ana.id, now=datetime.now(UTC),
        )  # fmt: skip


def read(daily: Caller, notice: str) -> dict[str, Any]:
    body: dict[str, Any] = daily.get(f"/notices/{notice}").get_json()
    return body


def test_it_is_confirmed_and_waits_and_the_comment_stays(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()

    body = noticed(daily, comment_id)

    assert (body["outcome"], body["decision"], body["seq"]) == (None, None, None)
    [sentence] = body["sentences"]
    assert sentence.startswith("The Daily has your notice of ")
    assert newsroom.comment(comment_id).status == "approved"
    assert daily.get("/notices").get_json() == {"notices": [], "next": 0, "more": False}
    known = read(daily, body["id"])
    assert known == {name: value for name, value in body.items() if name not in ("url", "repeat")}


def test_left_with_a_reason(daily: Caller, newsroom: Newsroom) -> None:
    notice = noticed(daily, newsroom.approved())["id"]

    left(newsroom, notice)

    response = daily.get("/notices")
    [body] = response.get_json()["notices"]
    called = pseudonym(SECRET, newsroom.daily.id, newsroom.ana.id)
    assert (body["outcome"], body["settled_by"]) == ("left", None)
    assert body["decision"] == {
        "automated": False,
        "moderator": called,
        "reason": "It names nobody.",
    }
    assert "It stays as it was." in body["sentences"][1]
    assert "go to a court" in body["sentences"][-1]
    for never in (*UNSAID, "Ana"):
        assert never not in response.text


def test_blocked_because_of_it_and_others_of_it_end_too(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    first, second = (noticed(daily, comment_id)["id"] for _ in range(2))

    decision = blocked(newsroom, first)

    assert newsroom.comment(comment_id).status == "blocked"
    told = {one["id"]: one for one in daily.get("/notices").get_json()["notices"]}
    assert {one["outcome"] for one in told.values()} == {"blocked"}
    assert {one["settled_by"] for one in told.values()} == {str(decision)}
    assert told[first]["decision"]["reason"] == "It is an accusation."
    assert told[second]["decision"]["reason"] is None
    # The commenter is told nothing of who gave notice, and may appeal as ever.
    statement = daily.get(f"/comments/{comment_id}/statement")
    for never in (*UNSAID, "accusation", "defamation"):
        assert never not in statement.text
    assert statement.get_json()["decision"]["on_notice"] is True
    assert ANSWERS_IT in statement.get_json()["sentences"]
    assert daily.post(f"/comments/{comment_id}/appeal", {"text": "It is true."}).status_code == 202


def test_blocked_another_way_by_the_policy_or_before(daily: Caller, newsroom: Newsroom) -> None:
    waiting = newsroom.receive("Damn you all, and your trams.")
    early = noticed(daily, waiting)["id"]
    newsroom.judge({"obscene": 0.99})
    late = noticed(daily, waiting)["id"]

    for notice in (early, late):
        body = read(daily, notice)
        assert (body["outcome"], body["seq"] is None) == ("blocked", False)
    assert read(daily, early)["decision"]["automated"] is True


def test_a_block_that_followed_no_notice_says_nothing_of_one(
    daily: Caller, newsroom: Newsroom
) -> None:
    by_policy = newsroom.receive("Damn you all, and your trams.")
    noticed(daily, by_policy)
    newsroom.judge({"obscene": 0.99})
    by_ana = newsroom.held()
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id, Seen(comment_id=by_ana, revision=1, status=Status.HELD),
            clause="personal-attacks", moderator_id=newsroom.ana.id, now=datetime.now(UTC),
        )  # fmt: skip
    noticed(daily, by_ana)  # too late to have led to anything

    for comment_id in (by_policy, by_ana):
        body = daily.get(f"/comments/{comment_id}/statement").get_json()
        assert body["decision"]["on_notice"] is False
        assert "notice" not in " ".join(body["sentences"])


def test_a_block_taken_back_lets_it_wait_again(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    notice = noticed(daily, comment_id)["id"]
    decision = blocked(newsroom, notice)
    before = read(daily, notice)["seq"]

    with newsroom.db.transaction() as session:
        decisions.undo(
            session, newsroom.daily.id, decision, moderator_id=newsroom.ana.id,
            now=datetime.now(UTC),
        )  # fmt: skip

    [body] = daily.get(f"/notices?after={before}").get_json()["notices"]
    assert (body["outcome"], body["decision"]) == (None, None)
    left(newsroom, notice)
    with newsroom.db.transaction() as session:
        notices.take_back(
            session, newsroom.daily.id, UUID(notice), moderator_id=newsroom.ana.id,
            now=datetime.now(UTC),
        )  # fmt: skip
    assert read(daily, notice)["outcome"] is None
    with newsroom.db.reading() as session:
        events = list(session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)))
    assert events[-3:] == ["notice_followed", "notice_left", "notice_taken_back"]


@pytest.mark.parametrize("appealed", [False, True])
def test_a_block_lifted_otherwise_lets_it_wait_again_too(
    daily: Caller, newsroom: Newsroom, appealed: bool
) -> None:
    comment_id, site_id, now = newsroom.approved(), newsroom.daily.id, datetime.now(UTC)
    notice = noticed(daily, comment_id)["id"]
    blocked(newsroom, notice)

    with newsroom.db.transaction() as session:
        if appealed:
            words = AppealText(text="He was.")
            filed = appeals.of_comment(session, site_id, comment_id, words, days=1, now=now)
            appeals.overturn(
                session, site_id, filed.complaint.id, revision=1, reason="It is so.",
                moderator_id=newsroom.ben.id, now=now,
            )  # fmt: skip
        else:
            seen = Seen(comment_id=comment_id, revision=1, status=Status.BLOCKED)
            decisions.approve(session, site_id, seen, moderator_id=newsroom.ana.id, now=now)

    assert newsroom.comment(comment_id).status == Status.APPROVED
    body = read(daily, notice)
    assert (body["outcome"], body["decision"]) == (None, None)


def test_the_first_answer_wins(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()
    notice = noticed(daily, comment_id)["id"]
    left(newsroom, notice)
    for again in (left, blocked):
        with pytest.raises(complaints.AlreadyEnded):
            again(newsroom, notice)
    assert newsroom.comment(comment_id).status == "approved"


def test_what_is_deleted_ends_it_and_its_words_go(daily: Caller, newsroom: Newsroom) -> None:
    comment_id, other = newsroom.approved(), newsroom.approved()
    first, second = noticed(daily, comment_id)["id"], noticed(daily, other)["id"]
    daily.delete(f"/comments/{comment_id}")
    with newsroom.db.transaction() as session:
        rita = commenters.named(session, newsroom.daily.id, "rita")
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=datetime.now(UTC))
    assert [read(daily, one)["outcome"] for one in (first, second)] == ["deleted", "deleted"]
    assert words(newsroom) == set()


def words(newsroom: Newsroom) -> set[str]:
    with newsroom.db.reading() as session:
        kept = session.execute(select(Notice.text, Notice.name, Notice.email, Notice.reason))
        return {word for row in kept for word in row if word}


def test_who_gave_it_is_forgotten_in_time(daily: Caller, newsroom: Newsroom) -> None:
    answered, waits = (noticed(daily, newsroom.approved())["id"] for _ in range(2))
    left(newsroom, answered)
    for days, kept in ((9, {"Omar Said"}), (11, {"Omar Said"})):
        with newsroom.db.transaction() as session:
            now = datetime.now(UTC) + timedelta(days=days)
            retention.apply(session, days=10, now=now)
            names = session.scalars(select(Notice.name).where(Notice.id == UUID(waits))).all()
            gone = session.scalars(select(Notice.name).where(Notice.id == UUID(answered))).one()
        assert set(names) == kept
        assert (gone is None) is (days == 11)


def test_the_same_request_again_answers_the_same(daily: Caller, newsroom: Newsroom) -> None:
    comment_id, other = newsroom.approved(), newsroom.approved()
    key = {"headers": {"Idempotency-Key": "n-1"}}
    first = noticed(daily, comment_id, **key)
    assert noticed(daily, comment_id, **key) == first | {"repeat": True}
    response = daily.post(f"/comments/{other}/notices", GIVEN, **key)
    assert fields(problem(response, 409, "key-reused")) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "Not A Kind"}, "kind"),
        ({"text": " "}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"good_faith": False}, "good_faith"),
        ({"good_faith": 1}, "good_faith"),
        ({"good_faith": 1.0}, "good_faith"),
        ({"good_faith": "true"}, "good_faith"),
        ({"notifier": None}, "notifier"),
        ({"notifier": {"name": "Omar"}}, "notifier.email"),
        ({"notifier": {"name": "Omar", "email": "nowhere"}}, "notifier.email"),
        ({"notifier": {"name": "", "email": "a@b"}}, "notifier.name"),
        ({"reader": "omar"}, "reader"),
    ],
)
def test_a_notice_that_does_not_fit(
    change: dict[str, Any], field: str, daily: Caller, newsroom: Newsroom
) -> None:
    response = daily.post(f"/comments/{newsroom.approved()}/notices", GIVEN | change)
    assert fields(problem(response, 422, "invalid")) == [field]
    assert words(newsroom) == set()


def test_of_the_abuse_of_minors_nobody_need_be_named(daily: Caller, newsroom: Newsroom) -> None:
    body = {key: value for key, value in GIVEN.items() if key != "notifier"}
    path = f"/comments/{newsroom.approved()}/notices"
    assert daily.post(path, body | {"kind": "sexual-abuse-of-minors"}).status_code == 202


def test_another_papers_are_not_found_and_keys_need_their_scope(
    daily: Caller, evening_post: Caller, newsroom: Newsroom
) -> None:
    comment_id = newsroom.approved()
    notice = noticed(daily, comment_id)["id"]
    problem(evening_post.get(f"/notices/{notice}"), 404, "not-found")
    problem(evening_post.post(f"/comments/{comment_id}/notices", GIVEN), 404, "not-found")
    problem(daily.post(f"/comments/{uuid4()}/notices", GIVEN), 404, "not-found")
    reads = Caller(daily.client, key_of(newsroom, Scope.READ))
    problem(reads.post(f"/comments/{comment_id}/notices", GIVEN), 403, "scope-missing")
    daily.delete(f"/comments/{comment_id}")
    problem(daily.post(f"/comments/{comment_id}/notices", GIVEN), 409, "comment-deleted")


def test_a_held_comment_with_a_notice_comes_first(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    before = newsroom.comment(comment_id).urgency
    noticed(daily, comment_id)
    assert newsroom.comment(comment_id).urgency < before
    seen = Seen(comment_id=comment_id, revision=1, status=Status.HELD)
    with newsroom.db.transaction() as session:
        decisions.approve(
            session, newsroom.daily.id, seen, moderator_id=newsroom.ana.id, now=datetime.now(UTC)
        )
        waits = session.scalars(select(Notice.outcome)).all()
    assert waits == [None]  # an approval is no answer to whoever gave notice
