"""Two moderators, one comment, the same moment."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from moderation import decisions
from moderation.db import Database
from moderation.models import Actor, Decision
from moderation.staff import moderators
from tests.desk.conftest import app_of, at_desk, served, sign_in, words
from tests.desk.test_queue import counted
from tests.newsroom import Newsroom, open_newsroom


@pytest.fixture
def two(newsroom: Newsroom) -> Newsroom:
    """Ben helps out at The Daily today."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    return newsroom


def test_the_second_one_is_told_who_decided_what_and_when(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    comment_id = two.held()
    assert ana.act("block", comment_id, clause="personal-attacks", htmx=True).status_code == 200
    answer = ben.act("approve", comment_id, htmx=True)
    assert answer.status_code == 409
    assert "Blocked by Ana for Personal attacks, just now. Your decision was not taken." in words(
        answer
    )
    assert f'class="card done blocked" id="card-{comment_id}"' in answer.text
    page = ben.act("approve", comment_id, back="/queue?site=the-daily")
    assert page.status_code == 409
    assert "Blocked by Ana for Personal attacks" in words(page)
    assert 'href="/queue?site=the-daily"' in page.text
    assert two.comment(comment_id).status == "blocked"


def test_a_colleagues_decision_reaches_the_open_page(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    comment_id, other = two.held("First fool"), two.held("Second fool")
    page = ben.get("/queue")
    poll = poll_of(page)
    quiet = ben.get(poll, headers={"HX-Request": "true"})
    assert quiet.status_code == 200
    assert "<article" not in quiet.text
    assert "new" not in words(quiet)
    ana.act("approve", comment_id)
    ben.act("approve", other)
    two.held("Third fool")
    told = ben.get(poll, headers={"HX-Request": "true"})
    assert f'id="card-{comment_id}"' in told.text
    assert 'hx-swap-oob="true"' in told.text
    assert "Approved by Ana" in words(told)
    # One's own decisions are on the page already.
    assert f'id="card-{other}"' not in told.text
    assert "1 new, show" in words(told)
    assert "1 waiting" in words(told)
    # The tabs say the same, and what else they count.
    for tab, number in (("waiting", 1), ("later", 0), ("decided", 2)):
        assert f'id="count-{tab}" hx-swap-oob="true">{number}</span>' in told.text
    # The next time the decision is not told again, the new one still is.
    poll = poll_of(told)
    again = ben.get(poll, headers={"HX-Request": "true"})
    assert "<article" not in again.text
    assert "1 new, show" in words(again)
    # Taken back, it is told too: the card is open again.
    decision = two.comment(comment_id).decision_id
    assert ana.post(f"/sites/the-daily/decisions/{decision}/undo", htmx=True).status_code == 200
    back = ben.get(poll_of(again), headers={"HX-Request": "true"})
    assert f'class="card open held" id="card-{comment_id}"' in back.text
    assert "Undone by Ana, held again" in back.text


def poll_of(page: TestResponse) -> str:
    """The address that the page asks for news."""
    return page.text.partition('hx-get="')[2].partition('"')[0].replace("&amp;", "&")


def test_what_a_colleague_lays_elsewhere_reaches_the_open_page(two: Newsroom) -> None:
    desk = app_of(two)
    ana, ben = at_desk(desk, two.ana), at_desk(desk, two.ben)
    escalated, aside, bens = (two.held(f"Fool {number}") for number in range(3))
    asked = poll_of(ben.get("/queue"))
    with counted(two.db) as quiet:
        assert "<article" not in ben.get(asked, headers={"HX-Request": "true"}).text
    ana.act("escalate", escalated, tray="waiting", concern="threat", note="He names the street.")
    ana.act("later", aside, tray="waiting")
    ben.act("later", bens, tray="waiting")
    told = ben.get(asked, headers={"HX-Request": "true"})
    said = words(told)
    assert "Escalated by Ana: a threat" in said
    assert "He names the street." in said
    assert "Left for later by Ana" in said
    for comment_id in (escalated, aside):
        assert f'class="card done held" id="card-{comment_id}"' in told.text
    # One's own moves are on the page already, and what moved is no longer counted as waiting.
    assert f'id="card-{bens}"' not in told.text
    assert "Nothing waits" in said
    # Put back, it is open again in its place.
    ana.act("put-back", aside, tray="later")
    back = ben.get(poll_of(told), headers={"HX-Request": "true"})
    assert f'class="card open held" id="card-{aside}"' in back.text
    assert "1 waiting" in words(back)
    # Nothing to tell costs nothing for the cards.
    for number in range(5):
        two.held(f"Another fool {number}")
    page = ben.get("/queue")
    moment = f"&since={int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)}"
    asked = re.sub("&since=[0-9]+", moment, poll_of(page))
    with counted(two.db) as later:
        assert "<article" not in ben.get(asked, headers={"HX-Request": "true"}).text
    assert len(later) == len(quiet) <= 9


@pytest.mark.parametrize("since", ["", "²", "-1", "soon", "9" * 14])
def test_a_moment_that_was_made_up_is_refused(newsroom: Newsroom, since: str) -> None:
    ana = at_desk(app_of(newsroom), newsroom.ana)
    assert ana.get("/queue/arrivals", query_string={"since": since}).status_code == 400


def test_of_many_at_once_exactly_one_decides(postgres_url: str) -> None:
    db = Database(postgres_url)
    newsroom = open_newsroom(db)
    with db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    desk = app_of(newsroom, rate_per_login="1000/minute")
    visitors = [at_desk(desk, m) for m in (newsroom.ana, newsroom.ben) for _ in range(3)]
    for number in range(10):
        comment_id = newsroom.held(f"Fool number {number}")
        start = threading.Barrier(len(visitors))

        def act(n: int, comment_id: UUID = comment_id, start: threading.Barrier = start) -> int:
            start.wait()
            what = "approve" if n % 2 else "block"
            answer = visitors[n].post(
                f"/sites/the-daily/comments/{comment_id}/{what}",
                htmx=True,
                revision="1",
                status="held",
                clause="profanity",
            )
            if answer.status_code == 409:
                assert "Your decision was not taken." in words(answer)
            return answer.status_code

        with ThreadPoolExecutor(len(visitors)) as threads:
            answers = list(threads.map(act, range(len(visitors))))
        # Whoever won may have sent it twice; nobody else is told that it was done.
        assert set(answers) == {200, 409}
        assert len({(n // 3, n % 2) for n, code in enumerate(answers) if code == 200}) == 1
        with db.reading() as session:
            by_people = session.scalars(
                select(Decision).where(
                    Decision.comment_id == comment_id, Decision.actor == Actor.MODERATOR
                )
            ).all()
        assert len(by_people) == 1
        assert newsroom.comment(comment_id).status == by_people[0].status_after
    db.dispose()


def test_the_log_may_be_undone_by_a_colleague(two: Newsroom, desk: Flask) -> None:
    comment_id = two.held()
    with two.db.transaction() as session:
        decisions.approve(
            session,
            two.daily.id,
            decisions.Seen(comment_id=comment_id, revision=1, status="held"),
            moderator_id=two.ana.id,
            now=datetime.now(UTC),
        )
    ben = at_desk(desk, two.ben)
    decision = two.comment(comment_id).decision_id
    assert ben.post(f"/sites/the-daily/decisions/{decision}/undo").status_code == 303
    said = words(ben.get("/decisions"))
    assert "Undone by you, held again" in said
    assert "Approved by Ana" in said
    assert "no longer in force" in said


@pytest.mark.browser
def test_the_key_takes_back_ones_own_decisions_alone(
    on_sqlite: Newsroom, page: Page, console: list[str]
) -> None:
    with on_sqlite.db.transaction() as session:
        moderators.assign(session, on_sqlite.ben, on_sqlite.daily)
    first, second = on_sqlite.held("First fool"), on_sqlite.held("Second fool")
    app = app_of(on_sqlite)
    ben = at_desk(app, on_sqlite.ben)
    with served(app) as address:
        sign_in(page, address, on_sqlite.ana)
        ben.act("approve", first)
        page.keyboard.press("j")
        page.keyboard.press("2")
        card = page.locator(f"#card-{first}")
        expect(card.locator(".says")).to_contain_text("Your decision was not taken.")
        # Ben's can be taken back with its button, which names no key.
        undo = card.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        expect(undo.locator("kbd")).to_have_count(0)
        assert undo.get_attribute("aria-keyshortcuts") is None
        page.keyboard.press("z")
        expect(page.locator("#say")).to_have_text("Nothing to undo on this page.")
        assert on_sqlite.comment(first).status == "approved"
        # One's own is, by key.
        page.locator(f"#card-{second}").focus()
        page.keyboard.press("a")
        own = page.locator(f"#card-{second} [data-act=undo]")
        expect(own).to_have_attribute("aria-keyshortcuts", "z")
        page.keyboard.press("z")
        expect(page.locator(f"#card-{second}.open")).to_be_visible()
    assert on_sqlite.comment(second).status == "held"
    assert [text for text in console if "409" not in text] == []
