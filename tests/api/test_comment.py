"""One comment: read with its scores and its decision, edited, deleted, flagged."""

from uuid import uuid4

import structlog
from sqlalchemy import select

from moderation import decisions, metrics
from moderation.decisions import Seen
from moderation.models import Decision, Flag, Revision, Status
from tests.api.conftest import Caller, fields, posted, problem
from tests.metrics import figure
from tests.newsroom import MODEL, NOON, Newsroom


def test_before_it_is_judged(daily: Caller) -> None:
    comment_id = posted(daily, external_id="d-1", created_at="2026-05-04T11:59:00Z")

    body = daily.get(f"/comments/{comment_id}").get_json()

    received = body.pop("received_at")
    assert received.endswith("Z")
    assert body == {
        "id": str(comment_id),
        "external_id": "d-1",
        "status": "received",
        "revision": 1,
        "story": "tram-7",
        "commenter": "rita",
        "parent": None,
        "text": "A fair point, well made.",
        "language": None,
        "posted_at": "2026-05-04T11:59:00Z",
        "judged": False,
        "flags": 0,
        "scores": [],
        "decision": None,
    }


def test_held_by_the_policy(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()

    body = daily.get(f"/comments/{comment_id}").get_json()

    assert (body["status"], body["language"], body["judged"]) == ("held", "en", True)
    [score] = body["scores"]
    assert (score["model"], score["model_version"]) == (MODEL.name, MODEL.version)
    assert set(score["attributes"]) == set(MODEL.attributes)
    assert score["attributes"]["insult"] == 0.83
    decision = body["decision"]
    assert decision["by"] == "policy"
    assert decision["clause"] == {"key": "personal-attacks", "title": "Personal attacks"}
    assert (decision["policy_version"], decision["decided_at"]) == (1, "2026-05-04T12:00:00Z")
    assert (decision["status_before"], decision["status"]) == ("received", "held")
    assert decision["violations"] == [
        {
            "clause": "personal-attacks",
            "rule": "insult",
            "outcome": "hold",
            "attribute": "insult",
            "score": 0.83,
            "threshold": 0.6,
            "signal": None,
            "spans": [],
            "detail": None,
        }
    ]


def test_held_for_a_reason_that_is_no_clause(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = posted(daily, "Ду́рак.")
    newsroom.judge(language=None)

    decision = daily.get(f"/comments/{comment_id}").get_json()["decision"]

    assert decision["clause"] is None
    assert decision["reasons"] == ["language-unreadable"]


def test_blocked_by_a_person(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        decisions.block(
            session,
            newsroom.daily.id,
            Seen(comment_id=comment_id, revision=1, status=Status.HELD),
            clause="personal-attacks",
            note="for the desk alone",
            moderator_id=newsroom.ana.id,
            now=NOON,
        )

    response = daily.get(f"/comments/{comment_id}")

    decision = response.get_json()["decision"]
    assert (decision["by"], decision["status"]) == ("moderator", "blocked")
    assert decision["clause"] == {"key": "personal-attacks", "title": "Personal attacks"}
    assert decision["violations"] == []
    assert "for the desk alone" not in response.text
    assert newsroom.ana.email not in response.text
    assert "Ana" not in response.text


def test_a_title_is_quoted_as_its_version_has_it(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.held()
    source = daily.get("/policy").get_json()["source"]
    renamed = source.replace('title = "Personal attacks"', 'title = "No insults"')
    assert daily.post("/policy", {"toml": renamed}).status_code == 201

    decision = daily.get(f"/comments/{comment_id}").get_json()["decision"]

    assert (decision["policy_version"], decision["clause"]["title"]) == (1, "Personal attacks")


def test_an_edit_is_a_new_revision_that_waits(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()

    response = daily.put(f"/comments/{comment_id}", {"text": "A fair point."})

    assert response.status_code == 202
    assert response.get_json() == {"id": str(comment_id), "status": "received", "revision": 2}
    body = daily.get(f"/comments/{comment_id}").get_json()
    assert (body["text"], body["scores"], body["decision"]) == ("A fair point.", [], None)
    newsroom.judge()
    assert daily.get(f"/comments/{comment_id}").get_json()["decision"]["revision"] == 2


def test_an_edit_must_fit(daily: Caller, newsroom: Newsroom) -> None:
    comment_id = newsroom.approved()

    for body, field in (({"text": " "}, "text"), ({"text": "x", "story": {}}, "story")):
        response = daily.put(f"/comments/{comment_id}", body)
        assert fields(problem(response, 422, "invalid")) == [field]
    [error] = daily.put(f"/comments/{comment_id}", {"text": "x" * 10_001}).get_json()["errors"]
    assert error["limit"] == 10_000
    assert newsroom.comment(comment_id).revision == 1


def test_a_deleted_comment_is_gone_and_its_decisions_stay(
    daily: Caller, newsroom: Newsroom
) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    daily.post(f"/comments/{comment_id}/flags", {"reader": "omar", "text": "so rude"})

    response = daily.delete(f"/comments/{comment_id}")

    assert (response.status_code, response.data) == (204, b"")
    problem(daily.get(f"/comments/{comment_id}"), 404, "not-found")
    problem(daily.delete(f"/comments/{comment_id}"), 404, "not-found")
    problem(daily.put(f"/comments/{comment_id}", {"text": "Back."}), 404, "not-found")
    problem(daily.post(f"/comments/{comment_id}/flags", {"reader": "eve"}), 404, "not-found")
    with newsroom.db.reading() as session:
        assert list(session.scalars(select(Revision.text))) == [None]
        assert list(session.scalars(select(Flag.text))) == [None]
        assert len(list(session.scalars(select(Decision)))) == 1
    [told] = daily.get("/decisions").get_json()["decisions"]
    assert told["comment_id"] == str(comment_id)


def test_flags_count_once_for_each_reader_and_hold_by_the_policy(
    daily: Caller, newsroom: Newsroom
) -> None:
    comment_id = newsroom.approved()
    report = {"reader": "omar", "reason": "insult", "text": "He means me."}

    answers = [daily.post(f"/comments/{comment_id}/flags", report).get_json() for _ in range(2)]
    answers.append(daily.post(f"/comments/{comment_id}/flags", {"reader": "eve"}).get_json())

    told = [(answer["flags"], answer["status"]) for answer in answers]
    assert told == [(1, "approved"), (1, "approved"), (2, "held")]
    assert "He means me." not in daily.get(f"/comments/{comment_id}").text


def test_a_comment_that_flags_bring_down_is_told_and_counted(
    daily: Caller, newsroom: Newsroom
) -> None:
    held = 'moderation_comments_decided_total{actor="policy",site="the-daily",status="held"}'
    comment_id, before = newsroom.approved(), figure(metrics.exposition(), held)

    with structlog.testing.capture_logs() as said:
        for reader in ("omar", "omar", "eve", "tom"):
            daily.post(f"/comments/{comment_id}/flags", {"reader": reader})

    told = [line for line in said if line["event"] == "comment_held"]
    assert [line["comment"] for line in told] == [str(comment_id)]
    assert figure(metrics.exposition(), held) == before + 1


def test_a_flag_must_fit(daily: Caller, newsroom: Newsroom) -> None:
    path = f"/comments/{newsroom.approved()}/flags"

    assert fields(problem(daily.post(path, {"reader": True}), 422, "invalid")) == ["reader"]
    assert fields(
        problem(daily.post(path, {"reader": "omar", "reason": "I say so"}), 422, "invalid")
    )
    [error] = daily.post(path, {"reader": "omar", "text": "x" * 1001}).get_json()["errors"]
    assert (error["field"], error["limit"]) == ("text", 1000)


def test_a_comment_that_nobody_posted(daily: Caller) -> None:
    problem(daily.get(f"/comments/{uuid4()}"), 404, "not-found")
