"""The desk for everybody: axe finds nothing, and a phone shows it without scrolling sideways."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import update

from moderation import flags
from moderation.models import Keys, Moderator, Role
from moderation.spans import Carrier
from moderation.staff import moderators
from moderation.submission import FlagReport
from tests.desk.conftest import app_of, at_desk, served, sign_in
from tests.desk.test_bad_input import sign_out
from tests.desk.test_codes import shown
from tests.desk.test_compare import judge
from tests.desk.test_new_password import link_for
from tests.desk.test_roles import given
from tests.desk.test_saved_replies import saved
from tests.desk.test_underlining import explained
from tests.newsroom import NOON, PASSWORD, POLICY, Newsroom, later

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 900}
LONG = "W" * 400 + " " + "word " * 60
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def busy(on_sqlite: Newsroom) -> Newsroom:
    """A queue with everything that a card can show, and a colleague's decisions."""
    newsroom = on_sqlite
    parent = newsroom.approved("Trams are late again.", external_id="p")
    newsroom.held(f"You are a fool, Tom. {LONG}\u202e\x07", parent="p")
    explained(newsroom, {"insult": [Carrier(10, 14, 0.7), Carrier(30, 600, 0.2)]})
    reported = newsroom.approved("هذا قرار جيد", commenter={"id": "m", "name": "مريم"})
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.post)
        for reader in ("r1", "r2"):
            report = FlagReport(reader=reader, reason="abusive", text=LONG[:1000])
            flags.flag(session, newsroom.daily.id, reported, report, now=later(1))
    ana = at_desk(app_of(newsroom), newsroom.ana)
    for number, act in enumerate(("approve", "block")):
        comment_id = newsroom.held(f"Fool number {number}")
        ana.act(act, comment_id, clause="personal-attacks", note=LONG[:900])
    rita = f"/sites/the-daily/commenters/{newsroom.comment(parent).commenter_id}"
    ana.post(f"{rita}/notes", text=LONG)
    ana.post(f"{rita}/block", reason=LONG[:450], until="2999-01-31")
    ana.post(f"{rita}/unblock")
    escalated = newsroom.held("Fool number 2")
    form = {"tray": "waiting", "concern": "suicide", "note": LONG[:900]}
    ana.act("escalate", escalated, **form)
    return newsroom


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Literal["light", "dark"]:
    return "dark" if request.param == "dark" else "light"


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def screen(
    request: pytest.FixtureRequest, browser: Browser, scheme: Literal["light", "dark"]
) -> Iterator[Page]:
    """A page of that size and colour scheme."""
    with closing(
        browser.new_context(viewport=request.param, color_scheme=scheme, reduced_motion="reduce")
    ) as context:
        yield context.new_page()


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds, as (rule, element)."""
    found: Any = Axe().run(page, options={"runOnly": RULES}).response
    return [
        (violation["id"], node["html"][:200])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Page) -> int:
    """How far the page is wider than its window, or a card's acts than the card, in pixels."""
    wider = page.evaluate(
        "Math.max(...[document.documentElement, ...document.querySelectorAll('.acts')]"
        ".map((one) => one.scrollWidth - one.clientWidth))"
    )
    assert isinstance(wider, int)
    return wider


