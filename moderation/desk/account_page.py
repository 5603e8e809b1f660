"""One's own account: how the desk is to be, the password, and where one is signed in."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, refresh

from moderation.desk import filters
from moderation.desk.clock import zones
from moderation.desk.door import desk, now, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.signing_in import chosen_password, count_try
from moderation.desk.translating import LANGUAGES
from moderation.models import Keys
from moderation.services import services
from moderation.staff import moderators, passwords, sign_ins

NOT_YOURS = lazy_gettext("That is not your password.")


@desk.get("/account")
def account() -> ResponseReturnValue:
    """Who one is here, and what one can change about it."""
    return _page()


@desk.post("/account/preferences")
def set_preferences() -> ResponseReturnValue:
    """Set language, time zone, keys, and whether words are blurred."""
    language, keys = request.form.get("language", ""), request.form.get("keys", "")
    if (language and language not in LANGUAGES) or keys not in list(Keys):
        abort(400)
    time_zone = request.form.get("time_zone", "").strip()
    if time_zone not in zones():
        return _page(no_zone=time_zone), 422
    with services().db.transaction() as session:
        moderators.prefer(
            session,
            person().moderator.id,
            language=language or None,
            time_zone=time_zone,
            keys=keys,
            blurs="blurs" in request.form,
        )
    person().moderator.language = language or None
    refresh()  # and so this is said in that language already
    tell(gettext("Your desk is set up like that."))
    return see_other(url_for("desk.account"))


@desk.post("/account/languages")
def set_languages() -> ResponseReturnValue:
    """Set the languages in which comments are dealt to oneself."""
    given = request.form.get("reads", "").strip()
    codes = filters.languages(given)
    if codes is None:
        return _page(no_languages=given), 422
    with services().db.transaction() as session:
        moderators.set_languages(session, person().moderator.id, codes)
    tell(gettext("From now on you are dealt what is in these languages."))
    return see_other(url_for("desk.account"))


@desk.post("/account/password")
def change_password() -> ResponseReturnValue:
    """Set another password; whoever is signed in with the old one elsewhere is out."""
    try:
        check_password()
        hashed = chosen_password()
    except Slip as slip:
        return _page(str(slip)), 422
    with services().db.transaction() as session:
        done = passwords.change(
            session,
            person().moderator,
            hashed,
            kept=person().sign_in.token_hash,
            now=now(),
        )
    if not done:
        return _page(NOT_YOURS), 422
    tell(gettext("Your new password is set. You are logged out everywhere else."))
    return see_other(url_for("desk.account"))


@desk.post("/account/sign-ins/<token_hash>/end")
def end_sign_in(token_hash: str) -> ResponseReturnValue:
    """Log out elsewhere, or here."""
    with services().db.transaction() as session:
        done = sign_ins.end_one(session, person().moderator.id, token_hash, now=now())
    if not done:
        abort(404)
    tell(gettext("Logged out there."))
    return see_other(url_for("desk.account"))


@desk.post("/account/sign-ins/end-others")
def end_other_sign_ins() -> ResponseReturnValue:
    """Log out everywhere but here."""
    with services().db.transaction() as session:
        sign_ins.end_others(session, person().moderator.id, person().sign_in.token_hash, now=now())
    tell(gettext("You are logged out everywhere else."))
    return see_other(url_for("desk.account"))


def check_password() -> None:
    """Slip unless the form has the password of whoever is signed in: a page that was left open is
    no reason to hand over the account."""
    count_try(f"account:{person().moderator.id}")
    if not passwords.is_right(person().moderator, request.form.get("current", "")):
        raise Slip(NOT_YOURS)


def _page(wrong: str = "", *, no_zone: str | None = None, no_languages: str | None = None) -> str:
    """`no_zone` is what was typed for a time zone, and is none; `no_languages` for languages."""
    idle = services().settings.sign_in_idle_minutes
    with services().db.reading() as session:
        in_force = sign_ins.of(session, person().moderator.id, idle_minutes=idle, now=now())
    return render_template(
        "desk/account.html",
        person=person(),
        sign_ins=in_force,
        wrong=wrong,
        no_zone=no_zone,
        no_languages=no_languages,
        languages=LANGUAGES,
        zones=zones(),
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )
