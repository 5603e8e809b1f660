"""What is alike, and one commenter's backlog, as one card; unfolded, chosen and decided as one."""

import re
from collections.abc import Sequence
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from moderation import comments, queue
from moderation.queue import bundles, pages
from tests.desk.conftest import sign_in, words
from tests.desk.test_accessibility import faults, overflow
from tests.desk.test_orders import next_of, shown
from tests.desk.test_queue import counted, many_held, named
from tests.desk.test_together import boxes, seen, statuses, undo_of
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, submission, unrecorded

RAID = "Nobody wants this tram, you fools"


def held(newsroom: Newsroom, *said: tuple[str, str]) -> list[UUID]:
    """Held comments as (commenter, text), one after the other."""
    return [newsroom.held(text, commenter={"id": who, "name": who.title()}) for who, text in said]


def raid(newsroom: Newsroom, number: int) -> list[UUID]:
    """The same words, by as many readers, each in a form of their own."""
    return held(newsroom, *((f"raider {named(n)}", f"{RAID}{'!' * n}") for n in range(number)))


def backlog(newsroom: Newsroom, number: int) -> list[UUID]:
    """As many by Tom, each in other words."""
    return held(newsroom, *(("tom", f"You fool of kind {named(n)}") for n in range(number)))


def fold_of(page_text: str, by: str) -> str:
    """Where what is folded is read from."""
    found = re.search(rf'hx-get="([^"]+/folded\?[^"]*by={by}[^"]*)"', page_text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_the_same_words_are_one_card(newsroom: Newsroom, ana: Visitor) -> None:
    first, *more = raid(newsroom, 4)
    [other] = held(newsroom, ("rita", "You are another fool"))
    page = ana.get("/queue")
    assert shown(page) == [first, other]
    assert "3 more like this" in words(page)
    assert "5 waiting" in words(page)  # comments are counted, not cards

    opened = ana.get(fold_of(page.text, "like"), headers={"HX-Request": "true"})
    assert shown(opened) == more
    assert "<html" not in opened.text
    ana.act("approve", more[0])
    opened = ana.get(fold_of(page.text, "like"), headers={"HX-Request": "true"})
    assert shown(opened) == more[1:]


def test_a_commenters_backlog_is_one_card(newsroom: Newsroom, ana: Visitor) -> None:
    few = backlog(newsroom, 3)
    assert shown(ana.get("/queue")) == few
    [fourth] = held(newsroom, ("tom", "You fool of another kind"))
    page = ana.get("/queue")
    assert shown(page) == few[:1]
    assert "3 more by them" in words(page)
    opened = ana.get(fold_of(page.text, "commenter"), headers={"HX-Request": "true"})
    assert shown(opened) == [*few[1:], fourth]


def test_folding_is_switched_off_in_the_address(newsroom: Newsroom, ana: Visitor) -> None:
    held = raid(newsroom, 3)
    page = ana.get("/queue")
    assert "fold=no" in page.text
    unfolded = ana.get("/queue?fold=no&order=oldest")
    assert shown(unfolded) == held
    assert "more like this" not in words(unfolded)
    # It stays off in every other order, and there is a way back.
    assert re.search(r'href="[^"]*order=newest[^"]*fold=no|fold=no[^"]*order=newest', unfolded.text)
    assert "Fold what is alike" in words(unfolded)
    assert ana.get("/queue?fold=yes").status_code == 400


def test_without_htmx_the_fold_is_a_view_of_the_queue(newsroom: Newsroom, ana: Visitor) -> None:
    held = raid(newsroom, 3)
    backlog(newsroom, 4)
    page = ana.get("/queue?order=oldest")
    answer = ana.get(fold_of(page.text, "like"))
    assert answer.status_code == 303
    alone = ana.get(answer.location)
    assert shown(alone) == held
    assert "Only what has the same words" in words(alone)
    assert "3 fit" in words(alone)
    answer = ana.get(fold_of(page.text, "commenter"))
    assert len(shown(ana.get(answer.location))) == 4


def test_a_fold_is_decided_as_one_and_taken_back_as_one(newsroom: Newsroom, ana: Visitor) -> None:
    held = raid(newsroom, 6)
    page = ana.get("/queue")
    link = re.search(r'href="(/sites/the-daily/together\?[^"]*like=[^"]*)"', page.text)
    assert link is not None
    preview = ana.get(link[1].replace("&amp;", "&"))
    assert boxes(preview.text) == seen(*held)
    assert "6 comments" in words(preview)
    ana.post("/sites/the-daily/together", seen=boxes(preview.text), act="approve")
    assert statuses(newsroom) == {"approved": 6}
    ana.post(undo_of(ana.get("/queue").text))
    assert statuses(newsroom) == {"held": 6}


def test_chosen_with_its_card_a_fold_is_in_the_preview(newsroom: Newsroom, ana: Visitor) -> None:
    alike = raid(newsroom, 3)
    toms = backlog(newsroom, 4)
    there = "/sites/the-daily/together"
    tom = newsroom.comment(toms[0]).commenter_id
    chosen: list[tuple[str, str]] = [
        ("picked", seen(alike[0])[0]),
        ("also", f"like:{alike[0]}"),
        ("also", f"commenter:{tom}"),
        ("chosen", "1"),
        ("order", "oldest"),
    ]
    preview = ana.get(there, query_string=chosen)
    assert boxes(preview.text) == seen(*alike, *toms)
    assert ana.get(there, query_string={"chosen": "1", "order": "oldest"}).status_code == 400
    for wrong in (f"story:{tom}", "like", "like:one", f"like:{UUID(int=1)}"):
        assert ana.get(there, query_string={"also": wrong}).status_code == 400, wrong


@pytest.mark.parametrize(
    ("among", "asked"), [("FOLDED_AMONG", ""), ("FOLDED_AMONG_WORDS", "&q=fool")]
)
def test_each_of_many_is_a_card_once_or_lies_under_one_of_its_page(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch, among: str, asked: str
) -> None:
    monkeypatch.setattr(pages, among, 12)
    monkeypatch.setattr(bundles, "BACKLOG", 2)
    alone = many_held(newsroom, 30)
    alike = raid(newsroom, 15)
    toms = backlog(newsroom, 15)
    for order in queue.Order:
        cards: list[UUID] = []
        folded: set[UUID] = set()
        path = f"/queue?order={order}{asked}"
        for _ in range(20):
            page = ana.get(path)
            cards += shown(page)
            folded |= under(page.text, alike, toms)
            path = next_of(page)
            if "after=" not in path:
                break
        assert len(cards) == len(set(cards))
        assert set(cards) >= set(alone)
        assert set(cards) | folded == {*alone, *alike, *toms}, order


def under(page_text: str, alike: Sequence[UUID], toms: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    if "more like this" in page_text:
        found |= set(alike)
    if "more by them" in page_text:
        found |= set(toms)
    return found


def test_another_sites_words_are_like_none_here(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    first, *_ = raid(newsroom, 2)
    with newsroom.db.transaction() as session:
        comments.receive(session, newsroom.post.id, [submission(RAID)], now=NOON)
    newsroom.judge({"insult": 0.83})
    page = ben.get("/queue")
    assert len(shown(page)) == 1
    assert "more like this" not in words(page)
    assert ben.get(f"/queue?like={first}").status_code == 400
    assert ben.get(f"/sites/the-daily/comments/{first}/folded").status_code == 404
    assert ben.get(f"/sites/the-evening-post/comments/{first}/folded").status_code == 404
    assert ana.get(f"/sites/the-daily/comments/{first}/folded?by=story").status_code == 404


def test_words_that_are_gone_are_like_none(newsroom: Newsroom, ana: Visitor) -> None:
    first, second = raid(newsroom, 2)
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, first, record=unrecorded, now=NOON)
    assert shown(ana.get("/queue")) == [second]
    assert ana.get(f"/queue?like={first}").status_code == 400


def test_two_hundred_folded_cost_as_many_queries_as_one(newsroom: Newsroom, ana: Visitor) -> None:
    raid(newsroom, 2)
    with counted(newsroom.db) as one:
        ana.get("/queue")
    for _ in range(2):
        with newsroom.db.transaction() as session:
            sent = [submission(RAID, commenter={"id": f"another {named(n)}"}) for n in range(100)]
            comments.receive(session, newsroom.daily.id, sent, now=NOON)
        newsroom.judge({"insult": 0.83})
    with counted(newsroom.db) as many:
        page = ana.get("/queue")
    assert len(shown(page)) == 1
    assert "199 more like this" in words(page)
    assert len(many) == len(one) <= 12


@pytest.mark.browser
def test_what_lies_under_two_cards_is_unfolded_once(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    raid(on_sqlite, 2)
    backlog(on_sqlite, 4)
    held(on_sqlite, ("tom", f"{RAID}?"))
    sign_in(page, address, on_sqlite.ana)
    for fold in page.locator(".fold summary").all():
        fold.click()
    expect(page.locator(".fold article")).to_have_count(5)
    assert (
        page.evaluate(
            "new Set([...document.querySelectorAll('article')].map((one) => one.id)).size"
        )
        == 7
    )
    assert console == []


@pytest.mark.browser
def test_unfolded_chosen_and_decided_by_keyboard(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    raid(on_sqlite, 5)
    held(on_sqlite, ("rita", "You are another fool"))
    sign_in(page, address, on_sqlite.ana)
    keys = page.keyboard
    keys.press("j")
    keys.press("m")
    expect(page.locator(".fold article")).to_have_count(4)
    assert (faults(page), overflow(page)) == ([], 0)
    # Unfolded they are cards as all others: the keys go through them, and decide them alone.
    keys.press("j")
    keys.press("a")
    expect(page.locator("#say")).to_have_text("Approved by you")
    keys.press("m")
    expect(page.locator(".fold article").first).to_be_hidden()
    # Chosen with its card, a fold is decided as a whole.
    keys.press("x")
    expect(page.locator("#say")).to_have_text("5 chosen")
    page.get_by_role("button", name="Decide the chosen at once").click()
    expect(page.locator("h1")).to_have_text("4 comments")
    page.get_by_role("button", name="Approve them").click()
    expect(page.locator(".told")).to_contain_text("4 approved.")
    assert statuses(on_sqlite) == {"approved": 5, "held": 1}
    assert console == []
