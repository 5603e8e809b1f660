"""The page of a site's figures: what it says, to whom, and that it costs the same however busy."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from moderation.desk.charts import Bar, chart
from moderation.desk.figures_page import lasting
from moderation.models import Role
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.test_queue import counted
from tests.desk.visitor import Visitor
from tests.figures.test_site_days import counted_all
from tests.figures.test_site_figures import approve, block
from tests.figures.test_spot_checks import answer, give, switch_on
from tests.newsroom import POLICY, Newsroom

PATH = "/sites/the-daily/figures"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Comments come and are judged two minutes ago, and the page is asked for an hour into a day:
    at midnight the figures of today are those of no time at all."""
    moment = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
    monkeypatch.setattr("tests.newsroom.NOON", moment - timedelta(minutes=2))
    monkeypatch.setattr("moderation.desk.figures_page.now", lambda: moment)
    return moment


def tile(name: str, number: str) -> str:
    """One of the figures of today."""
    return f"<dt>{name}</dt><dd>{number}</dd>"


def test_it_says_what_was_held_and_decided(
    newsroom: Newsroom, ana: Visitor, today: datetime
) -> None:
    moment = today - timedelta(minutes=1)
    block(newsroom, newsroom.held("Fool number 1"), moment, by=newsroom.ana)
    second = moment + timedelta(seconds=20)
    approve(newsroom, newsroom.held("Fool number 2"), second, by=newsroom.ana)
    newsroom.held("Fool number 3")

    page = ana.get(PATH)

    said = words(page)
    assert "7 April to 4 May" in said
    assert "Days begin at midnight UTC" in said
    assert "The last 28 days, today included; nothing older is looked at" in said
    for name, number in (
        ("Held today", "3"),
        ("Decided by persons", "2"),
        ("Blocked of these", "1"),
        ("Median wait", "1 min"),
        ("Median time a card", "20 s"),
        ("Your median time a card", "20 s"),
        ("Waits now, 90 % at most", "2 min"),
    ):
        assert tile(name, number) in page.text, name
    row = '<th scope="row">Personal attacks: insult held from 0.6</th>'
    assert (
        f"{row}<td>2</td><td>1</td><td>50 %</td><td>9 % to 91 %</td><td>20</td><td>0.7</td>"
        in page.text
    )
    assert '<th scope="row">Personal attacks</th><td>3</td><td>1</td><td>1</td>' in page.text
    assert '<th class="brief" scope="row">4 May</th>' in page.text


def test_one_sees_ones_own_beside_everybodys(
    newsroom: Newsroom, desk: Flask, ana: Visitor, today: datetime
) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    approve(newsroom, newsroom.held("Fool number 1"), today, by=newsroom.ben)

    page = ana.get(PATH).text
    assert tile("Decided by persons", "1") in page
    assert tile("Blocked of these", "0") in page
    assert tile("Decided by you", "0") in page
    assert tile("Decided by you", "1") in at_desk(desk, newsroom.ben).get(PATH).text


