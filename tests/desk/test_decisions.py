"""The log for people: what was decided, by whom, why, and what can be taken back."""

from datetime import timedelta

from flask import Flask

from moderation import site_settings, stories
from moderation.models import Moderator, Site
from moderation.queue import expiry
from moderation.staff import moderators
from tests.desk.conftest import at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom


def test_the_log_shows_persons_decisions_with_clause_version_and_note(
    newsroom: Newsroom, ana: Visitor
) -> None:
    blocked = newsroom.held("First fool")
    newsroom.approved("Nobody needs to see this one")
    ana.act("block", blocked, clause="personal-attacks", note="third time today")
    page = ana.get("/decisions")
    said = words(page)
    assert "Blocked by you for Personal attacks under policy 1" in said
    assert "third time today" in said
    assert "First fool" in said
    assert "Tram line 7 reopens" in said
    assert f"/sites/the-daily/comments/{blocked}" in page.text
    assert "Nobody needs to see" not in said
    assert f"/decisions/{newsroom.comment(blocked).decision_id}/undo" in page.text


def test_the_policys_decisions_are_a_tab_of_their_own(newsroom: Newsroom, ana: Visitor) -> None:
    newsroom.held("First fool")
    newsroom.approved("A fair point")
    said = words(ana.get("/decisions?by=policy"))
    assert "Held by the policy under policy 1" in said
    assert "Personal attacks: insult 0.83, held from 0.60" in said
    assert "Approved by the policy" in said
    assert words(ana.get("/decisions")).count("Nothing was decided yet.") == 1
    assert ana.get("/decisions?by=nobody").status_code == 404


def test_pages_of_the_log_follow_each_other(newsroom: Newsroom, ana: Visitor) -> None:
    ids = [newsroom.approved(f"Comment number {number}") for number in range(23)]
    newest = ana.get("/decisions?by=all")
    assert newest.text.count('<blockquote class="excerpt"') == 20
    path = newest.text.partition('class="next" href="')[2].partition('"')[0]
    earlier = ana.get(path.replace("&amp;", "&"))
    assert earlier.text.count('<blockquote class="excerpt"') == 3
    shown = [str(i) for i in ids if f"/comments/{i}" in newest.text + earlier.text]
    assert len(shown) == 23
    assert "Newest" in words(earlier)


def test_a_colleague_goes_by_name_or_email(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.daily)
        session.get_one(Moderator, newsroom.ben.id).name = ""
    first, second = newsroom.held("First fool"), newsroom.held("Second fool")
    ana.act("approve", first)
    ben = at_desk(desk, newsroom.ben)
    ben.act("approve", second)
    assert "Approved by Ana" in words(ben.get("/decisions"))
    assert "Approved by ben@post.example" in words(ana.get("/decisions"))


def test_what_expired_is_listed_and_taken_back(newsroom: Newsroom, ana: Visitor) -> None:
    expired, _ = newsroom.held("First fool"), newsroom.held("Second fool", story={"id": "open"})
    with newsroom.db.transaction() as session:
        site = session.get_one(Site, newsroom.daily.id)
        site_settings.change(session, site, expire_days=14, now=NOON)
        stories.close(session, newsroom.daily.id, "tram-7", now=NOON)
    expiry.apply_to_all(newsroom.db.transaction, now=NOON + timedelta(days=15))
    page = ana.get("/decisions?by=expired")
    said = words(page)
    assert "Expired unreviewed, blocked" in said
    assert "First fool" in said
    assert "Second fool" not in said
    assert "First fool" not in words(ana.get("/decisions"))  # no person's
    decision = newsroom.comment(expired).decision_id
    assert ana.post(f"/sites/the-daily/decisions/{decision}/undo").status_code == 303
    assert newsroom.comment(expired).status == "held"
    assert "no longer in force" in words(ana.get("/decisions?by=expired"))
    figures = words(ana.get("/sites/the-daily/figures"))
    assert "Expired unreviewed" not in figures  # none in these weeks that stands
