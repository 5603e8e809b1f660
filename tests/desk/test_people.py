"""An admin's page of who works for the site: invited by a link, given a role, removed."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from moderation.cli import main
from moderation.models import AuditEntry, Invitation, Moderator, Role, Site
from moderation.staff import moderators, people
from tests.desk.conftest import app_of, at_desk, words
from tests.desk.test_new_password import can_sign_in
from tests.desk.visitor import Visitor
from tests.newsroom import NOON, Newsroom

PEOPLE = "/sites/the-daily/people"
LINK = re.compile(r'value="(http[^"]+/invitation\?token=[^"]+)"')
EVA = "eva@daily.example"
HERS = "a password of her own"
EVAS: dict[str, Any] = {"name": "Eva", "password": HERS, "again": HERS}


@pytest.fixture
def ana(newsroom: Newsroom, desk: Flask) -> Visitor:
    """Ana, who is admin at The Daily."""
    assigned(newsroom, newsroom.ana, Role.ADMIN)
    return at_desk(desk, newsroom.ana)


def assigned(newsroom: Newsroom, moderator: Moderator, role: Role) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, moderator, newsroom.daily, role)


def works(newsroom: Newsroom, email: str) -> dict[str, Role]:
    """Where somebody works, and as what."""
    with newsroom.db.reading() as session:
        moderator = moderators.named(session, email)
        found = moderators.sites_of(session, moderator.id)
        return {site.slug: role for site, role in found.items()}


def invited(ana: Visitor, email: str = EVA, role: str = "moderator") -> str:
    """The link that the page shows, without the service's address."""
    ana.get(PEOPLE)
    answer = ana.post(f"{PEOPLE}/invitations", email=email, role=role)
    assert answer.status_code == 200, words(answer)
    found = LINK.search(answer.text)
    assert found
    return found[1].removeprefix("http://localhost")


def opened(desk: Flask, link: str) -> Visitor:
    """A browser that has followed the link."""
    visitor = Visitor(desk.test_client())
    assert visitor.get(link).location == "/invitation"
    visitor.get("/invitation")
    return visitor


def events(newsroom: Newsroom) -> list[tuple[str, Any]]:
    with newsroom.db.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.event, entry.moderator_id) for entry in found]


# --- invitations ------------------------------------------------------------------------------


def test_somebody_new_joins_by_the_link(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    link = invited(ana, role="lead")
    eva = opened(desk, link)
    assert "You, eva@daily.example, are invited as lead." in words(eva.get("/invitation"))

    answer = eva.post("/invitation", **EVAS)

    assert (answer.status_code, answer.location) == (303, "/login")
    assert "You work for The Daily now." in words(eva.get("/login"))
    assert works(newsroom, EVA) == {"the-daily": Role.LEAD}
    with newsroom.db.reading() as session:
        account = moderators.named(session, EVA)
        assert account.name == "Eva"
        assert session.scalars(select(Invitation)).all() == []
    assert can_sign_in(desk, account, HERS)
    assert events(newsroom)[-3:-1] == [
        ("moderator_invited", newsroom.ana.id),
        ("moderator_joined", account.id),
    ]


def test_who_has_an_account_just_gains_the_site(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    link = invited(ana, " BEN@post.example")
    ben = at_desk(desk, newsroom.ben)
    assert ben.get(link).location == "/invitation"
    page = ben.get("/invitation")
    assert "You have an account here already" in words(page)
    assert 'name="password"' not in page.text

    assert ben.post("/invitation", name="Mallory", password="x").status_code == 303

    assert works(newsroom, "ben@post.example") == {
        "the-daily": Role.MODERATOR,
        "the-evening-post": Role.MODERATOR,
    }
    assert can_sign_in(desk, newsroom.ben, "a long enough password")
    with newsroom.db.reading() as session:
        assert moderators.named(session, newsroom.ben.email).name == "Ben"


@pytest.mark.parametrize("somebody", [False, True])
def test_an_account_gains_a_site_by_nobody_elses_click(
    newsroom: Newsroom, desk: Flask, ana: Visitor, somebody: bool
) -> None:
    # Whoever made the account may be another than who is meant: an admin of another site can.
    link = invited(ana, newsroom.ben.email)
    other = ana if somebody else Visitor(desk.test_client())
    other.get("/queue" if somebody else "/login")
    other.get(link)
    page = other.get("/invitation")
    assert "log in with it, then open the link again" in words(page)
    assert 'action="/invitation"' not in page.text

    assert other.post("/invitation", **EVAS).status_code == 403

    assert works(newsroom, newsroom.ben.email) == {"the-evening-post": Role.MODERATOR}
    ben = at_desk(desk, newsroom.ben)
    ben.get(link)
    ben.get("/invitation")
    assert ben.post("/invitation").status_code == 303  # the link is good still


def test_an_account_that_is_made_meanwhile_gains_nothing_by_another_link(
    newsroom: Newsroom,
) -> None:
    def at(site: Site) -> str:
        with newsroom.db.transaction() as session:
            _, token = people.invite(
                session, site.id, EVA, Role.ADMIN, by=newsroom.ana.id, now=NOON
            )
        return token

    tokens = [at(newsroom.daily), at(newsroom.post)]
    together = threading.Barrier(2)

    def accept(token: str) -> bool:
        together.wait()
        with newsroom.db.transaction() as session:
            joined = people.accept(
                session, token, signed_in=None, name="Eva", password_hash="x", now=NOON
            )
        return joined is not None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, tokens)) == [False, True]
    assert len(works(newsroom, EVA)) == 1
    with newsroom.db.reading() as session:
        assert len(session.scalars(select(Invitation)).all()) == 1  # the other is good still


