"""Held comments laid elsewhere: left for later, escalated, put back, and each of it taken back."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from moderation import comments, flags
from moderation.models import Decision, Lease, Move
from moderation.staff import moderators
from moderation.submission import FlagReport
from tests.desk.conftest import at_desk, words
from tests.desk.test_orders import shown
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, later


@pytest.fixture
def ben_too(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ben helps out at The Daily today."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    return at_desk(desk, newsroom.ben)


def moves_of(newsroom: Newsroom, comment_id: UUID) -> list[Move]:
    with newsroom.db.reading() as session:
        return list(
            session.scalars(
                select(Move).where(Move.comment_id == comment_id).order_by(Move.moved_at, Move.id)
            )
        )


def undo_of(newsroom: Newsroom, comment_id: UUID) -> str:
    return f"/sites/the-daily/moves/{newsroom.comment(comment_id).move_id}/undo"


def test_left_for_later_it_waits_no_more_and_is_still_held(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id, other = newsroom.held("First fool"), newsroom.held("Second fool")
    answer = ana.act("later", comment_id, tray="waiting", back="/queue?order=newest")
    assert (answer.status_code, answer.location) == (303, "/queue?order=newest")
    page = ana.get("/queue")
    assert shown(page) == [other]
    assert "Left for later." in words(page)
    assert f'action="{undo_of(newsroom, comment_id)}"' in page.text
    assert "Waiting 1 Later 1 Escalated 0 Mine 1 Appeals 0 Notices 0 Decided 0" in words(page)
    page = ana.get("/queue?tray=later")
    assert shown(page) == [comment_id]
    assert "Left for later by you" in words(page)
    assert newsroom.comment(comment_id).status == "held"
    # The site is told nothing: nothing has changed for readers.
    with newsroom.db.reading() as session:
        assert len(session.scalars(select(Decision)).all()) == 2

    assert ana.act("put-back", comment_id, tray="later").status_code == 303
    assert shown(ana.get("/queue")) == [comment_id, other]
    assert shown(ana.get("/queue?tray=mine")) == []
    assert [move.tray_after for move in moves_of(newsroom, comment_id)] == ["later", "waiting"]


def test_escalated_it_says_to_the_lead_what_it_is_about(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    comment_id = newsroom.held()
    form = {"tray": "waiting", "concern": "suicide", "note": " He has said so before. "}
    assert ana.act("escalate", comment_id, **form).status_code == 303
    assert shown(ben_too.get("/queue")) == []
    page = ben_too.get("/queue?tray=escalated")
    assert shown(page) == [comment_id]
    assert "Escalated by Ana: suicide or self-harm" in words(page)
    assert "He has said so before." in words(page)
    # Decided there, and taken back, it lies there again.
    assert ben_too.act("approve", comment_id, tray="escalated").status_code == 303
    decision = newsroom.comment(comment_id).decision_id
    assert shown(ben_too.get("/queue?tray=escalated")) == []
    assert ben_too.post(f"/sites/the-daily/decisions/{decision}/undo").status_code == 303
    assert shown(ben_too.get("/queue?tray=escalated")) == [comment_id]
    said = words(ben_too.get(f"/sites/the-daily/comments/{comment_id}"))
    trail = ["Held by the policy", "Escalated by Ana", "Approved by you", "Undone by you, held"]
    places = [said.index(line, said.index("Log Held")) for line in trail]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "form", [{}, {"concern": "boredom"}, {"concern": "legal", "note": "x" * 1001}]
)
def test_what_a_lead_could_not_work_with_is_not_escalated(
    newsroom: Newsroom, ana: Visitor, form: dict[str, str]
) -> None:
    comment_id = newsroom.held()
    answer = ana.act("escalate", comment_id, tray="waiting", htmx=True, **form)
    assert answer.status_code == 422
    assert newsroom.comment(comment_id).tray == "waiting"


def test_with_htmx_the_card_goes_grey_in_its_place_and_comes_back(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    answer = ana.act("later", comment_id, htmx=True, tray="waiting", tab="waiting")
    assert f'class="card done held" id="card-{comment_id}"' in answer.text
    assert "Left for later by you" in words(answer)
    undo = undo_of(newsroom, comment_id)
    assert f'hx-post="{undo}"' in answer.text
    again = ana.post(undo, htmx=True, tab="waiting")
    assert f'class="card open held" id="card-{comment_id}"' in again.text
    assert 'data-says="Undone by you, waiting again"' in again.text


def test_only_the_last_move_is_taken_back_and_only_while_it_is_held(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    ana.act("later", comment_id, tray="waiting")
    first = undo_of(newsroom, comment_id)
    ana.act("escalate", comment_id, tray="later", concern="legal")
    assert ana.post(first).status_code == 409
    assert ana.post(second := undo_of(newsroom, comment_id)).status_code == 303
    assert newsroom.comment(comment_id).tray == "later"
    assert ana.post(second).status_code == 303  # the second of two clicks
    assert ana.post(undo_of(newsroom, comment_id)).status_code == 409  # an undo is not undone
    ana.act("escalate", comment_id, tray="later", concern="legal")
    last = undo_of(newsroom, comment_id)
    ana.act("approve", comment_id, tray="escalated")
    assert ana.post(last).status_code == 409
    assert len(moves_of(newsroom, comment_id)) == 4


def test_who_has_not_seen_that_it_was_escalated_is_told_instead_of_deciding(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    comment_id = newsroom.held()
    ana.act("escalate", comment_id, tray="waiting", concern="threat")
    for act, form in (("approve", {}), ("block", {"clause": "profanity"}), ("later", {})):
        answer = ben_too.act(act, comment_id, tray="waiting", tab="waiting", htmx=True, **form)
        assert answer.status_code == 409
        said = words(answer)
        assert "Escalated by Ana: a threat, just now. Your decision was not taken." in said
    assert newsroom.comment(comment_id).status == "held"
    assert newsroom.comment(comment_id).tray == "escalated"


def test_a_comment_that_is_decided_or_edited_is_not_moved(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    decided, edited = newsroom.held("First fool"), newsroom.held("Second fool")
    ben_too.act("approve", decided)
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, edited, "Sorry, Tom.", now=later(1))
    answer = ana.act("later", decided, tray="waiting", htmx=True)
    assert answer.status_code == 409
    assert "Approved by Ben" in words(answer)
    assert ana.act("later", edited, tray="waiting").status_code == 409
    assert ana.act("later", edited, tray="attic").status_code == 400
    assert moves_of(newsroom, decided) + moves_of(newsroom, edited) == []


def test_what_comes_to_the_desk_anew_waits_again(newsroom: Newsroom, ana: Visitor) -> None:
    reported, edited = newsroom.held("First fool"), newsroom.held("Second fool")
    for comment_id in (reported, edited):
        ana.act("later", comment_id, tray="waiting")
    # Edited while it is held it stays where it lies: the new words are as held as the old ones.
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, edited, "Another fool", now=later(1))
    newsroom.judge({"insult": 0.83})
    assert newsroom.comment(edited).tray == "later"
    assert ana.act("approve", edited, tray="later", revision="2").status_code == 303
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, edited, "The third fool", now=later(2))
    newsroom.judge({"insult": 0.83})
    row = newsroom.comment(edited)
    assert (row.status, row.tray, row.move_id, row.moved_by) == ("held", "waiting", None, None)

    with newsroom.db.transaction() as session:
        session.execute(update(Decision).values(actor="policy", moderator_id=None))
    ana.act("approve", reported, tray="later")
    with newsroom.db.transaction() as session:
        session.execute(update(Decision).values(actor="policy", moderator_id=None))
        for reader in ("r1", "r2"):
            report = FlagReport(reader=reader, reason="abusive")
            flags.flag(session, newsroom.daily.id, reported, report, now=later(3))
    row = newsroom.comment(reported)
    assert (row.status, row.tray, row.moved_by) == ("held", "waiting", None)


def test_mine_is_what_is_open_with_me_and_what_i_put_aside(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    opened, aside, escalated, done, bens = (newsroom.held(f"Fool {n}") for n in range(5))
    ana.act("lease", opened)
    ana.act("lease", aside)
    ana.act("later", aside, tray="waiting")
    ana.act("escalate", escalated, tray="waiting", concern="minors")
    ana.act("lease", done)
    ana.act("approve", done)
    ben_too.act("later", bens, tray="waiting")
    ben_too.act("lease", bens)
    page = ana.get("/queue?tray=mine&order=oldest")
    assert shown(page) == [opened, aside, escalated]
    assert "With you" in words(page)
    assert "Waiting 1 Later 2 Escalated 1 Mine 3 Appeals 0 Notices 0 Decided 1" in words(page)
    assert shown(ben_too.get("/queue?tray=mine")) == [bens]
    # What one decided oneself is in the log.
    assert words(ana.get("/decisions?by=me")).count("Approved by you") == 1
    assert "Approved" not in words(ben_too.get("/decisions?by=me")).partition("By the policy")[2]


def test_who_has_it_open_is_told_to_the_others_and_keeps_nobody_out(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    comment_id = newsroom.held()
    assert words(ana.act("lease", comment_id, htmx=True)) == ""
    assert words(ben_too.act("lease", comment_id, htmx=True)) == "Ana has it open"
    assert "Ana has it open" in words(ben_too.get("/queue"))
    assert "has it open" not in words(ana.get("/queue"))
    assert ben_too.act("approve", comment_id, tray="waiting").status_code == 303


def test_a_lease_is_renewed_and_ends_by_the_databases_clock(
    newsroom: Newsroom, ana: Visitor, ben_too: Visitor
) -> None:
    def lease() -> Lease:
        with newsroom.db.reading() as session:
            return session.scalars(select(Lease)).one()

    comment_id = newsroom.held()
    ana.act("lease", comment_id)
    left = (lease().until - datetime.now(UTC)).total_seconds()
    assert 100 < left < 140
    before = lease().until
    ana.act("lease", comment_id)
    assert lease().until > before
    with newsroom.db.transaction() as session:
        session.execute(update(Lease).values(until=before.replace(year=2025)))
    assert "has it open" not in words(ben_too.get("/queue"))
    ben_too.act("lease", comment_id)
    assert lease().moderator_id == newsroom.ben.id
    assert "Ben has it open" in words(ana.get("/queue"))


def test_ben_moves_and_opens_nothing_of_anas(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    comment_id = newsroom.held()
    ana.act("later", comment_id, tray="waiting")
    undo = undo_of(newsroom, comment_id)
    for site in ("the-daily", "the-evening-post"):
        for act in ("later", "put-back", "escalate", "lease"):
            form = {"tray": "later", "concern": "legal"}
            assert ben.act(act, comment_id, site=site, **form).status_code == 404, (site, act)
        assert ben.post(undo.replace("the-daily", site)).status_code == 404
    assert shown(ben.get("/queue?tray=later")) == []
    assert "Later 0" in words(ben.get("/queue"))
    assert newsroom.comment(comment_id).tray == "later"
    with newsroom.db.reading() as session:
        assert session.scalars(select(Lease)).all() == []


@pytest.mark.parametrize("tray", ["later", "escalated", "mine"])
def test_a_tray_costs_the_same_queries_for_many_as_for_one(
    newsroom: Newsroom, ana: Visitor, tray: str
) -> None:
    def lay_one() -> None:
        act = "escalate" if tray == "escalated" else "later"
        ana.act(act, newsroom.held(), tray="waiting", concern="legal")

    lay_one()
    with counted(newsroom.db) as one:
        ana.get(f"/queue?tray={tray}")
    for _ in range(4):
        lay_one()
    with counted(newsroom.db) as many:
        page = ana.get(f"/queue?tray={tray}")
    assert len(shown(page)) == 5
    assert len(many) == len(one) <= 13
