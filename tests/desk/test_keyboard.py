"""A shift by keyboard alone: every act of the desk, and nothing else touched."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from moderation.models import Decision, Lease, Move, Story
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, served, sign_in
from tests.desk.test_in_a_browser import focused
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser


@pytest.fixture
def six(on_sqlite: Newsroom) -> Newsroom:
    """Six comments wait, by as many readers."""
    for number in ("First", "Second", "Third", "Fourth", "Fifth", "Sixth"):
        on_sqlite.held(f"{number} fool", commenter={"id": number, "name": number})
    return on_sqlite


def done(page: Page, number: int, says: str) -> None:
    """So many cards are decided or laid aside, and this was said of the last one."""
    expect(page.locator("article.done")).to_have_count(number)
    expect(page.locator("#say")).to_have_text(says)


def test_a_whole_shift(six: Newsroom, address: str, page: Page, console: list[str]) -> None:
    sign_in(page, address, six.ana)
    keys = page.keyboard
    keys.press("j")
    keys.press("a")
    done(page, 1, "Approved by you")
    # A number blocks for that clause of the policy, at once; one that it has not says so.
    keys.press("9")
    expect(page.locator("#say")).to_have_text("The policy has no clause 9.")
    keys.press("1")
    done(page, 2, "Blocked by you")
    assert focused(page) == "Third fool"
    keys.press("l")
    done(page, 3, "Left for later by you")
    expect(page.locator("#waiting")).to_have_text("3 waiting")
    # e asks what it is about; letters in its field are letters; Enter sends it.
    keys.press("e")
    assert page.evaluate("document.activeElement.name") == "concern"
    keys.type("su")
    keys.press("Tab")
    keys.type("He says al1 of this daily")
    keys.press("Enter")
    done(page, 4, "Escalated by you: suicide or self-harm")
    assert focused(page) == "Fifth fool"
    keys.press("d")
    keys.press("Enter")
    done(page, 5, "Blocked by you")
    # z takes back the last, be it a decision or a move; the card has the focus again.
    keys.press("z")
    done(page, 4, "Undone by you, held again")
    keys.press("z")
    done(page, 3, "Undone by you, waiting again")
    assert focused(page) == "Fourth fool"
    keys.press("k")
    assert focused(page) == "Fourth fool"
    keys.press("/")
    assert page.evaluate("document.activeElement.closest('form').method") == "get"
    keys.press("?")
    expect(page.locator("dialog#help")).to_be_hidden()
    assert console == []

    with six.db.reading() as session:
        by_ana = select(Decision).where(Decision.moderator_id == six.ana.id).order_by(Decision.seq)
        decided = [(d.status_after, d.clause) for d in session.scalars(by_ana)]
        moved = [(m.tray_after, m.note) for m in session.scalars(select(Move).order_by(Move.id))]
    assert decided == [
        ("approved", None),
        ("blocked", "profanity"),
        ("blocked", "personal-attacks"),
        ("held", None),
    ]
    assert moved == [
        ("later", None),
        ("escalated", "He says al1 of this daily"),
        ("waiting", None),
    ]


def test_who_has_a_card_open_is_shown_to_the_next_one(
    six: Newsroom, page: Page, console: list[str]
) -> None:
    with six.db.transaction() as session:
        moderators.assign(session, six.ben, six.daily)
    app = app_of(six)
    with served(app) as address:
        sign_in(page, address, six.ana)
        first, second = page.locator("article").nth(0), page.locator("article").nth(1)
        ben = at_desk(app, six.ben)
        ben.act("lease", card_id(first.get_attribute("id")))
        page.keyboard.press("j")
        expect(first.locator(".opener")).to_have_text("Ben has it open")
        with page.expect_response(re.compile("/lease$")):
            page.keyboard.press("j")
        expect(second.locator(".opener")).to_be_empty()
        with six.db.reading() as session:
            holders = set(session.scalars(select(Lease.moderator_id)))
        assert holders == {six.ana.id, six.ben.id}
    assert console == []


def card_id(element: str | None) -> UUID:
    return UUID((element or "").removeprefix("card-"))


def test_a_filter_is_set_by_form_and_kept_in_the_address(
    six: Newsroom, address: str, page: Page
) -> None:
    sign_in(page, address, six.ana)
    page.keyboard.press("/")
    page.locator(".filters [name=clause]").select_option("personal-attacks")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("h1")).to_have_text("6 fit")
    assert "clause=personal-attacks" in page.url
    page.get_by_role("link", name="Worst").click()
    assert "clause=personal-attacks" in page.url
    page.get_by_role("link", name="No filter").click()
    expect(page.locator("h1")).to_have_text("6 waiting")


def type_on(page: Page, code: str, key: str, *, shift: bool = False) -> None:
    """Press the key that lies there, on a keyboard where it types that."""
    page.evaluate(
        """([code, key, shiftKey]) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {code, key, shiftKey, bubbles: true}))""",
        [code, key, shift],
    )


def test_a_keyboard_of_other_letters_has_the_keys_where_a_latin_one_has_them(
    six: Newsroom, address: str, page: Page
) -> None:
    sign_in(page, address, six.ana)
    type_on(page, "KeyJ", "о")
    assert focused(page) == "First fool"
    type_on(page, "KeyJ", "յ")
    assert focused(page) == "Second fool"
    type_on(page, "KeyA", "ф")
    done(page, 1, "Approved by you")
    type_on(page, "Digit1", "է")  # Armenian has letters there
    done(page, 2, "Blocked by you")
    # What is no letter is no clause, and a Latin keyboard goes by what it types.
    type_on(page, "Digit1", "№", shift=True)
    type_on(page, "Digit2", "é")
    type_on(page, "KeyA", "q")
    done(page, 2, "Blocked by you")
    type_on(page, "Slash", ".")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    type_on(page, "Digit7", "?", shift=True)
    expect(page.locator("dialog#help")).to_be_visible()


def test_escape_leaves_the_search_for_the_comment(six: Newsroom, address: str, page: Page) -> None:
    sign_in(page, address, six.ana)
    keys = page.keyboard
    for key in ("j", "j", "/", "Escape"):
        keys.press(key)
    assert focused(page) == "Second fool"
    keys.press("j")
    assert focused(page) == "Third fool"
    assert page.locator(".filters [name=q]").input_value() == ""


def test_a_key_that_can_do_nothing_says_why(six: Newsroom, page: Page) -> None:
    with six.db.transaction() as session:
        moderators.assign(session, six.ben, six.daily)
        session.execute(update(Story).values(url=""))
    app = app_of(six)
    with served(app) as address:
        sign_in(page, address, six.ana)
        page.keyboard.press("j")
        page.keyboard.press("o")
        expect(page.locator("#say")).to_have_text("The story has no address.")
        page.keyboard.press("c")
        expect(page.locator("#say")).to_have_text("Nothing is chosen yet.")
        card = page.locator("article.card").first
        at_desk(app, six.ben).act("approve", card_id(card.get_attribute("id")))
        page.keyboard.press("a")
        expect(card.locator(".says")).to_be_visible()
        card.focus()
        page.keyboard.press("a")
        expect(page.locator("#say")).to_have_text(
            "Already decided or laid aside: nothing was done."
        )


@pytest.mark.parametrize("width", [1280, 360])
def test_what_is_said_covers_nothing_that_acts(
    six: Newsroom, address: str, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 720})
    sign_in(page, address, six.ana)
    page.keyboard.press("j")
    page.keyboard.press("a")
    done(page, 1, "Approved by you")
    assert page.evaluate(COVERED) == []


COVERED = """() => {
  const said = document.getElementById("say").getBoundingClientRect();
  return [...document.querySelectorAll("a, button, select, input, summary")].filter((one) => {
    const it = one.getBoundingClientRect();
    return it.width > 1 && said.width > 1 && it.left < said.right && it.right > said.left
      && it.top < said.bottom && it.bottom > said.top;
  }).map((one) => one.outerHTML);
}"""
