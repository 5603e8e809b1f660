"""What a commenter is told of a block: chosen from the site's saved replies, or written."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from moderation import saved_replies
from moderation.models import AuditEntry, DecisionNote, Explanation, Role, SavedReply
from tests.api.conftest import Caller
from tests.desk.conftest import sign_in, words
from tests.desk.test_queue import counted, many_held
from tests.desk.test_roles import given
from tests.desk.test_together import THERE, seen
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom

PAGE = "/sites/the-daily/saved-replies"
MILD = "Please say it without the swear word."


def saved(newsroom: Newsroom, title: str = "Mild", text: str = MILD, **fields: Any) -> UUID:
    """A reply that The Daily has, for profanity unless `clause` says other."""
    reply: dict[str, Any] = {"clause": "profanity", "title": title, "text": text} | fields
    with newsroom.db.transaction() as session:
        return saved_replies.add(
            session, newsroom.daily.id, **reply, moderator_id=newsroom.ana.id, now=NOON
        )


def told(newsroom: Newsroom) -> list[str | None]:
    with newsroom.db.reading() as session:
        return list(session.scalars(select(Explanation.text)))


def test_a_lead_saves_changes_and_removes_them(newsroom: Newsroom, ana: Visitor) -> None:
    given(newsroom, Role.LEAD)
    assert "None yet. A site can have 100." in words(ana.get(PAGE))
    assert PAGE in ana.get("/sites/the-daily/policy").text
    form: dict[str, Any] = {
        "clause": "profanity",
        "title": " Mild ",
        "text": "Please\r\nmind it.\n",
    }
    assert ana.post(PAGE, **form).status_code == 303
    page = ana.get(PAGE)
    assert "The reply is saved." in words(page)
    assert "Mild Profanity" in words(page)
    with newsroom.db.reading() as session:
        [reply] = session.scalars(select(SavedReply)).all()
    assert (reply.title, reply.text) == ("Mild", "Please\nmind it.")
    assert ana.post(f"{PAGE}/{reply.id}/change", title="Kind", text=MILD).status_code == 303
    assert MILD in words(ana.get(PAGE))
    assert ana.post(f"{PAGE}/{reply.id}/remove").status_code == 303
    assert ana.post(f"{PAGE}/{reply.id}/remove").status_code == 404
    assert "None yet." in words(ana.get(PAGE))
    with newsroom.db.reading() as session:
        rows = session.execute(
            select(AuditEntry.event, AuditEntry.subject).where(AuditEntry.event.like("reply_%"))
        )
        events = {row.event: row.subject for row in rows}
    subject = {"reply": str(reply.id), "clause": "profanity"}
    assert events == dict.fromkeys(("reply_saved", "reply_changed", "reply_removed"), subject)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"clause": ""}, "Choose the clause that it is for."),
        ({"clause": "no-such-clause"}, "Choose the clause that it is for."),
        ({"title": " "}, "a title of one line, at most 80 characters"),
        ({"title": "x" * 81}, "a title of one line, at most 80 characters"),
        ({"title": "two\nlines"}, "a title of one line, at most 80 characters"),
        ({"text": " "}, "A reply has 1 to 1000 characters."),
        ({"text": "x" * 1001}, "A reply has 1 to 1000 characters."),
        ({"text": "a\0b"}, "A reply has 1 to 1000 characters."),
    ],
)
def test_what_cannot_be_saved_is_said_and_what_was_typed_stays(
    newsroom: Newsroom, ana: Visitor, form: dict[str, str], says: str
) -> None:
    given(newsroom, Role.LEAD)
    ana.get(PAGE)
    typed: dict[str, Any] = {"clause": "profanity", "title": "Typed", "text": "Typed too"} | form
    answer = ana.post(PAGE, **typed)
    assert answer.status_code == 422
    assert says in words(answer)
    assert ('value="Typed"' in answer.text) is ("title" not in form)
    with newsroom.db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SavedReply)) == 0


def test_a_site_has_no_more_than_a_hundred(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_replies, "MOST", 2)
    given(newsroom, Role.LEAD)
    for number in range(2):
        saved(newsroom, f"Reply {number}")
    ana.get(PAGE)
    answer = ana.post(PAGE, clause="profanity", title="One more", text=MILD)
    assert (answer.status_code, "A site has at most" in words(answer)) == (422, True)


def test_the_chosen_one_goes_with_the_decision_and_the_note_does_not(
    newsroom: Newsroom, ana: Visitor, desk: Flask
) -> None:
    site = Caller(desk.test_client(), newsroom.daily_key)
    reply_id, comment_id = saved(newsroom), newsroom.held()
    assert "Mild" in words(ana.get("/queue"))
    form = {"clause": "profanity", "reply": str(reply_id), "note": "Third time."}
    assert ana.act("block", comment_id, **form).status_code == 303
    assert told(newsroom) == [MILD]
    said = words(ana.get(f"/sites/the-daily/comments/{comment_id}"))
    assert f"Third time. Told the commenter: {MILD}" in said
    assert f"Told the commenter: {MILD}" in words(
        ana.get(f"/sites/the-daily/comments/{comment_id}/case")
    )
    # The site hears it in the feed, with the comment, and in the statement of reasons.
    last = site.get("/decisions").get_json()["decisions"][-1]
    one = site.get(f"/comments/{comment_id}").get_json()["decision"]
    assert last["explanation"] == one["explanation"] == MILD
    stated = site.get(f"/comments/{comment_id}/statement")
    assert stated.get_json()["reason"] == MILD
    assert f"The reason given: “{MILD}”" in stated.get_json()["sentences"]
    assert "Third time." not in stated.text


def test_what_is_written_goes_before_what_is_chosen(newsroom: Newsroom, ana: Visitor) -> None:
    reply_id, first, second = saved(newsroom), newsroom.held(), newsroom.held()
    form = {"clause": "profanity", "reply": str(reply_id)}
    ana.act("block", first, **form, explanation=" Mind\r\nthe second line. ")
    ana.act("block", second, clause="personal-attacks", explanation="No names, please.")
    assert set(told(newsroom)) == {"Mind\nthe second line.", "No names, please."}
    # Removed, it stays with what was decided by it; one that says nothing is told nothing.
    with newsroom.db.transaction() as session:
        by: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": NOON}
        saved_replies.remove(session, newsroom.daily.id, reply_id, **by)
    ana.act("block", newsroom.held(), clause="profanity")
    assert len(told(newsroom)) == 2


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"reply": "made-up"}, "That saved reply is gone: choose another one."),
        ({"reply": str(UUID(int=1))}, "That saved reply is gone: choose another one."),
        ({"clause": "personal-attacks"}, "That saved reply is for another clause"),
        ({"explanation": "x" * 1001}, "What a commenter is told has at most 1000 characters."),
        ({"explanation": "a\0b"}, "What a commenter is told has at most 1000 characters."),
    ],
)
def test_what_cannot_be_told_decides_nothing(
    newsroom: Newsroom, ana: Visitor, form: dict[str, str], says: str
) -> None:
    given_form: dict[str, Any] = {"clause": "profanity", "reply": str(saved(newsroom))} | form
    comment_id = newsroom.held()
    one = ana.act("block", comment_id, htmx=True, **given_form)
    assert (one.status_code, says in words(one)) == (422, True)
    many = ana.post(THERE, seen=seen(comment_id)[0], act="block", **given_form)
    assert (many.status_code, says in words(many)) == (422, True)
    assert newsroom.comment(comment_id).status == "held"


def test_many_at_once_are_told_the_same(newsroom: Newsroom, ana: Visitor) -> None:
    reply_id, held = saved(newsroom), many_held(newsroom, 3)
    assert "Mild" in words(ana.get(f"{THERE}?picked={seen(held[0])[0]}"))
    form: dict[str, Any] = {"act": "block", "clause": "profanity", "reply": str(reply_id)}
    ana.client.post(THERE, data={"csrf_token": ana.token, "seen": seen(*held)} | form)
    assert told(newsroom) == [MILD] * 3
    ana.client.post(
        THERE, data={"csrf_token": ana.token, "seen": seen(newsroom.held()), "act": "approve"}
    )
    assert told(newsroom) == [MILD] * 3


def test_another_sites_are_neither_offered_nor_told(
    newsroom: Newsroom, ana: Visitor, ben: Visitor
) -> None:
    reply_id = saved(newsroom, "Only of The Daily")
    text = "/sites/{}/saved-replies/text?reply=" + str(reply_id)
    assert MILD in ana.get(text.format("the-daily")).text
    for slug in ("the-daily", "the-evening-post"):
        assert ben.get(text.format(slug)).status_code == 404
    assert (
        ana.get("/sites/the-daily/saved-replies/text?reply=").text.strip().endswith("</textarea>")
    )


def test_one_whose_clause_has_gone_is_offered_no_more(newsroom: Newsroom, ana: Visitor) -> None:
    given(newsroom, Role.LEAD)
    saved(newsroom, "An old one")
    newsroom.held()
    newsroom.post_policy(
        """title = "Short"
