"""What the script on a site's page asks for: itself, the thread, and to have something done.

Pages of the site's own origins alone are answered, and may read the answers (CORS).
"""

from functools import cache
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    g,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from werkzeug.exceptions import HTTPException

from moderation import failures
from moderation.commenters import is_guest
from moderation.desk.translating import LANGUAGES
from moderation.embed import acts, door, identity, links, wording
from moderation.embed.acts import Thread
from moderation.embed.wording import Code
from moderation.posted_policies import Posted
from moderation.reading import Own, Shown

bp = Blueprint("thread", __name__)
SCRIPT_SECONDS = 300
"""How long a browser uses the script without asking whether it has changed."""
PREFLIGHT_SECONDS = 600


# --- the script -----------------------------------------------------------------------------


@bp.get("/embed.js", endpoint="script")
def tell_script() -> Response:
    """The script, with the styles that it gives its own part of the page."""
    return _kept(_script(), "text/javascript")


@bp.get("/embed.css", endpoint="style")
def tell_style() -> Response:
    """The same styles, for the plain page."""
    return _kept(_style(), "text/css")


@cache
def _script() -> str:
    offline = {}
    for language in LANGUAGES:
        with force_locale(language):
            offline[language] = {name: str(wording.LABELS[name]) for name in wording.OFFLINE}
    return render_template("embed/thread.js", style=_style(), offline=offline)


@cache
def _style() -> str:
    return render_template("embed/thread.css")


def _kept(text: str, media_type: str) -> Response:
    response = make_response(text)
    response.mimetype = media_type
    response.cache_control.public = True
    response.cache_control.max_age = SCRIPT_SECONDS
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


# --- the thread -----------------------------------------------------------------------------


@bp.get("/thread/<slug>/comments")
def thread() -> ResponseReturnValue:
    """The thread under a story, from one place on."""
    return jsonify(
        _thread(acts.read(door.site(), request.args.get("story", ""), after=door.place()))
    )


@bp.post("/thread/<slug>/comments")
def post_comment() -> ResponseReturnValue:
    """Post a comment."""
    return jsonify(_own(acts.post(door.site(), request.form.get("story", "").strip()))), 202


@bp.get("/thread/<slug>/comments/<uuid:comment_id>")
def own_comment(comment_id: UUID) -> ResponseReturnValue:
    """What became of one's own comment."""
    return jsonify(_own(acts.own(door.site(), comment_id)))


@bp.post("/thread/<slug>/comments/<uuid:comment_id>")
def edit_comment(comment_id: UUID) -> ResponseReturnValue:
    """Give one's own comment new words."""
    return jsonify(_own(acts.edit(door.site(), comment_id))), 202


@bp.post("/thread/<slug>/comments/<uuid:comment_id>/report")
def report_comment(comment_id: UUID) -> ResponseReturnValue:
    """Report a comment."""
    acts.report(door.site(), comment_id)
    return jsonify({"says": wording.reported()})


@bp.post("/thread/<slug>/comments/<uuid:comment_id>/appeal")
def appeal_comment(comment_id: UUID) -> ResponseReturnValue:
    """Appeal the block of one's own comment."""
    return jsonify(_own(acts.appeal(door.site(), comment_id))), 202


def _thread(found: Thread) -> dict[str, Any]:
    site, page, writer = door.site(), found.page, found.writer
    count = page.count if page else 0
    return {
        "lang": get_locale().language,
        "dir": get_locale().text_direction,
        "count": count,
        "counted": wording.counted(count),
        "closed": found.closed,
        "policy": _policy(found.policy) if found.policy else None,
        "comments": [_shown(comment) for comment in page.comments] if page else [],
        "next": str(page.next) if page and page.next else None,
        "you": None if writer is None or writer.is_guest else writer.ref.name,
        "refused": found.refused.says if found.refused else None,
        "own": [_own(own) for own in found.own],
        "guests": site.embed_guests,
        "guest": identity.new_guest(site) if site.embed_guests and writer is None else None,
        "longest": acts.longest(),
        "labels": wording.labels(),
        "reports": [[key, str(said)] for key, said in wording.REPORTS.items()],
    }


def _policy(posted: Posted) -> dict[str, Any]:
    policy = posted.policy
    return {
        "title": policy.title,
        "text": wording.policy_text(policy.text),
        "clauses": [
            {"title": clause.title, "text": wording.policy_text(clause.text)}
            for clause in policy.clauses
        ],
    }


def _shown(comment: Shown) -> dict[str, Any]:
    # Not the site's own ids of comment and commenter: those are for the site.
    return {
        "id": str(comment.id),
        "parent": str(comment.parent_id) if comment.parent_id else None,
        "depth": comment.depth,
        "posted_at": comment.posted_at.isoformat(),
        "gone": str(wording.GONE[comment.gone]) if comment.gone else None,
        "name": comment.commenter_name or None,
        "guest": comment.commenter is not None and is_guest(comment.commenter),
        "parts": links.parts(comment.text or ""),
        "edited": (comment.revision or 1) > 1,
    }


def _own(own: Own) -> dict[str, Any]:
    return {
        "id": str(own.comment.id),
        "status": own.comment.status,
        "says": wording.became(own),
        "reason": wording.reason(own),
        "appealed": wording.appealed(own.appeal),
        "may_appeal": acts.may_appeal(own),
        "posted_at": own.comment.posted_at.isoformat(),
        "text": own.text,
    }


# --- CORS, and what goes wrong --------------------------------------------------------------


bp.url_value_preprocessor(door.take_slug)


@bp.before_request
def _let_in() -> ResponseReturnValue | None:
    if g.slug is None:  # the script itself
        return None
    door.note_language(request.args.get(door.LANGUAGE, ""))
    found = door.find_site()
    door.check_origin(found, own=False)
    g.may_read = True
    return ("", 204) if request.method == "OPTIONS" else None


@bp.after_request
def _let_read(response: Response) -> Response:
    if g.slug is None:
        return response
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Origin")
    if "may_read" in g:
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Authorization"
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response


@bp.errorhandler(HTTPException)
def _turned(error: HTTPException) -> ResponseReturnValue:
    why = wording.why_of(error)
    return error if why is None else _told(why)


@bp.errorhandler(Exception)
def _broken(error: Exception) -> ResponseReturnValue:
    return _told(Code.AWAY if failures.tell(error) else Code.BROKEN)


def _told(why: Code) -> ResponseReturnValue:
    status, says = wording.TURNED[why]
    return jsonify({"why": why, "says": str(says)}), status
