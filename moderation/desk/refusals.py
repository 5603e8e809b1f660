"""What people see when something cannot be done: a page that says so and shows the way back."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError, generate_csrf
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from moderation import failures, sites
from moderation.desk.door import by_htmx, desk, person
from moderation.desk.filters import BadFilter
from moderation.desk.https import NotOverHttps
from moderation.services import services

PAGES: Mapping[int, tuple[Any, Any]] = {
    400: (
        lazy_gettext("That could not be read"),
        lazy_gettext("The form or the address is incomplete. Nothing was changed."),
    ),
    403: (
        lazy_gettext("Not with your role"),
        lazy_gettext("Your role at this site does not include that: its admins can change it."),
    ),
    404: (
        lazy_gettext("Not here"),
        lazy_gettext("There is no such page, or it belongs to a site that is not yours."),
    ),
    405: (
        lazy_gettext("Not this way"),
        lazy_gettext("This address does something only from its own form."),
    ),
    413: (
        lazy_gettext("Too much"),
        lazy_gettext("That was more text than is taken at once. Nothing was changed."),
    ),
    429: (lazy_gettext("Too many tries"), lazy_gettext("Wait a minute, then try again.")),
    503: (
        lazy_gettext("Not now"),
        lazy_gettext(
            "The database cannot be used at the moment. Nothing was changed; try again in a minute."
        ),
    ),
    500: (
        lazy_gettext("Our fault"),
        lazy_gettext("Something broke here. It is in the log; try again in a moment."),
    ),
}
FORM_TOO_OLD = lazy_gettext("The form is too old")
OPEN_ANEW = lazy_gettext(
    "Its page was opened before you last signed in, or your browser keeps no cookies."
    " Nothing was changed: open the page anew and try again."
)

GONE = lazy_gettext("It is here no more")
NOTHING_DONE = lazy_gettext("The comment, or your place at its site, is gone. Nothing was changed.")
AS_WHOM = "Desk-Person"
"""The header in which our script says whose page it is."""
NEW_TOKEN = "Desk-Form-Token"  # noqa: S105 - the name of a header

NOT_OVER_HTTPS = lazy_gettext("Only over https")
BEGIN_WITH_HTTPS = lazy_gettext(
    "You can be signed in here over https alone, and this page came without it. Open the address"
    " that begins with https://. If yours does, whoever runs this service has to mend it: their log"
    " says how."
)


def set_up(app: Flask) -> None:
    """Answer faults at the desk, and unknown addresses outside the API, with pages."""
    others = app.error_handler_spec[None][None].get(HTTPException)

    def lost(error: HTTPException) -> ResponseReturnValue:
        # A handler of one status goes before the API's handler of all: hand its own ones on.
        if request.path.startswith("/api/") and others is not None:
            return cast("ResponseReturnValue", others(error))
        return _refused(error)

    for fault in (NotFound, MethodNotAllowed):
        app.register_error_handler(fault, lost)


@desk.errorhandler(HTTPException)
def _refused(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    if code == 404 and by_htmx() and request.method == "POST":
        return _page(code, GONE, NOTHING_DONE, error)
    title, says = PAGES.get(code, (error.name, gettext("Nothing was changed.")))
    return _page(code, title, says, error)


@desk.errorhandler(sites.NotFound)
def _not_here(_: sites.NotFound) -> ResponseReturnValue:
    return _refused(NotFound())


@desk.errorhandler(Exception)
def _broken(error: Exception) -> ResponseReturnValue:
    code = 503 if failures.tell(error) else 500
    return _page(code, *PAGES[code])


@desk.errorhandler(CSRFError)
def _form_too_old(error: CSRFError) -> ResponseReturnValue:
    response = make_response(_page(400, FORM_TOO_OLD, OPEN_ANEW, error))
    if by_htmx() and "person" in g and request.headers.get(AS_WHOM) == str(person().moderator.id):
        # Their own page, from before they signed in again: our script gives its forms this token
        # and sends once more. No other site can make a browser send that header.
        response.headers[NEW_TOKEN] = generate_csrf()
    return response


@desk.errorhandler(BadFilter)
def _no_such_view(error: BadFilter) -> ResponseReturnValue:
    says = gettext(
        "The filter “%(field)s” does not work: %(says)s.", field=error.field, says=error.says
    )
    return _page(400, gettext("No such view"), says)


@desk.errorhandler(NotOverHttps)
def _not_over_https(error: NotOverHttps) -> ResponseReturnValue:
    # Never sent there by a redirect: where the proxy does not say that it was https, it would go
    # round in a circle.
    return _page(403, NOT_OVER_HTTPS, BEGIN_WITH_HTTPS, error, back=_https_address())


def _https_address() -> str | None:
    public_url = services().settings.public_url
    return public_url if public_url.startswith("https://") else None


def _page(
    code: int,
    title: str,
    says: str,
    error: HTTPException | None = None,
    *,
    back: str | None = "/",
) -> ResponseReturnValue:
    headers = [
        (name, value)
        for name, value in (error.get_headers() if error else ())
        if name.lower() in {"allow", "retry-after"}
    ]
    if by_htmx():  # our script shows it as a message, and the page stays as it is
        return f"{title}. {says}", code, [*headers, ("Content-Type", "text/plain; charset=utf-8")]
    page = render_template("desk/refused.html", code=code, title=title, says=says, back=back)
    return page, code, headers
