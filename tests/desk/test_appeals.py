"""The appeals that wait: what a moderator sees of each, and what comes of their answer."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from moderation import commenter_blocks, commenters, comments, decisions
from moderation.decisions import Seen
from moderation.models import Appeal, AuditEntry, Commenter, Revision, Status
from moderation.redress import appeals
from moderation.staff import moderators
from moderation.submission import AppealText
from tests.desk.conftest import app_of, at_desk, served, sign_in, words
from tests.desk.test_accessibility import LONG, faults, overflow, scheme, screen
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom

__all__ = ["scheme", "screen"]


@pytest.fixture
def two(newsroom: Newsroom) -> Newsroom:
    """Ben helps out at The Daily: he decides about what Ana has blocked."""
    return with_ben(newsroom)


def with_ben(newsroom: Newsroom) -> Newsroom:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    return newsroom


def appealed(
    newsroom: Newsroom,
    text: str = "You are a fool, Tom.",
    *,
    says: str = "I did not mean Tom.",
    parent: str | None = None,
) -> UUID:
    """Rita's comment, which Ana has blocked and Rita appeals; answers the appeal's id."""
    comment_id = newsroom.held(text, **({"parent": parent} if parent else {}))
    now = datetime.now(UTC)
    with newsroom.db.transaction() as session:
        decisions.block(
            session, newsroom.daily.id,
            Seen(comment_id=comment_id, revision=1, status=Status.HELD),
            clause="personal-attacks", note="Third time today.", moderator_id=newsroom.ana.id,
            now=now,
        )  # fmt: skip
        filed = appeals.of_comment(
            session, newsroom.daily.id, comment_id, AppealText(text=says), days=9, now=now
        )
        return filed.complaint.id


def rita_appeals(newsroom: Newsroom) -> UUID:
    """Ana has blocked Rita, who appeals."""
    newsroom.approved()
    now = datetime.now(UTC)
    with newsroom.db.transaction() as session:
        commenter_blocks.block(
            session, commenters.named(session, newsroom.daily.id, "rita"),
            reason="Insults under three stories.", until=now + timedelta(days=30),
            moderator_id=newsroom.ana.id, now=now,
        )  # fmt: skip
        text = AppealText(text="It was my brother.")
        filed = appeals.of_commenter(session, newsroom.daily.id, "rita", text, days=9, now=now)
        return filed.complaint.id


def row(newsroom: Newsroom, appeal_id: UUID) -> Appeal:
    with newsroom.db.reading() as session:
        return session.scalars(select(Appeal).where(Appeal.id == appeal_id)).one()


def act(
    visitor: Visitor, what: str, appeal_id: UUID, *, htmx: bool = False, **form: str
) -> TestResponse:
    filled = {"revision": "1", "reason": "He is named in it.", "back": "/appeals"} | form
    return visitor.post(f"/sites/the-daily/appeals/{appeal_id}/{what}", htmx=htmx, **filled)


# --- seen -------------------------------------------------------------------------------------


def test_everything_that_is_needed_to_decide_stands_on_it(two: Newsroom, desk: Flask) -> None:
    parent = two.approved("Trams are late again.", external_id="p")
    appeal_id = appealed(two, "You are a fool, Tom. Damn.", parent="p")
    ben = at_desk(desk, two.ben)

    page = ben.get("/appeals")

    said = words(page)
    assert "Appeals 1" in said
    assert "1 waiting" in said
    for shown in (
        "You are a fool, Tom. Damn.",
        "Trams are late again.",
        "I did not mean Tom.",
        "Blocked by Ana for Personal attacks under policy 1",
        "Third time today.",
        "Argue with what was said, not with who said it.",
        "insult 0.83, held from 0.60",
        "on Tram line 7 reopens",
    ):
        assert shown in said, shown
    assert 'data-act="approve"' in page.text
    assert 'data-act="block"' in page.text
    assert words(ben.get(f"/sites/the-daily/appeals/{appeal_id}")).count("You are a fool") == 1
    assert f'href="/sites/the-daily/comments/{row(two, appeal_id).comment_id}/case"' in page.text
    assert two.comment(parent).status == "approved"
    # Of the count there is one on every page with the tabs.
    assert "Appeals 1" in words(ben.get("/queue"))


def test_a_block_of_a_commenter(two: Newsroom, desk: Flask) -> None:
    appeal_id = rita_appeals(two)
    ben = at_desk(desk, two.ben)

    said = words(ben.get("/appeals"))

    assert "The commenter is blocked by Ana" in said
    assert "Insults under three stories." in said
    assert "It was my brother." in said
    assert act(ben, "overturn", appeal_id, revision="").status_code == 303
    with two.db.reading() as session:
        assert session.scalars(select(Commenter.blocked_at)).all() == [None]
    assert "The block is overturned." in words(ben.get("/appeals"))


def test_the_oldest_first_page_by_page(two: Newsroom, desk: Flask) -> None:
    ids = [appealed(two, f"Fool number {number:02}") for number in range(23)]
    ben = at_desk(desk, two.ben)

    first = ben.get("/appeals")
    following = first.text.partition('id="next" class="next" href="')[2].partition('"')[0]
    second = ben.get(following.replace("&amp;", "&"))

    found = [page.text.count("<article") for page in (first, second)]
    assert found == [20, 3]
    assert words(first).index("Fool number 00") < words(first).index("Fool number 19")
    assert "Fool number 22" in words(second)
    assert f"card-{ids[-1]}" in second.text
    assert ben.get("/appeals?after=nonsense").status_code == 404


def test_those_that_are_answered_are_a_list_of_their_own_newest_first(
    two: Newsroom, desk: Flask
) -> None:
    ids = [appealed(two, f"Fool number {number:02}") for number in range(22)]
    ben = at_desk(desk, two.ben)
    for appeal_id in ids[:21]:
        act(ben, "uphold", appeal_id)

    first = ben.get("/appeals?show=answered")
    earlier = first.text.partition('class="next" href="')[2].partition('"')[0]
    second = ben.get(earlier.replace("&amp;", "&"))

    assert [page.text.count("<article") for page in (first, second)] == [20, 1]
    assert words(first).index("Fool number 20") < words(first).index("Fool number 01")
    assert "Fool number 00" in words(second)
    assert "Fool number 21" not in words(first)
    for made_up in ("show=made-up", "show=answered&before=x"):
        assert ben.get(f"/appeals?{made_up}").status_code == 404


def test_twenty_cost_as_many_queries_as_one(two: Newsroom, desk: Flask) -> None:
    ben = at_desk(desk, two.ben)
    appealed(two)
    with counted(two.db) as one:
        ben.get("/appeals")
    for number in range(25):
        appealed(two, f"Fool number {number}")
    with counted(two.db) as many:
        ben.get("/appeals")
    assert len(many) == len(one)


def test_nobody_sees_another_papers(two: Newsroom, desk: Flask) -> None:
    appealed(two)
    with two.db.transaction() as session:
        eva = moderators.add(session, "eva@post.example", "0123456789", now=datetime.now(UTC))
        moderators.assign(session, eva, two.post)
    visitor = Visitor(desk.test_client())
    visitor.sign_in(eva, "0123456789")

    said = words(visitor.get("/appeals"))

    assert "Nothing waits" in said
    assert "fool" not in said


def test_words_of_strangers_do_no_harm(two: Newsroom, desk: Flask) -> None:
    script = '<script>alert("x")</script><img src=x onerror=alert(1)> \u202egnorw'
    appealed(two, script, says=script)
    page = at_desk(desk, two.ben).get("/appeals")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert page.text.count('<span class="unseen" title="Right-to-left override') == 2


# --- decided ----------------------------------------------------------------------------------


def test_upheld_by_form_and_taken_back(two: Newsroom, desk: Flask) -> None:
    appeal_id = appealed(two)
    ben = at_desk(desk, two.ben)

    assert act(ben, "uphold", appeal_id).location == "/appeals"

    page = ben.get("/appeals")
    assert "The block is upheld." in words(page)
    assert "Nothing waits" in words(page)
    undo = f"/sites/the-daily/appeals/{appeal_id}/undo"
    assert f'action="{undo}"' in page.text
    own = words(ben.get(f"/sites/the-daily/appeals/{appeal_id}"))
    assert "Upheld by you" in own
    assert "He is named in it." in own
    ben.post(undo, back="/appeals")
    assert "Taken back: the appeal waits again." in words(ben.get("/appeals"))
    assert row(two, appeal_id).outcome is None


def test_overturned_in_place_and_told_everywhere(two: Newsroom, desk: Flask) -> None:
    appeal_id = appealed(two)
    comment_id = row(two, appeal_id).comment_id
    assert comment_id is not None
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)

    answer = act(ben, "overturn", appeal_id, htmx=True)

    assert answer.status_code == 200
    assert f'class="card complaint done" id="card-{appeal_id}"' in answer.text
    assert "Overturned by you" in words(answer)
    assert 'data-act="undo"' in answer.text
    assert two.comment(comment_id).status == "approved"
    log = ana.get("/decisions")
    assert "Approved on appeal by Ben" in words(log)
    # It is taken back with the answer alone, and by who gave it.
    assert f"/decisions/{two.comment(comment_id).decision_id}/undo" not in log.text
    assert 'data-act="undo"' not in ana.get(f"/sites/the-daily/appeals/{appeal_id}").text
    case = words(ana.get(f"/sites/the-daily/comments/{comment_id}/case"))
    assert "Overturned by Ben" in case
    assert "The reason given: He is named in it." in case
    assert "I did not mean Tom." in case
    rita = two.comment(comment_id).commenter_id
    person = words(ana.get(f"/sites/the-daily/commenters/{rita}"))
    assert "Appeal of the comment's block" in person
    assert "Overturned by Ben" in person


def test_ones_own_block_is_seen_and_left_to_a_colleague(two: Newsroom, desk: Flask) -> None:
    appeal_id = appealed(two)
    ana = at_desk(desk, two.ana)

    page = ana.get("/appeals")

    assert "You have blocked this yourself: a colleague decides." in words(page)
    assert "I did not mean Tom." in words(page)
    assert 'name="reason"' not in page.text
    for what in ("uphold", "overturn"):
        answer = act(ana, what, appeal_id)
        assert answer.status_code == 409
        assert "You have blocked this yourself" in words(answer)
    assert row(two, appeal_id).outcome is None


def test_alone_one_decides_about_oneself_and_it_is_recorded(
    newsroom: Newsroom, ana: Visitor
) -> None:
    appeal_id = appealed(newsroom)

    assert "The site has nobody else to decide" in words(ana.get("/appeals"))
    act(ana, "uphold", appeal_id)

    assert row(newsroom, appeal_id).own
    with newsroom.db.reading() as session:
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.event == "appeal_upheld"))
    assert entry.subject["own"] is True
    case = f"/sites/the-daily/comments/{row(newsroom, appeal_id).comment_id}/case"
    assert "(of their own block: the site had nobody else)" in words(ana.get(case))


# --- refused ----------------------------------------------------------------------------------


def test_the_second_one_is_told_who_decided_and_keeps_what_they_wrote(
    two: Newsroom, desk: Flask
) -> None:
    appeal_id = appealed(two)
    with two.db.transaction() as session:
        eva = moderators.add(session, "eva@daily.example", "0123456789", now=datetime.now(UTC))
        moderators.assign(session, eva, two.daily)
    ben, visitor = at_desk(desk, two.ben), Visitor(desk.test_client())
    visitor.sign_in(eva, "0123456789")
    act(ben, "uphold", appeal_id)

    answer = act(visitor, "overturn", appeal_id, htmx=True)

    assert answer.status_code == 409
    assert "Upheld by Ben, just now. Your decision was not taken." in words(answer)
    assert row(two, appeal_id).outcome == "upheld"


def test_a_comment_that_was_edited_since_is_shown_again(two: Newsroom, desk: Flask) -> None:
    appeal_id = appealed(two)
    comment_id = row(two, appeal_id).comment_id
    assert comment_id is not None
    with two.db.transaction() as session:
        comments.edit(session, two.daily.id, comment_id, "You are a swine.", now=datetime.now(UTC))
    ben = at_desk(desk, two.ben)

    answer = act(ben, "overturn", appeal_id, reason="It was a quotation.")

    assert answer.status_code == 409
    assert "The commenter has edited this comment since you saw it" in words(answer)
    assert "You are a swine." in words(answer)
    assert "\nIt was a quotation.</textarea>" in answer.text
    assert two.comment(comment_id).status == "blocked"
    assert act(ben, "overturn", appeal_id, revision="2").status_code == 303


@pytest.mark.parametrize("reason", ["", " \r\n ", "x" * 1001, "a\0b"])
def test_without_a_reason_nothing_is_decided(two: Newsroom, desk: Flask, reason: str) -> None:
    appeal_id = appealed(two)
    answer = act(at_desk(desk, two.ben), "uphold", appeal_id, reason=reason)
    assert answer.status_code == 422
    assert "Give the commenter a reason, at most 1000 characters" in words(answer)
    assert row(two, appeal_id).outcome is None


def test_a_block_that_was_lifted_meanwhile(two: Newsroom, desk: Flask) -> None:
    appeal_id = appealed(two)
    comment_id = row(two, appeal_id).comment_id
    assert comment_id is not None
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    ana.post(f"/sites/the-daily/decisions/{two.comment(comment_id).decision_id}/undo")

    answer = act(ben, "uphold", appeal_id)

    assert answer.status_code == 409
    assert "The block was lifted before, by Ana, just now." in words(answer)
    assert "Nothing waits" in words(ben.get("/appeals"))


# --- in a browser -----------------------------------------------------------------------------


@pytest.mark.browser
def test_by_keyboard_alone(on_sqlite: Newsroom, page: Page, console: list[str]) -> None:
    two = with_ben(on_sqlite)
    ids = [appealed(two, f"Fool number {number}") for number in range(3)]
    with served(app_of(two)) as address:
        sign_in(page, address, two.ben)
        page.goto(f"{address}/appeals")
        keys = page.keyboard
        keys.press("j")
        keys.press("a")
        keys.type("adlzo was a quotation")
        keys.press("Tab")
        keys.press("Enter")
        expect(page.locator("#say")).to_have_text("Overturned by you")
        expect(page.locator("#waiting")).to_have_text("2 waiting")
        # The next one has the focus.
        keys.press("d")
        keys.type("It stands")
        keys.press("Tab")
        keys.press("Enter")
        expect(page.locator("#say")).to_have_text("Upheld by you")
        keys.press("1")  # no clause is chosen here
        keys.press("z")
        expect(page.locator("#waiting")).to_have_text("2 waiting")
        expect(page.locator("article.done")).to_have_count(1)
    assert console == []
    assert [row(two, one).outcome for one in ids] == ["overturned", None, None]
    assert row(two, ids[0]).reason == "adlzo was a quotation"


@pytest.mark.browser
def test_the_pages_pass_axe_and_fit_their_window(on_sqlite: Newsroom, screen: Page) -> None:
    two = with_ben(on_sqlite)
    two.approved("Trams are late again.", external_id="p")
    first = appealed(two, f"You are a fool, Tom. {LONG}\u202e\x07", says=LONG, parent="p")
    appealed(two, "هذا قرار جيد", says="לא התכוונתי")
    rita_appeals(two)
    with two.db.transaction() as session:
        session.execute(update(Revision).values(language="en"))
    app = app_of(two)
    with served(app) as address:
        sign_in(screen, address, two.ana)
        screen.goto(f"{address}/appeals")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.click("text=Log out")
        sign_in(screen, address, two.ben)
        screen.goto(f"{address}/appeals")
        screen.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert (faults(screen), overflow(screen)) == ([], 0)
        screen.locator("textarea[data-act=block]").first.fill(LONG[:900])
        screen.locator(".blocks button").first.click()
        screen.locator("article.done").wait_for()
        assert (faults(screen), overflow(screen)) == ([], 0)
        for path in (
            f"/sites/the-daily/appeals/{first}",
            f"/sites/the-daily/comments/{row(two, first).comment_id}/case",
            f"/sites/the-daily/commenters/{row(two, first).commenter_id}",
        ):
            screen.goto(f"{address}{path}")
            assert screen.locator("h1").count() == 1, path
            assert (faults(screen), overflow(screen)) == ([], 0), path
