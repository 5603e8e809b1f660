"""A blocked comment offers to decide what was answered to it: looked through, then all as one."""

from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from moderation import comments, threads
from moderation.models import Decision
from moderation.queue import together
from tests.desk.conftest import sign_in, words
from tests.desk.test_queue import counted
from tests.desk.test_together import THERE, boxes, statuses, undo_of
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later, unrecorded


def thread(newsroom: Newsroom) -> list[UUID]:
    """A held comment; a held and an approved reply, an approved one to that; a blocked one."""
    first = newsroom.held("First fool", external_id="c-1")
    held = newsroom.held("Held reply", parent="c-1", external_id="c-2")
    shown = newsroom.approved("Shown reply", parent="c-1", external_id="c-3")
    deep = newsroom.approved("Deep reply", parent="c-3", external_id="c-4")
    gone = newsroom.held("Gone reply", parent="c-1")
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, gone, record=unrecorded, now=later(1))
    newsroom.held("Another thread")
    return [first, held, shown, deep]


def test_the_replies_are_shown_decided_and_taken_back_as_one(
    newsroom: Newsroom, ana: Visitor
) -> None:
    first, held, shown, deep = thread(newsroom)
    card = ana.act("block", first, htmx=True, clause="profanity", back="/queue?order=newest")
    assert "Decide its 3 replies, too" in words(card)
    there = f"{THERE}?replies_to={first}&back=/queue?order%3Dnewest"
    assert f'href="{there.replace("&", "&amp;")}"' in card.text
    page = ana.get(there)
    assert boxes(page.text) == [f"{held}:1:waiting", f"{shown}:1:approved", f"{deep}:1:approved"]
    assert "3 comments" in words(page)
    assert words(page).count("Readers see it.") == 2
    assert '<option value="profanity" selected>' in page.text  # as the comment that they answer
    assert statuses(newsroom) == {"held": 3, "approved": 2, "blocked": 1}

    form: dict[str, Any] = {"act": "block", "clause": "profanity", "back": "/queue?order=newest"}
    assert ana.post(THERE, seen=boxes(page.text), **form).location == "/queue?order=newest"
    page = ana.get("/queue")
    assert "3 blocked." in words(page)
    assert statuses(newsroom) == {"held": 2, "blocked": 4}
    ana.post(undo_of(page.text))
    assert "3 taken back." in words(ana.get("/queue"))
    # Each stands as it stood before.
    assert [newsroom.comment(one).status for one in (first, held, shown, deep)] == [
        "blocked",
        "held",
        "approved",
        "approved",
    ]


def test_without_javascript_the_offer_stands_beside_what_was_done(
    newsroom: Newsroom, ana: Visitor
) -> None:
    first, *_ = thread(newsroom)
    ana.act("block", first, clause="profanity", back="/queue?order=newest")
    page = ana.get("/queue?order=newest")
    assert "Blocked. Decide its 3 replies, too" in words(page)
    assert f"{THERE}?replies_to={first}" in page.text
    assert "Decide its 3 replies, too" in words(ana.get(f"/sites/the-daily/comments/{first}"))
    # Approved, or without an answer, it offers nothing.
    ana.act("block", newsroom.held(), clause="profanity")
    assert "replies, too" not in words(ana.get("/queue"))


def test_those_that_readers_see_already_are_not_approved_once_more(
    newsroom: Newsroom, ana: Visitor
) -> None:
    first, *_ = thread(newsroom)
    ana.act("block", first, clause="profanity")
    page = ana.get(f"{THERE}?replies_to={first}")
    ana.post(THERE, seen=boxes(page.text), act="approve")
    assert words(ana.get("/queue")).count("1 approved.") == 1
    assert "had changed meanwhile" not in words(ana.get("/queue"))
    assert statuses(newsroom) == {"held": 2, "approved": 3, "blocked": 1}


def test_one_that_was_withdrawn_or_put_aside_meanwhile_is_left_as_it_is(
    newsroom: Newsroom, ana: Visitor
) -> None:
    first, held, shown, deep = thread(newsroom)
    ana.act("block", first, clause="profanity")
    page = ana.get(f"{THERE}?replies_to={first}")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, shown, "Sorry, Tom.", now=later(1))
    ana.act("later", held, tray="waiting")
    ana.post(THERE, seen=boxes(page.text), act="block", clause="profanity")
    assert "1 blocked. 2 had changed meanwhile" in words(ana.get("/queue"))
    assert newsroom.comment(deep).status == "blocked"


def test_an_endless_thread_is_followed_so_far_and_offered_so_many(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    monkeypatch.setattr(threads, "DEEPEST", 4)
    first = newsroom.held("First fool", external_id="c-0")
    for number in range(6):
        newsroom.approved(f"Reply {number}", parent=f"c-{number}", external_id=f"c-{number + 1}")
    card = ana.act("block", first, htmx=True, clause="profanity")
    assert "Decide its first 2 replies, too" in words(card)
    page = ana.get(f"{THERE}?replies_to={first}")
    assert "2 comments, the first of more" in words(page)
    assert len(boxes(page.text)) == 2
    with newsroom.db.reading() as session:
        assert len(threads.below(session, newsroom.daily.id, first, limit=99)) == 4
        monkeypatch.setattr(threads, "LOOKED_THROUGH", 3)
        assert len(threads.below(session, newsroom.daily.id, first, limit=99)) == 3


def test_many_replies_are_counted_by_one_query(newsroom: Newsroom, ana: Visitor) -> None:
    first, *_ = thread(newsroom)
    ana.act("block", first, clause="profanity")
    with counted(newsroom.db) as few:
        ana.get(f"/sites/the-daily/comments/{first}")
    for number in range(10):
        newsroom.approved(f"Reply {number}", parent="c-1")
    with counted(newsroom.db) as many:
        assert "13 replies" in words(ana.get(f"/sites/the-daily/comments/{first}"))
    assert len(many) == len(few)


def test_another_sites_replies_are_nobodys_business(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    first, *_ = thread(newsroom)
    ana.act("block", first, clause="profanity")
    assert ben.get(f"{THERE}?replies_to={first}").status_code == 404
    theirs = f"/sites/the-evening-post/together?replies_to={first}"
    assert ben.get(theirs).status_code == 404
    assert ana.get(f"{THERE}?replies_to=made-up").status_code == 404


@pytest.mark.browser
def test_in_the_browser_from_the_card_and_back(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    thread(on_sqlite)
    sign_in(page, address, on_sqlite.ana)
    page.keyboard.press("j")
    page.keyboard.press("1")
    page.get_by_role("link", name="Decide its 3 replies, too").click()
    expect(page.locator("h1")).to_have_text("3 comments")
    page.get_by_role("button", name="Block them").click()
    expect(page.locator(".told")).to_contain_text("3 blocked.")
    page.locator(".told button").click()
    expect(page.locator(".told")).to_contain_text("3 taken back.")
    with on_sqlite.db.reading() as session:
        made = session.scalars(select(Decision.together).where(Decision.together.is_not(None)))
        assert len(made.all()) == 6
    assert console == []
