"""Signing in and out. The browser keeps a random token; the database keeps its hash and its end."""

import hashlib

from flask import Response, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from moderation import limits, moderators
from moderation.desk.door import cookie_name, desk, now, own_path, see_other
from moderation.models import Moderator
from moderation.services import services

WRONG = "That e-mail and password do not go together."


def count_try(who: str | None = None) -> None:
    """Count a try at this page, of somebody or of the network that asks; TooMany beyond what is
    allowed."""
    rate = services().settings.rate_per_login
    limits.count(rate, who or limits.calling_network(), str(request.endpoint))


@desk.get("/login")
def sign_in_form() -> ResponseReturnValue:
    """The form; whoever is signed in goes on to where they wanted."""
    if "person" in g:
        return redirect(own_path(request.args.get("next")))
    return render_template("desk/login.html", next=request.args.get("next"))


@desk.post("/login")
def sign_in() -> ResponseReturnValue:
    """Check the password and begin a new sign-in; one answer for every kind of wrong."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    # Hashed: the limits lie in Redis, and addresses have no business there.
    count_try("sign-in:" + hashlib.sha256(email.strip().lower().encode()).hexdigest())
    count_try()
    db = services().db
    with db.reading() as reading:
        moderator = moderators.find(reading, email)
    if not moderators.authenticate(moderator, password) or moderator is None:
        page = render_template(
            "desk/login.html", wrong=WRONG, email=email, next=request.form.get("next")
        )
        return page, 403
    moment = now()
    hours = services().settings.sign_in_hours
    with db.transaction() as writing:
        old = request.cookies.get(cookie_name())
        if old is not None:
            moderators.sign_out(writing, old, now=moment)
        # Read again: a password changed since the check must not leave this sign-in behind.
        current = writing.get_one(Moderator, moderator.id, with_for_update=True)
        if current.password_hash != moderator.password_hash:
            return see_other(url_for("desk.sign_in_form"))
        token = moderators.sign_in(writing, current, hours=hours, now=moment)
    session.clear()  # the form token of before the sign-in ends with it
    response = see_other(own_path(request.form.get("next")))
    _set_cookie(response, token, hours * 3600)
    return response


@desk.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End this sign-in, in the database too."""
    with services().db.transaction() as writing:
        moderators.sign_out(writing, request.cookies[cookie_name()], now=now())
    session.clear()
    response = see_other(url_for("desk.sign_in_form"))
    _set_cookie(response, "", 0)
    return response


def _set_cookie(response: Response, token: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(),
        token,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=services().settings.secure_cookies,
    )
