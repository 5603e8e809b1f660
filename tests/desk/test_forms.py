"""Forms without their token, addresses that lead nowhere, sign-ins that ended in between."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from moderation import moderators
from moderation.db import Database
from tests.desk.conftest import words
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

POSTS = [
    "/logout",
    "/sites/the-daily/comments/{id}/approve",
    "/sites/the-daily/comments/{id}/block",
    "/sites/the-daily/comments/{id}/later",
    "/sites/the-daily/comments/{id}/escalate",
    "/sites/the-daily/comments/{id}/put-back",
    "/sites/the-daily/comments/{id}/lease",
    "/sites/the-daily/decisions/{id}/undo",
    "/sites/the-daily/moves/{id}/undo",
    "/sites/the-daily/together/{id}/undo",
    "/sites/the-daily/commenters/{id}/block",
    "/sites/the-daily/commenters/{id}/unblock",
    "/sites/the-daily/commenters/{id}/notes",
    "/sites/the-daily/commenters/{id}/notes/{id}/erase",
    "/sites/the-daily/stories/{id}/close",
    "/sites/the-daily/stories/{id}/open",
    "/sites/the-daily/policy/try",
]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: forms and their tokens do not depend on which it is."""
    return sqlite_url


@pytest.mark.parametrize("token", ["", "made-up"])
@pytest.mark.parametrize("path", POSTS)
def test_nothing_is_done_without_the_forms_token(
    newsroom: Newsroom, ana: Visitor, path: str, token: str
) -> None:
    comment_id = newsroom.held()
    ana.token = token
    answer = ana.post(path.format(id=comment_id), revision="1", status="held", clause="profanity")
    assert answer.status_code == 400
    assert "The form is too old" in words(answer)
    assert "Nothing was changed" in words(answer)
    assert newsroom.comment(comment_id).status == "held"
    assert ana.get("/queue").status_code == 200


def test_the_token_of_another_browser_is_not_taken(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    comment_id = newsroom.held()
    ana.token = ben.token
    assert ana.act("approve", comment_id).status_code == 400


def test_the_login_form_needs_its_token_too(newsroom: Newsroom, desk: Flask) -> None:
    client = desk.test_client()
    answer = client.post("/login", data={"email": newsroom.ana.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get_cookie("desk") is None


@pytest.mark.parametrize("path", POSTS)
def test_acts_have_no_get(newsroom: Newsroom, ana: Visitor, path: str) -> None:
    answer = ana.get(path.format(id=newsroom.held()))
    assert answer.status_code == 405
    assert "This address does something only from its own form." in words(answer)


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_machines(
    desk: Flask, ana: Visitor
) -> None:
    page = ana.get("/no/such/page")
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert "Not here" in words(page)
    api = ana.get("/api/v1/no/such/thing")
    assert (api.status_code, api.mimetype) == (404, "application/problem+json")


def test_a_fault_of_ours_is_a_page_and_says_nothing_of_our_insides(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("words of a reader")

    monkeypatch.setattr("moderation.queue.waiting", broken)
    answer = ana.get("/queue")
    assert answer.status_code == 500
    assert "Something broke here" in words(answer)
    assert "words of a reader" not in answer.text


def test_an_act_after_the_sign_in_ended_leads_to_the_login_and_back(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        moderators.sign_out_everywhere(session, newsroom.ana.id, now=datetime.now(UTC))
    there = "/login?next=/queue?site%3Dthe-daily"
    plain = ana.act("approve", comment_id, back="/queue?site=the-daily")
    assert (plain.status_code, plain.location) == (303, there)
    fragment = ana.act("approve", comment_id, back="/queue?site=the-daily", htmx=True)
    assert fragment.status_code == 401
    assert fragment.headers["HX-Redirect"] == there
    # What the page sends by itself tears nobody from a note.
    beside = ana.post(f"/sites/the-daily/comments/{comment_id}/lease", htmx=True)
    assert (beside.status_code, "HX-Redirect" in beside.headers) == (204, False)
    # The poll stops, and leaves the reader where they are.
    poll = ana.get("/queue/arrivals", headers={"HX-Request": "true"})
    assert poll.status_code == 286
    assert "You are signed out." in words(poll)
    assert newsroom.comment(comment_id).status == "held"


def test_too_long_a_form_is_refused_with_a_page(newsroom: Newsroom, ana: Visitor) -> None:
    answer = ana.act("block", newsroom.held(), note="x" * 2_000_000)
    assert answer.status_code == 413
    assert "Too much" in words(answer)


def test_back_leads_nowhere_else(newsroom: Newsroom, ana: Visitor) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        comment_id = newsroom.held()
        assert ana.act("approve", comment_id, back=target).location == "/queue"


def test_a_token_that_somebody_planted_opens_nothing(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    stranger = Visitor(desk.test_client())
    stranger.get("/login")
    planted = stranger.client.get_cookie("desk-forms")
    assert planted is not None
    ana.get("/queue")
    ana.client.set_cookie("desk-forms", planted.value)
    ana.token = stranger.token

    assert ana.act("approve", comment_id).status_code == 400
    assert newsroom.comment(comment_id).status == "held"
    ana.get("/queue")
    assert ana.act("approve", comment_id).status_code == 303


def test_while_the_database_is_away_the_desk_says_so(desk: Flask, ana: Visitor) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    object.__setattr__(desk.extensions["moderation"], "db", gone)

    answer = ana.get("/queue")

    gone.dispose()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was changed" in words(answer)
