"""The desk in a real browser: the keys, cards replaced in place, nothing refused by the policy."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from moderation.models import Decision
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, served, sign_in
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser


@pytest.fixture
def three(on_sqlite: Newsroom) -> Newsroom:
    """Three comments wait."""
    for text in ("First fool", "Second fool", "Third fool"):
        on_sqlite.held(text)
    return on_sqlite


def focused(page: Page) -> str:
    """The words of the card that has the focus."""
    text = page.evaluate(
        "document.activeElement.closest('article')?.querySelector('.words').textContent ?? ''"
    )
    assert isinstance(text, str)
    return text


def statuses(newsroom: Newsroom) -> list[str]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Decision.status_after).order_by(Decision.seq)))


def test_a_shift_on_the_keyboard(
    three: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    sign_in(page, address, three.ana)
    keys = page.keyboard
    # Nothing is decided about a comment that was not chosen: the first key only chooses.
    keys.press("a")
    assert focused(page) == "First fool"
    expect(page.locator("article.done")).to_have_count(0)
    keys.press("j")
    assert focused(page) == "Second fool"
    keys.press("k")
    assert focused(page) == "First fool"
    keys.press("a")
    expect(page.locator("article.done")).to_have_count(1)
    expect(page.locator("#say")).to_have_text("Approved by you")
    expect(page.locator("#waiting")).to_have_text("2 waiting")
    assert focused(page) == "Second fool"
    # d goes to the clause, which is chosen already; Enter blocks.
    keys.press("d")
    assert page.evaluate("document.activeElement.name") == "clause"
    assert page.evaluate("document.activeElement.value") == "personal-attacks"
    keys.press("Enter")
    expect(page.locator("article.done")).to_have_count(2)
    expect(page.locator("#say")).to_have_text("Blocked by you")
    assert focused(page) == "Third fool"
    # z takes back the last decision, then the one before.
    keys.press("z")
    expect(page.locator("article.done")).to_have_count(1)
    assert focused(page) == "Second fool"
    keys.press("z")
    expect(page.locator("article.done")).to_have_count(0)
    expect(page.locator("#waiting")).to_have_text("3 waiting")
    keys.press("z")
    expect(page.locator("#say")).to_have_text("Nothing to undo on this page.")
    assert statuses(three)[3:] == ["approved", "blocked", "held", "held"]
    assert page.url == f"{address}/queue"
    assert console == []


def test_keys_are_letters_in_a_field_and_can_be_switched_off(
    three: Newsroom, address: str, page: Page
) -> None:
    sign_in(page, address, three.ana)
    note = page.locator(".block input[name=note]").first
    note.click()
    page.keyboard.type("adj?z")
    expect(note).to_have_value("adj?z")
    page.keyboard.press("Escape")
    assert focused(page) == "First fool"
    page.keyboard.press("Control+a")
    page.keyboard.press("?")
    expect(page.locator("dialog#help")).to_be_visible()
    page.uncheck("#keys-on")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("article.open kbd").first).to_be_hidden()
    # It is remembered, and the list still opens from its button.
    page.reload()
    page.locator("article").first.focus()
    page.keyboard.press("a")
    page.click("#show-help")
    expect(page.locator("#keys-on")).not_to_be_checked()
    assert statuses(three) == ["held", "held", "held"]


def test_a_conflict_shows_in_place_what_the_colleague_did(
    three: Newsroom, page: Page, console: list[str]
) -> None:
    with three.db.transaction() as session:
        moderators.assign(session, three.ben, three.daily)
    app = app_of(three)
    with served(app) as address:
        sign_in(page, address, three.ana)
        first = page.locator("article").first
        comment_id = (first.get_attribute("id") or "").removeprefix("card-")
        ben = at_desk(app, three.ben)
        ben.post(f"/sites/the-daily/comments/{comment_id}/approve", revision="1", status="held")
        first.locator("[data-act=block]").click()
        expect(page.locator(f"#card-{comment_id} .says")).to_contain_text("Approved by Ben")
        expect(page.locator("article.done")).to_have_count(1)
        assert focused(page) == "Second fool"
    # The 409 itself is the only thing the browser remarks on.
    assert [text for text in console if "409" not in text] == []


def test_a_decision_that_did_not_arrive_says_so(three: Newsroom, address: str, page: Page) -> None:
    sign_in(page, address, three.ana)
    page.route(re.compile(r".*/approve$"), lambda route: route.abort())
    page.locator("[data-act=approve]").first.click()
    expect(page.locator("article .fault")).to_contain_text("Nothing was decided.")
    expect(page.locator("article.open")).to_have_count(3)
    page.unroute_all()
    page.context.clear_cookies(name="desk-forms")
    page.locator("[data-act=approve]").first.click()
    # The page is their own: its forms get another token, and what was asked for is done.
    expect(page.locator("article.done")).to_have_count(1)
    expect(page.locator("article .fault")).to_have_count(0)


def test_the_commenter_is_blocked_from_the_card(
    three: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    sign_in(page, address, three.ana)
    card = page.locator("article").first
    card.get_by_text("Block the commenter").click()
    card.get_by_label("Reason").fill("insults")
    card.get_by_role("button", name="Block Rita").click()
    expect(card.get_by_text("The commenter is blocked")).to_be_visible()
    expect(card.get_by_text("Without an end: insults")).to_be_visible()
    card.get_by_role("button", name="Unblock").click()
    expect(card.get_by_role("button", name="Block Rita")).to_be_visible()
    assert console == []


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Page]:
    """A browser that runs no JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_javascript_everything_still_works(
    three: Newsroom, address: str, without_scripts: Page
) -> None:
    page = without_scripts
    sign_in(page, address, three.ana)
    page.locator("[data-act=approve]").first.click()
    expect(page.locator(".told")).to_contain_text("Approved.")
    expect(page.locator("article")).to_have_count(2)
    page.locator("article select[name=clause]").first.select_option("profanity")
    page.locator("[data-act=block]").first.click()
    expect(page.locator("article")).to_have_count(1)
    page.locator(".told button").click()
    expect(page.locator(".told")).to_contain_text("Taken back.")
    expect(page.locator("article")).to_have_count(2)
    page.click("text=Log out")
    expect(page.locator("h1")).to_have_text("Moderation desk")
    assert statuses(three)[3:] == ["approved", "blocked", "held"]


def test_scripts_in_a_comment_stay_words(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    text = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    on_sqlite.held(text, commenter={"id": "rita", "name": text})
    sign_in(page, address, on_sqlite.ana)
    expect(page.locator(".words")).to_have_text(text)
    page.locator("[data-act=approve]").click()
    expect(page.locator("article.done")).to_have_count(1)
    page.goto(f"{address}/decisions")
    assert page.title() == "Decisions · Desk"
    assert page.locator("main img, main script").count() == 0
    assert console == []


def test_a_name_cannot_turn_its_line_around(on_sqlite: Newsroom, address: str, page: Page) -> None:
    on_sqlite.held("A fool", commenter={"id": "rita", "name": "\u202eatiR"})
    sign_in(page, address, on_sqlite.ana)
    assert "\u202e" not in page.content()
    expect(page.locator("h2 .person .unseen")).to_have_text("RLO")
