"""Every page that there is, full, for everybody: axe finds nothing, nothing needs scrolling aside.

`test_accessibility` looks at states that need steps to get to; here a new page is found by itself.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from moderation.desk.door import NO_SIGN_IN
from moderation.staff import moderators
from tests.desk.conftest import at_desk, served, sign_in
from tests.desk.full_house import fill, shared
from tests.desk.pages import looks
from tests.desk.test_accessibility import PHONE, WIDE, faults, overflow
from tests.desk.test_roles import things
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

ZOOMED: ViewportSize = {"width": 640, "height": 450}
"""What a window of 1280 shows at 200 %: so many CSS pixels, whatever the screen's own."""
FRAGMENTS = {"desk.arrivals", "desk.saved_reply_text"}
"""Addresses that answer with a part of a page."""
LONG = f"{'W' * 120} {'word ' * 12}"
ARABIC = "هذا قرار جيد"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what a browser shows does not depend on which it is."""
    return sqlite_url


@pytest.fixture
def eye(browser: Browser) -> Iterator[Page]:
    """A tab in which nothing moves."""
    with closing(browser.new_context(viewport=WIDE, reduced_motion="reduce")) as context:
        yield context.new_page()


def too_wide(page: Page) -> list[str]:
    """At which widths the page has to be scrolled aside."""
    wide = []
    for size in (WIDE, ZOOMED, PHONE):
        page.set_viewport_size(size)
        if over := overflow(page):
            wide.append(f"{over} pixels over {size['width']}")
    return wide


def wrong(page: Page) -> list[object]:
    """What axe finds on a wide page in light, on a phone in dark, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.emulate_media(color_scheme="dark")
    found: list[object] = [*too_wide(page), *faults(page)]
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    return [*found, *faults(page)]


def test_every_page_passes_axe_and_fits_its_window(
    newsroom: Newsroom, desk: Flask, eye: Page, browser: Browser
) -> None:
    some = things(newsroom, desk)
    fill(newsroom, desk, [LONG, ARABIC])
    known: set[tuple[str, int]] = set()
    with served(desk) as address, closing(browser.new_context(viewport=WIDE)) as elsewhere:
        sign_in(eye, address, newsroom.ana)
        nobody = elsewhere.new_page()
        for endpoint, path in looks(desk, {**some, **shared(newsroom)}):
            if endpoint in FRAGMENTS:
                continue
            page = nobody if endpoint in NO_SIGN_IN else eye
            answer = page.goto(address + path)
            assert answer is not None
            assert page.locator("h1").count() == 1, path
            assert too_wide(page) == [], path
            # The looks at one page are alike to axe, but for those that are refused.
            if (endpoint, answer.status) not in known:
                known.add((endpoint, answer.status))
                assert wrong(page) == [], path


def test_so_do_the_cards_of_what_was_not_taken(newsroom: Newsroom, desk: Flask, eye: Page) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    decided = newsroom.held("You are a fool, Tom.")
    other = newsroom.held("Nobody asked for trams here!", commenter={"id": "m", "name": "Mia"})
    with served(desk) as address:
        sign_in(eye, address, newsroom.ana)
        at_desk(desk, newsroom.ben).act("approve", decided)
        eye.locator(f"#card-{decided} [data-act=block]").click()
        expect(eye.locator(f"#card-{decided} .says")).to_be_visible()
        # A note that is too long for the service, and was not for the field.
        eye.evaluate("document.querySelectorAll('[name=note]').forEach(n => n.maxLength = 9999)")
        card = eye.locator(f"#card-{other}")
        card.locator(".block [name=note]").fill("x" * 1001)
        card.locator("[data-act=block]").click()
        expect(card.locator(".says")).to_be_visible()
        assert wrong(eye) == []
