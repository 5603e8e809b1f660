"""Looking for words in what readers wrote of late, and in their names."""

import re
from uuid import UUID

from flask import Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from moderation.desk import filters
from moderation.desk.door import desk, now
from moderation.desk.marking import Mark, marked
from moderation.desk.tabs import shown_sites
from moderation.queue import search
from moderation.services import services

EXCERPT = 280
LEAD_IN = 80
"""Characters before the first hit, in an excerpt."""


def set_up(app: Flask) -> None:
    """Make `excerpt` a filter of the app's templates."""
    app.add_template_filter(excerpt)


@desk.get("/search", endpoint="search")
def show_search() -> ResponseReturnValue:
    """What is found at the moderator's sites, the newest first, whatever became of it."""
    words = filters.words(request.args)
    try:
        before = UUID(request.args["before"]) if "before" in request.args else None
    except ValueError:
        abort(404)
    with services().db.reading() as session:
        shown = shown_sites(session)
        found = (
            search.search(session, shown.ids, words, before=before, now=now())
            if words is not None
            else None
        )
    return render_template(
        "desk/search.html",
        found=found,
        words=words,
        before=before,
        shown=shown,
        days=search.WITHIN.days,
        looked_through=search.LOOKED_THROUGH,
    )


def excerpt(text: str, words: str) -> str:
    """The part of a text around the first place where the words stand, each place marked."""
    hits = [hit.span() for hit in re.finditer(re.escape(words), text, re.IGNORECASE)]
    begin = max(hits[0][0] - LEAD_IN, 0) if hits else 0
    part = text[begin : begin + EXCERPT]
    shown = marked(part, [Mark(start - begin, stop - begin) for start, stop in hits])
    return ("…" if begin else "") + shown + ("…" if begin + EXCERPT < len(text) else "")
