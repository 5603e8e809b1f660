"""Forms without their token, addresses that lead nowhere, sign-ins that ended in between."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from moderation.db import Database
from moderation.models import Base, Role, SignIn
from moderation.staff import sign_ins
from moderation.staff.sign_ins import NOTED_EVERY
from tests.desk.conftest import at_desk, words
from tests.desk.pages import Things, looks, noted, path_of, rules
from tests.desk.test_roles import FORM, given, things
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})
TOUCHED = {SignIn.last_used_at.key}
"""All that a look may change: when its sign-in was last used."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: forms and their tokens do not depend on which it is."""
    return sqlite_url


def all_rows(newsroom: Newsroom) -> dict[str, list[str]]:
    """Everything in the database but what a look may change."""
    with newsroom.db.reading() as session:
        return {
            table.name: sorted(
                str(session.execute(select(*(c for c in table.c if c.key not in TOUCHED))).all())
            )
            for table in Base.metadata.sorted_tables
        }


def acts(desk: Flask, things: Things) -> Iterator[tuple[str, str]]:
    """Every address of the desk that does something, as (method, path)."""
    for rule in rules(desk):
        for method in sorted((rule.methods or set()) - LOOKING):
            yield method, path_of(rule, "the-daily", things)


@pytest.mark.parametrize(
    "token", ["none", "made up", "a colleague's", "of another sign-in of hers", "planted"]
)
def test_nothing_is_done_without_the_forms_token(
    newsroom: Newsroom, desk: Flask, token: str
) -> None:
    mine = things(newsroom, desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    stranger = Visitor(desk.test_client())
    stranger.get("/login")
    planted = stranger.client.get_cookie("desk-forms")
    assert planted is not None
    tokens = {
        "none": "",
        "made up": "made-up",
        "a colleague's": at_desk(desk, newsroom.ben).token,
        "of another sign-in of hers": at_desk(desk, newsroom.ana).token,
        "planted": stranger.token,
    }
    before = all_rows(newsroom)

    for method, path in acts(desk, mine):
        if token == "planted":  # noqa: S105 - a kind of token
            ana.client.set_cookie("desk-forms", planted.value)
        form = FORM | {"csrf_token": tokens[token]}
        answer = ana.client.open(path, method=method, data=form)

        assert answer.status_code == 400, (method, path)
        assert "The form is too old" in words(answer)
        assert "Nothing was changed" in words(answer)
        assert all_rows(newsroom) == before, (method, path)
    assert ana.get("/queue").status_code == 200


def test_nobody_does_anything_without_a_sign_in_and_the_forms_token(
    newsroom: Newsroom, desk: Flask
) -> None:
    mine = things(newsroom, desk)
    client = desk.test_client()
    before = all_rows(newsroom)

    for method, path in acts(desk, mine):
        answer = client.open(path, method=method, data=FORM)

        led_away = answer.status_code == 303 and answer.location.startswith("/login?next=")
        assert led_away or answer.status_code == 400, (method, path)
        assert all_rows(newsroom) == before, (method, path)


@pytest.mark.parametrize("method", sorted(LOOKING))
@pytest.mark.parametrize("who", ["ana", "nobody"])
def test_no_look_changes_anything(newsroom: Newsroom, desk: Flask, who: str, method: str) -> None:
    mine = things(newsroom, desk)
    given(newsroom, Role.ADMIN)
    client = at_desk(desk, newsroom.ana).client if who == "ana" else desk.test_client()
    before = all_rows(newsroom)

    for endpoint, path in looks(desk, mine):
        with newsroom.db.transaction() as session:
            session.execute(update(SignIn).values(last_used_at=datetime.now(UTC) - 2 * NOTED_EVERY))
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.open(path, method=method, headers=headers)

            assert answer.status_code < 500, path
            assert all_rows(newsroom) == before, (endpoint, path)


def test_every_page_is_looked_at_with_all_that_it_reads(newsroom: Newsroom, desk: Flask) -> None:
    mine = things(newsroom, desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    asked = noted(desk)
    sent: defaultdict[str, set[str]] = defaultdict(set)

    for endpoint, path in looks(desk, mine):
        ana.get(path)
        sent[endpoint].update(parse_qs(urlsplit(path).query))

    assert asked.address["desk.search"] == {"site", "q", "before"}
    for endpoint, names in asked.address.items():
        missing = names - sent[endpoint]
        assert not missing, f"{endpoint} reads {missing}: say in LOOKS (pages.py) with what"


def test_the_login_form_needs_its_token_too(newsroom: Newsroom, desk: Flask) -> None:
    client = desk.test_client()
    answer = client.post("/login", data={"email": newsroom.ana.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get_cookie("desk") is None


def test_acts_have_no_get(newsroom: Newsroom, desk: Flask) -> None:
    mine = things(newsroom, desk)
    given(newsroom, Role.ADMIN)
    ana = at_desk(desk, newsroom.ana)
    pages = {path for _, path in looks(desk, mine)}

    for _, path in acts(desk, mine):
        if path not in pages:
            answer = ana.get(path)
            assert answer.status_code == 405, path
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

    monkeypatch.setattr("moderation.queue.waiting_in_bundles", broken)
    answer = ana.get("/queue")
    assert answer.status_code == 500
    assert "Something broke here" in words(answer)
    assert "words of a reader" not in answer.text


def test_an_act_after_the_sign_in_ended_leads_to_the_login_and_back(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        sign_ins.end_all(session, newsroom.ana.id, now=datetime.now(UTC))
    there = f"/login?next=/sites/the-daily/comments/{comment_id}"
    plain = ana.act("approve", comment_id, back="/queue?site=the-daily")
    assert (plain.status_code, plain.location) == (303, there)
    fragment = ana.act("approve", comment_id, back="/queue?site=the-daily", htmx=True)
    assert fragment.status_code == 401
    assert "HX-Redirect" not in fragment.headers
    assert fragment.headers["Desk-Sign-In"] == "/login?next=/signed-in"
    assert "You are signed out, and nothing was decided." in words(fragment)
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


def test_what_no_page_has_told_does_not_pile_up(newsroom: Newsroom, ana: Visitor) -> None:
    told = [newsroom.held(f"Fool {number}") for number in range(8)]
    for comment_id in told:
        ana.act("approve", comment_id)
    assert words(ana.get("/queue")).count("Approved.") == 5
    assert "Approved." not in words(ana.get("/queue"))


def test_back_leads_nowhere_else(newsroom: Newsroom, ana: Visitor) -> None:
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        comment_id = newsroom.held()
        assert ana.act("approve", comment_id, back=target).location == "/queue"


def test_while_the_database_is_away_the_desk_says_so(desk: Flask, ana: Visitor) -> None:
    gone = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    object.__setattr__(desk.extensions["moderation"], "db", gone)

    answer = ana.get("/queue")

    gone.dispose()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was changed" in words(answer)
