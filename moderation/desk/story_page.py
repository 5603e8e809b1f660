"""A story: its discussion as readers see it, with what they do not see; closed and opened."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from moderation import discussion, sites, stories
from moderation.desk.door import desk, now, own_path, own_site, person, see_other, tell
from moderation.models import Story
from moderation.services import services
from moderation.sites import NotFound
from moderation.threads import Place

PAGE = 50
"""Comments on one page."""
DEEPEST = 6
"""From this depth on replies are set in no further."""


@desk.get("/sites/<slug>/stories/<uuid:story_id>")
def story(slug: str, story_id: UUID) -> ResponseReturnValue:
    """Every comment in the order of reading, held and blocked ones marked."""
    site = own_site(slug)
    try:
        after = Place.parse(request.args["after"]) if "after" in request.args else None
        with services().db.reading() as session:
            page = discussion.of_story(session, site.id, story_id, after=after, limit=PAGE)
    except (ValueError, NotFound):
        abort(404)
    return render_template(
        "desk/story.html",
        site=site,
        page=page,
        after=after,
        deepest=DEEPEST,
        counted_to=discussion.COUNTED_TO,
    )


@desk.post("/sites/<slug>/stories/<uuid:story_id>/close")
def close_story(slug: str, story_id: UUID) -> ResponseReturnValue:
    """Take no more comments under it."""
    return _done(slug, story_id, stories.close, gettext("The story takes no more comments."))


@desk.post("/sites/<slug>/stories/<uuid:story_id>/open")
def open_story(slug: str, story_id: UUID) -> ResponseReturnValue:
    """Take comments under it again."""
    return _done(slug, story_id, stories.reopen, gettext("The story takes comments again."))


def _done(slug: str, story_id: UUID, act: Callable[..., Story], says: str) -> ResponseReturnValue:
    site = own_site(slug)
    with services().db.transaction() as session:
        act(
            session,
            site.id,
            sites.owned(session, Story, site.id, story_id).external_id,
            moderator_id=person().moderator.id,
            now=now(),
        )
    tell(says)
    return _back(slug, story_id)


def _back(slug: str, story_id: UUID) -> ResponseReturnValue:
    here = url_for("desk.story", slug=slug, story_id=story_id)
    return see_other(own_path(request.form.get("back") or here))