text = "Be kind."
[[clauses]]
key = "kindness"
title = "Kindness"
text = "Be kind."
[[clauses.rules]]
attribute = "insult"
hold = 0.5
"""
    )
    assert "An old one" not in words(ana.get("/queue"))
    assert "not in the policy any more, so nobody is offered it" in words(ana.get(PAGE))


def test_a_hundred_cost_as_many_queries_as_none(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held()
    with counted(newsroom.db) as none:
        ana.get("/queue")
    for number in range(10):
        saved(newsroom, f"Reply {number}")
    with counted(newsroom.db) as many:
        ana.get("/queue")
    assert len(many) == len(none) <= 13


def test_notes_and_explanations_are_kept_apart(newsroom: Newsroom, ana: Visitor) -> None:
    ana.act("block", newsroom.held(), clause="profanity", explanation="Told.", note="Noted.")
    with newsroom.db.reading() as session:
        assert session.scalars(select(DecisionNote.text)).all() == ["Noted."]
    assert told(newsroom) == ["Told."]


@pytest.mark.browser
def test_by_keyboard_one_is_chosen_changed_and_told(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    saved(on_sqlite)
    saved(on_sqlite, "Argue with what was said", "It names a reader.", clause="personal-attacks")
    for text in ("You are a fool, Tom.", "Only a fool rides the tram."):
        on_sqlite.held(text)
    sign_in(page, address, on_sqlite.ana)
    keys = page.keyboard
    keys.press("j")
    keys.press("r")
    assert page.evaluate("document.activeElement.name") == "reply"
    keys.type("Mild")
    card = page.locator("article").first
    field = card.locator("[name=explanation]")
    expect(field).to_have_value(MILD)
    # A reply is for one clause: that one is chosen with it.
    expect(card.locator("[name=clause]")).to_have_value("profanity")
    keys.press("Tab")
    keys.press("Control+End")
    keys.type(" Thank you.")
    keys.press("Control+Enter")
    expect(page.locator("article.done")).to_have_count(1)
    expect(page.locator("article.done")).to_contain_text(f"Told the commenter: {MILD} Thank you.")
    keys.press("r")
    keys.type("Arg")
    keys.press("Enter")
    expect(page.locator("article.done")).to_have_count(2)
    assert set(told(on_sqlite)) == {f"{MILD} Thank you.", "It names a reader."}
    assert console == []
