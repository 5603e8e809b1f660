"""What every page of the desk passes: who it is, the form token, which sites are theirs."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from moderation import moderators
from moderation.models import Moderator, Site
from moderation.services import services

desk = Blueprint("desk", __name__)
csrf = CSRFProtect()
NO_SIGN_IN = frozenset(
    {"desk.sign_in", "desk.sign_in_form", "desk.new_password", "desk.new_password_form"}
)
BESIDE = frozenset({"desk.lease"})
"""What a page sends by itself, while somebody types."""
STOP_POLLING = 286
"""htmx's answer code for "swap this in, and ask no more"."""


@dataclass(frozen=True, slots=True)
class Person:
    """The moderator of this request, and the sites they work for, by slug."""

    moderator: Moderator
    sites: dict[str, Site]


def person() -> Person:
    """Who asks. Only behind the sign-in."""
    return cast("Person", g.person)


def own_site(slug: str) -> Site:
    """The moderator's site of that slug; 404 for one that is not theirs, as for none at all."""
    return person().sites.get(slug) or abort(404)


def by_htmx() -> bool:
    """Whether a fragment is asked for instead of a page."""
    return "HX-Request" in request.headers


def now() -> datetime:
    """The moment of this request."""
    return datetime.now(UTC)


def own_path(target: str | None) -> str:
    """`target` if it is a path of this service, else the queue: no link leads elsewhere from here.

    Browsers read a backslash as a slash and drop control characters, so neither may be in it.
    """
    if (
        target is None
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or not target.isprintable()
        or urlsplit(target).path.startswith(("/login", "/api"))
    ):
        return url_for("desk.queue")
    return target


def tell(says: str, *, undo: str | None = None) -> None:
    """Say this on the next page, with a way back if there is an address that undoes it."""
    message: Any = {"says": says, "undo": undo}
    flash(message)


def see_other(path: str) -> Response:
    """303: what was posted is done, look there."""
    return make_response(redirect(path, code=303))


def cookie_name() -> str:
    """The sign-in's cookie. Browsers take a __Host- one over https alone, and from no subdomain."""
    return "__Host-desk" if services().settings.secure_cookies else "desk"


@desk.before_request
def _let_in() -> ResponseReturnValue | None:
    token = request.cookies.get(cookie_name())
    moderator = None
    if token is not None:
        with services().db.reading() as reading:
            moderator = moderators.signed_in(reading, token, now=now())
            if moderator is not None:
                own = moderators.sites_of(reading, moderator.id)
                g.person = Person(moderator, {site.slug: site for site in own})
    if moderator is None and request.endpoint not in NO_SIGN_IN:
        return _to_sign_in()
    return None


@desk.before_request
def _check_form() -> None:
    if "person" in g:
        sign_in = hashlib.sha256(request.cookies[cookie_name()].encode()).hexdigest()
        if session.get("sign_in") != sign_in:
            # The form token belongs to this sign-in: one from before it, or one that somebody
            # planted from a neighbouring address, opens nothing here.
            session.clear()
            session["sign_in"] = sign_in
    csrf.protect()


@desk.after_request
def _keep_private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _to_sign_in() -> ResponseReturnValue:
    came_from = request.form.get("back") if request.method == "POST" else request.full_path
    back = own_path((came_from or "").rstrip("?"))
    path = url_for("desk.sign_in_form", next=back)
    if not by_htmx():
        return see_other(path)
    if request.endpoint in BESIDE:  # nobody is torn from a note: what they send themselves will say
        return "", 204
    if request.method == "POST":
        return "", 401, {"HX-Redirect": path}
    # The poll for new arrivals: say so, but leave the reader where they are.
    sign_in = url_for("desk.sign_in_form")
    says = f'<p id="arrivals">You are signed out. <a href="{sign_in}">Sign in again</a></p>'
    return says, STOP_POLLING
