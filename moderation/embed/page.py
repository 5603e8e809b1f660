"""The plain page of a story's comments: without a script, at an address of ours, as a link to
follow or a frame on the site's page.

Nothing is in its address but site and story: a token comes in a form, and stays in forms.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_time
from werkzeug.exceptions import HTTPException

from moderation import failures
from moderation.commenters import is_guest
from moderation.embed import acts, door, identity, links, wording
from moderation.embed.wording import Code, Turned
from moderation.models import Site
from moderation.threads import Place

bp = Blueprint("embed", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said above the thread: of what was done (`well`), or of why it was not. `kept` is
    what the reader had written, in answer to the comment `parent`: they need not write it again."""

    says: str
    well: bool
    kept: str = ""
    parent: str = ""


@bp.get("/embed/<slug>/<external_id:story>")
def thread(story: str) -> ResponseReturnValue:
    """The thread, from the place on that `after` names."""
    return _page(door.site(), story, after=door.place())


@bp.post("/embed/<slug>/<external_id:story>")
def act(story: str) -> ResponseReturnValue:
    """Do what the form says, and show the thread again. A form of the site's own page that says
    nothing but who is reading shows it to them as theirs."""
    site, wanted = door.site(), request.form.get("act", "")
    door.note_language(request.form.get(door.LANGUAGE, ""))
    door.check_origin(site, own=True)
    if wanted not in ACTS:
        return _page(site, story)
    try:
        says = ACTS[wanted](site, story)
    except HTTPException as error:
        why = wording.why_of(error)
        if why is None:
            raise
        status, sentence = wording.TURNED[why]
        said = Said(says=str(sentence), well=False)
        if wanted == "post":
            text, parent = request.form.get("text", ""), request.form.get("parent", "")
            said = replace(said, kept=text, parent=parent)
        return _page(site, story, said, status)
    return _page(site, story, Said(says=says, well=True))


def _post(site: Site, story: str) -> str:
    return wording.became(acts.post(site, story))


def _edit(site: Site, _story: str) -> str:
    return wording.became(acts.edit(site, _comment()))


def _report(site: Site, _story: str) -> str:
    acts.report(site, _comment())
    return wording.reported()


def _appeal(site: Site, _story: str) -> str:
    return wording.appealed(acts.appeal(site, _comment()).appeal)


ACTS: dict[str, Callable[[Site, str], str]] = {
    "post": _post,
    "edit": _edit,
    "report": _report,
    "appeal": _appeal,
}


def _comment() -> UUID:
    try:
        return UUID(request.form.get("comment", ""))
    except ValueError:
        raise Turned(Code.NOT_HERE) from None


def _page(
    site: Site,
    story: str,
    said: Said | None = None,
    status: int = 200,
    *,
    after: Place | None = None,
) -> ResponseReturnValue:
    found = acts.read(site, story, after=after)
    writer = found.writer
    if found.refused and said is None:
        said = Said(says=found.refused.says, well=False)
    guest = request.form.get("guest") if writer and writer.is_guest else None
    page = render_template(
        "embed/page.html",
        site=site,
        story=story,
        found=found,
        said=said,
        writer=writer,
        tokens={
            "token": request.form.get("token", "") if writer and not writer.is_guest else "",
            "guest": guest or (identity.new_guest(site) if site.embed_guests else ""),
        },
        key=identity.new_key(),
        counted=wording.counted(found.page.count if found.page else 0),
        says=wording,
        may_appeal=acts.may_appeal,
        names={str(one.id): one.commenter_name for one in found.page.comments}
        if found.page
        else {},
        moment=_moment,
        parts=links.parts,
        is_guest=is_guest,
        longest=acts.longest(),
    )
    return make_response(page, status)


def _moment(moment: datetime) -> str:
    return f"{format_date(moment)}, {format_time(moment, 'short')} UTC"


bp.url_value_preprocessor(door.take_slug)


@bp.before_request
def _let_in() -> None:
    door.note_language(request.args.get(door.LANGUAGE, ""))
    door.find_site()


@bp.after_request
def _keep_to_these(response: Response) -> Response:
    framed_by = " ".join(door.site().embed_origins) if door.has_site() else "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-ancestors {framed_by}"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(HTTPException)
def _refused(error: HTTPException) -> ResponseReturnValue:
    why = wording.why_of(error)
    return error if why is None else _plain(why)


@bp.errorhandler(Exception)
def _broken(error: Exception) -> ResponseReturnValue:
    return _plain(Code.AWAY if failures.tell(error) else Code.BROKEN)


def _plain(why: Code) -> ResponseReturnValue:
    status, says = wording.TURNED[why]
    return make_response(render_template("embed/refused.html", says=says), status)
