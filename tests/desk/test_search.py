"""Looking for words: in what is held, and in all of the last thirty days."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, text

from moderation import comments
from moderation.db import Database
from moderation.models import new_id
from moderation.queue import search
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.test_orders import next_of
from tests.desk.test_queue import counted, many_held
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, later, open_newsroom, submission, unrecorded


def found(page_text: str) -> list[UUID]:
    """The comments of a page of results, in their order."""
    return [UUID(part[:36]) for part in page_text.split("/comments/")[1:]]


def test_words_and_names_are_found_whatever_became_of_them(
    newsroom: Newsroom, ana: Visitor
) -> None:
    tom = {"id": "tom", "name": "Tom Tyre"}
    approved = newsroom.approved("Cheap TYRES, 100% good")
    held = newsroom.held("Tyres are for fools")
    by_name = newsroom.approved("A fair point", commenter=tom)
    newsroom.approved("Nothing of the kind")
    page = ana.get("/search?q=tyre")
    assert found(page.text) == [by_name, held, approved]
    assert "Cheap <mark>TYRE</mark>S" in page.text
    assert "Held by the policy" in words(page)
    # Signs of the database's own patterns are letters like others.
    assert found(ana.get("/search?q=100%25").text) == [approved]
    assert found(ana.get("/search?q=t_r").text) == []
    # In the queue, only what is held.
    queue_page = ana.get("/queue?q=tyre")
    assert f'id="card-{held}"' in queue_page.text
    assert "1 fits" in words(queue_page)
    assert "Nothing here fits that filter." in words(ana.get("/queue?q=kind"))


def test_an_excerpt_begins_where_the_words_stand(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.approved("So much before. " * 40 + "The <needle>. " + "So much after. " * 40)
    page = ana.get("/search?q=needle")
    assert "The &lt;<mark>needle</mark>&gt;." in page.text
    assert 'dir="auto">…' in page.text


def test_it_looks_through_so_many_and_then_further_back(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_THROUGH", 10)
    needle = newsroom.approved("The needle")
    many_held(newsroom, 25)
    path = "/search?q=needle"
    for expected in ([], [], [needle]):
        page = ana.get(path)
        assert found(page.text) == expected
        assert ("Look further back" in page.text) is (not expected)
        path = next_of(page)
    first = ana.get("/search?q=fool")
    assert len(found(first.text)) == 10


def test_what_is_older_than_thirty_days_is_not_found_but_while_it_is_held(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = int((datetime.now(UTC) - timedelta(days=31)).timestamp() * 1000)
    monkeypatch.setattr(comments, "new_id", lambda: new_id(old))
    comment_id = newsroom.held("An old needle")
    assert found(ana.get("/search?q=needle").text) == []
    assert f'id="card-{comment_id}"' in ana.get("/queue?q=needle").text


def test_what_is_erased_is_not_found(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held("The needle")
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    assert found(ana.get("/search?q=needle").text) == []


def test_each_sees_their_own_sites(newsroom: Newsroom, desk: Flask, ben: Visitor) -> None:
    newsroom.held("The needle")
    assert found(ben.get("/search?q=needle").text) == []
    assert ben.get("/search?q=needle&site=the-daily").status_code == 404
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
        sent = submission("The other needle")
        comments.receive(session, newsroom.post.id, [sent], now=NOON)
    both = at_desk(desk, newsroom.ben)
    assert len(found(both.get("/search?q=needle").text)) == 2
    assert len(found(both.get("/search?q=needle&site=the-daily").text)) == 1


def test_the_newest_are_not_sorted_out_of_all_of_a_month(postgres_url: str) -> None:
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        sorts: list[str] = []

        def note(connection: Any, _k: Any, statement: str, *_: Any) -> None:
            if "FROM comments" in statement:
                asked = connection.connection.cursor()
                sorts.extend(*asked.execute("SHOW enable_sort"))

        event.listen(db.engine, "before_cursor_execute", note)
        with db.reading() as session:
            search.search(session, [newsroom.daily.id], "needle", now=NOON)
            event.remove(db.engine, "before_cursor_execute", note)
            assert sorts == ["off", "off"]
            assert session.scalar(text("SHOW enable_sort")) == "on"


@pytest.mark.parametrize("asked", ["x", "y" * 101, "a%00b"])
def test_what_cannot_be_looked_for_is_named(ana: Visitor, asked: str) -> None:
    for path in ("/search", "/queue"):
        answer = ana.get(f"{path}?q={asked}")
        assert answer.status_code == 400
        assert "The filter “q” does not work" in words(answer)
    assert ana.get("/search?q=").status_code == 200
    assert ana.get("/search?q=needle&before=x").status_code == 404


def test_many_cost_the_same_queries_as_one(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held("Fool number one")
    with counted(newsroom.db) as one:
        ana.get("/search?q=fool")
    many_held(newsroom, 30)
    with counted(newsroom.db) as many:
        page = ana.get("/search?q=fool")
    assert len(found(page.text)) == 20
    assert len(many) <= len(one) <= 14
