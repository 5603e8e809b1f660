"""The notices that wait: what a moderator sees of each, and what comes of their answer."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from moderation import flags
from moderation.models import Notice
from moderation.redress import notices
from moderation.submission import FlagReport, IllegalContent, Notifier
from tests.desk.conftest import app_of, served, sign_in, words
from tests.desk.test_accessibility import LONG, faults, overflow, scheme, screen
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later

__all__ = ["scheme", "screen"]


def noticed(newsroom: Newsroom, text: str = "Tom was in prison.", **fields: str) -> UUID:
    """Somebody gives notice of Rita's comment, which the policy has approved."""
    comment_id = newsroom.approved(text)
    given = IllegalContent(
        kind="defamation",
        text=fields.get("says", "I never was."),
        notifier=Notifier(name=fields.get("name", "Omar Said"), email="omar@reader.example"),
        good_faith=True,
    )
    with newsroom.db.transaction() as session:
        taken = notices.receive(
            session, newsroom.daily.id, comment_id, given, now=datetime.now(UTC)
        )
        return taken.complaint.id


def row(newsroom: Newsroom, notice_id: UUID) -> Notice:
    with newsroom.db.reading() as session:
        return session.scalars(select(Notice).where(Notice.id == notice_id)).one()


def act(visitor: Visitor, what: str, notice_id: UUID, **form: str) -> TestResponse:
    filled: dict[str, Any] = {
        "revision": "1",
        "status": "approved",
        "reason": "Because.",
        "back": "/notices",
    }
    clause = {"clause": "personal-attacks"} if what == "block" else {}
    return visitor.post(f"/sites/the-daily/notices/{notice_id}/{what}", **filled | clause | form)


def test_it_comes_before_a_moderator_with_all_that_is_said(
    newsroom: Newsroom, ana: Visitor
) -> None:
    notice_id = noticed(newsroom)

    page = ana.get("/notices")

    said = words(page)
    for shown in ("Notices 1", "1 waiting", "Tom was in prison.", "Approved by the policy"):
        assert shown in said, shown
    assert "Why it is said to be illegal: defamation" in said
    assert "By Omar Said, omar@reader.example." in said
    assert words(ana.get(f"/sites/the-daily/notices/{notice_id}")).count("I never was.") == 1


def test_a_held_comment_says_in_the_queue_that_a_notice_waits_for_it(
    newsroom: Newsroom, ana: Visitor
) -> None:
    notice_id = noticed(newsroom)
    comment_id = row(newsroom, notice_id).comment_id
    newsroom.held("Another fool", commenter={"id": "mia", "name": "Mia"})
    for reader in ("one", "two"):
        report = FlagReport(reader=reader, reason="abusive")
        with newsroom.db.transaction() as session:
            flags.flag(session, newsroom.daily.id, comment_id, report, now=later(1))
    newsroom.judge()

    page = ana.get("/queue")

    assert words(page).count("Said to be illegal: defamation") == 1
    card = page.text.partition(f'id="card-{comment_id}"')[2].partition("</article>")[0]
    assert f'href="/sites/the-daily/notices/{notice_id}"' in card
    # Answered, it waits no more.
    act(ana, "leave", notice_id, status="held")
    assert "Said to be illegal" not in words(ana.get("/queue"))


def test_left_as_it_is_and_taken_back(newsroom: Newsroom, ana: Visitor) -> None:
    notice_id = noticed(newsroom)
    ana.get("/notices")

    assert act(ana, "leave", notice_id).location == "/notices"

    assert "The comment stays as it is." in words(ana.get("/notices"))
    assert row(newsroom, notice_id).reason == "Because."
    assert "Left as it was by you" in words(ana.get(f"/sites/the-daily/notices/{notice_id}"))
    act(ana, "undo", notice_id)
    assert row(newsroom, notice_id).outcome is None


def test_blocked_and_undone(newsroom: Newsroom, ana: Visitor) -> None:
    notice_id = noticed(newsroom)
    comment_id = row(newsroom, notice_id).comment_id
    ana.get("/notices")

    act(ana, "block", notice_id)

    assert newsroom.comment(comment_id).status == "blocked"
    assert "Nothing waits" in words(ana.get("/notices"))
    ana.post(f"/sites/the-daily/decisions/{newsroom.comment(comment_id).decision_id}/undo")
    assert newsroom.comment(comment_id).status == "approved"
    assert "1 waiting" in words(ana.get("/notices"))