def test_every_page_passes_axe_and_fits_its_window(busy: Newsroom, screen: Page) -> None:
    with served(app_of(busy)) as address:
        screen.goto(f"{address}/login")
        assert faults(screen) == []
        screen.goto(address + link_for(busy, busy.ana))
        assert screen.url == f"{address}/password"
        screen.fill("#password", PASSWORD)
        screen.fill("#again", f"{PASSWORD}?")
        screen.click("text=Set it")
        screen.locator("#wrong").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(f"{address}/password?token=none")
        assert (faults(screen), overflow(screen)) == ([], 0)
        sign_in(screen, address, busy.ana)
        first = screen.locator("article").first
        for path in (
            "/queue",
            "/queue?tray=escalated",
            "/queue?tray=mine&clause=personal-attacks&from=0.2",
            "/queue?hours=soon",
            "/search?q=fool",
            "/sites/the-daily/together?reported=1",
            "/decisions",
            "/decisions?by=all",
            first.locator(".permalink").get_attribute("href"),
            first.locator(".case").get_attribute("href"),
            first.locator("text=the discussion").get_attribute("href"),
            first.locator("a.person").get_attribute("href"),
            "/policy",
            "/sites/the-daily/policy",
            "/sites/the-daily/figures",
            "/sites/the-daily/spot-check",
            "/no/such/page",
        ):
            screen.goto(f"{address}{path}")
            assert screen.locator("h1").count() == 1, path
            assert faults(screen) == [], path
            assert overflow(screen) == 0, path
        # The case of a comment that is blocked.
        screen.goto(f"{address}/decisions")
        screen.locator("a[href*='/case#']").first.click()
        screen.locator("#told").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        # A policy that is tried out, and one with mistakes.
        for source, title in (
            (POLICY.replace("hold = 0.6", "hold = 0.9"), "What this policy would do"),
            ("nonsense", "This policy cannot be posted"),
        ):
            screen.goto(f"{address}/sites/the-daily/policy")
            screen.fill("#source", source)
            screen.click("text=Try it, posting nothing")
            screen.locator("h1", has_text=title).wait_for()
            screen.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert faults(screen) == [], title
            assert overflow(screen) == 0, title
        # Everything unfolded, one card decided, the list of keys open.
        screen.goto(f"{address}/queue?order=oldest")
        screen.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        screen.locator("[data-act=block]").first.click()
        screen.locator("article.done").wait_for()
        assert faults(screen) == []
        assert overflow(screen) == 0
        screen.evaluate("document.getElementById('help').showModal()")
        assert faults(screen) == []


@pytest.fixture
def staffed(busy: Newsroom) -> Newsroom:
    """Ana is admin of both papers, with a colleague of a long name and somebody invited."""
    with busy.db.transaction() as session:
        for site in (busy.daily, busy.post):
            moderators.assign(session, busy.ana, site, Role.ADMIN)
        eva = moderators.add(session, "eva@daily.example", PASSWORD, name=LONG[:150], now=NOON)
        moderators.assign(session, eva, busy.daily)
    return busy


def test_the_pages_about_people_pass_axe_and_fit_their_window(
    staffed: Newsroom, screen: Page
) -> None:
    with served(app_of(staffed)) as address:
        sign_in(screen, address, staffed.ana)
        screen.goto(f"{address}/sites/the-daily/people")
        screen.fill("[name=email]", f"{LONG[:60]}@daily.example")
        screen.click("text=Make the link")
        link = screen.locator("#link").input_value()
        screen.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(link)
        assert (faults(screen), overflow(screen)) == ([], 0)
        for path in ("/invitation?token=none", "/sites/the-daily/audit", "/account"):
            screen.goto(f"{address}{path}")
            assert screen.locator("h1").count() == 1, path
            assert (faults(screen), overflow(screen)) == ([], 0), path


def test_the_page_about_the_sites_own_pages_passes_axe_and_fits_its_window(
    staffed: Newsroom, screen: Page
) -> None:
    with served(app_of(staffed)) as address:
        sign_in(screen, address, staffed.ana)
        screen.goto(f"{address}/sites/the-daily/embedding")
        screen.fill("#origins", "https://daily.example")
        screen.click("text=Set it")
        screen.locator("pre").wait_for()
        for label in ("Make a secret", "Make another secret"):
            screen.click(f"button:has-text('{label}')")
            screen.locator("#secret").wait_for()
            assert (faults(screen), overflow(screen)) == ([], 0)
        screen.fill("#origins", f"https://{LONG[:400]}")
        screen.click("text=Set it")
        screen.get_by_role("alert").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)


def test_the_pages_about_codes_pass_axe_and_fit_their_window(
    staffed: Newsroom, screen: Page
) -> None:
    with served(app_of(staffed)) as address:
        sign_in(screen, address, staffed.ana)
        screen.goto(f"{address}/account/codes")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.click("text=Set up codes")
        screen.locator(".qr").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.fill("#code", shown(staffed, staffed.ana))
        screen.fill("#current", PASSWORD)
        screen.click("text=Log in with codes from now on")
        screen.locator(".recovery").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.click("text=Log out")
        screen.fill("#email", staffed.ana.email)
        screen.fill("#password", PASSWORD)
        screen.click("text=Log in")
        screen.fill("#code", "no code")
        screen.click("text=Log in")
        screen.locator("#wrong").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)