def test_a_link_is_good_once(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    link = invited(ana)
    first, second = opened(desk, link), opened(desk, link)
    assert first.post("/invitation", **EVAS).status_code == 303

    late = second.post("/invitation", **EVAS | {"name": "Somebody else"})

    assert late.status_code == 403
    assert "good no longer" in words(late)


def test_a_link_ends_after_three_days_with_a_newer_one_and_when_it_is_withdrawn(
    newsroom: Newsroom, ana: Visitor
) -> None:
    desk = app_of(newsroom, rate_per_login="1000/minute")
    older, newer = invited(ana), invited(ana)
    assert opened(desk, older).get("/invitation").status_code == 403
    late = opened(desk, newer)
    with newsroom.db.transaction() as session:
        ends = session.scalars(select(Invitation.expires_at)).one()
        assert timedelta(hours=71, minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=72)
        session.execute(update(Invitation).values(expires_at=datetime.now(UTC)))
    assert late.post("/invitation", **EVAS).status_code == 403
    withdrawn = invited(ana)
    with newsroom.db.reading() as session:
        [invitation] = session.scalars(select(Invitation))

    assert ana.post(f"{PEOPLE}/invitations/{invitation.id}/withdraw").status_code == 303

    assert opened(desk, withdrawn).get("/invitation").status_code == 403
    for link in ("/invitation?token=", "/invitation?token=nonsense", "/invitation?token=%00"):
        assert opened(desk, link).get("/invitation").status_code == 403
    assert "invitation_withdrawn" in dict(events(newsroom))


def test_the_link_is_shown_once_and_kept_as_a_hash(
    newsroom: Newsroom, desk: Flask, ana: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    link = invited(ana)
    token = link.partition("=")[2]
    visitor = Visitor(desk.test_client())

    first = visitor.get(link)

    assert token not in ana.get(PEOPLE).text
    assert EVA in words(ana.get(PEOPLE))
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert token not in visitor.get("/invitation").text
    assert token not in caplog.text
    with newsroom.db.reading() as session:
        assert token not in str(session.scalars(select(Invitation.token_hash)).all())


def test_the_link_has_the_address_that_people_know(newsroom: Newsroom) -> None:
    assigned(newsroom, newsroom.ana, Role.ADMIN)
    ana = at_desk(app_of(newsroom, public_url="https://desk.example/"), newsroom.ana)
    ana.get(PEOPLE)

    answer = ana.post(f"{PEOPLE}/invitations", email=EVA, role="admin")

    assert "https://desk.example/invitation?token=" in answer.text


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ({"again": "another"}, "Type the new password twice."),
        ({"password": "short", "again": "short"}, "10 to 1000 characters"),
        ({"name": " "}, "Give your name"),
        ({"name": "x" * 201}, "Give your name"),
        ({"name": "E\0va"}, "Give your name"),
    ],
)
def test_a_slip_is_told_and_the_link_stays_good(
    newsroom: Newsroom, desk: Flask, ana: Visitor, slip: dict[str, Any], said: str
) -> None:
    eva = opened(desk, invited(ana))

    answer = eva.post("/invitation", **EVAS | slip)

    assert answer.status_code == 422
    assert said in words(answer)
    assert HERS not in answer.text
    assert eva.post("/invitation", **EVAS).status_code == 303


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("eva", "An e-mail address has the form name@host"),
        ("", "An e-mail address has the form name@host"),
        ("e\0va@daily.example", "An e-mail address has the form name@host"),
        ("ana@daily.example", "They work here already"),
    ],
)
def test_who_cannot_be_invited_is_said(
    newsroom: Newsroom, ana: Visitor, email: str, said: str
) -> None:
    ana.get(PEOPLE)

    answer = ana.post(f"{PEOPLE}/invitations", email=email, role="lead")

    assert answer.status_code == 422
    assert said in words(answer)


