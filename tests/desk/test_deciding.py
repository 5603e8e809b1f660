"""Approve, block, undo: as plain forms, and as fragments for htmx."""

from uuid import UUID

import pytest
from sqlalchemy import select

from moderation import comments, metrics
from moderation.models import Decision, DecisionNote
from tests.desk.conftest import words
from tests.desk.visitor import Visitor
from tests.metrics import figure
from tests.newsroom import POLICY, Newsroom, later, unrecorded


def decisions_of(newsroom: Newsroom, comment_id: UUID) -> list[Decision]:
    with newsroom.db.reading() as session:
        return list(
            session.scalars(
                select(Decision).where(Decision.comment_id == comment_id).order_by(Decision.seq)
            )
        )


def test_without_javascript_a_form_approves_and_comes_back(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held()
    back = "/queue?site=the-daily&order=newest"
    answer = ana.act("approve", comment_id, back=back)
    assert (answer.status_code, answer.location) == (303, back)
    page = ana.get(back)
    assert "Approved." in words(page)
    assert newsroom.comment(comment_id).status == "approved"
    decision = decisions_of(newsroom, comment_id)[-1]
    assert (decision.moderator_id, decision.revision) == (newsroom.ana.id, 1)
    # The message carries the way back, once.
    undo = f"/sites/the-daily/decisions/{decision.id}/undo"
    assert f'action="{undo}"' in page.text
    assert "Approved." not in words(ana.get(back))
    assert ana.post(undo, back=back).status_code == 303
    assert newsroom.comment(comment_id).status == "held"
    assert "Taken back." in words(ana.get(back))


def test_what_a_moderator_decides_is_counted_by_site(newsroom: Newsroom, ana: Visitor) -> None:
    def counted(status: str) -> float:
        labels = f'{{actor="moderator",site="the-daily",status="{status}"}}'
        return figure(metrics.exposition(), f"moderation_comments_decided_total{labels}")

    statuses = ("approved", "blocked", "held")
    before = [counted(status) for status in statuses]
    approved, blocked = newsroom.held(), newsroom.held()
    ana.act("approve", approved)
    ana.act("block", blocked, clause="profanity")
    ana.act("block", blocked, clause="profanity")  # too late: decided already
    undo = f"/sites/the-daily/decisions/{decisions_of(newsroom, approved)[-1].id}/undo"
    ana.post(undo)
    ana.post(undo)  # too late, too

    assert [counted(status) for status in statuses] == [count + 1 for count in before]


def test_a_block_names_its_clause_and_keeps_its_note(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    answer = ana.act("block", comment_id, clause="profanity", note=" see the second line ")
    assert answer.status_code == 303
    decision = decisions_of(newsroom, comment_id)[-1]
    assert (decision.status_after, decision.clause, decision.policy_version) == (
        "blocked",
        "profanity",
        1,
    )
    with newsroom.db.reading() as session:
        assert session.scalars(select(DecisionNote.text)).all() == ["see the second line"]
    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}"))
    assert "Blocked by you for Profanity under policy 1" in said
    assert "see the second line" in said


def test_with_htmx_the_card_goes_grey_in_its_place(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    answer = ana.act("block", comment_id, htmx=True, clause="personal-attacks")
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<article")
    assert "<html" not in answer.text
    assert f'class="card done blocked" id="card-{comment_id}"' in answer.text
    assert "Blocked by you for Personal attacks" in words(answer)
    undo = f"/sites/the-daily/decisions/{newsroom.comment(comment_id).decision_id}/undo"
    assert f'hx-post="{undo}"' in answer.text
    again = ana.post(undo, htmx=True)
    assert again.status_code == 200
    assert f'class="card open held" id="card-{comment_id}"' in again.text
    # Why it was held is still said, though the decision in force is now a person's.
    assert "Personal attacks: insult 0.83, held from 0.60" in words(again)


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("clause", ["", "no-such-clause", "\0"])
def test_a_block_without_a_clause_of_the_policy_changes_nothing(
    newsroom: Newsroom, ana: Visitor, clause: str, htmx: bool
) -> None:
    comment_id = newsroom.held()
    answer = ana.act("block", comment_id, clause=clause, htmx=htmx)
    assert answer.status_code == 422
    assert "Choose the clause that it breaks: nothing was decided." in words(answer)
    assert ("<html" in answer.text) is not htmx
    assert newsroom.comment(comment_id).status == "held"


@pytest.mark.parametrize("note", ["x" * 1001, "a\0b"])
def test_a_note_that_cannot_be_kept_changes_nothing(
    newsroom: Newsroom, ana: Visitor, note: str
) -> None:
    comment_id = newsroom.held()
    answer = ana.act("block", comment_id, clause="profanity", note=note)
    assert answer.status_code == 422
    assert newsroom.comment(comment_id).status == "held"


@pytest.mark.parametrize(
    "form",
    [
        {"revision": ""},
        {"revision": "one"},
        {"revision": "-1"},
        {"revision": "²"},
        {"revision": "9" * 30},
        {"status": "deleted"},
        {"status": ""},
    ],
)
def test_a_form_that_does_not_say_what_was_seen_is_refused(
    newsroom: Newsroom, ana: Visitor, form: dict[str, str]
) -> None:
    comment_id = newsroom.held()
    assert ana.act("approve", comment_id, **form).status_code == 400
    assert newsroom.comment(comment_id).status == "held"


@pytest.mark.parametrize("act", ["approve", "block"])
def test_a_comment_that_is_not_there_is_not_found(
    newsroom: Newsroom, ana: Visitor, act: str
) -> None:
    nobody = UUID(int=1)
    assert ana.act(act, nobody, clause="profanity").status_code == 404
    assert ana.get(f"/sites/the-daily/comments/{nobody}").status_code == 404
    assert ana.post(f"/sites/the-daily/decisions/{nobody}/undo").status_code == 404


def test_an_edited_comment_is_shown_anew_instead_of_decided(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.held("You are a fool, Tom.")
    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Sorry, Tom.", now=later(1))
    answer = ana.act("block", comment_id, clause="profanity", htmx=True)
    assert answer.status_code == 409
    said = words(answer)
    assert "The commenter has edited this comment since you saw it" in said
    assert "Your decision was not taken." in said
    assert "Sorry, Tom." in said
    assert 'name="revision" value="2"' in answer.text
    assert newsroom.comment(comment_id).status == "held"


def test_a_deleted_comment_says_so(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    with newsroom.db.transaction() as session:
        comments.erase(session, newsroom.daily.id, comment_id, record=unrecorded, now=later(1))
    answer = ana.act("approve", comment_id, htmx=True)
    assert answer.status_code == 409
    assert "The site has deleted this comment." in words(answer)


def test_only_the_decision_in_force_is_undone(newsroom: Newsroom, ana: Visitor) -> None:
    comment_id = newsroom.held()
    by_policy = newsroom.comment(comment_id).decision_id
    undo = "/sites/the-daily/decisions/{}/undo"
    assert ana.post(undo.format(by_policy), htmx=True).status_code == 409
    ana.act("approve", comment_id)
    first = newsroom.comment(comment_id).decision_id
    assert ana.post(undo.format(first)).status_code == 303
    ana.act("approve", comment_id)
    assert ana.post(undo.format(first)).status_code == 409
    assert [d.status_after for d in decisions_of(newsroom, comment_id)] == [
        "held",
        "approved",
        "held",
        "approved",
    ]


def test_what_the_policy_let_through_can_be_blocked_on_its_own_page(
    newsroom: Newsroom, ana: Visitor
) -> None:
    comment_id = newsroom.approved("A quiet insult")
    page = ana.get(f"/sites/the-daily/comments/{comment_id}")
    assert 'name="status" value="approved"' in page.text
    assert 'data-act="approve"' not in page.text
    answer = ana.act("block", comment_id, clause="personal-attacks", status="approved")
    assert answer.status_code == 303
    assert newsroom.comment(comment_id).status == "blocked"


def test_the_preselected_clause_may_have_gone_from_the_policy(
    newsroom: Newsroom, ana: Visitor
) -> None:
    newsroom.held()
    newsroom.post_policy(POLICY.replace("personal-attacks", "attacks").replace("Personal", "All"))
    page = ana.get("/queue")
    # The reason quotes the version it was judged under, the clauses to choose from are today's.
    assert "Personal attacks: insult 0.83" in words(page)
    assert '<option value="">Clause…</option>' in page.text
    assert '<option value="attacks"' in page.text
