"""The queue: what waits, for whom, in which order, and why it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, update

from moderation import comments, flags, queue, site_settings
from moderation.db import Database
from moderation.models import Comment, Revision, Story
from moderation.paging import CARDS, Place
from moderation.staff import moderators
from moderation.submission import FlagReport
from tests.desk.conftest import at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, later, submission, unrecorded

STRICT = """
title = "House rules"
text = "First paragraph.\\n\\nSecond paragraph."

[[clauses]]
key = "spam"
title = "Spam"
text = "No advertising."
rules = [
  {links = 2},
  {repeats = 0.85},
  {shouting = 0.7},
  {personal_data = ["phone", "email"]},
  {words = {en = ["tyres"]}},
  {standing = "new"},
]

[[clauses]]
key = "abuse"
title = "Abuse & <worse>"
text = "None."
rules = [
  {attribute = "insult", hold = 0.625, block = 0.99},
  {all = [{attribute = "obscene", hold = 0.4}, {shouting = 0.7}]},
]

[[overrides]]
section = "Obituaries"
mode = "hold-everything"
"""


def test_a_card_says_who_wrote_what_where_and_why_it_is_held(
    newsroom: Newsroom, ana: Visitor
) -> None:
    newsroom.held("You are a fool, Tom.\n\n  Twice over.")
    page = ana.get("/queue")
    said = words(page)
    assert "Personal attacks: insult 0.83, held from 0.60" in said
    assert "1 waiting" in said
    assert "You are a fool, Tom.\n\n  Twice over." in page.text
    assert "Rita" in said
    assert "new here" in said
    assert (
        'href="https://daily.example/tram-7" rel="noopener noreferrer nofollow" target="_blank"'
        in page.text
    )
    assert "Tram line 7 reopens" in said
    assert 'title="2026-05-04 12:00:00 UTC"' in page.text
    assert '<option value="personal-attacks" selected>' in page.text
    for attribute, value in (("toxicity", "0.80"), ("severe toxicity", "0.01")):
        assert f'<th scope="row">{attribute}</th><td>{value}</td>' in page.text
    # The policy stands beside the queue.
    assert "Argue with what was said, not with who said it." in said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("See http://a.example http://b.example http://c.example", "Spam: 3 links, more than 2"),
        ("THIS IS AN OUTRAGE AND EVERYBODY KNOWS IT", "Spam: 100% capitals, held from 70%"),
        ("Ring me on +49 30 1234567", "Spam: personal data: phone"),
        ("Write to rita@daily.example", "Spam: personal data: e-mail"),
        ("Cheap tyres, good tyres", "Spam: 2 listed words"),
        ("A fair point", "Spam: from a commenter who is new here"),
    ],
)
def test_signals_are_given_in_words(
    newsroom: Newsroom, ana: Visitor, text: str, reason: str
) -> None:
    newsroom.post_policy(STRICT)
    newsroom.approved(text)
    assert reason in words(ana.get("/queue"))


def test_other_reasons_are_given_in_words(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(STRICT)
    same = "The same advertisement, word for word, for the third time today"
    newsroom.approved(same)
    newsroom.approved(same)
    newsroom.receive("WHAT A DAMNED MESS THIS PAPER IS")
    newsroom.judge({"obscene": 0.5, "insult": 0.7})
    newsroom.receive("Ռուբեն, լավ է ասված")
    newsroom.judge(language="hy")
    newsroom.receive("Rest in peace", story={"id": "o-1", "section": "Obituaries"})
    newsroom.judge()
    said = words(ana.get("/queue?fold=no"))
    for reason in (
        "Spam: repeats an earlier comment, 100% alike",
        "Abuse &amp; &lt;worse&gt;: obscene 0.50 with capitals, held from 0.40",
        "Abuse &amp; &lt;worse&gt;: insult 0.70, held from 0.625",
        "Written in a language that the model cannot read (hy)",
        "Section Obituaries holds everything",
    ):
        assert reason.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">") in said


def test_a_failure_a_switch_and_a_missing_policy_are_given_in_words(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    with newsroom.db.transaction() as session:
        daily = session.merge(newsroom.daily)
        site_settings.change(session, daily, hold_everything=True, now=NOON)
        comments.receive(session, newsroom.post.id, [submission("Held without one")], now=NOON)
    newsroom.approved()
    newsroom.receive("Half a reading")
    newsroom.judge({"insult": float("nan")})
    said = words(ana.get("/queue"))
    assert "The site holds everything now" in said
    assert "A score that the policy asks for is missing" in said
    said = words(ben.get("/queue"))
    assert "The site has posted no policy, so everything is held" in said
    assert "A block names a clause, and the site has posted no policy yet." in said


def test_a_reply_shows_its_parent_and_flags_show_their_words(
    newsroom: Newsroom, ana: Visitor
) -> None:
    parent = newsroom.approved("Trams are late again.", external_id="p")
    reply = newsroom.approved("He means well.", parent="p", commenter={"id": "tom", "name": "Tom"})
    with newsroom.db.transaction() as session:
        for reader, text in (("r1", "He says it everywhere"), ("r2", None)):
            report = FlagReport(reader=reader, reason="off-topic", text=text)
            flags.flag(session, newsroom.daily.id, reply, report, now=later(5))
    said = words(ana.get("/queue"))
    assert "in reply to Rita: Trams are late again." in said
    assert "Personal attacks: reported by 2 readers, held from 2" in said
    assert "2 reports" in said
    assert "off topic: He says it everywhere" in said
    assert newsroom.comment(parent).status == "approved"


def test_an_edited_comment_says_that_its_reason_is_about_the_earlier_words(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "I disagree, Tom.", now=later(1))
    said = words(ana.get("/queue"))
    assert "I disagree, Tom." in said
    assert "You are a fool" not in said
    assert "this reason is about the earlier words" in said
    newsroom.judge()
    said = words(ana.get("/queue"))
    assert "No rule of the policy is broken; it was held before the commenter edited it" in said
    assert "Edited, revision 2." in said


def test_ben_sees_nothing_of_anas(newsroom: Newsroom, ana: Visitor, ben: Visitor) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    rita = newsroom.comment(comment_id).commenter_id
    assert ana.act("block", comment_id, clause="personal-attacks").status_code == 303
    decision = newsroom.comment(comment_id).decision_id
    said = words(ben.get("/queue")) + words(ben.get("/decisions?by=all"))
    assert "fool" not in said
    assert "The Daily" not in said
    for path in (
        f"/sites/the-daily/comments/{comment_id}",
        f"/sites/the-evening-post/comments/{comment_id}",
        f"/sites/the-daily/commenters/{rita}",
        f"/sites/the-evening-post/commenters/{rita}",
        "/queue?site=the-daily",
        "/queue/arrivals?seen=the-daily:0&told=the-daily:0",
        "/decisions?site=the-daily",
    ):
        assert ben.get(path).status_code == 404, path
    for site in ("the-daily", "the-evening-post"):
        for act in ("approve", "block"):
            refused = ben.act(act, comment_id, site=site, clause="profanity", status="blocked")
            assert refused.status_code == 404
        assert ben.post(f"/sites/{site}/decisions/{decision}/undo").status_code == 404
        for act in ("block", "unblock"):
            path = f"/sites/{site}/commenters/{rita}/{act}"
            assert ben.post(path, reason="no").status_code == 404
    assert newsroom.comment(comment_id).decision_id == decision


def test_a_moderator_of_two_papers_sees_both_or_either(newsroom: Newsroom, desk: Flask) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.post)
        sent = submission("An evening comment")
        comments.receive(session, newsroom.post.id, [sent], now=later(-1))
    newsroom.held("A daily comment")
    ana = at_desk(desk, newsroom.ana)
    both = words(ana.get("/queue"))
    assert both.index("An evening comment") < both.index("A daily comment")
    assert "2 waiting" in both
    assert "The Daily 1" in both
    one = words(ana.get("/queue?site=the-daily"))
    assert "A daily comment" in one
    assert "An evening comment" not in one
    assert "1 waiting" in one


def test_pages_follow_each_other_without_gap_or_repeat(newsroom: Newsroom, ana: Visitor) -> None:
    held = many_held(newsroom, 2 * CARDS + 5)
    for order in ("oldest", "newest"):
        seen: list[UUID] = []
        path = f"/queue?order={order}"
        for expected in (CARDS, CARDS, 5 if order == "oldest" else 2):
            page = ana.get(path)
            found = [UUID(part[:36]) for part in page.text.split('id="card-')[1:]]
            assert len(found) == expected
            seen += found
            # A decision made meanwhile shifts nothing.
            if order == "oldest":
                assert ana.act("approve", found[0]).status_code == 303
            path = page.text.rpartition('id="next"')[2].partition('href="')[2].partition('"')[0]
            path = path.replace("&amp;", "&")
        if order == "oldest":
            assert seen == held
        else:
            decided = held[::CARDS]
            assert seen == [i for i in reversed(held) if i not in decided]
        # They all came in the same second, so the order is by id.
        assert len({newsroom.comment(i).received_at for i in held[:3]}) == 1


def many_held(newsroom: Newsroom, number: int) -> list[UUID]:
    """So many comments wait, each in other words and by another reader."""
    with newsroom.db.transaction() as session:
        comments.receive(
            session,
            newsroom.daily.id,
            [
                submission(f"Fool number {named(n)}", commenter={"id": f"reader {n}"})
                for n in range(number)
            ],
            now=NOON,
        )
    newsroom.judge({"insult": 0.83})
    with newsroom.db.reading() as session:
        page = queue.waiting(session, [newsroom.daily.id], queue.Look(limit=500), now=NOON)
    ids = [card.comment.id for card in page.items]
    assert ids == sorted(ids)
    return ids


def named(number: int) -> str:
    """A number in letters: words that differ in their figures alone are the same words."""
    return "".join("zabcdefghi"[int(digit)] for digit in str(number))


@pytest.mark.parametrize(
    "place", ["x", "1-2", "1", "-", "9" * 40 + "-" + "0" * 32, "1-" + "g" * 32]
)
def test_a_made_up_place_is_no_page(ana: Visitor, place: str) -> None:
    assert ana.get("/queue", query_string={"after": place}).status_code == 404
    assert ana.get("/decisions", query_string={"before": place}).status_code == 404


def test_a_place_reads_back_as_it_was_written() -> None:
    place = Place(NOON + timedelta(microseconds=1), UUID(int=7))
    assert Place.parse(str(place)) == place


def test_more_than_a_thousand_are_counted_as_such(newsroom: Newsroom, ana: Visitor) -> None:
    many_held(newsroom, 500)
    many_held(newsroom, 500)
    many_held(newsroom, 1)
    assert "1000+ waiting" in words(ana.get("/queue"))


def test_an_empty_queue_says_so(ana: Visitor) -> None:
    said = words(ana.get("/queue"))
    assert "Nothing waits" in said
    assert "The tray is empty." in said


def test_an_erased_comment_waits_for_nobody(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held("Words that go")
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    assert "Nothing waits" in words(ana.get("/queue"))
    page = ana.get(f"/sites/the-daily/comments/{comment_id}")
    assert "Deleted by the site; its words are gone." in words(page)


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """The SELECTs sent inside the block."""
    sent: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_twenty_cards_cost_as_many_queries_as_one(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held("The only one")
    with counted(newsroom.db) as one:
        ana.get("/queue")
    many_held(newsroom, 30)
    with counted(newsroom.db) as many:
        ana.get("/queue")
    assert len(many) == len(one)
    assert len(one) <= 12


def test_words_of_strangers_do_no_harm(newsroom: Newsroom, ana: Visitor) -> None:
    script = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    newsroom.held(
        f"{script} \u202egnorw\u202c \u200b\x07 end",
        commenter={"id": script, "name": f"{script}\u202e"},
        story={"id": "s", "url": 'https://x.example/"onmouseover="alert(1)', "title": script},
    )
    with newsroom.db.transaction() as session:
        session.execute(update(Comment).values(language="<b>"))
        session.execute(update(Revision).values(language="<b>"))
    page = ana.get("/queue")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert 'onmouseover="' not in page.text
    assert "\u202e" not in page.text
    assert "\u200b" not in page.text
    assert "\x07" not in page.text
    assert ">RLO</span>gnorw" in page.text
    assert 'title="Right-to-left override (U+202E)"' in page.text
    assert ">ZWSP</span>" in page.text
    assert ">U+0007</span>" in page.text


def test_an_address_that_is_no_web_address_is_no_link(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held("You are a fool, Tom.")
    with newsroom.db.transaction() as session:
        session.execute(update(Story).values(url="javascript:alert(1)"))
    assert "javascript:" not in ana.get("/queue").text


LISTS_AND_LINKS = """
title = "House rules"
text = "Be kind."

[[clauses]]
key = "abuse"
title = "Abuse"
text = "None."
rules = [{words = {en = ["moron"]}}, {links = 0}, {links = 2}]
"""


def test_a_card_says_what_is_so(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(LISTS_AND_LINKS)
    for text, told, untold in [
        (
            "> You moron, learn to read.\n\nThat was uncalled for.",
            "a listed word in words quoted from someone else",
            "another spelling",
        ),
        (
            "😀😀",
            "There is no letter in it that the model could read",
            "in a language",
        ),
        ("a.com b.com c.com", "3 links, more than 2", "more than 0"),
    ]:
        newsroom.receive(text)
        newsroom.judge()
        card = words(ana.get("/queue"))
        assert told in card
        assert untold not in card
