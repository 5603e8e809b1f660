"""Two moderators, each at a browser of their own, on one queue: who has what open is shown, a
colleague's act greys the card in its place, and nothing that somebody writes or reads moves."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from moderation.models import DecisionNote, Moderator
from moderation.staff import moderators
from tests.desk.conftest import app_of, served, sign_in
from tests.desk.test_in_a_browser import focused
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

WRITTEN = "Երկրորդ անգամ է այս շաբաթ։"
SIZE: ViewportSize = {"width": 1280, "height": 720}


@pytest.fixture
def both(on_sqlite: Newsroom) -> Newsroom:
    """Four comments wait, by as many readers, and Ben helps out."""
    with on_sqlite.db.transaction() as session:
        moderators.assign(session, on_sqlite.ben, on_sqlite.daily)
    for number in ("First", "Second", "Third", "Fourth"):
        on_sqlite.held(f"{number} fool", commenter={"id": number, "name": number})
    return on_sqlite


@pytest.fixture
def pages(both: Newsroom, browser: Browser) -> Iterator[tuple[Page, Page]]:
    """The queue as Ana has it before her, and as Ben has: two browsers that share nothing."""
    with (
        served(app_of(both)) as address,
        closing(browser.new_context(viewport=SIZE)) as hers,
        closing(browser.new_context(viewport=SIZE)) as his,
    ):
        ana, ben = hers.new_page(), his.new_page()
        for page, moderator in ((ana, both.ana), (ben, both.ben)):
            open_queue(page, address, moderator)
        yield ana, ben


def open_queue(page: Page, address: str, moderator: Moderator) -> None:
    page.clock.install()
    sign_in(page, address, moderator)


def card(page: Page, text: str) -> Locator:
    """The card of the comment with these words."""
    return page.locator("article.card", has_text=text)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def is_told(page: Page) -> None:
    """Twenty seconds later the page asks what has happened."""
    with page.expect_response(re.compile("/queue/arrivals")):
        page.clock.fast_forward(20_000)


def stands_at(one: Locator) -> float:
    """How far below the window's top it stands."""
    box = one.bounding_box()
    assert box is not None
    return box["y"]


def test_what_a_colleague_has_open_is_said(pages: tuple[Page, Page]) -> None:
    ana, ben = pages
    with ana.expect_response(re.compile("/lease$")):
        press(ana, "j")
    press(ben, "j")
    expect(card(ben, "First fool").locator(".opener")).to_have_text("Ana has it open")
    with ben.expect_response(re.compile("/lease$")):
        press(ben, "j")
    expect(card(ben, "Second fool").locator(".opener")).to_be_empty()
    press(ana, "j")
    expect(card(ana, "Second fool").locator(".opener")).to_have_text("Ben has it open")
    # It is advice, and stops nobody.
    press(ana, "a")
    expect(card(ana, "Second fool").locator(".outcome")).to_contain_text("Approved by you")


def test_a_card_that_a_colleague_decides_goes_grey_in_its_place_and_nothing_jumps(
    pages: tuple[Page, Page], both: Newsroom
) -> None:
    ana, ben = pages
    # Ben reads the second card, at the very top of the page: no window can be scrolled back there.
    card(ben, "Second fool").locator(".block [name=note]").focus()
    ben.evaluate("scrollTo(0, 0)")
    cards = [card(ben, f"{number} fool") for number in ("First", "Second", "Third", "Fourth")]
    stood = [stands_at(one) for one in cards]
    press(ana, "j", "a")
    expect(card(ana, "First fool").locator(".outcome")).to_be_visible()
    both.held("Fifth fool", commenter={"id": "Fifth", "name": "Fifth"})
    is_told(ben)
    first = cards[0]
    expect(first).to_have_class(re.compile(r"\bdone\b"))
    expect(first.locator(".outcome")).to_contain_text("Approved by Ana")
    expect(ben.locator("#arrivals")).to_have_text("1 new, show")
    expect(ben.locator("#waiting")).to_have_text("4 waiting")
    expect(ben.locator("article.card")).to_have_count(4)
    assert [stands_at(one) for one in cards] == stood
    assert ben.evaluate("document.activeElement.name") == "note"
    # Nor when the card at hand is the one: the focus stays on it, and the keys go on from there.
    press(ana, "2")
    expect(card(ana, "Second fool").locator(".outcome")).to_be_visible()
    is_told(ben)
    expect(cards[1].locator(".outcome")).to_contain_text("Blocked by Ana for Personal attacks")
    assert [stands_at(one) for one in cards] == stood
    assert focused(ben) == "Second fool"
    press(ben, "j")
    assert focused(ben) == "Third fool"


def test_a_note_is_kept_through_a_colleagues_decision_and_its_undoing(
    pages: tuple[Page, Page], both: Newsroom
) -> None:
    ana, ben = pages
    his = card(ben, "First fool")
    note = his.locator(".block [name=note]")
    press(ben, "j", "d", "Tab")
    ben.keyboard.insert_text(WRITTEN)
    # While he writes, Ana decides: it is said above his words, and they stay.
    press(ana, "j", "1")
    expect(card(ana, "First fool").locator(".outcome")).to_be_visible()
    is_told(ben)
    expect(his.locator(".fault")).to_have_text("Blocked by Ana.")
    expect(note).to_have_value(WRITTEN)
    expect(note).to_be_focused()
    # What he decides is refused: who was faster, with what, when; and what he had written.
    press(ben, "Enter")
    expect(his.locator(".says")).to_have_text(
        "Blocked by Ana for Profanity, just now. Your decision was not taken."
    )
    expect(his.locator(".outcome")).to_contain_text(f"You had written: {WRITTEN}")
    assert focused(ben) == "Second fool"
    # Ana takes hers back while he looks: the card is open again, with his words in their field.
    press(ana, "z")
    expect(card(ana, "First fool")).to_have_class(re.compile(r"\bopen\b"))
    is_told(ben)
    expect(his).to_have_class(re.compile(r"\bopen\b"))
    expect(note).to_have_value(WRITTEN)
    assert focused(ben) == "Second fool"
    note.press("Enter")
    expect(his.locator(".outcome")).to_contain_text("Blocked by you for Personal attacks")
    with both.db.reading() as session:
        assert session.scalars(select(DecisionNote.text)).all() == [WRITTEN]
    is_told(ana)
    expect(card(ana, "First fool").locator(".outcome")).to_contain_text("Blocked by Ben")


def test_what_is_undone_while_a_colleague_looks_is_open_in_its_place(
    pages: tuple[Page, Page],
) -> None:
    ana, ben = pages
    press(ana, "j", "a")
    expect(card(ana, "First fool").locator(".outcome")).to_be_visible()
    is_told(ben)
    grey = card(ben, "First fool")
    expect(grey.get_by_role("button", name="Undo")).to_be_visible()
    below = card(ben, "Second fool")
    stood = stands_at(below)
    press(ana, "z")
    expect(card(ana, "First fool")).to_have_class(re.compile(r"\bopen\b"))
    is_told(ben)
    expect(grey).to_have_class(re.compile(r"\bopen\b"))
    assert stands_at(below) == stood
    expect(ben.locator("#waiting")).to_have_text("4 waiting")
    # The trail is on the card, and it can be decided by either.
    grey.get_by_text("Log").click()
    expect(grey.locator(".log")).to_contain_text("Undone by Ana")
    grey.locator("[data-act=approve]").click()
    expect(grey.locator(".outcome")).to_contain_text("Approved by you")
