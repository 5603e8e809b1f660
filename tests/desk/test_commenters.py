"""A commenter's page: what they wrote, what is counted on them, the site's block."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from moderation import commenter_blocks, commenters, comments, erasures
from moderation.models import AuditEntry, Commenter, CommenterBlock, CommenterNote
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.test_queue import counted, many_held
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, later, submission, unrecorded

NOBODY = UUID(int=1)


def rita_of(newsroom: Newsroom, comment_id: UUID) -> Commenter:
    with newsroom.db.reading() as session:
        site_id = newsroom.daily.id
        writer = newsroom.comment(comment_id).commenter_id
        return session.get_one(Commenter, (site_id, writer))


def test_the_history_shows_figures_and_comments(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.approved("A fair point")
    held = newsroom.held("You are a fool, Tom.")
    ana.act("block", held, clause="personal-attacks")
    rita = rita_of(newsroom, held)
    page = ana.get(f"/sites/the-daily/commenters/{rita.id}")
    for name, value in (("Approved", 1), ("Blocked", 1), ("Strikes", 1), ("Turned away", 0)):
        assert f"<dt>{name}</dt><dd>{value}</dd>" in page.text
    said = words(page)
    assert "Blocked by you for Personal attacks" in said
    assert "Approved by the policy" in said
    assert said.index("You are a fool") < said.index("A fair point")
    assert ana.get(f"/sites/the-daily/commenters/{NOBODY}").status_code == 404


def test_pages_of_the_history_follow_each_other(newsroom: Newsroom, ana: Visitor) -> None:
    ids = [newsroom.approved(f"Comment number {number}") for number in range(22)]
    path = f"/sites/the-daily/commenters/{rita_of(newsroom, ids[0]).id}"
    newest = ana.get(path)
    assert newest.text.count('<blockquote class="excerpt"') == 20
    earlier = newest.text.partition('class="next" href="')[2].partition('"')[0]
    assert ana.get(earlier).text.count('<blockquote class="excerpt"') == 2
    assert ana.get(f"{path}?before=x").status_code == 404


def test_a_block_turns_new_comments_away_until_it_is_lifted(
    newsroom: Newsroom, ana: Visitor
) -> None:
    rita = rita_of(newsroom, newsroom.held())
    path = f"/sites/the-daily/commenters/{rita.id}"
    assert ana.post(f"{path}/block", reason="spam", until="", back=path).location == path
    said = words(ana.get(path))
    assert "The commenter is blocked." in said
    assert "Without an end: spam" in said

    def post() -> object:
        with newsroom.db.transaction() as session:
            now = datetime.now(UTC)
            [answer] = comments.receive(session, newsroom.daily.id, [submission()], now=now)
            return answer

    assert isinstance(post(), comments.Refused)
    assert "<dt>Turned away</dt><dd>1</dd>" in ana.get(path).text
    assert ana.post(f"{path}/unblock", back=path).status_code == 303
    assert isinstance(post(), comments.Received)


def test_from_a_card_the_block_answers_in_its_place(newsroom: Newsroom, ana: Visitor) -> None:
    rita = rita_of(newsroom, newsroom.held())
    path = f"/sites/the-daily/commenters/{rita.id}"
    answer = ana.post(f"{path}/block", htmx=True, reason="insults", until="2999-01-31")
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<details")
    assert "Until 2999-01-31 00:00:00 UTC: insults" in words(answer)
    again = ana.post(f"{path}/unblock", htmx=True)
    assert "The commenter may write again." in words(again)
    assert not rita_of(newsroom, newsroom.held()).is_blocked(datetime.now(UTC))


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"reason": " "}, "Give a reason"),
        ({"reason": "x" * 501}, "Give a reason"),
        ({"reason": "a\0b"}, "Give a reason"),
        ({"reason": "spam", "until": "tomorrow"}, "That is not a date."),
        ({"reason": "spam", "until": "2020-01-01"}, "The block would be over already."),
    ],
)
def test_a_block_that_makes_no_sense_is_refused(
    newsroom: Newsroom, ana: Visitor, form: dict[str, str], says: str, htmx: bool
) -> None:
    rita = rita_of(newsroom, newsroom.held())
    answer = ana.post(f"/sites/the-daily/commenters/{rita.id}/block", htmx=htmx, **form)
    assert answer.status_code == 422
    assert says in words(answer)
    assert not rita_of(newsroom, newsroom.held()).is_blocked(datetime.now(UTC))


@pytest.mark.parametrize("act", ["block", "unblock"])
def test_a_commenter_who_is_not_there_is_not_found(ana: Visitor, act: str) -> None:
    path = f"/sites/the-daily/commenters/{NOBODY}/{act}"
    assert ana.post(path, reason="spam").status_code == 404


# --- rates, strikes, blocks, notes ----------------------------------------------------------------


def path_of(newsroom: Newsroom, comment_id: UUID) -> str:
    return f"/sites/the-daily/commenters/{newsroom.comment(comment_id).commenter_id}"


def the_note(newsroom: Newsroom) -> CommenterNote:
    with newsroom.db.reading() as session:
        return session.scalars(select(CommenterNote)).one()


def test_the_rates_are_those_of_the_latest_comments(newsroom: Newsroom, ana: Visitor) -> None:
    for number in range(3):
        newsroom.approved(f"A fair point, number {number}.")
    held = newsroom.held()
    said = words(ana.get(path_of(newsroom, held)))
    assert "Of their last 4 comments: 3 approved (75 %), 1 held (25 %)." in said


def test_strikes_are_listed_with_their_end_and_go_when_the_block_is_taken_back(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held = newsroom.held()
    ana.act("block", held, clause="personal-attacks")
    page = ana.get(path_of(newsroom, held))
    ends = datetime.now(UTC) + commenters.STRIKE_LASTS
    assert f"Until {ends:%Y-%m-%d}" in words(page)
    assert f'href="/sites/the-daily/comments/{held}/case"' in page.text
    ana.post(f"/sites/the-daily/decisions/{newsroom.comment(held).decision_id}/undo")
    assert "Strikes in force" not in words(ana.get(path_of(newsroom, held)))


def test_every_block_stands_there_with_reason_end_and_who_lifted_it(
    newsroom: Newsroom, ana: Visitor
) -> None:
    path = path_of(newsroom, newsroom.held())
    ana.post(f"{path}/block", reason="First <b>reason</b>", until="2999-01-31", back=path)
    ana.post(f"{path}/block", reason="Second reason", until="", back=path)
    ana.post(f"{path}/unblock", back=path)
    page = ana.get(path)
    said = words(page).partition("Blocks")[2]
    second, first = said.index("Second reason"), said.index("First <b>reason</b>")
    assert second < first
    assert "Until 2999-01-31 00:00:00 UTC, by you, just now: First" in said
    assert "Without an end, by you, just now: Second reason · ended by you, just now" in said
    assert "<b>reason</b>" not in page.text


def test_a_block_that_ran_to_its_end_was_ended_by_nobody(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    rita = rita_of(newsroom, comment_id)
    with newsroom.db.transaction() as session:
        row = session.get_one(Commenter, (rita.site_id, rita.id))
        commenter_blocks.block(
            session, row, reason="An hour's rest", until=later(60), moderator_id=None, now=NOON
        )
    ana.post(f"{path_of(newsroom, comment_id)}/block", reason="Again", until="")
    said = words(ana.get(path_of(newsroom, comment_id)))
    assert "Until 2026-05-04 13:00:00 UTC, by the site, 4 May: An hour's rest" in said
    assert "ended by" not in said


def test_a_note_is_for_colleagues_and_its_writer_can_erase_it(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    path = path_of(newsroom, newsroom.held())
    ana.get(path)
    assert ana.post(f"{path}/notes", text=" Writes <i>late</i>.\r\nAlways. ").location == path
    page = ana.get(path)
    assert "By you, just now Writes <i>late</i>. Always." in words(page)
    assert "<i>late" not in page.text
    note = the_note(newsroom)
    assert note.text == "Writes <i>late</i>.\nAlways."
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    ben = at_desk(desk, newsroom.ben)
    said = ben.get(path)
    assert "By Ana" in words(said)
    assert "Erase this note" not in said.text
    assert ben.post(f"{path}/notes/{note.id}/erase").status_code == 404

    assert ana.post(f"{path}/notes/{note.id}/erase").location == path

    assert "Erased." in words(ana.get(path))
    assert the_note(newsroom).text is None
    ana.post(f"{path}/notes/{note.id}/erase")  # a double click
    with newsroom.db.reading() as session:
        events = session.scalars(
            select(AuditEntry.event).where(AuditEntry.event.startswith("commenter_note"))
        ).all()
    assert sorted(events) == ["commenter_note_erased", "commenter_noted"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\0b"])
def test_a_note_that_cannot_be_taken_is_kept_in_its_field(
    newsroom: Newsroom, ana: Visitor, text: str
) -> None:
    path = path_of(newsroom, newsroom.held())
    answer = ana.post(f"{path}/notes", text=text)
    assert answer.status_code == 422
    assert "A note has 1 to 2000 characters." in words(answer)
    assert text.strip()[:50].replace("\0", "\ufffd") in answer.text.replace("\0", "\ufffd")
    with newsroom.db.reading() as session:
        assert session.scalars(select(CommenterNote)).all() == []


def test_nothing_is_noted_of_an_erased_commenter(newsroom: Newsroom, ana: Visitor) -> None:
    rita = rita_of(newsroom, comment_id := newsroom.held())
    ana.post(f"{path_of(newsroom, comment_id)}/notes", text="Rita writes late.")
    with newsroom.db.transaction() as session:
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=later(1))
    page = ana.get(f"/sites/the-daily/commenters/{rita.id}")
    assert "writes late" not in page.text
    assert ana.post(f"/sites/the-daily/commenters/{rita.id}/notes", text="x").status_code == 404


def test_an_erased_commenter_is_not_blocked_for_a_reason_that_would_outlive_them(
    newsroom: Newsroom, ana: Visitor
) -> None:
    rita = rita_of(newsroom, newsroom.held())
    with newsroom.db.transaction() as session:
        erasures.commenter(session, rita.site_id, rita.id, record=unrecorded, now=later(1))
    path = f"/sites/the-daily/commenters/{rita.id}"
    assert "Block the commenter" not in words(ana.get(path))
    assert ana.post(f"{path}/block", reason="Rita is rude.").status_code == 404
    with newsroom.db.reading() as session:
        assert session.scalars(select(CommenterBlock)).all() == []


def test_of_two_blocks_at_once_one_is_in_force(newsroom: Newsroom) -> None:
    rita = rita_of(newsroom, newsroom.held())

    def block(_nth: int) -> None:
        with newsroom.db.transaction() as session:
            row = session.get_one(Commenter, (rita.site_id, rita.id))
            both_there.wait(10)
            commenter_blocks.block(
                session, row, reason="Rude", until=None, moderator_id=None, now=later(1)
            )

    # On SQLite one transaction begins when the other has ended.
    both_there = Barrier(2 if newsroom.db.engine.dialect.name == "postgresql" else 1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(block, range(2)))
    with newsroom.db.reading() as session:
        blocks = session.scalars(select(CommenterBlock)).all()
        assert sorted(one.ended_at is None for one in blocks) == [False, True]


def test_another_papers_commenter_takes_no_note(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    path = path_of(newsroom, newsroom.held())
    ana.post(f"{path}/notes", text="Writes late.")
    note = the_note(newsroom)
    for of_site in (path, path.replace("the-daily", "the-evening-post")):
        assert ben.post(f"{of_site}/notes", text="x").status_code == 404
        assert ben.post(f"{of_site}/notes/{note.id}/erase").status_code == 404
    assert the_note(newsroom).text == "Writes late."


def test_a_long_history_costs_as_many_queries_as_a_short_one(
    newsroom: Newsroom, ana: Visitor
) -> None:
    held = newsroom.held()
    path = path_of(newsroom, held)
    with counted(newsroom.db) as few:
        ana.get(path)
    for comment_id in many_held(newsroom, 5)[1:]:
        ana.act("block", comment_id, clause="profanity")
    for number in range(4):
        ana.post(f"{path}/notes", text=f"Note {number}")
        ana.post(f"{path}/block", reason=f"Reason {number}", until="")
    ana.get("/queue")  # what was to be told is told
    with counted(newsroom.db) as many:
        page = ana.get(path)
    assert page.text.count('class="noted"') == 4
    # One more: the clauses' titles of the policy, once anything is decided.
    assert len(many) <= len(few) + 1
    assert len(few) <= 12
