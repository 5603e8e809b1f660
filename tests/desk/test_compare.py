"""The policy beside the site's other system: what leads see of where the two agree."""

import html
import re

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import TestResponse

from moderation import comments, outside_verdicts, site_settings, sites
from moderation.cli import main
from moderation.figures import comparison
from moderation.models import Role
from moderation.policy import Mode
from moderation.staff import moderators
from moderation.submission import OutsideDecision
from tests.desk.conftest import at_desk
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom, later

PATH = "/sites/the-daily/compare"


@pytest.fixture
def lead(newsroom: Newsroom, desk: Flask) -> Visitor:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.LEAD)
        site = sites.named(session, "the-daily")
        site_settings.change(session, site, mode=Mode.SHADOW, now=NOON)
    return at_desk(desk, newsroom.ana)


def words(answer: TestResponse) -> str:
    """The text of a page, its cells apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def judge(newsroom: Newsroom, text: str, insult: float, theirs: str, minutes: float = 0) -> str:
    """A comment that the policy finds so insulting, and the other system has decided so."""
    comment_id = newsroom.receive(text)
    newsroom.judge({"insult": insult})
    tell(newsroom, str(comment_id), theirs, minutes)
    return str(comment_id)


def tell(newsroom: Newsroom, comment_id: str, theirs: str, minutes: float = 0) -> None:
    said = OutsideDecision.model_validate({"comment": comment_id, "status": theirs})
    with newsroom.db.transaction() as session:
        outside_verdicts.tell(session, newsroom.daily.id, [said], now=later(minutes))


def test_nothing_is_compared_before_both_have_judged(newsroom: Newsroom, lead: Visitor) -> None:
    tell(newsroom, str(newsroom.receive()), "approved")

    assert "There is nothing to compare" in words(lead.get(PATH))


def test_how_often_they_agree_by_clause_and_by_day(newsroom: Newsroom, lead: Visitor) -> None:
    judge(newsroom, "Fine.", 0.01, "approved")
    judge(newsroom, "Fine, too.", 0.01, "blocked")
    judge(newsroom, "You fool.", 0.8, "approved", minutes=24 * 60)
    judge(newsroom, "You fool, Tom.", 0.8, "held", minutes=24 * 60)

    said = words(lead.get(PATH))

    assert "Of 4 comments that both have judged, they agree on 50 %" in said
    assert "there approved 1 1 0 there held 0 1 0 there blocked 1 0 0" in said
    assert "Personal attacks 1 1 0" in said
    assert "5 May 2 50 % 1 0 4 May 2 50 % 0 1" in said
    assert "shadow mode" in said


def test_a_number_leads_to_some_of_its_comments(newsroom: Newsroom, lead: Visitor) -> None:
    differs = judge(newsroom, "You fool.", 0.8, "approved")
    judge(newsroom, "Fine.", 0.01, "approved")
    [link] = re.findall(r'href="([^"]*theirs=[^"]*)"', lead.get(PATH).text)

    page = lead.get(link.replace("&amp;", "&").partition("#")[0])

    assert "There approved, here held" in words(page)
    assert "You fool." in words(page)
    assert "insult 0.80" in words(page)
    assert "Fine." not in words(page)
    assert f"/comments/{differs}" in page.text


def test_what_was_edited_since_or_decided_here_is_told_apart(
    newsroom: Newsroom, lead: Visitor
) -> None:
    """A verdict of theirs is held against ours of the same words, whatever a person has made of
    it; and it is our latest one."""
    comment_id = newsroom.receive("You fool.")
    tell(newsroom, str(comment_id), "blocked")
    newsroom.judge({"insult": 0.8})
    assert "there blocked 0 1 0" in words(lead.get(PATH))

    with newsroom.db.transaction() as session:
        comments.edit(session, newsroom.daily.id, comment_id, "Fine.", now=NOON)
    newsroom.judge()

    assert "there blocked 0 1 0" in words(lead.get(PATH))
    sampled = lead.get(f"{PATH}?theirs=blocked&ours=held")
    assert "None of these comments." in words(sampled)  # the words of then are not shown


def test_no_more_than_the_newest_are_looked_at(
    newsroom: Newsroom, lead: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "LOOKED_AT", 2)
    for minute in range(3):
        judge(newsroom, f"Number {minute}.", 0.01, "approved", minutes=minute)

    assert "Of 2 comments" in words(lead.get(PATH))


def test_the_other_paper_has_none_of_it(newsroom: Newsroom, desk: Flask) -> None:
    judge(newsroom, "You fool.", 0.8, "approved")
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.post, Role.LEAD)

    with newsroom.db.reading() as session:
        assert comparison.compare(session, newsroom.post.id).counted == []
    ben = at_desk(desk, newsroom.ben)
    assert ben.get(PATH).status_code == 404
    assert "nothing to compare" in words(ben.get("/sites/the-evening-post/compare"))


@pytest.mark.parametrize("query", ["theirs=received&ours=held", "theirs=approved&ours=made-up"])
def test_made_up_statuses_are_no_page(newsroom: Newsroom, lead: Visitor, query: str) -> None:
    assert lead.get(f"{PATH}?{query}").status_code == 404


def test_an_operator_sees_the_table_too(
    newsroom: Newsroom, lead: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge(newsroom, "You fool.", 0.8, "approved")
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    done = CliRunner().invoke(main, ["site", "compare", "the-daily"])

    assert "approved\theld\t1\n" in done.stdout
    assert done.stderr == "They agree on 0.0% of 1.\n"