def test_explaining_and_what_went_wrong_pass_axe_and_fit_their_window(
    busy: Newsroom, screen: Page
) -> None:
    given(busy, Role.LEAD)
    saved(busy, "Argue with what was said, not with who said it, also on a long day", LONG[:900])
    with served(app_of(busy)) as address:
        sign_in(screen, address, busy.ana)
        screen.goto(f"{address}/sites/the-daily/saved-replies")
        screen.get_by_text("Change or remove").first.click()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(f"{address}/signed-in")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(f"{address}/queue")
        card = screen.locator("article").first
        card.locator(".explain summary").click()
        card.locator("[name=explanation]").fill(LONG[:900])
        assert (faults(screen), overflow(screen)) == ([], 0)
        sign_out(busy)
        card.locator("[data-act=approve]").click()
        card.locator(".fault a").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)


@pytest.mark.parametrize("language", ["hy", "ru"])
def test_a_desk_as_somebody_wants_it_passes_axe_and_fits_its_window(
    busy: Newsroom, screen: Page, language: str
) -> None:
    with busy.db.transaction() as session:
        moderators.prefer(
            session,
            busy.ana.id,
            language=language,
            time_zone="America/Argentina/ComodRivadavia",
            keys=Keys.OFF,
            blurs=True,
        )
        session.execute(update(Moderator).values(name="Anna Maria of the morning and the evening"))
    with served(app_of(busy)) as address:
        sign_in(screen, address, busy.ana)
        case = screen.locator(".case").first.get_attribute("href")
        for path in ("/queue", "/account", "/decisions", case):
            screen.goto(f"{address}{path}")
            assert (faults(screen), overflow(screen)) == ([], 0), path
        screen.goto(f"{address}/account")
        screen.fill("#time-zone", "Europe/Nowhere")
        screen.press("#time-zone", "Enter")
        screen.locator("#no-zone").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        # Tables of counts have long words for their columns.
        screen.goto(f"{address}/sites/the-daily/policy")
        screen.fill("#source", POLICY.replace("hold = 0.6", "hold = 0.9"))
        screen.locator(".policy-form .main").click()
        screen.locator("#flips").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)


def test_where_two_systems_are_compared_nothing_is_pushed_aside(
    on_sqlite: Newsroom, screen: Page
) -> None:
    """Also in the language of the longest words: on a phone each number has its heading before
    it."""
    given(on_sqlite, Role.LEAD)
    with on_sqlite.db.transaction() as session:
        session.execute(update(Moderator).values(language="hy"))
    for theirs in ("approved", "held", "blocked"):
        judge(on_sqlite, f"You fool, {theirs}.", 0.8, theirs)
    with served(app_of(on_sqlite)) as address:
        sign_in(screen, address, on_sqlite.ana)
        screen.goto(f"{address}/sites/the-daily/compare?theirs=approved&ours=held")
        assert (faults(screen), overflow(screen)) == ([], 0)
        tables = screen.locator(".scrolled")
        assert tables.count() == 3
        aside = "all => all.map(one => one.scrollWidth - one.clientWidth)"
        assert tables.evaluate_all(aside) == [0, 0, 0]


def test_at_twice_the_letter_size_nothing_is_cut_off(busy: Newsroom, screen: Page) -> None:
    with served(app_of(busy)) as address:
        sign_in(screen, address, busy.ana)
        screen.evaluate("document.documentElement.style.fontSize = '200%'")
        assert overflow(screen) == 0


def test_the_focus_can_be_seen(busy: Newsroom, screen: Page) -> None:
    with served(app_of(busy)) as address:
        sign_in(screen, address, busy.ana)
        for _ in range(12):
            screen.keyboard.press("Tab")
            outline = screen.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", screen.evaluate("document.activeElement.outerHTML")
