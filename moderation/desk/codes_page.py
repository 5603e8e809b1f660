"""One's own one-time codes: set up, recovered from, switched off."""

import segno
from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from moderation.desk.account_page import check_password
from moderation.desk.door import desk, now, person, see_other, tell
from moderation.desk.forms import Slip
from moderation.desk.signing_in import sealing
from moderation.sealing import Unreadable
from moderation.services import services
from moderation.staff import codes as one_time
from moderation.staff import sign_ins

NOT_IT = lazy_gettext(
    "That is not the code that the app shows for this. Look again, and mind the clock of the phone."
)


@desk.get("/account/codes")
def codes() -> ResponseReturnValue:
    """What is set up, and what to do next."""
    return _page()


@desk.post("/account/codes/begin")
def begin_codes() -> ResponseReturnValue:
    """Make the secret that the app is to have."""
    with services().db.transaction() as session:
        one_time.begin(session, person().moderator.id, sealing())
    return see_other(url_for("desk.codes"))


@desk.post("/account/codes/confirm")
def confirm_codes() -> ResponseReturnValue:
    """Ask for codes from now on; who is signed in elsewhere without one is out."""
    try:
        check_password()
    except Slip as slip:
        return _page(str(slip)), 422
    moment, mine = now(), person().moderator.id
    with services().db.transaction() as session:
        made = one_time.confirm(session, mine, request.form.get("code", ""), sealing(), now=moment)
        if made is not None:
            kept = person().sign_in.token_hash
            sign_ins.end_all(session, mine, but=kept, now=moment)
    return (_page(NOT_IT), 422) if made is None else _page(made=made)


@desk.post("/account/codes/recovery")
def renew_recovery_codes() -> ResponseReturnValue:
    """New recovery codes, shown this once; the old ones are good for nothing."""
    try:
        check_password()
    except Slip as slip:
        return _page(str(slip)), 422
    if not person().has_codes:
        return see_other(url_for("desk.codes"))
    with services().db.transaction() as session:
        made = one_time.renew_recovery_codes(session, person().moderator.id, now=now())
    return _page(made=made)


@desk.post("/account/codes/off")
def switch_off_codes() -> ResponseReturnValue:
    """Log in with the password alone from now on; whoever must have codes sets up others next."""
    try:
        check_password()
    except Slip as slip:
        return _page(str(slip)), 422
    with services().db.transaction() as session:
        one_time.switch_off(session, person().moderator.id, now=now())
    tell(gettext("Your codes are switched off."))
    return see_other(url_for("desk.account"))


def _page(wrong: str = "", *, made: list[str] | None = None) -> str:
    moderator = person().moderator
    with services().db.reading() as session:
        found = one_time.of(session, moderator.id)
        left = one_time.recovery_codes_left(session, moderator.id)
    secret = link = ""
    if found is not None and found.confirmed_at is None:
        try:
            secret = sealing().open(found.secret)
            link = one_time.link(secret, moderator.email)
        except Unreadable:
            found = None  # begun under a key that is gone: begin anew
    return render_template(
        "desk/codes.html",
        person=person(),
        found=found,
        left=left,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        link=link,
        picture=_picture(link) if link else "",
        wrong=wrong,
        made=made or (),
    )


def _picture(link: str) -> Markup:
    """The link as a QR code. Black on white in the dark, too: phones want it so."""
    drawn = segno.make(link, micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # noqa: S704 - squares that segno drew, none of the link's letters
