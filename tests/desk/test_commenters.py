"""A commenter's page: what they wrote, what is counted on them, the site's block."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from moderation import comments
from moderation.models import Commenter
from tests.desk.conftest import words
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom, submission

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
