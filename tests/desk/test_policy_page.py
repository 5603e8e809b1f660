"""The policy page: versions and their differences, another policy tried, and posted by a lead."""

import io
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from moderation import posted_policies
from moderation.models import AuditEntry, Role
from moderation.staff import moderators
from tests.desk.conftest import at_desk, sign_in, words
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.newsroom import POLICY, Newsroom

PATH = "/sites/the-daily/policy"
MILDER = POLICY.replace("hold = 0.6", "hold = 0.9")


@pytest.fixture
def lead(newsroom: Newsroom, ana: Visitor) -> Visitor:
    """Ana, as a lead of The Daily."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.LEAD)
    return ana


def version(newsroom: Newsroom) -> int:
    with newsroom.db.reading() as session:
        posted = posted_policies.current(session, newsroom.daily.id)
    assert posted is not None
    return posted.version


def try_out(visitor: Visitor, source: str, **form: Any) -> TestResponse:
    return visitor.post(f"{PATH}/try", source=source, **{"last": "500"} | form)


def row(name: str, *numbers: int) -> str:
    """A line of a table."""
    return f'<th scope="row">{name}</th>' + "".join(f"<td>{number}</td>" for number in numbers)


def test_the_page_has_the_text_the_file_and_the_versions(newsroom: Newsroom, ana: Visitor) -> None:
    assert "Differences" not in words(ana.get(PATH))
    newsroom.post_policy(MILDER)
    page = ana.get(PATH)
    said = words(page)
    assert "What we print" in said
    assert "version 2, posted" in said
    assert "in force" in said
    assert "Argue with what was said, not with who said it." in said
    assert "hold = 0.9" in said
    assert f'href="{PATH}?version=1"' in page.text
    assert "<del>hold = 0.6</del>" in page.text
    assert "<ins>hold = 0.9</ins>" in page.text
    first = words(ana.get(f"{PATH}?version=1"))
    assert "There is no such version to compare it with." in first
    assert "in force" not in first


def test_any_two_versions_can_be_compared(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(MILDER)
    newsroom.post_policy(MILDER.replace("What we print", "What we <b>print</b>"))
    page = ana.get(f"{PATH}?version=3&against=1")
    assert "<ins>title = &#34;What we &lt;b&gt;print&lt;/b&gt;&#34;</ins>" in page.text
    assert "<del>hold = 0.6</del>" in page.text
    assert "<b>print</b>" not in page.text
    back = ana.get(f"{PATH}?version=1&against=3")
    assert "<ins>hold = 0.6</ins>" in back.text
    for made_up in ("version=9", "version=x", "against=-1", "before=a", "version=" + "9" * 30):
        assert ana.get(f"{PATH}?{made_up}").status_code == 404, made_up


def test_many_versions_are_several_lists_and_cost_as_many_queries_as_two(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.desk.policy_page.VERSIONS", 5)
    newsroom.post_policy(MILDER)
    with counted(newsroom.db) as few:
        ana.get(PATH)
    for _ in range(6):
        newsroom.post_policy(POLICY)
    with counted(newsroom.db) as many:
        page = ana.get(PATH)
    assert len(many) == len(few) <= 7
    assert page.text.count("?version=") == 5
    assert f'href="{PATH}?before=4"' in page.text
    assert ana.get(f"{PATH}?before=4").text.count("?version=") == 3


def test_a_site_without_a_policy_gets_one_to_begin_from(ben: Visitor) -> None:
    page = ben.get("/sites/the-evening-post/policy")
    assert "The site has posted none, so every comment is held." in words(page)
    assert "[[clauses]]" in page.text.partition("<textarea")[2]


def test_the_top_leads_to_the_policy_or_to_the_choice_of_one(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    assert 'href="/policy"' in ana.get("/queue").text
    assert ana.get("/policy").location == PATH
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.post)
    said = words(page := at_desk(desk, newsroom.ana).get("/policy"))
    assert "What we print, version 1" in said
    assert "No policy is posted, so every comment is held." in said
    assert 'href="/sites/the-evening-post/policy"' in page.text


def test_a_dry_run_tells_flips_by_what_moderators_decided_and_posts_nothing(
    newsroom: Newsroom, ana: Visitor
) -> None:
    waiting, blocked = newsroom.held("You are a fool, Tom."), newsroom.held("A <i>fool</i>, Tom.")
    newsroom.approved()
    ana.act("block", blocked, clause="personal-attacks")

    page = try_out(ana, MILDER)

    assert page.status_code == 200
    said = words(page)
    assert "the last 500 verdicts (3 that still have their words)" in said
    assert row("From held to approved", 2, 0, 1, 1) in page.text
    assert row("Version 1, in force", 1, 2, 0) in page.text
    assert row("This policy", 3, 0, 0) in page.text
    for comment_id in (waiting, blocked):
        assert f'href="/sites/the-daily/comments/{comment_id}/case"' in page.text
    assert "Personal attacks: insult 0.83, held from 0.60" in said
    assert "A &lt;i&gt;fool&lt;/i&gt;, Tom." in page.text
    assert "<ins>hold = 0.9</ins>" in page.text
    assert version(newsroom) == 1
    assert newsroom.comment(waiting).status == "held"


def test_what_a_watched_rule_would_find_is_told(newsroom: Newsroom, ana: Visitor) -> None:
    ana.act("block", newsroom.held(), clause="personal-attacks")
    newsroom.held()
    page = try_out(ana, POLICY.replace("hold = 0.6", "hold = 0.3\nwatch = true"))
    assert row("Personal attacks, rule <code>insult</code>", 2, 0, 1, 1) in page.text
    assert row("From held to approved", 2, 0, 1, 1) in page.text


def test_nothing_that_flips_is_said_as_such(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held()
    said = words(try_out(ana, POLICY))
    assert "None of these comments." in said
    assert "From version 1 to this one: nothing differs." in said


def test_more_examples_than_five_are_counted(newsroom: Newsroom, ana: Visitor) -> None:
    for number in range(7):
        newsroom.held(f"Fool number {number}.")
    page = try_out(ana, MILDER)
    assert page.text.count('/case"') == 5
    assert "and 2 more" in words(page)
    assert "the last 3 verdicts (3 " in words(try_out(ana, MILDER, last="3"))


def test_numbers_that_are_none_or_too_large_do_no_harm(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held()
    for last in ("x", "-1", "", "9" * 20):
        assert "the last 500 verdicts" in words(try_out(ana, MILDER, last=last))
    assert "the last 2000 verdicts" in words(try_out(ana, MILDER, last="99999"))


def test_of_a_file_that_is_too_long_no_line_is_compared(newsroom: Newsroom, ana: Visitor) -> None:
    file = io.BytesIO(b"\n" * 300_000)
    answer = try_out(ana, "", file=(file, "policy.toml"))
    assert answer.status_code == 422
    assert "300,000 bytes, the limit is 262,144" in words(answer)
    assert len(answer.data) < 1_000_000


def test_a_file_goes_before_the_field(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held()
    file = (io.BytesIO(MILDER.replace("\n", "\r\n").encode()), "policy.toml")
    page = try_out(ana, "nonsense", file=file)
    assert row("From held to approved", 1, 0, 0, 1) in page.text
    file = (io.BytesIO(b"title = \xff"), "policy.toml")
    assert try_out(ana, POLICY, file=file).status_code == 422


def test_mistakes_are_named_by_key_and_line_and_the_text_is_kept(
    newsroom: Newsroom, lead: Visitor
) -> None:
    for source, says in (
        (POLICY.replace("hold = 0.6", "hodl = 0.6"), "clauses[1].rules[0].hodl: is not known here"),
        (POLICY.replace('"insult"', '"kindness"'), "the model does not score 'kindness'"),
        ('title = "no end', "line 1:"),
        ("<script>", "line 1:"),
    ):
        page = try_out(lead, source)
        assert page.status_code == 422
        said = words(page)
        assert "This policy cannot be posted" in said
        assert says in said
        assert "Post it as version" not in said
        assert "<script>" not in page.text.partition("<main")[2]
        posted = lead.post(PATH, source=source, following="1")
        assert posted.status_code == 422
        assert says in words(posted)
    assert "hodl = 0.6" in try_out(lead, POLICY.replace("hold = 0.6", "hodl = 0.6")).text
    assert version(newsroom) == 1


def test_a_lead_posts_what_was_tried(newsroom: Newsroom, lead: Visitor) -> None:
    page = try_out(lead, MILDER)
    assert "Post it as version 2" in words(page)
    # As a browser sends it.
    source = MILDER.replace("\n", "\r\n")

    answer = lead.post(PATH, source=source, following="1")

    assert (answer.status_code, answer.location) == (303, PATH)
    assert "Version 2 is posted." in words(lead.get(PATH))
    with newsroom.db.reading() as session:
        posted = posted_policies.current(session, newsroom.daily.id)
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.event == "policy_posted").order_by(AuditEntry.at)
        ).all()[-1]
    assert posted is not None
    assert (posted.version, posted.source) == (2, MILDER)
    assert (entry.moderator_id, entry.subject) == (newsroom.ana.id, {"version": 2})


def test_a_moderator_may_try_and_not_post(newsroom: Newsroom, ana: Visitor) -> None:
    page = try_out(ana, MILDER)
    assert "A lead or an admin of the site can post it." in words(page)
    assert "Post it as version" not in page.text
    assert ana.post(PATH, source=MILDER, following="1").status_code == 403
    assert version(newsroom) == 1


def test_one_person_tries_a_few_a_minute(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    answers = [try_out(ana, MILDER).status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]
    assert try_out(at_desk(desk, newsroom.ben), MILDER).status_code == 200


def test_one_posted_meanwhile_is_not_overwritten(newsroom: Newsroom, lead: Visitor) -> None:
    try_out(lead, MILDER)
    newsroom.post_policy(POLICY.replace("What we print", "House rules"))
    answer = lead.post(PATH, source=MILDER, following="1")
    assert answer.status_code == 409
    said = words(answer)
    assert "Version 2 was posted meanwhile, so this one was not." in said
    assert "Post it as version 3" in said
    assert version(newsroom) == 2
    again = lead.post(PATH, source=MILDER, following="2")
    assert again.status_code == 303
    twice = lead.post(PATH, source=MILDER, following="2")  # a double click
    assert twice.status_code == 409
    assert version(newsroom) == 3


def test_another_papers_policy_is_not_found(newsroom: Newsroom, ben: Visitor) -> None:
    assert ben.get(PATH).status_code == 404
    assert try_out(ben, POLICY).status_code == 404
    assert ben.post(PATH, source=POLICY, following="1").status_code == 404
    assert "What we print" not in ben.get("/policy", follow_redirects=True).text


def test_posting_needs_the_forms_token(newsroom: Newsroom, lead: Visitor) -> None:
    lead.token = ""
    assert lead.post(PATH, source=MILDER, following="1").status_code == 400
    assert version(newsroom) == 1
    assert lead.get(f"{PATH}/try").status_code == 405


@pytest.mark.browser
def test_in_a_browser_the_file_comes_through_as_it_was_written(
    on_sqlite: Newsroom, address: str, page: Page, console: list[str]
) -> None:
    with on_sqlite.db.transaction() as session:
        moderators.assign(session, on_sqlite.ana, on_sqlite.daily, Role.LEAD)
    on_sqlite.held()
    sign_in(page, address, on_sqlite.ana)
    page.click("text=Policy")
    expect(page.locator("#source")).to_have_value(POLICY)  # the line end that it begins with, too
    page.fill("#source", MILDER)
    page.click("text=Try it, posting nothing")
    expect(page.get_by_role("row", name="From held to approved")).to_contain_text("1")

    page.click("text=Post it as version 2")

    expect(page.locator(".told")).to_contain_text("Version 2 is posted.")
    with on_sqlite.db.reading() as session:
        posted = posted_policies.current(session, on_sqlite.daily.id)
    assert posted is not None
    assert posted.source == MILDER
    assert console == []
