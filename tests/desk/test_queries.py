"""What each page asks the database: so many questions, and no more for fifty rows than for one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from moderation.figures import spot_checks
from moderation.models import Appeal, SpotCheck
from tests.desk.conftest import at_desk
from tests.desk.full_house import fill, shared
from tests.desk.pages import Things, looks
from tests.desk.test_queue import counted
from tests.desk.test_roles import things
from tests.desk.visitor import Visitor
from tests.figures.test_spot_checks import give, switch_on
from tests.newsroom import Newsroom

QUERIES = {
    "desk.account": 3,
    "desk.appeal": 14,
    "desk.appeals": 16,
    "desk.arrivals": 6,
    "desk.audit": 5,
    "desk.case": 11,
    "desk.code_form": 2,
    "desk.codes": 4,
    "desk.comment": 10,
    "desk.commenter": 13,
    "desk.compare": 6,
    "desk.decisions": 7,
    "desk.deliveries": 5,
    "desk.embedding": 3,
    "desk.figures": 14,
    "desk.folded": 10,
    "desk.front": 2,
    "desk.hand": 14,
    "desk.invitation_form": 3,
    "desk.new_password_form": 3,
    "desk.notice": 11,
    "desk.notices": 13,
    "desk.people": 4,
    "desk.policies": 2,
    "desk.policy": 5,
    "desk.queue": 16,
    "desk.saved_replies": 4,
    "desk.saved_reply_text": 3,
    "desk.search": 13,
    "desk.sign_in_form": 2,
    "desk.signed_in_again": 2,
    "desk.single_sign_on": 2,
    "desk.single_sign_on_back": 2,
    "desk.spot_check": 14,
    "desk.story": 8,
    "desk.together": 16,
    "desk.webhooks": 3,
}
"""How many SELECTs each page asks, the two of the sign-in among them: as many as the costliest of
its looks. A moderator waits for each of them: raise a number with a reason, add a page's."""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One database is enough: what is asked does not depend on which it is."""
    return sqlite_url


def appeal(newsroom: Newsroom) -> UUID:
    """One of a comment, which nobody has answered."""
    of_comments = select(Appeal.id).where(Appeal.comment_id.is_not(None), Appeal.outcome.is_(None))
    with newsroom.db.reading() as session:
        return session.scalars(of_comments.limit(1)).one()


def draw(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """So many approved comments are to be looked at in the spot check, as of now."""
    give(monkeypatch, *range(number))
    for nth in range(number):
        newsroom.approved(f"Well said, {nth}.")
    with newsroom.db.transaction() as session:
        session.execute(update(SpotCheck).values(drawn_at=datetime.now(UTC)))


def asked(newsroom: Newsroom, desk: Flask, ana: Visitor, some: Things) -> dict[str, int]:
    """How many queries each look at a page sends; Ana has a hand, the appeal is of a comment."""
    ana.post("/hand")
    numbers = {}
    for endpoint, path in looks(desk, {**some, **shared(newsroom), "appeal_id": appeal(newsroom)}):
        with counted(newsroom.db) as sent:
            ana.get(path)
        numbers[f"{endpoint} {path}"] = len(sent)
    return numbers


def test_fifty_rows_cost_as_many_queries_as_two(
    newsroom: Newsroom, desk: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A held one is always next, for it the most is asked; and always the same one.
    monkeypatch.setattr(spot_checks, "HELD_ONE_IN", 1)
    give(monkeypatch, 0)
    newsroom.held("You are a fool, Tom. Again.")
    some = things(newsroom, desk)
    switch_on(newsroom)
    # Two: what one row asks once for all (a policy's earlier version, say) is asked for already.
    fill(newsroom, desk, ["A word."] * 2)
    draw(newsroom, monkeypatch, 2)
    ana = at_desk(desk, newsroom.ana)
    two = asked(newsroom, desk, ana, some)
    fill(newsroom, desk, ["Words."] * 48, begin=2)
    draw(newsroom, monkeypatch, 48)
    fifty = asked(newsroom, desk, ana, some)

    # With fewer rows than a page has, a sieved queue asks once more: where to look further.
    grown = {look: (two[look], fifty[look]) for look in two if fifty[look] > two[look]}
    assert grown == {}
    most: dict[str, int] = {}
    for look, number in two.items():
        endpoint = look.partition(" ")[0]
        most[endpoint] = max(number, most.get(endpoint, 0))
    assert most == QUERIES, "\n".join(f'    "{page}": {most[page]},' for page in sorted(most))