def test_it_says_what_the_policy_misses(
    newsroom: Newsroom, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Nobody knows" in words(ana.get(PATH))
    switch_on(newsroom)
    give(monkeypatch, *range(20))
    for number in range(20):
        clause = "profanity" if number == 0 else None
        answer(newsroom, newsroom.approved(f"Number {number}."), clause)
    for number in range(4):
        clause = "personal-attacks" if number else None
        answer(newsroom, newsroom.held(f"Fool number {number}."), clause)

    said = words(ana.get(PATH))

    # Wilson: 1 of 20 is 0.9 % to 23.6 %, 3 of 4 is 30 % to 95 %.
    assert "Of every 1,000 comments that the policy approves, 50, between 9 and 236, would" in said
    assert "From 20 approved comments in the spot check" in said
    assert "150, between 9 and 236" in said  # the row of the clause: 1, then 50 in a thousand
    assert "Of 4 held comments that were mixed in, 3 were blocked" in said
    assert "75 % (30 % to 95 %)" in said


def test_another_paper_has_its_own(newsroom: Newsroom, ben: Visitor) -> None:
    newsroom.held()

    assert ben.get(PATH).status_code == 404
    assert "Nothing was held." in words(ben.get("/sites/the-evening-post/figures"))
    assert 'href="/sites/the-evening-post/figures"' in ben.get("/queue").text


def test_a_busy_site_costs_as_many_queries_as_a_quiet_one(
    newsroom: Newsroom, ana: Visitor, today: datetime
) -> None:
    with counted(newsroom.db) as quiet:
        ana.get(PATH)
    for number in range(12):
        ana.act(
            ("approve", "block")[number % 2], newsroom.held(f"Fool {number}"), clause="profanity"
        )
    with counted(newsroom.db) as busy:
        ana.get(PATH)
    assert len(busy) == len(quiet)
    assert len(busy) <= 14


def test_it_says_when_days_that_are_over_were_counted(
    newsroom: Newsroom, ana: Visitor, today: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.figures.days.DAYS", 3)
    assert "Days that are over were counted" not in words(ana.get(PATH))
    counted_all(newsroom, today - timedelta(minutes=40))

    assert "were counted at 2026-05-04 00:20:00 UTC or later" in words(ana.get(PATH))


def test_a_clause_that_is_no_longer_posted_is_told_by_its_key(
    newsroom: Newsroom, ana: Visitor
) -> None:
    newsroom.held()
    newsroom.post_policy(POLICY.replace('"personal-attacks"', '"attacks"'))

    assert '<th scope="row">personal-attacks</th><td>1</td>' in ana.get(PATH).text


def test_what_a_clause_is_called_is_shown_as_text(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.post_policy(
        'title = "T"\ntext = "T"\n[[clauses]]\nkey = "a"\ntitle = "<b>A</b>"\ntext = "T"\n'
        '[[clauses.rules]]\nattribute = "insult"\nhold = 0.6\n'
    )
    newsroom.held()

    assert "&lt;b&gt;A&lt;/b&gt;" in ana.get(PATH).text
    assert "<b>A</b>" not in ana.get(PATH).text


def test_bars_share_one_scale_and_hang_down_below_zero() -> None:
    drawn = chart([30.0, -10.0], [10.0, 0.0])

    assert drawn.zero == 75.0
    assert drawn.slots == 2
    assert list(drawn.wholes) == [Bar(0.1, 0.0, 0.8, 75.0), Bar(1.1, 75.0, 0.8, 25.0)]
    assert list(drawn.parts) == [Bar(0.3, 50.0, 0.4, 25.0), Bar(1.3, 75.0, 0.4, 0.0)]


def test_a_chart_of_nothing_has_its_line_at_the_bottom() -> None:
    drawn = chart([0.0, 0.0])

    assert drawn.zero == 100.0
    assert [bar.height for bar in drawn.wholes] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (119, "1 min"), (5400, "1.5 h"), (180000, "2.1 days")],
)
def test_how_long_something_lasted_is_said_in_short(seconds: float, said: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == said


def test_beyond_the_budget_queue_and_figures_warn(
    newsroom: Newsroom, desk: Flask, ana: Visitor, monkeypatch: pytest.MonkeyPatch, today: datetime
) -> None:
    monkeypatch.setattr("moderation.desk.queue_page.now", lambda: today)
    monkeypatch.setattr("tests.newsroom.NOON", today)
    for number in range(3):
        newsroom.held(f"Fool number {number}")
    assert "/figures/budget" not in ana.get(PATH).text
    assert ana.post(f"{PATH}/budget", budget="2").status_code == 403
    be(newsroom, Role.LEAD)
    ana = at_desk(desk, newsroom.ana)

    for wrong in ("", "-1", "10000", "many", "9" * 5000):
        assert ana.post(f"{PATH}/budget", budget=wrong).status_code == 422
    assert ana.post(f"{PATH}/budget", budget="3").location == PATH
    assert "more than the" not in words(ana.get(PATH)) + words(ana.get("/queue"))
    ana.post(f"{PATH}/budget", budget="2")

    for page in (ana.get(PATH), ana.get("/queue")):
        said = words(page)
        assert "3 comments were held today at The Daily: more than the 2 of its budget." in said
        assert "Personal attacks: insult held from 0.6 (3)" in said
        assert 'href="/sites/the-daily/policy#try"' in page.text
    assert "more than the" not in words(ana.get("/queue?tray=later"))


def test_colleagues_are_seen_by_leads_alone_where_an_admin_wants_it(
    newsroom: Newsroom, desk: Flask, today: datetime
) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
    approve(newsroom, newsroom.held("Fool number 1"), today, by=newsroom.ben)
    block(newsroom, newsroom.held("Fool number 2"), today, by=newsroom.ana)
    ana, row = at_desk(desk, newsroom.ana), "<bdi>Ben</bdi></th><td>1</td><td>0</td><td>–</td>"

    seen = {}
    for shown in ("", "on"):
        be(newsroom, Role.ADMIN)
        if shown:
            assert ana.post(f"{PATH}/others", shown=shown).location == PATH
        for role in Role:
            be(newsroom, role)
            seen[role, shown] = row in ana.get(PATH).text
    be(newsroom, Role.LEAD)
    assert ana.post(f"{PATH}/others").status_code == 403
    be(newsroom, Role.ADMIN)
    ana.post(f"{PATH}/others")

    assert {who for who, is_seen in seen.items() if is_seen} == {
        (Role.LEAD, "on"),
        (Role.ADMIN, "on"),
    }
    assert row not in ana.get(PATH).text
    assert "set whether leads see each moderator's figures (off)" in words(
        ana.get("/sites/the-daily/audit")
    )


def be(newsroom: Newsroom, role: Role) -> None:
    """Ana's role at The Daily."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, role)
