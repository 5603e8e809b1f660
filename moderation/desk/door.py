"""What every page of the desk passes: who it is, the form token, which sites are theirs."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup

from moderation.desk import drafts
from moderation.models import Moderator, Role, SignIn, Site
from moderation.services import services
from moderation.staff import moderators, sign_ins
from moderation.staff.roles import CODES_ASKED_OF, MAY, Right

desk = Blueprint("desk", __name__)
csrf = CSRFProtect()
NO_SIGN_IN = frozenset(
    {
        "desk.sign_in",
        "desk.sign_in_form",
        "desk.new_password",
        "desk.new_password_form",
        "desk.invitation",
        "desk.invitation_form",
        "desk.code",
        "desk.code_form",
        "desk.single_sign_on",
        "desk.single_sign_on_back",
    }
)
SETTING_UP_CODES = frozenset(
    {"desk.codes", "desk.begin_codes", "desk.confirm_codes", "desk.sign_out"}
)
"""All that is open to somebody who must have codes and has none."""
UNATTENDED = frozenset({"desk.arrivals"})
"""What an open page asks for by itself: it keeps nobody signed in."""
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
_needed: dict[object, Right] = {}
"""The right that each view was marked with (`needs`)."""
BESIDE = frozenset({"desk.lease"})
"""What a page sends by itself, while somebody types."""
SIGN_IN = "Desk-Sign-In"
"""The header that tells our script where to sign in again."""
TOLD_MAX = 5
"""Sentences kept for the next page."""
STOP_POLLING = 286
"""htmx's answer code for "swap this in, and ask no more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The moderator of this request, the sites they work for, by slug, their roles there, the
    sign-in that they came with, and whether they sign in with one-time codes."""

    moderator: Moderator
    sites: dict[str, Site]
    roles: dict[str, Role]
    sign_in: SignIn
    has_codes: bool

    def may(self, right: Right, slug: str) -> bool:
        """Whether their role at one of their sites has that right."""
        return right in MAY[self.roles[slug]]

    def first_site(self, right: Right) -> str | None:
        """The first of their sites at which they have that right; None when there is none."""
        return next((slug for slug in self.sites if self.may(right, slug)), None)

    @property
    def needs_codes(self) -> bool:
        """Whether the operator wants somebody of their role to sign in with codes."""
        wanted = services().settings.require_codes
        return wanted and not CODES_ASKED_OF.isdisjoint(self.roles.values())


def person() -> Person:
    """Who asks. Only behind the sign-in."""
    return cast("Person", g.person)


def own_site(slug: str) -> Site:
    """The moderator's site of that slug; 404 for one that is not theirs, as for none at all."""
    return person().sites.get(slug) or abort(404)


def needs(right: Right) -> Callable[[View], View]:
    """Open a view of one site to those whose role there has this right; without it, MODERATE."""

    def mark(view: View) -> View:
        _needed[view] = right
        return view

    return mark


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


def tell(says: str, *, undo: str | None = None, more: tuple[str, str] | None = None) -> None:
    """Say this on the next page, with a way back if there is an address that undoes it. `more` is
    an address that one may want to go on to, and what is said of it."""
    # Kept in a cookie, as JSON: no sentence that looks itself up later.
    message: Any = {"says": str(says), "undo": undo, "more": more}
    flash(message)
    # What no page has shown would fill the cookie, and a browser keeps none that is too large.
    session["_flashes"] = session["_flashes"][-TOLD_MAX:]


def see_other(path: str) -> Response:
    """303: what was posted is done, look there."""
    return make_response(redirect(path, code=303))


def cookie_name() -> str:
    """The sign-in's cookie. Browsers take a __Host- one over https alone, and from no subdomain."""
    return "__Host-desk" if services().settings.secure_cookies else "desk"


@desk.before_request
def _let_in() -> ResponseReturnValue | None:
    token = request.cookies.get(cookie_name())
    found, moment = None, now()
    if token is not None:
        idle = services().settings.sign_in_idle_minutes
        with services().db.reading() as reading:
            found = sign_ins.signed_in(reading, token, idle_minutes=idle, now=moment)
            if found is not None:
                own = moderators.sites_of(reading, found.moderator.id)
                g.person = Person(
                    moderator=found.moderator,
                    sites={site.slug: site for site in own},
                    roles={site.slug: role for site, role in own.items()},
                    sign_in=found.sign_in,
                    has_codes=found.has_codes,
                )
    if found is None:
        return None if request.endpoint in NO_SIGN_IN else _to_sign_in()
    if request.endpoint not in UNATTENDED and sign_ins.is_due(person().sign_in, now=moment):
        with services().db.transaction() as writing:
            sign_ins.note_use(writing, person().sign_in.token_hash, now=moment)
    return None


@desk.before_request
def _check_codes() -> ResponseReturnValue | None:
    if "person" not in g or person().has_codes or not person().needs_codes:
        return None
    if request.endpoint in NO_SIGN_IN | SETTING_UP_CODES:
        return None
    path = url_for("desk.codes")
    return ("", 401, {"HX-Redirect": path}) if by_htmx() else see_other(path)


@desk.before_request
def _check_role() -> None:
    """Every address of one site passes here: another's is 404, what the role has no right to 403.

    Before the form token is looked at, and whatever the view does by itself.
    """
    slug = (request.view_args or {}).get("slug")
    if slug is None:
        return
    own_site(slug)
    view = current_app.view_functions[request.endpoint or ""]
    if not person().may(_needed.get(view, Right.MODERATE), slug):
        abort(403)


@desk.before_request
def _check_form() -> None:
    if "person" in g:
        sign_in = hashlib.sha256(request.cookies[cookie_name()].encode()).hexdigest()
        if session.get("sign_in") != sign_in:
            # The form token belongs to this sign-in: one from before it, or one that somebody
            # planted from a neighbouring address, opens nothing here.
            session.clear()
            session["sign_in"] = sign_in
            session["who"] = str(person().moderator.id)
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
        named = request.view_args or {}
        if request.method != "POST" or "comment_id" not in named:
            return see_other(path)
        slug, about = named["slug"], named["comment_id"]
        there = url_for("desk.comment", slug=slug, comment_id=about)
        response = see_other(url_for("desk.sign_in_form", next=there))
        drafts.keep(response, about)
        return response
    if request.endpoint in BESIDE:  # nobody is torn from a note: what they send themselves will say
        return "", 204
    again = url_for("desk.sign_in_form", next=url_for("desk.signed_in_again"))
    if request.method == "POST":
        # The page stays open, with all that is written in it: our script says this on the card.
        says = gettext("You are signed out, and nothing was decided. What you wrote stays here:")
        return says, 401, {"Content-Type": "text/plain; charset=utf-8", SIGN_IN: again}
    # The poll for new arrivals: say so, but leave the reader where they are.
    link = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(
        again, gettext("Log in again, in another tab")
    )
    says = Markup('<p id="arrivals">{} {}</p>').format(gettext("You are signed out."), link)
    return says, STOP_POLLING
