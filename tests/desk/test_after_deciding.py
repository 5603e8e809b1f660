"""After a decision: the next card has the focus, what happened is said, and the page goes on."""

import pytest
from playwright.sync_api import Page, expect

from moderation.paging import CARDS
from tests.desk.conftest import sign_in
from tests.desk.test_in_a_browser import focused
from tests.desk.test_queue import many_held
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser


def test_the_last_card_of_a_page_leads_to_the_next_page_and_the_last_of_all_to_nothing(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    many_held(on_sqlite, CARDS + 2)
    sign_in(page, address, on_sqlite.ana)
    keys = page.keyboard
    keys.press("j")
    for number in range(CARDS):
        keys.press("a")
        expect(page.locator("article.done")).to_have_count(number + 1)
    expect(page.locator("#say")).to_have_text("Approved by you. The page is done.")
    expect(page.locator("#waiting")).to_have_text("2 waiting")
    assert page.evaluate("document.activeElement.id") == "next"
    keys.press("Enter")
    expect(page.locator("article.open")).to_have_count(2)
    keys.press("j")
    keys.press("a")
    expect(page.locator("article.done")).to_have_count(1)
    keys.press("a")
    expect(page.locator("article.done")).to_have_count(2)
    expect(page.locator("#say")).to_have_text("Approved by you. Nothing waits")
    expect(page.locator("#waiting")).to_have_text("Nothing waits")
    assert page.evaluate("document.activeElement.id") == "next"
    # From there z still takes back, and goes to the card.
    keys.press("z")
    expect(page.locator("article.open")).to_have_count(1)
    expect(page.locator("#waiting")).to_have_text("1 waiting")
    assert focused(page)
    assert console == []


def test_skipped_cards_are_come_back_to_and_what_was_done_stays_in_sight(
    on_sqlite: Newsroom, address: str, page: Page
) -> None:
    for text in ("First fool", "Second fool", "Third fool"):
        on_sqlite.held(text)
    sign_in(page, address, on_sqlite.ana)
    keys = page.keyboard
    for key in ("j", "j", "j"):
        keys.press(key)
    keys.press("1")
    expect(page.locator("article.done")).to_have_count(1)
    assert focused(page) == "First fool"
    done = page.locator("article.done")
    expect(done.locator(".outcome")).to_contain_text("Blocked by you for Profanity")
    expect(done.locator("[data-act=undo]")).to_be_visible()
    expect(done.locator("[data-act=undo]")).to_have_attribute("aria-keyshortcuts", "z")
    keys.press("z")
    expect(page.locator("#say")).to_have_text("Undone by you, held again")
    assert focused(page) == "Third fool"
    # Taken back, the trail is on the card.
    page.locator("article").nth(2).get_by_text("Log").click()
    expect(page.locator("article").nth(2).locator(".log")).to_contain_text(
        "Blocked by you for Profanity"
    )
    expect(page.locator("article").nth(2).locator(".log")).to_contain_text("Undone by you")
