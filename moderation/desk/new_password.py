"""Setting a new password with a link that the operator hands out (`moderator reset-link`)."""

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation.desk.door import desk, now, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.signing_in import chosen_password, count_try, token_of_link
from moderation.models import Moderator
from moderation.services import services
from moderation.staff import passwords

TOKEN = "password_token"  # noqa: S105 - the name of what the cookie keeps


@desk.get("/password")
def new_password_form() -> ResponseReturnValue:
    """The form, for whoever came with a link that is good."""
    count_try()
    if (response := token_of_link(TOKEN)) is not None:
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
    try:
        hashed = chosen_password()
    except Slip as slip:
        return _form(moderator, str(slip)), 422
    with services().db.transaction() as writing:
        done = passwords.reset(writing, session.get(TOKEN, ""), hashed, now=now())
    if not done:
        return _refused()
    session.clear()
    tell(gettext("Your new password is set. Log in with it."))
    return see_other(url_for("desk.sign_in_form"))


def _whose() -> Moderator | None:
    """Whose password the link that this browser came with may set; None when it is not good."""
    with services().db.reading() as reading:
        return passwords.may_reset(reading, session.get(TOKEN, ""), now=now())


def _form(moderator: Moderator, wrong: str = "") -> str:
    return render_template(
        "desk/new_password.html",
        moderator=moderator,
        wrong=wrong,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


def _refused() -> ResponseReturnValue:
    return render_template("desk/new_password.html", moderator=None), 403
