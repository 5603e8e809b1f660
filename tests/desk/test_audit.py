"""The audit log: an admin reads it, and nobody edits it."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import moderation
from moderation import audit, commenter_blocks, commenters, site_keys, site_settings
from moderation.desk.audit_words import EVENTS
from moderation.models import AuditEntry, Role, Scope
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, later

LOG = "/sites/the-daily/audit"


@pytest.fixture
def ana(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ana, who is admin at The Daily."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.ADMIN)
    return at_desk(desk, newsroom.ana)


def logged(newsroom: Newsroom, number: int, event: str = "story_closed") -> None:
    """So many entries of Ana's, one a minute."""
    with newsroom.db.transaction() as session:
        for nth in range(number):
            audit.record(
                session, newsroom.daily.id, event, {}, moderator_id=newsroom.ana.id, now=later(nth)
            )


EDITS: dict[str, Callable[[Session], Any]] = {
    "update": lambda session: session.execute(update(AuditEntry).values(event="nothing")),
    "update of one column": lambda session: session.execute(
        text("UPDATE audit SET moderator_id = NULL")
    ),
    "delete": lambda session: session.execute(delete(AuditEntry)),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_no_row_is_changed_or_deleted(newsroom: Newsroom, edit: Callable[[Session], Any]) -> None:
    logged(newsroom, 1)
    with newsroom.db.reading() as session:
        before = session.execute(select(AuditEntry.id, AuditEntry.event)).all()

    with (
        pytest.raises(DBAPIError, match="the audit log is only added to"),
        newsroom.db.transaction() as session,
    ):
        edit(session)

    with newsroom.db.reading() as session:
        assert session.execute(select(AuditEntry.id, AuditEntry.event)).all() == before


def test_it_says_who_did_what_to_whom(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    newsroom.held()
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily, Role.LEAD)
        rita = commenters.named(session, newsroom.daily.id, "rita")
        commenter_blocks.block(
            session, rita, reason="a word", until=None, moderator_id=newsroom.ben.id, now=moment
        )
        site_keys.add(session, newsroom.daily, [Scope.READ], now=moment)
    ana.post(f"/sites/the-daily/people/{newsroom.ben.id}/role", role="admin")
    ana.post("/sites/the-daily/people/invitations", email="eva@x.example", role="lead")

    page = words(ana.get(LOG))

    for line in (
        "Ben blocked a commenter",
        "the site made an API key (scopes read)",
        "you gave another role (role admin): Ben",
        "you invited somebody (role lead)",
        "you logged in",
    ):
        assert line in page, line
    assert "a word" not in page
    assert "eva@x.example" not in page


def test_it_is_filtered_by_person_and_act(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    ben = at_desk(desk, newsroom.ben)
    ben.post("/logout")

    def lines(**asked: Any) -> str:
        page = words(ana.get(LOG, query_string=asked))
        return page.partition(" Show ")[2]

    assert "Ben logged in" in lines()
    assert "you logged in" not in lines(by=newsroom.ben.id)
    assert "Ben logged out" in lines(by=newsroom.ben.id)
    assert "Ben logged in" not in lines(by=newsroom.ben.id, act="signed_out")
    assert "Ben logged out" in lines(act="signed_out")
    assert "Nothing like that yet." in lines(act="policy_posted", by=newsroom.ben.id)


@pytest.mark.parametrize("asked", [{"by": "x"}, {"act": "x"}, {"before": "x"}])
def test_what_is_no_filter_is_not_here(ana: Visitor, asked: dict[str, str]) -> None:
    assert ana.get(LOG, query_string=asked).status_code == 404


def test_pages_follow_each_other(newsroom: Newsroom, ana: Visitor) -> None:
    logged(newsroom, 45)
    path, seen = f"{LOG}?act=story_closed", []
    while path:
        page = ana.get(path)
        seen.append(words(page).count("you closed a story"))
        link = page.text.partition('class="next" href="')[2].partition('"')[0]
        path = link.replace("&amp;", "&")
    assert seen == [20, 20, 5]


def test_a_full_page_costs_as_many_queries_as_a_short_one(newsroom: Newsroom, ana: Visitor) -> None:
    with counted(newsroom.db) as short:
        ana.get(LOG)
    logged(newsroom, 30)
    with counted(newsroom.db) as full:
        ana.get(LOG)
    assert len(full) == len(short)
    assert len(full) <= 6


def test_another_papers_log_is_not_in_it(newsroom: Newsroom, ana: Visitor) -> None:
    with newsroom.db.transaction() as session:
        site_settings.change(session, newsroom.post, hold_everything=True, now=NOON)

    assert "holds everything (" not in words(ana.get(LOG))


def test_it_has_no_address_that_changes_it(desk: Flask) -> None:
    methods = {
        method
        for rule in desk.url_map.iter_rules()
        if "/audit" in rule.rule
        for method in rule.methods or ()
    }
    assert methods == {"GET", "HEAD", "OPTIONS"}


def test_every_event_that_is_recorded_has_words() -> None:
    recorded = set()
    for file in Path(moderation.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            named = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if named in {"record", "record_of_account", "_record", "_log"}:
                recorded |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                }
    assert "story_closed" in recorded
    assert "role_set" in recorded
    assert "commenter_noted" in recorded
    assert recorded <= set(EVENTS)
