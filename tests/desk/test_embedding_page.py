"""The admins' page of where a site's comments are shown, who may write there, and the secret."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import select

from moderation import embed_secrets, sites
from moderation.models import AuditEntry, Role, Site
from moderation.sealing import Sealing
from moderation.staff import moderators
from tests.desk.conftest import SECRET, at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import Newsroom

PAGE = "/sites/the-daily/embedding"


@pytest.fixture
def ana(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ana at her desk, an admin of The Daily."""
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, Role.ADMIN)
    return at_desk(desk, newsroom.ana)


def daily(newsroom: Newsroom) -> Site:
    with newsroom.db.reading() as session:
        return sites.named(session, "the-daily")


def secrets(newsroom: Newsroom, *, hours: float = 0) -> list[str]:
    """Those that are good so many hours from now, the newest first."""
    moment = datetime.now(UTC) + timedelta(hours=hours)
    with newsroom.db.reading() as session:
        return embed_secrets.in_force(session, newsroom.daily.id, Sealing([SECRET]), now=moment)


def audited(newsroom: Newsroom) -> list[tuple[str, bool]]:
    """What was noted of the site's pages, and whether it was Ana who did it."""
    with newsroom.db.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.at)).all()
    return [
        (one.event, one.moderator_id == newsroom.ana.id)
        for one in entries
        if one.event.startswith("embed")
    ]


def made(ana: Visitor) -> str:
    """A new secret, as the page shows it."""
    answer = ana.post(f"{PAGE}/secret")
    found = re.search(r'id="secret" class="link" readonly value="([^"]+)"', answer.text)
    assert found, words(answer)
    return found[1]


def test_pages_and_guests_are_set(newsroom: Newsroom, ana: Visitor) -> None:
    assert "embed.js" not in ana.get(PAGE).text
    answer = ana.post(
        PAGE, origins="https://www.daily.example\r\n\r\n https://daily.example ", guests="1"
    )
    assert answer.status_code == 303
    site = daily(newsroom)
    assert site.embed_origins == ["https://daily.example", "https://www.daily.example"]
    assert site.embed_guests
    shown = ana.get(PAGE)
    assert "https://daily.example\nhttps://www.daily.example</textarea>" in shown.text
    assert 'src="http://localhost/embed.js" data-site="the-daily"' in html.unescape(shown.text)
    assert audited(newsroom) == [("embed_origins_set", True), ("embed_guests_set", True)]

    ana.post(PAGE, origins="")
    site = daily(newsroom)
    assert (site.embed_origins, site.embed_guests) == ([], False)


@pytest.mark.parametrize(
    "line", ["https://daily.example/", "daily.example", "HTTPS://Daily.example", "<b>", "x" * 999]
)
def test_what_is_no_page_is_said_and_stays_in_the_field(
    newsroom: Newsroom, ana: Visitor, line: str
) -> None:
    answer = ana.post(PAGE, origins=f"https://daily.example\n{line}", guests="1")
    assert answer.status_code == 422
    assert f"“{escape(line[:255])}” is not how an address begins" in answer.text
    assert f"\n{escape(line)}</textarea>" in answer.text
    assert 'name="guests" value="1" checked' in answer.text
    assert daily(newsroom).embed_origins == []


def test_too_many_pages(newsroom: Newsroom, ana: Visitor) -> None:
    lines = "\n".join(f"https://{n}.example" for n in range(51))
    assert ana.post(PAGE, origins=lines).status_code == 422
    assert daily(newsroom).embed_origins == []


def test_a_secret_is_shown_once_and_another_takes_its_place_in_a_day(
    newsroom: Newsroom, ana: Visitor
) -> None:
    first = made(ana)
    assert secrets(newsroom) == [first]
    assert first not in ana.get(PAGE).text
    second = made(ana)
    assert secrets(newsroom) == [second, first]
    assert secrets(newsroom, hours=25) == [second]
    assert "The former one is good, too, until" in words(ana.get(PAGE))

    assert ana.post(f"{PAGE}/secret/end").status_code == 303
    assert secrets(newsroom) == [second]
    assert "former one is good" not in words(ana.get(PAGE))
    ana.post(f"{PAGE}/secret/end")
    assert secrets(newsroom) == [second]
    assert audited(newsroom) == [
        ("embed_secret_made", True),
        ("embed_secret_made", True),
        ("embed_secret_ended", True),
    ]
    assert "ended the former secret of these pages" in words(ana.get("/sites/the-daily/audit"))


def test_it_is_said_when_nobody_can_write(newsroom: Newsroom, ana: Visitor) -> None:
    nobody = "Nobody can write there now"
    assert nobody not in words(ana.get(PAGE))
    ana.post(PAGE, origins="https://daily.example")
    assert nobody in words(ana.get(PAGE))
    made(ana)
    assert nobody not in words(ana.get(PAGE))


def test_another_papers_pages_are_not_here(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    made(ana)
    ben = at_desk(desk, newsroom.ben)
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ben, newsroom.post, Role.ADMIN)
    assert ben.get(PAGE).status_code == 404
    for path in (PAGE, f"{PAGE}/secret", f"{PAGE}/secret/end"):
        assert ben.post(path, origins="").status_code == 404
    assert len(secrets(newsroom)) == 1
