"""How a moderator wants their desk: the time by their clock, the keys that they know, words that
they do not have to read unasked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from playwright.sync_api import Locator, Page, expect

from moderation.desk import clock
from moderation.desk.door import Person
from moderation.desk.wording import ago
from moderation.models import Keys, Moderator, SignIn
from moderation.staff import moderators
from tests.desk.conftest import at_desk, sign_in, words
from tests.desk.test_underlining import WITH_WORDS
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom

FORM: dict[str, Any] = {"language": "", "time_zone": "UTC", "keys": "ours"}
SHARP = "none"


def prefer(newsroom: Newsroom, moderator: Moderator, **chosen: Any) -> None:
    wanted = {"language": None, "time_zone": "UTC", "keys": Keys.OURS, "blurs": False} | chosen
    with newsroom.db.transaction() as session:
        moderators.prefer(session, moderator.id, **wanted)


# --- the form ---------------------------------------------------------------------------------


def test_what_is_chosen_is_kept_and_said_in_the_new_language(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    ana.get("/account")
    answer = ana.post(
        "/account/preferences",
        **FORM | {"language": "ru", "time_zone": "Asia/Yerevan", "keys": "coral", "blurs": "1"},
    )

    assert (answer.status_code, answer.location) == (303, "/account")
    page = ana.get("/account").text
    for chosen in (
        '<option value="ru" lang="ru" selected>',
        'value="Asia/Yerevan" >',
        '<option value="coral" selected>',
        'name="blurs" value="1" checked',
    ):
        assert chosen in page
    assert 'lang="en"' in ben.get("/account").text.split(">", 2)[1]
    ana.post("/account/preferences", **FORM)
    assert 'class="blurs"' not in ana.get("/account").text


@pytest.mark.parametrize(
    "zone",
    ["", "Europe/Nowhere", "EST", "../etc/passwd", "/etc/localtime", "Europe/Berlin\0", "<b>"],
)
def test_a_time_zone_that_there_is_not_is_refused(ana: Visitor, zone: str) -> None:
    ana.get("/account")

    answer = ana.post("/account/preferences", **FORM | {"time_zone": zone, "language": "ru"})

    assert answer.status_code == 422
    assert "There is no time zone" in words(answer)
    assert "Nothing was changed" in words(answer)
    assert "<b></b>" not in answer.text
    assert 'name="time_zone" list="zones" required maxlength="64"' in answer.text
    assert "Log out" in words(ana.get("/queue"))


@pytest.mark.parametrize("slip", [{"language": "de"}, {"keys": "vim"}, {"keys": ""}])
def test_what_no_form_offers_is_refused(ana: Visitor, slip: dict[str, str]) -> None:
    ana.get("/account")

    assert ana.post("/account/preferences", **FORM | slip).status_code == 400


# --- the clock --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "moment", "said"),
    [
        ("UTC", datetime(2026, 5, 4, 12, tzinfo=UTC), "2026-05-04 12:00:00 UTC"),
        (
            "Asia/Yerevan",
            datetime(2026, 5, 4, 21, tzinfo=UTC),
            "2026-05-05 01:00:00 Asia/Yerevan (UTC+04:00)",
        ),
        # The hour that is there twice.
        (
            "Europe/Berlin",
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            "2026-10-25 02:30:00 Europe/Berlin (UTC+02:00)",
        ),
        (
            "Europe/Berlin",
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "2026-10-25 02:30:00 Europe/Berlin (UTC+01:00)",
        ),
        # The hour that is not there.
        (
            "Europe/Berlin",
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
            "2026-03-29 03:30:00 Europe/Berlin (UTC+02:00)",
        ),
        (
            "Asia/Kolkata",
            datetime(2026, 5, 4, 12, tzinfo=UTC),
            "2026-05-04 17:30:00 Asia/Kolkata (UTC+05:30)",
        ),
        # Chosen on a machine that knew it.
        ("Europe/Nowhere", datetime(2026, 5, 4, 12, tzinfo=UTC), "2026-05-04 12:00:00 UTC"),
    ],
)
def test_a_moment_is_told_by_their_clock(
    newsroom: Newsroom, desk: Flask, zone: str, moment: datetime, said: str
) -> None:
    prefer(newsroom, newsroom.ana, time_zone=zone)
    with as_person(newsroom, desk):
        assert clock.exactly(moment) == said


def test_a_day_is_theirs_and_so_is_its_midnight(newsroom: Newsroom, desk: Flask) -> None:
    prefer(newsroom, newsroom.ana, time_zone="Pacific/Auckland")
    late = datetime(2025, 12, 31, 12, tzinfo=UTC)
    with as_person(newsroom, desk):
        assert ago(late, late + timedelta(days=9)) == "1 January"
        assert clock.midnight("2026-04-06") == datetime(2026, 4, 5, 12, tzinfo=UTC)
        assert clock.midnight("2026-04-05") == datetime(2026, 4, 4, 11, tzinfo=UTC)
        assert clock.midnight("") is None


def test_a_page_says_the_zone_and_keeps_utc_for_machines(newsroom: Newsroom, desk: Flask) -> None:
    comment_id = newsroom.held()
    prefer(newsroom, newsroom.ana, time_zone="Asia/Yerevan")

    page = at_desk(desk, newsroom.ana).get(f"/sites/the-daily/comments/{comment_id}").text

    times = re.findall(r'<time datetime="([^"]+)" title="([^"]+)">', page)
    assert times
    for exact, shown in times:
        assert exact.endswith("+00:00")
        assert shown.endswith("Asia/Yerevan (UTC+04:00)")


@contextmanager
def as_person(newsroom: Newsroom, desk: Flask) -> Iterator[None]:
    """A request of Ana's, as the door lets it in."""
    with newsroom.db.reading() as session:
        ana = session.get_one(Moderator, newsroom.ana.id)
    with desk.test_request_context("/queue"):
        sign_in = SignIn(token_hash="", moderator_id=ana.id)
        g.person = Person(moderator=ana, sites={}, roles={}, sign_in=sign_in, has_codes=False)
        yield


