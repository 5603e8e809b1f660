"""Signing in and out. The browser keeps a random token; the database keeps its hash and its end."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Response, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from moderation import limits, secret_key
from moderation.desk.door import cookie_name, desk, now, own_path, see_other
from moderation.desk.forms import Slip
from moderation.models import Moderator
from moderation.sealing import Sealing
from moderation.services import services
from moderation.staff import codes, moderators, passwords, sign_ins

WRONG = lazy_gettext("That e-mail and password do not go together.")
NOT_TWICE = lazy_gettext("The two are not the same. Type the new password twice.")
NOT_A_PASSWORD = lazy_gettext(
    "A password has %(shortest)s to %(longest)s characters.",
    shortest=passwords.SHORTEST,
    longest=passwords.LONGEST,
)
TOKEN_LONGEST = 100
FIRST_STEP = "first_step"
SECOND_STEP_WITHIN = timedelta(minutes=10)
CODES_AN_HOUR = "30/hour"
WRONG_CODE = lazy_gettext(
    "That is not the code of this moment. Each is good once: wait for the next one."
)
# Each calls itself also by the names of those below it.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

ON = " on "
"""Between browser and system, as it is kept; `wording.device` says it in the reader's language."""


def count_try(who: str | None = None) -> None:
    """Count a try at this page, of somebody or of the network that asks; TooMany beyond what is
    allowed."""
    rate = services().settings.rate_per_login
    limits.count(rate, who or limits.calling_network(), str(request.endpoint))


def client_of(user_agent: str) -> str:
    """Roughly which browser on what, in our own words: nothing of what it says is kept as it is."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "another browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), None)
    return f"{browser}{ON}{system}" if system else browser


def token_of_link(name: str) -> Response | None:
    """Where a link's token is in the address, keep it in the form's cookie under this name, and
    answer with the same page at an address without it; None where there is none.

    So it is in no history, no Referer and no picture of the screen. Opening the link uses nothing
    up, so that whatever looks at links before people do (mail filters, previews) does no harm.
    """
    if "token" not in request.args:
        return None
    session[name] = request.args["token"][:TOKEN_LONGEST]
    response = make_response(redirect(request.path, code=303))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def chosen_password() -> str:
    """The hash of the new password that the form has twice. Slip when it cannot be one.

    It takes a few tens of milliseconds by design: call it with no transaction open.
    """
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise Slip(NOT_TWICE)
    try:
        return passwords.hashed(password)
    except passwords.PasswordError:
        raise Slip(NOT_A_PASSWORD) from None


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
    if not passwords.is_right(moderator, password) or moderator is None:
        page = render_template(
            "desk/login.html", wrong=WRONG, email=email, next=request.form.get("next")
        )
        return page, 403
    return second_step(moderator, request.form.get("next"))


def second_step(moderator: Moderator, back: str | None) -> Response:
    """Sign in whoever took the first step; ask for their code before it, if they have codes."""
    begun = _begin(moderator, back)
    if begun is None:
        session[FIRST_STEP] = {
            "who": str(moderator.id),
            "knew": _mark(moderator),
            "at": now().timestamp(),
        }
        return see_other(url_for("desk.code_form", next=back))
    return begun


@desk.get("/login/code")
def code_form() -> ResponseReturnValue:
    """The form of the second step, for whoever took the first one just now."""
    if _after_first_step() is None:
        return see_other(url_for("desk.sign_in_form", next=request.args.get("next")))
    return render_template("desk/code.html", next=request.args.get("next"))


@desk.post("/login/code")
def code() -> ResponseReturnValue:
    """Check the code, and begin the sign-in."""
    count_try()
    moderator = _after_first_step()
    if moderator is None:
        return see_other(url_for("desk.sign_in_form", next=request.form.get("next")))
    count_try(f"code:{moderator.id}")
    # Six digits are few: whoever knows the password must not guess on, day and night.
    limits.count(CODES_AN_HOUR, f"code:{moderator.id}", "an hour")
    begun = _begin(moderator, request.form.get("next"), request.form.get("code", ""))
    if begun is None:
        page = render_template("desk/code.html", wrong=WRONG_CODE, next=request.form.get("next"))
        return page, 403
    return begun


def _after_first_step() -> Moderator | None:
    """Who took the first step with this browser a short while ago, unless their password was
    changed since."""
    first = session.get(FIRST_STEP)
    if first is None or now() - datetime.fromtimestamp(first["at"], UTC) > SECOND_STEP_WITHIN:
        return None
    with services().db.reading() as reading:
        moderator = reading.get(Moderator, UUID(first["who"]))
    return moderator if moderator is not None and _mark(moderator) == first["knew"] else None


def _mark(moderator: Moderator) -> str:
    """Changes with the password, and tells nothing of it: the cookie can be read."""
    return hashlib.sha256(moderator.password_hash.encode()).hexdigest()[:32]


def sealing() -> Sealing:
    """By which the secrets of the codes are read."""
    return secret_key.sealing(services().settings)


def _begin(moderator: Moderator, back: str | None, code: str = "") -> Response | None:
    """Begin a sign-in of somebody who took the first step; None where a code is asked for, and this
    is none."""
    moment = now()
    hours = services().settings.sign_in_hours
    with services().db.transaction() as writing:
        # Read again: a password changed since the check must not leave this sign-in behind.
        current = writing.get_one(Moderator, moderator.id, with_for_update=True)
        if current.password_hash != moderator.password_hash:
            return see_other(url_for("desk.sign_in_form"))
        if codes.are_asked(writing, current.id) and not codes.check(
            writing, current.id, code, sealing(), now=moment
        ):
            return None
        old = request.cookies.get(cookie_name())
        if old is not None:
            sign_ins.end(writing, old, now=moment)
        client = client_of(request.user_agent.string)
        token = sign_ins.begin(writing, current, hours=hours, client=client, now=moment)
    session.clear()  # the form token of before the sign-in ends with it
    response = see_other(own_path(back))
    _set_cookie(response, token, hours * 3600)
    return response


@desk.get("/signed-in")
def signed_in_again() -> ResponseReturnValue:
    """Where one comes to who signed in again beside a page that is still open."""
    return render_template("desk/signed_in.html")


@desk.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End this sign-in, in the database too."""
    with services().db.transaction() as writing:
        sign_ins.end(writing, request.cookies[cookie_name()], now=now())
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
