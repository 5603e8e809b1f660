"""What somebody had written when their sign-in was over: kept over the log-in, for them alone.

In a cookie that only this service can read: no words in an address, and none in the database that
nobody sent. Pages with JavaScript need none of it: they stay open, with all that is in them.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from flask import Response, request, session
from flask_wtf.csrf import validate_csrf

from moderation import secret_key
from moderation.sealing import Sealing
from moderation.services import services

FIELDS = ("note", "explanation", "reply", "clause", "concern")
WRITTEN = ("note", "explanation")
"""Those of them that are somebody's words, and worth keeping."""
KEPT = timedelta(hours=1)
LONGEST = 3800
"""Bytes: browsers drop a cookie of more than 4096, name and all."""
Draft = Mapping[str, str]


def of_form(act: str | None = None) -> Draft:
    """What the form of this request says, beside what it is about. `act` is the endpoint."""
    said = {name: request.form.get(name, "")[:LONGEST] for name in FIELDS}
    return {name: text for name, text in said.items() if text} | {"act": act or ""}


def keep(response: Response, comment_id: UUID) -> None:
    """Let the browser keep what the form of this request says about a comment, if there is a word
    in it; not of a form that is none of ours."""
    draft, who = of_form(request.endpoint), session.get("who")
    if who is None or not any(name in draft for name in WRITTEN):
        return
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValueError:
        return
    said = json.dumps({"who": who, "about": str(comment_id), "draft": dict(draft)})
    sealed = _sealing().seal(b64encode(zlib.compress(said.encode(), 9)).decode("ascii"))
    if len(sealed) <= LONGEST:
        response.set_cookie(
            _name(),
            sealed,
            max_age=KEPT,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=services().settings.secure_cookies,
        )


def kept(comment_id: UUID, *, by: UUID) -> Draft:
    """What this moderator had written about the comment; empty for nothing."""
    sealed = request.cookies.get(_name())
    if sealed is None:
        return {}
    try:
        said = json.loads(zlib.decompress(b64decode(_sealing().open(sealed))))
    except ValueError:  # sealed under another key, or made up
        return {}
    mine = said["who"] == str(by) and said["about"] == str(comment_id)
    return dict(said["draft"]) if mine else {}


def forget(response: Response) -> None:
    """It is said, or something else was done: nothing is kept any more."""
    if _name() in request.cookies:
        response.delete_cookie(
            _name(), path="/", httponly=True, secure=services().settings.secure_cookies
        )


def _name() -> str:
    return "__Host-desk-draft" if services().settings.secure_cookies else "desk-draft"


def _sealing() -> Sealing:
    return secret_key.sealing(services().settings)
