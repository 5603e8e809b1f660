"""Setting a new password with a link that the operator hands out (`moderator reset-link`).

The link's token goes into the form's cookie at once, and the page has an address without it: it is
in no history, no Referer and no picture of the screen. Opening the link uses nothing up, so that
whatever looks at links before people do (mail filters, previews) does no harm.
"""

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from moderation import moderators
from moderation.desk.door import desk, now, see_other, tell
from moderation.desk.signing_in import count_try
from moderation.models import Moderator
from moderation.moderators import PASSWORD_MAX, PASSWORD_MIN, ModeratorError
from moderation.services import services

TOKEN = "password_token"  # noqa: S105 - the name of what the cookie keeps
TOKEN_LONGEST = 100
NOT_TWICE = "The two are not the same. Type the new password twice."


@desk.get("/password")
def new_password_form() -> ResponseReturnValue:
    """The form, for whoever came with a link that is good."""
    count_try()
    if "token" in request.args:
        session[TOKEN] = request.args["token"][:TOKEN_LONGEST]
        response = see_other(url_for("desk.new_password_form"))
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    moderator = _whose()
    return _refused() if moderator is None else _form(moderator)


@desk.post("/password")
def new_password() -> ResponseReturnValue:
    """Set it, end every sign-in of theirs and the link with it, and go to the sign-in."""
    count_try()
    moderator = _whose()
    if moderator is None:
        return _refused()
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _form(moderator, NOT_TWICE), 422
    try:
        hashed = moderators.hash_password(password)
    except ModeratorError as error:
        return _form(moderator, f"{str(error).capitalize()}."), 422
    with services().db.transaction() as writing:
        done = moderators.reset(writing, session.get(TOKEN, ""), hashed, now=now())
    if not done:
        return _refused()
    session.clear()
    tell("Your new password is set. Log in with it.")
    return see_other(url_for("desk.sign_in_form"))


def _whose() -> Moderator | None:
    """Whose password the link that this browser came with may set; None when it is not good."""
    with services().db.reading() as reading:
        return moderators.may_reset(reading, session.get(TOKEN, ""), now=now())


def _form(moderator: Moderator, wrong: str = "") -> str:
    return render_template(
        "desk/new_password.html",
        moderator=moderator,
        wrong=wrong,
        shortest=PASSWORD_MIN,
        longest=PASSWORD_MAX,
    )


def _refused() -> ResponseReturnValue:
    return render_template("desk/new_password.html", moderator=None), 403
