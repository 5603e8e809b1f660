"""Readers report a comment; the policy may hold it for that."""

from typing import Any

import pytest

from moderation import commenters, decisions, flags
from moderation.decisions import Seen
from moderation.models import Status
from moderation.policy import Standing
from moderation.submission import FlagReport
from tests.newsroom import NOON, POLICY, Newsroom


def post_rule(newsroom: Newsroom, rule: str) -> None:
    newsroom.post_policy(f"{POLICY}\n[[clauses.rules]]\n{rule}\n")


def make(newsroom: Newsroom, standing: Standing) -> None:
    with newsroom.db.transaction() as session:
        rita = commenters.find(session, newsroom.daily.id, "rita")
        assert rita is not None
        rita.standing = standing


@pytest.mark.parametrize(
    ("standing", "becomes"),
    [(Standing.RESTRICTED, Status.HELD), (Standing.NEW, Status.APPROVED)],
)
def test_a_rule_on_flags_looks_at_the_commenters_standing(
    standing: Standing, becomes: Status, newsroom: Newsroom
) -> None:
    comment_id = newsroom.approved()
    make(newsroom, standing)
    post_rule(newsroom, 'flags = 1\nstandings = ["restricted"]')
    with newsroom.db.transaction() as session:
        flags.flag(session, newsroom.daily.id, comment_id, FlagReport(reader="omar"), now=NOON)
    assert newsroom.comment(comment_id).status == becomes


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("Look at https://lamps.example/sale now.", Status.HELD),
        ("Look at that.", Status.APPROVED),
    ],
)
def test_a_rule_may_ask_for_flags_and_a_signal(
    text: str, becomes: Status, newsroom: Newsroom
) -> None:
    comment_id = newsroom.approved(text)
    post_rule(newsroom, "all = [{flags = 1}, {links = 0}]")
    with newsroom.db.transaction() as session:
        flags.flag(session, newsroom.daily.id, comment_id, FlagReport(reader="omar"), now=NOON)
    assert newsroom.comment(comment_id).status == becomes


@pytest.mark.parametrize(
    ("by_a_person", "becomes"), [(False, Status.HELD), (True, Status.APPROVED)]
)
def test_a_block_that_is_taken_back_leaves_the_approval_whose_it_was(
    by_a_person: bool, becomes: Status, newsroom: Newsroom
) -> None:
    comment_id = newsroom.held() if by_a_person else newsroom.approved()
    who: dict[str, Any] = {"moderator_id": newsroom.ana.id, "now": NOON}
    site_id = newsroom.daily.id
    with newsroom.db.transaction() as session:
        if by_a_person:
            decisions.approve(
                session, site_id, Seen(comment_id=comment_id, revision=1, status=Status.HELD), **who
            )
        shown = Seen(comment_id=comment_id, revision=1, status=Status.APPROVED)
        made = decisions.block(session, site_id, shown, clause="profanity", **who)
        decisions.undo(session, site_id, made, **who)
    post_rule(newsroom, "flags = 1")
    with newsroom.db.transaction() as session:
        flags.flag(session, site_id, comment_id, FlagReport(reader="omar"), now=NOON)
    assert newsroom.comment(comment_id).status == becomes
