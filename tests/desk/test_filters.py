"""A part of the queue, by an address that can be kept and shared."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select, update

from moderation import queue
from moderation.db import Database
from moderation.models import Comment, Story
from moderation.queue import looks
from tests.desk.conftest import words
from tests.desk.test_orders import next_of, shown
from tests.desk.test_queue import STRICT, counted, many_held
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, open_newsroom


def test_each_filter_lets_its_own_through(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(STRICT)
    newsroom.receive("Cheap tyres", commenter={"id": "tom", "name": "Tom"}, story={"id": "s-2"})
    newsroom.judge({"insult": 0.7})
    newsroom.receive("Ռուբեն, լավ է ասված")
    newsroom.judge({"insult": 0.2}, language="hy")
    newsroom.receive("Half a reading")
    newsroom.judge({"insult": float("nan"), "toxicity": 0.9})
    with newsroom.db.transaction() as session:
        rows = session.scalars(select(Comment).order_by(Comment.id)).all()
        tyres, armenian, half = (row.id for row in rows)
        rows[1].flags, rows[2].received_at = 1, NOON.replace(year=2125)
    commenter, story = rows[0].commenter_id, rows[0].story_id

    for asked, expected in {
        "": {tyres, armenian, half},
        "clause=abuse": {tyres},  # not its first one: that is "spam"
        "clause=spam&signal=listed_word": {tyres},
        "signal=standing": {tyres, armenian, half},
        "signal=language-unreadable": {armenian},
        "signal=missing-score": {half},
        "language=hy": {armenian},
        "reported=1": {armenian},
        f"commenter={commenter}": {tyres},
        f"story={story}": {tyres},
        f"story={story}&language=hy": set(),
        "hours=1": {tyres, armenian},
        "from=0.7": {tyres, half},
        "from=.2&to=0.7": {tyres, armenian},
        "to=0.69": {armenian},
        "clause=&signal=&hours=&from=&to=&language=": {tyres, armenian, half},
    }.items():
        for order in queue.Order:
            page = ana.get(f"/queue?order={order}&{asked}")
            assert set(shown(page)) == expected, (asked, order)
    assert "3 waiting" in words(ana.get("/queue"))
    assert "2 fit" in words(ana.get("/queue?from=0.7"))
    assert "1 fits" in words(ana.get("/queue?language=hy"))
    assert "Nothing here fits that filter." in words(ana.get("/queue?from=0.99"))


def test_a_filter_stands_in_the_form_and_in_every_link(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    story = newsroom.comment(comment_id).story_id
    page = ana.get(f"/queue?clause=personal-attacks&hours=2&story={story}&order=newest")
    assert '<option value="personal-attacks" selected>' in page.text
    assert 'name="hours" type="number" min="1" max="8784" placeholder="any" value="2"' in page.text
    assert "Only under Tram line 7 reopens" in words(page)
    asked = f"clause=personal-attacks&amp;story={story}&amp;hours=2"
    for order in ("urgent", "oldest", "newest", "worst"):
        assert f"/queue?order={order}&amp;{asked}" in page.text


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("tray=attic", "tray"),
        ("order=random", "order"),
        ("clause=no-such-clause", "clause"),
        ("signal=smell", "signal"),
        ("language=English", "language"),
        ("language=%25", "language"),
        ("story=tram-7", "story"),
        ("story=00000000-0000-0000-0000-000000000001", "story"),
        ("commenter=rita", "commenter"),
        ("commenter=00000000-0000-0000-0000-000000000001", "commenter"),
        ("hours=0", "hours"),
        ("hours=-1", "hours"),
        ("hours=²", "hours"),
        ("hours=99999999999999999999", "hours"),
        ("hours=00000199999999999999999999", "hours"),
        ("reported=yes", "reported"),
        ("from=1.1", "from"),
        ("from=nan", "from"),
        ("to=-0.1", "to"),
        ("to=1e-3", "to"),
        ("from=0.8&to=0.2", "from"),
    ],
)
def test_a_filter_that_there_is_not_is_named(ana: Visitor, asked: str, field: str) -> None:
    answer = ana.get(f"/queue?{asked}")
    assert answer.status_code == 400
    assert f"The filter “{field}” does not work" in words(answer)
    assert 'href="/"' in answer.text


def test_another_sites_story_is_no_filter(newsroom: Newsroom, ana: Visitor, ben: Visitor) -> None:
    comment_id = newsroom.held()
    story = newsroom.comment(comment_id).story_id
    assert ana.get(f"/queue?story={story}").status_code == 200
    refused = ben.get(f"/queue?story={story}")
    assert refused.status_code == 400
    assert "Tram line 7" not in refused.text


@pytest.mark.parametrize("order", [queue.Order.URGENT, queue.Order.WORST])
def test_what_is_old_is_found_behind_more_than_a_page_of_what_is_not(
    newsroom: Newsroom, order: queue.Order
) -> None:
    old, *_ = [newsroom.held() for _ in range(4)]
    before = NOON - timedelta(hours=1)
    with newsroom.db.transaction() as session:
        for row in session.scalars(select(Comment)):
            row.urgency, row.worst = (3, 0.1) if row.id == old else (0, 0.9)
            row.received_at = before if row.id == old else NOON
    sieve = queue.Sieve(received_before=before)
    with newsroom.db.reading() as session:
        look = queue.Look(order=order, sieve=sieve, limit=1)
        page = queue.waiting(session, [newsroom.daily.id], look, now=NOON)
    assert [card.comment.id for card in page.items] == [old]


def test_a_sieve_looks_through_so_many_and_then_goes_on(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looks, "LOOKED_THROUGH", 10)
    held = many_held(newsroom, 25)
    wanted = {held[9], held[10], held[24]}
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).where(Comment.id.in_(wanted)).values(flags=1))
    for order, pages in (
        ("oldest", [[held[9]], [held[10]], [held[24]]]),
        ("newest", [[held[24]], [held[10], held[9]], []]),
    ):
        path = f"/queue?reported=1&order={order}"
        for number, expected in enumerate(pages):
            page = ana.get(path)
            assert shown(page) == expected
            assert ("Look further" in page.text) is (number < 2)
            path = next_of(page)
    assert "1 fits of the first 10" in words(ana.get("/queue?reported=1"))


@pytest.mark.parametrize("asked", ["", "reported=1", "clause=personal-attacks&order=worst"])
def test_a_filter_costs_the_same_queries_for_many_as_for_one(
    newsroom: Newsroom, ana: Visitor, asked: str
) -> None:
    newsroom.held()
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).values(flags=1))
    with counted(newsroom.db) as one:
        ana.get(f"/queue?{asked}")
    many_held(newsroom, 30)
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).values(flags=1))
    with counted(newsroom.db) as many:
        ana.get(f"/queue?{asked}")
    assert len(one) <= len(many) + 1  # whether that was all that it looked through
    assert len(many) <= 15


@pytest.mark.parametrize("order", list(queue.Order))
def test_each_order_is_read_from_its_own_index_alone(postgres_url: str, order: queue.Order) -> None:
    """However many are held: nothing is sorted, and what is not wanted is left where it lies."""
    sieve = queue.Sieve(clause="personal-attacks", reported=True, worst_from=0.5)
    with Database(postgres_url) as db:
        newsroom = open_newsroom(db)
        sent: list[tuple[str, object]] = []

        def note(_c: object, _k: object, statement: str, given: object, *_: object) -> None:
            sent.append((statement, given))

        event.listen(db.engine, "before_cursor_execute", note)
        with db.reading() as session:
            look = queue.Look(order=order, sieve=sieve)
            queue.waiting_in_bundles(session, [newsroom.daily.id], look, now=NOON)
        statement, given = sent[0]
        event.remove(db.engine, "before_cursor_execute", note)
        with db.engine.connect() as connection:
            # What is empty is read from end to end, unless that is forbidden.
            connection.exec_driver_sql("SET enable_seqscan = off")
            connection.exec_driver_sql("SET enable_bitmapscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", given)  # type: ignore[arg-type]
            said = "\n".join(plan.scalars())
    index = {"urgent": "urgency", "worst": "worst"}.get(order, "received")
    assert re.search(rf"Index Only Scan (Backward )?using ix_comments_queue_{index} ", said)
    assert "Sort" not in said


def test_a_card_links_to_what_else_is_held_of_its_commenter_and_story(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id: UUID = newsroom.held()
    row = newsroom.comment(comment_id)
    page = ana.get("/queue")
    assert f'href="/queue?commenter={row.commenter_id}"' in page.text
    assert f'href="/queue?story={row.story_id}"' in page.text
    with newsroom.db.transaction() as session:
        session.execute(update(Story).values(title="<b>A bold one</b>"))
    assert "<b>A bold" not in ana.get(f"/queue?story={row.story_id}").text