def test_an_invitation_by_somebody_who_is_admin_no_longer_is_good_for_nothing(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    assigned(newsroom, newsroom.ben, Role.ADMIN)
    link = invited(at_desk(desk, newsroom.ben), "ben.too@post.example", "admin")

    ana.post(f"{PEOPLE}/{newsroom.ben.id}/remove")

    assert opened(desk, link).get("/invitation").status_code == 403


def test_the_forms_ask_for_their_token(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    eva = opened(desk, invited(ana))
    eva.token = ana.token = "forged"  # noqa: S105 - of no form at all

    assert eva.post("/invitation", **EVAS).status_code == 400
    for act in ("invitations", f"{newsroom.ana.id}/role", f"{newsroom.ana.id}/remove"):
        assert ana.post(f"{PEOPLE}/{act}", email=EVA, role="lead").status_code == 400


def test_too_many_tries_are_refused(newsroom: Newsroom) -> None:
    visitor = Visitor(app_of(newsroom, rate_per_login="3/minute").test_client())

    looks = [visitor.get("/invitation?token=guess").status_code for _ in range(4)]

    assert looks == [303, 303, 303, 429]


# --- roles ------------------------------------------------------------------------------------


def test_a_role_holds_from_the_next_request_on(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    assigned(newsroom, newsroom.ben, Role.MODERATOR)
    ben = at_desk(desk, newsroom.ben)
    assert ben.get(PEOPLE).status_code == 403

    done = ana.post(f"{PEOPLE}/{newsroom.ben.id}/role", role="admin")

    assert (done.status_code, done.location) == (303, PEOPLE)
    assert ben.get(PEOPLE).status_code == 200
    ana.post(f"{PEOPLE}/{newsroom.ben.id}/remove")
    assert ben.get(PEOPLE).status_code == 404
    assert works(newsroom, "ben@post.example") == {"the-evening-post": Role.MODERATOR}
    assert events(newsroom)[-2:] == [
        ("role_set", newsroom.ana.id),
        ("moderator_removed", newsroom.ana.id),
    ]


def test_the_last_admin_stays(newsroom: Newsroom, ana: Visitor) -> None:
    for act in ("role", "remove"):
        answer = ana.post(f"{PEOPLE}/{newsroom.ana.id}/{act}", role="lead")

        assert answer.status_code == 422
        assert "A site keeps at least one admin" in words(answer)
    assert works(newsroom, newsroom.ana.email) == {"the-daily": Role.ADMIN}
    assigned(newsroom, newsroom.ben, Role.ADMIN)

    left = ana.post(f"{PEOPLE}/{newsroom.ana.id}/remove")

    assert (left.status_code, left.location) == (303, "/queue")
    assert works(newsroom, newsroom.ana.email) == {}
    assert ana.get("/queue").status_code == 200


def test_two_admins_who_demote_each_other_at_once_leave_one(newsroom: Newsroom) -> None:
    people_of = {newsroom.ana.id: newsroom.ben.id, newsroom.ben.id: newsroom.ana.id}
    for moderator in (newsroom.ana, newsroom.ben):
        assigned(newsroom, moderator, Role.ADMIN)
    together = threading.Barrier(2)

    def demote(by: UUID) -> bool:
        together.wait()
        try:
            with newsroom.db.transaction() as session:
                people.change_role(
                    session, newsroom.daily.id, people_of[by], Role.LEAD, by=by, now=NOON
                )
        except people.LastAdmin:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, people_of)) == [False, True]


def test_of_two_who_take_up_an_invitation_at_once_one_wins(newsroom: Newsroom) -> None:
    with newsroom.db.transaction() as session:
        _, token = people.invite(
            session, newsroom.daily.id, EVA, Role.LEAD, by=newsroom.ana.id, now=NOON
        )
    together = threading.Barrier(2)

    def accept(name: str) -> bool:
        together.wait()
        with newsroom.db.transaction() as session:
            joined = people.accept(
                session, token, signed_in=None, name=name, password_hash="x", now=NOON
            )
        return joined is not None

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(accept, ["Eva", "Mallory"])) == [False, True]
    assert works(newsroom, EVA) == {"the-daily": Role.LEAD}


def test_the_operator_names_the_first_admin(
    newsroom: Newsroom, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    add = ["moderator", "add", newsroom.ana.email, "--site", "the-daily"]

    done = CliRunner().invoke(main, [*add, "--role", "admin"])
    # Named again without a role, one keeps what one is.
    again = CliRunner().invoke(main, [*add, "--site", "the-evening-post"])

    assert (done.exit_code, again.exit_code) == (0, 0), done.output
    assert works(newsroom, newsroom.ana.email) == {
        "the-daily": Role.ADMIN,
        "the-evening-post": Role.MODERATOR,
    }


def test_nobody_of_another_site_is_touched(newsroom: Newsroom, ana: Visitor) -> None:
    for act in ("role", "remove"):
        assert ana.post(f"{PEOPLE}/{newsroom.ben.id}/{act}", role="admin").status_code == 404
    assert works(newsroom, "ben@post.example") == {"the-evening-post": Role.MODERATOR}
    assert "Ben" not in words(ana.get(PEOPLE))
    assert ana.post(f"{PEOPLE}/{newsroom.ana.id}/role", role="owner").status_code == 400
