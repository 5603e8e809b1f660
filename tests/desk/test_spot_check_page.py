"""The page of the spot check: blind, one at a time, each answer a form; how much is drawn."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from moderation.figures import spot_checks
from moderation.models import AuditEntry, Role
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, served, sign_in, words
from tests.desk.test_accessibility import faults
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.figures.test_spot_checks import approved_alone, give, switch_on, tally
from tests.newsroom import Newsroom, later

__all__ = ["approved_alone"]
PATH = "/sites/the-daily/spot-check"


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is asked for a minute after the comments came."""
    monkeypatch.setattr("moderation.desk.spot_page.now", lambda: later(1))


def form_of(page: str, what: str) -> str:
    """The address of one of the card's forms."""
    [path] = re.findall(rf'method="post" action="({PATH}/[0-9a-f-]+/{what})"', page)
    return str(path)


def test_it_is_off_until_a_lead_wants_it(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.approved()

    assert "The spot check is off" in words(ana.get(PATH))
    assert "spot-check" not in ana.get("/queue").text


@pytest.mark.usefixtures("approved_alone")
def test_a_fine_one_stays_and_the_next_one_comes(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1, 2)
    newsroom.approved("The first.")
    newsroom.approved("The second.")
    assert f'href="{PATH}"' in ana.get("/queue").text
    page = ana.get(PATH)
    assert "The first." in words(page)
    assert "0 of 2 looked at today" in words(page)

    assert ana.post(form_of(page.text, "fine"), revision="1").location == PATH
    page = ana.get(PATH)
    assert "Found fine." in words(page)
    assert "The second." in words(page)
    assert "1 of 2 looked at today" in words(page)

    [again] = re.findall(rf'action="({PATH}/[0-9a-f-]+/again\?revision=1)"', page.text)
    assert ana.post(again).location == PATH
    assert "The first." in words(ana.get(PATH))
    assert ana.post(again).status_code == 409


@pytest.mark.usefixtures("approved_alone")
def test_a_broken_one_is_blocked_and_that_is_undone(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1)
    comment_id = newsroom.approved()
    broken = form_of(ana.get(PATH).text, "broken")

    unnamed = ana.post(broken, revision="1", clause="")
    assert (unnamed.status_code, newsroom.comment(comment_id).status) == (422, "approved")
    assert "Choose the clause that it breaks" in words(unnamed)
    assert ana.post(broken, revision="1", clause="profanity").status_code == 303
    assert newsroom.comment(comment_id).status == "blocked"
    page = ana.get(PATH)
    twice = ana.post(broken, revision="1", clause="profanity")
    assert twice.status_code == 409
    assert "That comment has changed since you saw it" in words(twice)

    [undo] = re.findall(r'action="(/sites/the-daily/decisions/[0-9a-f-]+/undo)"', page.text)
    assert ana.post(undo, back=PATH).location == PATH
    assert newsroom.comment(comment_id).status == "approved"
    assert tally(newsroom).approved.of == 0


def test_an_approved_and_a_held_one_look_the_same(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    give(monkeypatch, 1, 2)
    same = "You are a fool, Tom."
    ids = [newsroom.approved(same), newsroom.held(same)]
    pages = []
    for one_in in (300, 1):
        monkeypatch.setattr(spot_checks, "HELD_ONE_IN", one_in)
        page = ana.get(PATH).text
        pages.append(
            re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|value=\"[^\"]{60,}\"", "", page)
        )
        assert str(ids[len(pages) - 1]) in page

    assert pages[0] == pages[1]
    for told in ("held from", "0.83", "approved", 'class="card open held', 'class="log"', "insult"):
        assert told not in pages[0], told


def test_a_page_costs_the_same_however_much_was_drawn(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(newsroom)
    monkeypatch.setattr(spot_checks, "HELD_ONE_IN", 1)
    give(monkeypatch, *range(50))
    newsroom.approved("The first.")
    newsroom.held()
    with counted(newsroom.db) as few:
        ana.get(PATH)
    for number in range(20):
        newsroom.approved(f"Number {number}.")
        newsroom.held(f"Fool number {number}.")
    with counted(newsroom.db) as many:
        ana.get(PATH)
    assert len(many) == len(few)
    assert len(many) <= 17


def test_a_lead_sets_how_much_is_drawn_and_that_is_logged(newsroom: Newsroom, desk: Flask) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.LEAD)
    ana = at_desk(desk, newsroom.ana)

    for percent, daily in (("11", "20"), ("nan", "20"), ("1", "-1"), ("1", "many")):
        refused = ana.post(f"{PATH}/settings", percent=percent, daily=daily)
        assert refused.status_code == 422
        assert "nothing was changed" in words(refused)
    assert ana.post(f"{PATH}/settings", percent="2.5", daily="30").location == PATH

    assert 'name="percent" type="number" min="0" max="10" step="0.1" required value="2.5"' in (
        ana.get(PATH).text
    )
    with newsroom.db.reading() as session:
        logged = session.execute(
            select(AuditEntry.event, AuditEntry.subject, AuditEntry.moderator_id).where(
                AuditEntry.event.startswith("spot_")
            )
        ).all()
    assert {row.event: row.subject for row in logged} == {
        "spot_share_set": {"spot_share": 0.025},
        "spot_daily_set": {"spot_daily": 30},
    }
    assert {row.moderator_id for row in logged} == {newsroom.ana.id}


def test_a_moderator_sets_nothing(ana: Visitor) -> None:
    assert "/settings" not in ana.get(PATH).text
    assert ana.post(f"{PATH}/settings", percent="1", daily="1").status_code == 403


@pytest.mark.browser
@pytest.mark.usefixtures("approved_alone")
def test_a_pass_by_keyboard(
    on_sqlite: Newsroom, page: Page, console: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(on_sqlite)
    give(monkeypatch, 1, 2, 3)
    first, second, third = (on_sqlite.approved(f"Number {number}.") for number in range(3))
    with served(app_of(on_sqlite)) as address:
        sign_in(page, address, on_sqlite.ana)
        page.click("text=Spot check")
        assert faults(page) == []
        for key, at, said, after, status in (
            ("a", first, "Found fine.", second, "approved"),
            ("2", second, "Blocked.", third, "blocked"),
            ("z", third, "Taken back.", third, "approved"),
        ):
            page.wait_for_function("id => document.activeElement.id === id", arg=f"card-{at}")
            page.keyboard.press(key)
            page.locator(".told", has_text=said).wait_for()
            page.locator(f"#card-{after}").wait_for()
            decided = first if key == "a" else second
            assert on_sqlite.comment(decided).status == status
        page.wait_for_function("document.activeElement.matches('article')")
        page.keyboard.press("a")
        page.locator(f"#card-{third}").wait_for(state="detached")
        assert "Nothing that was drawn lately is left" in page.locator("main").inner_text()
    assert console == []
