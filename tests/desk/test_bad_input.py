"""A stale card, a lost connection, a sign-in that ended while somebody wrote: a calm sentence, and
nothing lost."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from moderation import comments
from moderation.models import Decision, DecisionNote, Explanation, Move
from moderation.staff import moderators, sign_ins
from tests.desk.conftest import app_of, at_desk, served, sign_in, words
from tests.desk.test_in_a_browser import focused
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later

WRITTEN = "Նա սա արդեն երրորդ անգամ է գրում։"
HERS = "/sites/the-daily/comments/{}"


def sign_out(newsroom: Newsroom) -> None:
    """Ana's sign-ins end, wherever they are."""
    with newsroom.db.transaction() as session:
        sign_ins.end_all(session, newsroom.ana.id, now=datetime.now(UTC))


def notes(newsroom: Newsroom) -> list[str | None]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(DecisionNote.text)))


def by_people(newsroom: Newsroom, comment_id: UUID) -> list[str]:
    with newsroom.db.reading() as session:
        made = select(Decision.status_after).where(
            Decision.comment_id == comment_id, Decision.moderator_id.is_not(None)
        )
        return list(session.scalars(made.order_by(Decision.seq)))


# --- two clicks -----------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [True, False])
def test_two_clicks_are_one_decision_and_no_conflict(
    newsroom: Newsroom, ana: Visitor, htmx: bool
) -> None:
    done = 200 if htmx else 303
    blocked, aside = newsroom.held("First fool"), newsroom.held("Second fool")
    for _ in range(2):
        answer = ana.act("block", blocked, clause="profanity", htmx=htmx)
        assert answer.status_code == done
    for _ in range(2):
        answer = ana.act("later", aside, tray="waiting", tab="waiting", htmx=htmx)
        assert answer.status_code == done
    assert by_people(newsroom, blocked) == ["blocked"]
    undo = f"/sites/the-daily/decisions/{newsroom.comment(blocked).decision_id}/undo"
    undo_move = f"/sites/the-daily/moves/{newsroom.comment(aside).move_id}/undo"
    if not htmx:
        assert f'action="{undo_move}"' in ana.get("/queue").text
    for path in (undo, undo, undo_move, undo_move):
        assert ana.post(path, htmx=htmx).status_code == done
    assert by_people(newsroom, blocked) == ["blocked", "held"]
    with newsroom.db.reading() as session:
        assert len(session.scalars(select(Move)).all()) == 2


