"""One-time codes: set up, asked for, taken once, recovered from, required."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from moderation.cli import main
from moderation.models import AuditEntry, Authenticator, Moderator, RecoveryCode, Role
from moderation.sealing import Sealing
from moderation.staff import codes, moderators, passwords
from tests.desk.conftest import SECRET, app_of, at_desk, words
from tests.desk.visitor import Visitor
from tests.newsroom import PASSWORD, Newsroom

CODES = "/account/codes"


def secret_of(newsroom: Newsroom, moderator: Moderator) -> str:
    with newsroom.db.reading() as session:
        found = codes.of(session, moderator.id)
    assert found is not None
    return Sealing([SECRET]).open(found.secret)


def shown(newsroom: Newsroom, moderator: Moderator, *, ahead: int = 0) -> str:
    """What the app on their phone shows, or will show so many codes later."""
    moment = datetime.now(UTC) + timedelta(seconds=30 * ahead)
    return pyotp.TOTP(secret_of(newsroom, moderator)).at(moment)


def a_while_later(newsroom: Newsroom) -> None:
    """As if the codes that were taken had been taken long ago."""
    with newsroom.db.transaction() as session:
        session.execute(update(Authenticator).values(last_step=0))


def set_up(newsroom: Newsroom, visitor: Visitor, moderator: Moderator) -> list[str]:
    """Set codes up as one does; answers the recovery codes."""
    visitor.get(CODES)
    assert visitor.post(f"{CODES}/begin").location == CODES
    page = visitor.get(CODES)
    secret = secret_of(newsroom, moderator)
    assert " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)) in words(page)
    assert 'class="qr"' in page.text
    code = shown(newsroom, moderator)
    done = visitor.post(f"{CODES}/confirm", code=code, current=PASSWORD)
    assert done.status_code == 200, words(done)
    a_while_later(newsroom)
    return [part.partition("</code>")[0] for part in done.text.split("<li><code>")[1:]]


def first_step(desk: Flask, moderator: Moderator) -> Visitor:
    """A browser whose password was right."""
    visitor = Visitor(desk.test_client())
    visitor.get("/login")
    answer = visitor.post("/login", email=moderator.email, password=PASSWORD, next="/decisions")
    assert answer.location == "/login/code?next=/decisions"
    visitor.get(answer.location)
    return visitor


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/queue").status_code == 200


def test_with_codes_a_password_alone_opens_nothing(
    newsroom: Newsroom, desk: Flask, ana: Visitor
) -> None:
    elsewhere = at_desk(desk, newsroom.ana)
    set_up(newsroom, ana, newsroom.ana)
    assert (is_in(ana), is_in(elsewhere)) == (True, False)

    visitor = first_step(desk, newsroom.ana)
    assert not is_in(visitor)
    wrong = visitor.post("/login/code", code="12345x")
    right = visitor.post(
        "/login/code", code=f" {shown(newsroom, newsroom.ana)} ", next="/decisions"
    )

    assert (wrong.status_code, right.status_code) == (403, 303)
    assert "That is not the code of this moment." in words(wrong)
    assert right.location == "/decisions"
    assert is_in(visitor)
    assert is_in(at_desk(desk, newsroom.ben))


def test_a_code_is_taken_once(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    set_up(newsroom, ana, newsroom.ana)
    first, second = first_step(desk, newsroom.ana), first_step(desk, newsroom.ana)
    code, earlier = (shown(newsroom, newsroom.ana, ahead=ahead) for ahead in (1, 0))

    assert first.post("/login/code", code=code).status_code == 303
    assert second.post("/login/code", code=code).status_code == 403
    # Nor one from before it, which somebody may have seen over a shoulder.
    assert second.post("/login/code", code=earlier).status_code == 403


@pytest.mark.parametrize("ahead", [-3, 3])
def test_a_code_of_another_time_is_not_taken(
    newsroom: Newsroom, desk: Flask, ana: Visitor, ahead: int
) -> None:
    set_up(newsroom, ana, newsroom.ana)
    code = shown(newsroom, newsroom.ana, ahead=ahead)
    assert first_step(desk, newsroom.ana).post("/login/code", code=code).status_code == 403


def test_a_recovery_code_is_good_once(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    recovery = set_up(newsroom, ana, newsroom.ana)
    assert len(set(recovery)) == 10
    with newsroom.db.reading() as session:
        kept = str(session.scalars(select(RecoveryCode.code_hash)).all())
    assert not any(code in kept for code in recovery)
    typed = recovery[0].upper().replace("-", " ")

    first = first_step(desk, newsroom.ana).post("/login/code", code=typed)
    again = first_step(desk, newsroom.ana).post("/login/code", code=recovery[0])

    assert (first.status_code, again.status_code) == (303, 403)
    assert "9 of your recovery codes are left" in words(ana.get(CODES))


def test_new_recovery_codes_end_the_old_ones(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    old = set_up(newsroom, ana, newsroom.ana)

    page = ana.post(f"{CODES}/recovery", current=PASSWORD)

    new = page.text.split("<li><code>")[1].partition("</code>")[0]
    visitor = first_step(desk, newsroom.ana)
    assert visitor.post("/login/code", code=old[3]).status_code == 403
    assert visitor.post("/login/code", code=new).status_code == 303
    assert new not in ana.get(CODES).text


def test_nobody_recovers_with_a_colleagues_code(
    newsroom: Newsroom, desk: Flask, ana: Visitor, ben: Visitor
) -> None:
    set_up(newsroom, ana, newsroom.ana)
    bens = set_up(newsroom, ben, newsroom.ben)

    assert first_step(desk, newsroom.ana).post("/login/code", code=bens[0]).status_code == 403


def test_switched_off_the_password_is_enough(newsroom: Newsroom, desk: Flask, ana: Visitor) -> None:
    set_up(newsroom, ana, newsroom.ana)
    assert ana.post(f"{CODES}/off", current="not it at all").status_code == 422

    assert ana.post(f"{CODES}/off", current=PASSWORD).location == "/account"

    assert is_in(at_desk(desk, newsroom.ana))
    with newsroom.db.reading() as session:
        assert session.scalars(select(RecoveryCode)).all() == []
        events = session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)).all()
    assert [event for event in events if "code" in event] == ["codes_set_up", "codes_switched_off"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"code": "000000x"}, "That is not the code that the app shows"),
        ({"code": ""}, "That is not the code that the app shows"),
        ({"current": "not it at all"}, "That is not your password."),
    ],
)
def test_nothing_is_asked_for_before_a_code_was_seen(
    newsroom: Newsroom, desk: Flask, ana: Visitor, form: dict[str, Any], said: str
) -> None:
    ana.get(CODES)
    ana.post(f"{CODES}/begin")
    good = {"code": shown(newsroom, newsroom.ana), "current": PASSWORD}

    answer = ana.post(f"{CODES}/confirm", **good | form)

    assert answer.status_code == 422
    assert said in words(answer)
    assert is_in(at_desk(desk, newsroom.ana))
    # Beginning anew makes another secret; looking at the page does not.
    before = secret_of(newsroom, newsroom.ana)
    ana.get(CODES)
    assert secret_of(newsroom, newsroom.ana) == before
    ana.post(f"{CODES}/begin")
    assert secret_of(newsroom, newsroom.ana) != before


def test_what_is_confirmed_is_not_begun_anew(newsroom: Newsroom, ana: Visitor) -> None:
    set_up(newsroom, ana, newsroom.ana)
    before = secret_of(newsroom, newsroom.ana)

    ana.post(f"{CODES}/begin")

    assert secret_of(newsroom, newsroom.ana) == before
    assert before not in ana.get(CODES).text.replace(" ", "")


def test_the_secret_is_kept_encrypted(newsroom: Newsroom, ana: Visitor) -> None:
    set_up(newsroom, ana, newsroom.ana)
    with newsroom.db.reading() as session:
        kept = session.scalars(select(Authenticator.secret)).one()
    assert secret_of(newsroom, newsroom.ana) not in kept


def test_tries_are_counted(newsroom: Newsroom, ana: Visitor) -> None:
    set_up(newsroom, ana, newsroom.ana)
    visitor = first_step(app_of(newsroom, rate_per_login="3/minute"), newsroom.ana)

    tries = [visitor.post("/login/code", code="000000x") for _ in range(4)]

    assert [answer.status_code for answer in tries] == [403, 403, 403, 429]
    patient = first_step(app_of(newsroom, rate_per_login="1000/minute"), newsroom.ana)
    all_day = [patient.post("/login/code", code="000000x").status_code for _ in range(31)]
    assert all_day == [403] * 30 + [429]


def test_the_second_step_is_for_who_took_the_first(
    newsroom: Newsroom, desk: Flask, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(newsroom, ana, newsroom.ana)
    stranger = Visitor(desk.test_client())
    stranger.get("/login")
    assert stranger.get("/login/code").location.startswith("/login")
    code = shown(newsroom, newsroom.ana)
    assert stranger.post("/login/code", code=code).location.startswith("/login")
    late, overtaken = first_step(desk, newsroom.ana), first_step(desk, newsroom.ana)
    monkeypatch.setattr(
        "moderation.desk.signing_in.now", lambda: datetime.now(UTC) + timedelta(minutes=11)
    )
    assert late.post("/login/code", code=code).location.startswith("/login")
    monkeypatch.undo()
    with newsroom.db.transaction() as session:
        known = moderators.named(session, newsroom.ana.email)
        passwords.set_anew(session, known, "another password", now=datetime.now(UTC))
    assert overtaken.post("/login/code", code=code).location.startswith("/login")
    assert not any(map(is_in, (stranger, late, overtaken)))


# --- required ---------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_leads_and_admins_set_codes_up_first_where_they_are_required(
    newsroom: Newsroom, role: Role
) -> None:
    with newsroom.db.transaction() as session:
        moderators.assign(session, newsroom.ana, newsroom.daily, role)
    desk = app_of(newsroom, require_codes=True)
    ana = at_desk(desk, newsroom.ana)
    held = newsroom.held()

    for path in ("/queue", "/decisions", "/account", f"/sites/the-daily/comments/{held}"):
        assert ana.get(path).location == CODES
    assert ana.act("approve", held).location == CODES
    fragment = ana.act("approve", held, htmx=True)
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (401, CODES)
    assert newsroom.comment(held).status == "held"
    assert "wants leads and admins to log in with codes" in words(ana.get(CODES))
    set_up(newsroom, ana, newsroom.ana)
    assert is_in(ana)


def test_moderators_need_none(newsroom: Newsroom) -> None:
    assert is_in(at_desk(app_of(newsroom, require_codes=True), newsroom.ana))


# --- the operator -----------------------------------------------------------------------------


def test_the_operator_switches_codes_off_for_who_lost_everything(
    newsroom: Newsroom,
    desk: Flask,
    ana: Visitor,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_up(newsroom, ana, newsroom.ana)
    monkeypatch.setenv("DATABASE_URL", database_url)

    done = CliRunner().invoke(main, ["moderator", "codes-off", "ana@daily.example"])
    again = CliRunner().invoke(main, ["moderator", "codes-off", "ana@daily.example"])

    assert "is asked for no code any more" in done.stderr
    assert "was asked for no code" in again.stderr
    assert is_in(at_desk(desk, newsroom.ana))


def test_the_secret_key_may_change(
    newsroom: Newsroom,
    ana: Visitor,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recovery = set_up(newsroom, ana, newsroom.ana)
    newer = "another secret key of many letters"
    code = shown(newsroom, newsroom.ana)
    both = app_of(newsroom, secret_key=newer, secret_key_previous=SECRET)
    assert first_step(both, newsroom.ana).post("/login/code", code=code).status_code == 303
    a_while_later(newsroom)
    alone = app_of(newsroom, secret_key=newer)
    # Without the key only a recovery code helps.
    assert first_step(alone, newsroom.ana).post("/login/code", code=code).status_code == 403
    helped = first_step(alone, newsroom.ana).post("/login/code", code=recovery[0])
    assert helped.status_code == 303
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("MODERATION_SECRET_KEY", newer)
    lost = CliRunner().invoke(main, ["moderator", "reseal"])
    assert "0 sealed under the key in force, 1 that no known key opens." in lost.stderr
    monkeypatch.setenv("MODERATION_SECRET_KEY_PREVIOUS", SECRET)

    done = CliRunner().invoke(main, ["moderator", "reseal"])

    assert "1 sealed under the key in force, 0 that no known key opens." in done.stderr
    assert first_step(alone, newsroom.ana).post("/login/code", code=code).status_code == 303