def test_a_case_shows_its_notices_and_that_one_led_to_the_block(
    newsroom: Newsroom, ana: Visitor
) -> None:
    notice_id = noticed(newsroom)
    act(ana, "block", notice_id)

    said = words(ana.get(f"/sites/the-daily/comments/{row(newsroom, notice_id).comment_id}/case"))

    assert "Said to be illegal: defamation" in said
    assert "Blocked by you" in said
    assert "I never was." in said
    assert "The reason given: Because." in said
    assert "Somebody had given notice of it as illegal content" in said
    assert "Omar" not in said


def test_those_that_are_answered_are_a_list_of_their_own_newest_first(
    newsroom: Newsroom, ana: Visitor
) -> None:
    texts = [f"Tram number {number} was late." for number in range(22)]
    for text in texts:
        act(ana, "leave", noticed(newsroom, text))
    noticed(newsroom, "Nobody has answered this.")

    page = ana.get("/notices?show=answered")

    said = words(page)
    assert "Nobody has answered this." not in said
    found = [int(number) for number in re.findall(r"Tram number (\d+) was", said)]
    assert found == list(range(21, 1, -1))
    [earlier] = re.findall(r'href="(/notices\?[^"]*before=[^"]*)"', page.text)
    rest = words(ana.get(earlier.replace("&amp;", "&")))
    assert re.findall(r"Tram number (\d+) was", rest) == ["1", "0"]
    assert "Tram number" not in words(ana.get("/notices"))
    for made_up in ("show=made-up", "show=answered&before=x", "after=x"):
        assert ana.get(f"/notices?{made_up}").status_code == 404


@pytest.mark.parametrize("what", ["leave", "block"])
@pytest.mark.parametrize("reason", ["", "x" * 1001, "a\0b"])
def test_without_a_reason_nothing_is_decided(
    newsroom: Newsroom, ana: Visitor, what: str, reason: str
) -> None:
    notice_id = noticed(newsroom)
    answer = act(ana, what, notice_id, reason=reason)
    assert answer.status_code == 422
    assert "Give the notifier a reason, at most 1000 characters" in words(answer)
    assert row(newsroom, notice_id).outcome is None


def test_a_stale_card_says_what_happened(newsroom: Newsroom, ana: Visitor) -> None:
    first, second = noticed(newsroom), noticed(newsroom)
    act(ana, "leave", first)
    again = act(ana, "block", first)
    assert again.status_code == 409
    assert "Left as it was by you, just now. Your decision was not taken." in words(again)
    changed = act(ana, "block", second, status="held")
    assert changed.status_code == 409
    assert "The comment has changed since you saw it" in words(changed)
    unknown = act(ana, "block", second, clause="made-up")
    assert unknown.status_code == 422
    assert row(newsroom, second).outcome is None


@pytest.mark.browser
def test_by_keyboard_alone(on_sqlite: Newsroom, page: Page, console: list[str]) -> None:
    notice_id = noticed(on_sqlite)
    with served(app_of(on_sqlite)) as address:
        sign_in(page, address, on_sqlite.ana)
        page.goto(f"{address}/notices")
        for key in ("j", "a"):
            page.keyboard.press(key)
        page.keyboard.type("It names nobody")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#say")).to_contain_text("Left as it was by you")
        page.keyboard.press("z")
        expect(page.locator("#waiting")).to_have_text("1 waiting")
    assert console == []
    assert row(on_sqlite, notice_id).outcome is None


@pytest.mark.browser
def test_the_pages_pass_axe_and_fit_their_window(on_sqlite: Newsroom, screen: Page) -> None:
    first = noticed(on_sqlite, f"Tom was in prison. {LONG}\u202e", says=LONG, name="W" * 150)
    noticed(on_sqlite, "هذا قرار جيد", says="לא התכוונתי")
    with served(app_of(on_sqlite)) as address:
        sign_in(screen, address, on_sqlite.ana)
        screen.goto(f"{address}/notices")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.locator("[data-act=approve]").first.fill(LONG[:900])
        screen.locator(".approves button").first.click()
        screen.locator("article.done").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(f"{address}/notices?show=answered")
        screen.locator("article.done").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.goto(f"{address}/sites/the-daily/notices/{first}")
        assert (faults(screen), overflow(screen)) == ([], 0)
