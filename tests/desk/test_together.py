"""Many comments at once: looked through first, then decided, then taken back as one."""

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import event, func, select

from moderation import comments
from moderation.models import Comment, Commenter, Decision, DecisionNote, Strike
from moderation.queue import together
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, sign_in, words
from tests.desk.test_queue import many_held
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later

THERE = "/sites/the-daily/together"
BOX = re.compile(r'name="seen" value="([^"]+)" checked')


def boxes(page_text: str) -> list[str]:
    """What a preview would decide."""
    return BOX.findall(page_text)


def seen(*comment_ids: UUID) -> list[str]:
    return [f"{comment_id}:1:waiting" for comment_id in comment_ids]


def statuses(newsroom: Newsroom) -> dict[str, int]:
    with newsroom.db.reading() as session:
        rows = session.execute(select(Comment.status, func.count()).group_by(Comment.status))
        return {row[0]: row[1] for row in rows}


def undo_of(page_text: str) -> str:
    found = re.search(r'action="(/sites/the-daily/together/[^"]+/undo)"', page_text)
    assert found is not None
    return found[1]


def test_what_was_chosen_is_shown_then_blocked_and_taken_back_as_one(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held = many_held(newsroom, 5)
    page = ana.get(f"{THERE}?{'&'.join(f'picked={one}' for one in seen(*held[:3]))}")
    assert boxes(page.text) == seen(*held[:3])
    assert "3 comments" in words(page)
    assert statuses(newsroom) == {"held": 5}  # nothing is done by looking

    form: dict[str, Any] = {"act": "block", "clause": "personal-attacks", "note": "A raid"}
    answer = ana.post(THERE, seen=boxes(page.text), back="/queue?order=newest", **form)
    assert (answer.status_code, answer.location) == (303, "/queue?order=newest")
    page = ana.get("/queue")
    assert "3 blocked." in words(page)
    assert statuses(newsroom) == {"blocked": 3, "held": 2}
    with newsroom.db.reading() as session:
        made = session.scalars(select(Decision).where(Decision.together.is_not(None))).all()
        assert {(d.clause, d.moderator_id, d.policy_version) for d in made} == {
            ("personal-attacks", newsroom.ana.id, 1)
        }
        assert len({d.together for d in made}) == 1
        assert session.scalars(select(DecisionNote.text)).all() == ["A raid"] * 3
        assert len(session.scalars(select(Strike)).all()) == 3

    assert ana.post(undo_of(page.text)).status_code == 303
    assert "3 taken back." in words(ana.get("/queue"))
    assert statuses(newsroom) == {"held": 5}
    with newsroom.db.reading() as session:
        assert session.scalars(select(Strike)).all() == []
        seqs = session.scalars(select(Decision.seq).order_by(Decision.seq)).all()
        assert seqs == list(range(1, 12))  # the feed tells each


def test_one_that_is_named_twice_is_decided_and_counted_once(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held = newsroom.held()
    ana.post(THERE, seen=seen(held) * 3, act="block", clause="profanity")
    assert "1 blocked." in words(ana.get("/queue"))
    with newsroom.db.reading() as session:
        assert session.scalars(select(Commenter.blocked)).all() == [1]
        assert session.scalars(select(Decision.status_after)).all() == ["held", "blocked"]


def test_what_changed_meanwhile_is_left_as_it_is_and_told(newsroom: Newsroom, ana: Visitor) -> None:
    held = many_held(newsroom, 5)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, held[0], "Sorry, Tom.", now=later(1))
    ana.act("later", held[1], tray="waiting")
    ana.act("block", held[2], clause="profanity")
    ana.post(THERE, seen=[*seen(*held), f"{UUID(int=1)}:1:waiting"], act="approve")
    page = ana.get("/queue")
    assert "2 approved. 4 had changed meanwhile: these were left as they are." in words(page)
    assert statuses(newsroom) == {"held": 2, "blocked": 1, "approved": 2}
    # One of the two is decided anew: the undo takes back the other.
    single = newsroom.comment(held[3]).decision_id
    ana.post(f"/sites/the-daily/decisions/{single}/undo")
    ana.post(undo_of(page.text))
    said = words(ana.get("/queue"))
    assert "1 taken back. 1 had changed meanwhile: it was left as it is." in said
    assert statuses(newsroom) == {"held": 4, "blocked": 1}


def test_all_that_fits_a_filter_is_shown_up_to_a_limit(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST", 10)
    held = many_held(newsroom, 12)
    toms = newsroom.held("Tom is a fool", commenter={"id": "tom", "name": "Tom"})
    page = ana.get("/queue?q=number&order=oldest")
    assert f"{THERE}?back=" in page.text
    page = ana.get(f"{THERE}?q=number&order=oldest")
    assert boxes(page.text) == seen(*held[:10])
    assert "10 comments, the first of more" in words(page)
    page = ana.get(f"{THERE}?commenter={newsroom.comment(toms).commenter_id}")
    assert boxes(page.text) == seen(toms)
    assert "first of more" not in words(page)
    assert ana.post(THERE, seen=seen(*held), act="approve").status_code == 400
    refused = ana.get(THERE)
    assert refused.status_code == 400
    assert "choose comments with their boxes, or set a filter first" in words(refused)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"act": "block"}, 422),
        ({"act": "block", "clause": "no-such-clause"}, 422),
        ({"act": "block", "clause": "profanity", "note": "x" * 1001}, 422),
        ({"act": "erase"}, 400),
        ({"act": "approve", "seen": "one"}, 400),
        ({"act": "approve", "seen": f"{UUID(int=1)}:1:attic"}, 400),
        ({"act": "approve", "seen": f"{UUID(int=1)}:²:later"}, 400),
    ],
)
def test_a_form_that_says_no_sense_decides_nothing(
    newsroom: Newsroom, ana: Visitor, form: dict[str, Any], status: int
) -> None:
    comment_id = newsroom.held()
    answer = ana.post(THERE, **({"seen": seen(comment_id)[0]} | form))
    assert answer.status_code == status
    assert newsroom.comment(comment_id).status == "held"
    if status == 422:  # what was chosen stays chosen
        assert boxes(answer.text) == seen(comment_id)


