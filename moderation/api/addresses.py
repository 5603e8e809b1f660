"""The site's own ids in addresses, and the cursors that an answer hands out."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Flask, url_for
from werkzeug.routing import BaseConverter, ValidationError

from moderation.reading import Place
from moderation.services import services

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ExternalIdConverter(BaseConverter):
    """Any text, slashes and line ends too. Percent-encoded by the caller: `tram%2F7`."""

    regex = r"(?s:.+?)"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """The id; no such address where no database could hold it."""
        if "\0" in value:
            raise ValidationError
        return value


def set_up(app: Flask) -> None:
    """Let addresses hold external ids. Call it before blueprints are registered."""
    app.url_map.converters["external_id"] = ExternalIdConverter
    app.url_map.merge_slashes = False  # `a//b` is an id as good as any


def of_comment(site: str, comment_id: UUID) -> str:
    """Where a comment can be read."""
    base = services().settings.public_url.rstrip("/")
    path = url_for("comments.get_comment", site=site, comment_id=comment_id, _external=not base)
    return base + path


def written(place: Place) -> str:
    """A place as an opaque cursor."""
    posted = (place.thread_posted_at - EPOCH) // timedelta(microseconds=1)
    last = place.last_seen.hex if place.last_seen else None
    parts = json.dumps([posted, place.thread_id.hex, last])
    return base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")


def read(cursor: str) -> Place:
    """The place that `written` wrote. ValueError for anything else."""
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        posted, thread, last = parts
        return Place(
            EPOCH + timedelta(microseconds=posted), UUID(thread), UUID(last) if last else None
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise ValueError("is not a cursor of ours") from None
