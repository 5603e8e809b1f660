"""Readers report a comment; the policy may hold it for that."""

import pytest

from moderation import commenters, flags
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