def test_another_sites_comments_are_neither_shown_nor_decided(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    comment_id = newsroom.held()
    [one] = seen(comment_id)
    assert ben.get(f"{THERE}?picked={one}").status_code == 404
    assert ben.post(THERE, seen=one, act="approve").status_code == 404
    theirs = "/sites/the-evening-post/together"
    assert "fool" not in ben.get(f"{theirs}?picked={one}").text
    assert ben.post(theirs, seen=one, act="approve").status_code == 303
    assert newsroom.comment(comment_id).status == "held"
    ana.post(THERE, seen=one, act="approve")
    undo = undo_of(ana.get("/queue").text)
    for path in (undo, undo.replace("the-daily", "the-evening-post")):
        assert ben.post(path).status_code == 404
    assert ana.post(f"{THERE}/{UUID(int=1)}/undo").status_code == 404
    assert newsroom.comment(comment_id).status == "approved"


def test_fifty_cost_as_many_statements_as_two(newsroom: Newsroom, ana: Visitor) -> None:
    held = many_held(newsroom, 52)
    sent: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(newsroom.db.engine, "before_cursor_execute", note)
    ana.post(THERE, seen=seen(*held[:2]), act="block", clause="profanity")
    two = len(sent)
    sent.clear()
    ana.post(THERE, seen=seen(*held[2:]), act="block", clause="profanity")
    event.remove(newsroom.db.engine, "before_cursor_execute", note)
    assert len(sent) == two <= 14
    assert statuses(newsroom) == {"blocked": 52}


def test_in_a_queue_of_several_sites_one_is_to_be_chosen_first(newsroom: Newsroom) -> None:
    newsroom.held()
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.post)
    ana = at_desk(app_of(newsroom), newsroom.ana)
    assert 'name="picked"' not in ana.get("/queue").text
    assert 'name="picked"' in ana.get("/queue?site=the-daily").text


@pytest.mark.browser
def test_chosen_with_x_and_ranges_with_shift(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    many_held(on_sqlite, 6)
    sign_in(page, address, on_sqlite.ana)
    keys = page.keyboard
    for key in ("j", "j", "x", "j", "j", "j", "Shift+X"):
        keys.press(key)
    expect(page.locator("#say")).to_have_text("4 chosen")
    expect(page.locator("[name=picked]:checked")).to_have_count(4)
    keys.press("c")
    expect(page.locator("h1")).to_have_text("4 comments")
    # The focus is right before the buttons: two steps on is the clause, where Enter blocks.
    for key in ("Enter", "Tab", "Tab", "ArrowDown", "Enter"):
        keys.press(key)
    expect(page.locator(".told")).to_contain_text("4 blocked.")
    expect(page.locator("#say")).to_contain_text("4 blocked.")
    expect(page.locator("article").first).to_be_focused()
    assert statuses(on_sqlite) == {"held": 2, "blocked": 4}
    page.locator(".told button").click()
    expect(page.locator(".told")).to_contain_text("4 taken back.")
    assert statuses(on_sqlite) == {"held": 6}
    assert console == []


@pytest.mark.browser
def test_where_nothing_can_be_chosen_nothing_offers_to_decide_the_chosen(
    on_sqlite: Newsroom, address: str, page: Page
) -> None:
    many_held(on_sqlite, 1)
    sign_in(page, address, on_sqlite.ana)
    offer = page.get_by_role("button", name="Decide the chosen at once")
    expect(offer).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("article.done")).to_have_count(1)
    expect(offer).to_be_hidden()