def test_another_act_on_what_one_decided_oneself_is_a_conflict(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    ana.act("block", comment_id, clause="profanity")
    for act, form in (("approve", {}), ("block", {"clause": "personal-attacks"})):
        answer = ana.act(act, comment_id, htmx=True, **form)
        assert answer.status_code == 409
        assert "Blocked by you for Profanity, just now." in words(answer)


# --- what was written stays -----------------------------------------------------------------


def test_what_was_written_stays_on_a_card_that_has_changed(
    newsroom: Newsroom, ana: Visitor, desk: Flask
) -> None:
    edited, decided = newsroom.held("First fool"), newsroom.held("Second fool")
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
        comments.edit(session, newsroom.daily.id, edited, "Sorry, Tom.", now=later(1))
    at_desk(desk, newsroom.ben).act("approve", decided)
    form = {"clause": "profanity", "note": WRITTEN, "explanation": "Mind the tone."}
    answer = ana.act("block", edited, htmx=True, **form)
    assert answer.status_code == 409
    assert f'value="{WRITTEN}"' in answer.text
    assert "Mind the tone.</textarea>" in answer.text
    assert '<option value="profanity" selected>' in answer.text
    # No field is left on a card that is decided: the words are shown.
    answer = ana.act("block", decided, htmx=True, **form)
    assert f"You had written: {WRITTEN}" in words(answer)
    assert "You had written: Mind the tone." in words(answer)
    assert notes(newsroom) == []
    form = {"concern": "boredom", "note": WRITTEN, "revision": "2", "tray": "waiting"}
    answer = ana.act("escalate", edited, htmx=True, **form)
    assert answer.status_code == 422
    assert f'value="{WRITTEN}"' in answer.text


def test_without_javascript_it_is_kept_over_the_login(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    ana.get(HERS.format(comment_id))
    sign_out(newsroom)
    note, explanation = WRITTEN * 25, "Խնդրում ենք մեղմ գրել։ " * 40
    form = {"clause": "profanity", "note": note[:1000], "explanation": explanation[:1000]}
    answer = ana.act("block", comment_id, **form)
    there = HERS.format(comment_id)
    assert (answer.status_code, answer.location) == (303, f"/login?next={there}")
    [cookie] = [one for one in answer.headers.getlist("Set-Cookie") if "desk-draft" in one]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert len(cookie) < 4096
    assert newsroom.comment(comment_id).status == "held"
    ana.sign_in(newsroom.ana)
    page = ana.get(there)
    assert "You were signed out before this was sent, and nothing was decided." in words(page)
    assert f'value="{note[:1000]}"' in page.text
    assert f"{explanation[:1000].strip()}" in page.text
    assert '<option value="profanity" selected>' in page.text
    # Sent once more it is decided, and nothing is kept any longer.
    assert ana.act("block", comment_id, **form).status_code == 303
    assert notes(newsroom) == [note[:1000].strip()]
    assert "You were signed out" not in words(ana.get(there))
    assert ana.client.get_cookie("desk-draft") is None


def test_nobody_else_gets_it_and_none_of_it_comes_from_elsewhere(
    newsroom: Newsroom, ana: Visitor
) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    comment_id, other = newsroom.held("First fool"), newsroom.held("Second fool")
    ana.get(HERS.format(comment_id))
    token = ana.token
    sign_out(newsroom)
    ana.token = "made up"  # noqa: S105 - a false one
    for form in ({"note": WRITTEN}, {}):
        answer = ana.act("block", comment_id, clause="profanity", **form)
        assert "desk-draft" not in str(answer.headers)
        ana.token = token
    ana.act("block", comment_id, clause="profanity", note=WRITTEN)
    assert ana.sign_in(newsroom.ben).status_code == 303  # at the same machine
    assert WRITTEN not in ana.get(HERS.format(comment_id)).text
    ana.sign_in(newsroom.ana)
    assert WRITTEN not in ana.get(HERS.format(other)).text
    assert WRITTEN in ana.get(HERS.format(comment_id)).text
    for made_up in ("made-up", "é"):
        ana.client.set_cookie("desk-draft", made_up)
        assert ana.get(HERS.format(comment_id)).status_code == 200


def test_a_token_of_before_is_renewed_for_ones_own_open_page_alone(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    old = ana.token
    ana.sign_in(newsroom.ana)
    path, form = f"{HERS.format(comment_id)}/approve", {"revision": "1", "status": "held"}

    def sent(**headers: str) -> str | None:
        answer = ana.client.post(path, data=form | {"csrf_token": old}, headers=headers)
        assert answer.status_code == 400
        return answer.headers.get("Desk-Form-Token")

    mine = {"Desk-Person": str(newsroom.ana.id)}
    assert sent(**mine) is None
    assert sent(**{"HX-Request": "true"}) is None
    assert sent(**{"HX-Request": "true", "Desk-Person": str(newsroom.ben.id)}) is None
    new = sent(**{"HX-Request": "true"}, **mine)
    assert newsroom.comment(comment_id).status == "held"
    ana.token = new or ""
    assert ana.act("approve", comment_id, htmx=True).status_code == 200


# --- in the browser -------------------------------------------------------------------------


@pytest.fixture
def two(on_sqlite: Newsroom) -> Newsroom:
    """Two comments wait, and Ben helps out."""
    with on_sqlite.db.transaction() as session:
        moderators.assign(session, on_sqlite.ben, on_sqlite.daily)
    for text in ("First fool", "Second fool"):
        on_sqlite.held(text)
    return on_sqlite


@pytest.mark.browser
def test_the_sign_in_ends_while_somebody_writes(two: Newsroom, address: str, page: Page) -> None:
    sign_in(page, address, two.ana)
    card = page.locator("article").first
    note = card.locator(".block [name=note]")
    note.fill(WRITTEN)
    sign_out(two)
    note.press("Enter")
    fault = card.locator(".fault")
    expect(fault).to_contain_text("You are signed out, and nothing was decided.")
    assert page.evaluate("document.activeElement.name") == "note"
    with page.expect_popup() as opened:
        fault.get_by_role("link", name="Log in again, in another tab").click()
    other = opened.value
    assert WRITTEN not in other.url
    other.fill("#email", two.ana.email)
    other.fill("#password", "a long enough password")
    other.get_by_role("button", name="Log in").click()
    expect(other.locator("h1")).to_have_text("You are logged in again")
    other.close()
    expect(note).to_have_value(WRITTEN)
    note.press("Enter")
    expect(page.locator("article.done")).to_have_count(1)
    expect(fault).to_have_count(0)
    assert notes(two) == [WRITTEN]
    assert focused(page) == "Second fool"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("code", "kind", "body", "says"),
    [
        (404, "text/plain; charset=utf-8", "It is here no more. Nothing was changed.", "no more"),
        (429, "text/plain; charset=utf-8", "Too many tries. Wait a minute.", "Wait a minute"),
        (502, "text/html", "<h1>Bad gateway</h1>", "The service answered 502. Nothing was decided"),
        (0, "", "", "Not sent: the service cannot be reached. Nothing was decided."),
    ],
)
def test_a_fault_is_said_on_the_card_and_the_act_can_be_tried_again(
    two: Newsroom, address: str, page: Page, code: int, kind: str, body: str, says: str
) -> None:
    def fail(route: Route) -> None:
        if code:
            route.fulfill(status=code, content_type=kind, body=body)
        else:
            route.abort()

    sign_in(page, address, two.ana)
    card = page.locator("article").first
    card.locator(".block [name=note]").fill(WRITTEN)
    page.route(re.compile(r".*/(approve|block)$"), fail)
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("a")
        expect(card.locator(".fault")).to_have_count(1)
        expect(card.locator(".fault")).to_contain_text(says)
        expect(card.locator("[data-act=approve]")).to_be_enabled()
        assert focused(page) == "First fool"
    expect(card.locator(".block [name=note]")).to_have_value(WRITTEN)
    page.unroute_all()
    page.keyboard.press("1")
    expect(page.locator("article.done")).to_have_count(1)
    assert notes(two) == [WRITTEN]


@pytest.mark.browser
def test_a_double_click_decides_once(two: Newsroom, address: str, page: Page) -> None:
    sign_in(page, address, two.ana)
    first = page.locator("article").first
    first.locator("[data-act=approve]").dblclick()
    expect(page.locator("article.done")).to_have_count(1)
    expect(page.locator(".says")).to_have_count(0)
    with two.db.reading() as session:
        assert session.scalars(select(Decision.status_after).order_by(Decision.seq)).all() == [
            "held",
            "held",
            "approved",
        ]


@pytest.mark.browser
def test_a_colleague_takes_no_note_from_under_ones_hands(two: Newsroom, page: Page) -> None:
    app = app_of(two)
    with served(app) as address:
        sign_in(page, address, two.ana)
        first, second = page.locator("article").nth(0), page.locator("article").nth(1)
        ids = [
            UUID((one.get_attribute("id") or "").removeprefix("card-")) for one in (first, second)
        ]
        note = first.locator(".block [name=note]")
        note.fill(WRITTEN)
        note.focus()
        ben = at_desk(app, two.ben)
        ben.act("approve", ids[0])
        ben.act("escalate", ids[1], tray="waiting", concern="threat")
        page.evaluate(
            "htmx.ajax('GET', document.getElementById('arrivals').getAttribute('hx-get'),"
            " {target: '#arrivals', swap: 'outerHTML'})"
        )
        expect(first.locator(".fault")).to_have_text("Approved by Ben.")
        expect(second).to_contain_text("Escalated by Ben: a threat")
        expect(page.locator("article.done")).to_have_count(1)
        expect(note).to_have_value(WRITTEN)
        assert page.evaluate("document.activeElement.name") == "note"
        note.press("Enter")
        expect(page.locator("article.done")).to_have_count(2)
        expect(first).to_contain_text(f"You had written: {WRITTEN}")
    with two.db.reading() as session:
        assert session.scalars(select(Explanation)).all() == []