# --- in the browser ---------------------------------------------------------------------------


def kbd(page: Page, act: str) -> Locator:
    return page.locator(f"article.open [data-act={act}] kbd").first


@pytest.mark.browser
def test_corals_keys(on_sqlite: Newsroom, address: str, page: Page) -> None:
    for number in ("First", "Second"):
        on_sqlite.held(f"{number} fool")
    prefer(on_sqlite, on_sqlite.ana, keys=Keys.CORAL)
    sign_in(page, address, on_sqlite.ana)
    page.keyboard.press("j")

    page.keyboard.press("a")
    expect(page.locator("article.done")).to_have_count(0)
    expect(kbd(page, "approve")).to_have_text("f")
    expect(page.locator("[data-act=approve]").first).to_have_attribute("aria-keyshortcuts", "f")
    page.keyboard.press("?")
    expect(page.locator("dialog kbd", has_text=re.compile("^f$")).first).to_be_visible()
    expect(page.locator("dialog kbd", has_text=re.compile("^a$"))).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#say")).to_have_text("Approved by you")
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.name") == "clause"


@pytest.mark.browser
def test_no_keys_at_all(on_sqlite: Newsroom, address: str, page: Page) -> None:
    on_sqlite.held()
    prefer(on_sqlite, on_sqlite.ana, keys=Keys.OFF)
    sign_in(page, address, on_sqlite.ana)

    for key in ("j", "a", "f", "1", "?", "x"):
        page.keyboard.press(key)

    expect(page.locator("article.done")).to_have_count(0)
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)
    expect(page.locator("article kbd")).to_have_count(0)
    page.click("#show-help")
    expect(page.locator("dialog")).to_contain_text("You have switched the keys off.")
    page.click("dialog button")
    page.click("text=Approve")
    expect(page.locator("article.done")).to_have_count(1)


def blur(mark: Locator) -> str:
    return str(mark.evaluate("mark => getComputedStyle(mark).filter"))


@pytest.mark.browser
def test_blurred_words_are_shown_when_looked_at(
    on_sqlite: Newsroom, address: str, page: Page
) -> None:
    on_sqlite.post_policy(WITH_WORDS)
    on_sqlite.held("You old fool, Tom.")
    sign_in(page, address, on_sqlite.ana)
    mark = page.locator(".words mark").first
    assert blur(mark) == SHARP
    prefer(on_sqlite, on_sqlite.ana, blurs=True)
    page.reload()
    page.mouse.move(0, 0)

    assert blur(mark) != SHARP
    mark.hover()
    assert blur(mark) == SHARP
    page.mouse.move(0, 0)
    assert blur(mark) != SHARP
    page.locator(".words").first.focus()
    assert blur(mark) == SHARP
    page.keyboard.press("j")
    page.locator("article.open").first.focus()
    assert blur(mark) != SHARP
    page.keyboard.press("u")
    assert blur(mark) == SHARP
    page.keyboard.press("u")
    assert blur(mark) != SHARP


OVERLAPS = """acts => {
  const boxes = [...acts.querySelectorAll("button, select, input:not([type=hidden]), summary")]
    .filter(one => one.checkVisibility())
    .map(one => [one.textContent.trim(), one.getBoundingClientRect()]);
  return boxes.flatMap(([name, a], nth) => boxes.slice(nth + 1)
    .filter(([, b]) => a.left < b.right - 1 && b.left < a.right - 1
      && a.top < b.bottom - 1 && b.top < a.bottom - 1)
    .map(([other]) => `${name} / ${other}`));
}"""


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "hy", "ru"])
@pytest.mark.parametrize("width", [360, 760, 1280])
def test_longer_words_run_into_nothing(
    on_sqlite: Newsroom, address: str, page: Page, language: str, width: int
) -> None:
    on_sqlite.held()
    prefer(on_sqlite, on_sqlite.ana, language=language)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, address, on_sqlite.ana)

    assert page.locator(".acts").evaluate(OVERLAPS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
