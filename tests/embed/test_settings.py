"""What a site sets: the pages that show its comments, guests, the secrets that vouch for them."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from moderation import embed_secrets, site_settings, sites
from moderation.cli import main
from moderation.models import AuditEntry, Site
from moderation.sealing import Sealing
from tests.embed.conftest import KEY, SEALING
from tests.newsroom import NOON, Newsroom, later

NEWER = "another secret key of many letters"


def make(newsroom: Newsroom, minutes: float = 0, *, keeps: float = 60) -> str:
    """Another secret for The Daily, so many minutes after noon; the old one stays so long."""
    with newsroom.db.transaction() as session:
        return embed_secrets.make(
            session,
            newsroom.daily.id,
            SEALING,
            ends_at=later(minutes + keeps),
            now=later(minutes),
        )


def in_force(newsroom: Newsroom, minutes: float, sealing: Sealing = SEALING) -> list[str]:
    with newsroom.db.reading() as session:
        return embed_secrets.in_force(session, newsroom.daily.id, sealing, now=later(minutes))


def test_a_secret_is_replaced_and_the_old_one_ends(newsroom: Newsroom) -> None:
    old = make(newsroom)
    new = make(newsroom, 10)
    assert in_force(newsroom, 20) == [new, old]
    assert in_force(newsroom, 71) == [new]


def test_there_are_never_more_than_two(newsroom: Newsroom) -> None:
    make(newsroom)
    second, third = make(newsroom, 1), make(newsroom, 2)
    assert in_force(newsroom, 3) == [third, second]


def test_what_ends_at_once_is_not_taken(newsroom: Newsroom) -> None:
    make(newsroom)
    new = make(newsroom, 1, keeps=0)
    assert in_force(newsroom, 1) == [new]


def test_revoked_none_is_left(newsroom: Newsroom) -> None:
    make(newsroom, 1)
    make(newsroom, 2)
    with newsroom.db.transaction() as session:
        assert embed_secrets.revoke(session, newsroom.daily.id, now=later(3)) == 2
    assert in_force(newsroom, 3) == []
    with newsroom.db.reading() as session:
        logged = session.scalars(select(AuditEntry.event).order_by(AuditEntry.at)).all()
    assert logged[-3:] == ["embed_secret_made", "embed_secret_made", "embed_secrets_revoked"]


def test_another_sites_are_its_own(newsroom: Newsroom) -> None:
    make(newsroom)
    with newsroom.db.reading() as session:
        assert embed_secrets.in_force(session, newsroom.post.id, SEALING, now=NOON) == []


def test_a_secret_lies_sealed_and_is_sealed_again_under_another_key(newsroom: Newsroom) -> None:
    secret = make(newsroom)
    assert in_force(newsroom, 1, Sealing([NEWER])) == []
    with newsroom.db.transaction() as session:
        assert embed_secrets.reseal(session, Sealing([NEWER])) == (0, 1)
        assert embed_secrets.reseal(session, Sealing([NEWER, KEY])) == (1, 0)
    assert in_force(newsroom, 1, Sealing([NEWER])) == [secret]


@pytest.mark.parametrize(
    "origin",
    [
        "https://daily.example/",
        "https://daily.example/tram",
        "https://Daily.example",
        "https://daily.example:443",
        "http://daily.example:80",
        "daily.example",
        "https://daily.example; script-src *",
        "https://*.daily.example",
        "ftp://daily.example",
        "null",
        "",
        "https://" + "d" * 300,
    ],
)
def test_what_is_no_origin_is_refused(newsroom: Newsroom, origin: str) -> None:
    with (
        newsroom.db.transaction() as session,
        pytest.raises(sites.SiteError, match="an origin is"),
    ):
        site_settings.change(session, newsroom.daily, embed_origins=[origin], now=NOON)


@pytest.mark.parametrize(
    "origin",
    ["https://daily.example", "http://localhost:8080", "http://[::1]:8000", "https://xn--e1a.am"],
)
def test_an_origin_is_set(newsroom: Newsroom, origin: str) -> None:
    with newsroom.db.transaction() as session:
        row = session.get_one(Site, newsroom.daily.id)
        site_settings.change(
            session, row, embed_origins=[origin, origin], embed_guests=True, now=NOON
        )
    with newsroom.db.reading() as session:
        daily = session.get_one(Site, newsroom.daily.id)
        assert (daily.embed_origins, daily.embed_guests) == ([origin], True)


def test_from_the_command_line(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    url = newsroom.db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MODERATION_SECRET_KEY", KEY)

    def types(*words: str) -> str:
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        return done.stdout

    two = "https://daily.example,https://m.daily.example"
    types("site", "set", "the-daily", "--embed-origins", two, "--embed-guests")
    secret = types("site", "embed-secret", "make", "the-daily").strip()
    with newsroom.db.reading() as session:
        daily = sites.named(session, "the-daily")
        now = daily.created_at + timedelta(days=3650)
        assert embed_secrets.in_force(session, daily.id, SEALING, now=now) == [secret]
    assert (daily.embed_origins, daily.embed_guests) == (two.split(","), True)
    types("site", "embed-secret", "revoke", "the-daily")
    types("site", "set", "the-daily", "--embed-origins", "")
    with newsroom.db.reading() as session:
        assert sites.named(session, "the-daily").embed_origins == []
        assert embed_secrets.in_force(session, daily.id, SEALING, now=now) == []
