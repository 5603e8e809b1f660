"""What a form or an address says. What none of ours would send is a 400, or of an address a 404;
what its sender can mend is a Slip."""

from typing import Any

from flask import Flask, abort, request
from flask_babel import lazy_gettext
from markupsafe import Markup

from moderation.models import Status, Tray
from moderation.paging import Place

NOTE_MAX = 1000
NOT_A_NOTE = lazy_gettext("A note has at most %(number)s characters.", number=NOTE_MAX)
REVISION_MAX = 10**9 - 1
NO_CLAUSE = lazy_gettext("Choose the clause that it breaks: nothing was decided.")
NOT_TAKEN = lazy_gettext("Your decision was not taken.")


IN_PLACE = Markup(
    'method="post" action="%(path)s" hx-post="%(path)s" hx-target="closest article"'
    ' hx-swap="outerHTML" hx-disabled-elt="find button"'
)


class Slip(ValueError):
    """Something in a form that its sender can mend; the message is a sentence that says what."""


def set_up(app: Flask) -> None:
    """Make `in_place` known to the app's templates."""
    app.add_template_global(in_place)


def in_place(path: str) -> Markup:
    """The attributes of a form that is about a card: its answer takes the card's place."""
    return IN_PLACE % {"path": path}


def whole(text: str, most: int) -> int | None:
    """The number that a text is, 0..`most`; None for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most))):
        return None
    number = int(text)
    return number if number <= most else None


def typed(name: str) -> str:
    """What stands in a field. Its line ends travel as CRLF, whatever they were."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def text(name: str, most: int, otherwise: Any, *, least: int = 1) -> str:
    """The same, of `least` to `most` characters; else a Slip that says the sentence `otherwise`."""
    said = typed(name)
    if not least <= len(said) <= most or "\0" in said:
        raise Slip(otherwise)
    return said


def note() -> str:
    """What is noted for colleagues; empty for nothing."""
    return text("note", NOTE_MAX, NOT_A_NOTE, least=0)


def revision(given: str) -> int:
    """Which of a comment's words somebody had before their eyes."""
    number = whole(given, REVISION_MAX)
    return abort(400) if number is None else number


def status() -> Status:
    """How the comment stood that they had before their eyes."""
    given = request.form.get("status", "")
    return Status(given) if given in list(Status) else abort(400)


def tray(name: str) -> Tray | None:
    """The tray that a form names, if it names one."""
    given = request.form.get(name)
    if given and given not in list(Tray):
        abort(400)
    return Tray(given) if given else None


def place(name: str) -> Place | None:
    """Where the page begins that an address asks for; None at the start."""
    try:
        return Place.parse(request.args[name]) if name in request.args else None
    except ValueError:
        abort(404)
