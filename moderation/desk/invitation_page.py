"""Coming to work for a site with the link that one of its admins hands out."""

from uuid import UUID

from flask import g, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation.desk.door import desk, now, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.signing_in import chosen_password, count_try, token_of_link
from moderation.services import services
from moderation.staff import passwords, people
from moderation.staff.people import NAME_MAX, Invited

TOKEN = "invitation_token"  # noqa: S105 - the name of what the cookie keeps


@desk.get("/invitation")
def invitation_form() -> ResponseReturnValue:
    """What is offered, and the form to take it up."""
    count_try()
    if (response := token_of_link(TOKEN)) is not None:
        return response
    invited = _offered()
    return _refused() if invited is None else _form(invited)


@desk.post("/invitation")
def invitation() -> ResponseReturnValue:
    """Take it up: who is signed in with the account gains the site, somebody without one sets name
    and password."""
    count_try()
    invited = _offered()
    if invited is None:
        return _refused()
    if not invited.is_for(_signed_in()):
        return _form(invited), 403
    name, hashed = request.form.get("name", "").strip(), None
    if invited.account is None:
        try:
            if not 1 <= len(name) <= NAME_MAX or "\0" in name:
                raise Slip(
                    gettext("Give your name, at most %(number)s characters.", number=NAME_MAX)
                )
            hashed = chosen_password()
        except Slip as slip:
            return _form(invited, str(slip), name), 422
    with services().db.transaction() as writing:
        joined = people.accept(
            writing,
            session.get(TOKEN, ""),
            signed_in=_signed_in(),
            name=name,
            password_hash=hashed,
            now=now(),
        )
    if joined is None:
        return _refused()
    session.pop(TOKEN, None)
    tell(gettext("You work for %(site)s now.", site=invited.site.name))
    return see_other(url_for("desk.sign_in_form"))


def _offered() -> Invited | None:
    """What the link that this browser came with offers; None when it is not good."""
    with services().db.reading() as reading:
        return people.invitation_of(reading, session.get(TOKEN, ""), now=now())


def _signed_in() -> UUID | None:
    return person().moderator.id if "person" in g else None


def _form(invited: Invited, wrong: str = "", name: str = "") -> str:
    return render_template(
        "desk/invitation.html",
        invited=invited,
        is_for=invited.is_for(_signed_in()),
        wrong=wrong,
        name=name,
        name_longest=NAME_MAX,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
    )


def _refused() -> ResponseReturnValue:
    return render_template("desk/invitation.html", invited=None), 403
