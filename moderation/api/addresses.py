"""The site's own ids in addresses, and the addresses that answers name."""

from typing import Any
from uuid import UUID

from flask import Flask, g, url_for
from werkzeug.routing import BaseConverter, ValidationError

from moderation.services import services

RESERVED = ("/comments", "/close", "/open", "/block", "/unblock", "/statement", "/appeal")
"""What follows an id in other addresses. An id that ends so cannot stand last in one: `PUT
stories/tram-7/comments` is a mistake, and not a story of that name."""


class ExternalIdConverter(BaseConverter):
    """Any text, slashes and line ends too. Percent-encoded by the caller: `tram%2F7`."""

    regex = r"(?s:.+?)"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """The id; no such address where no database could hold it."""
        if "\0" in value:
            raise ValidationError
        return value


class LastExternalIdConverter(ExternalIdConverter):
    """The same with nothing behind it: no such address where it ends like a longer one."""

    # In the expression and not in `to_python`, so that such an address does not allow the method.
    regex = ExternalIdConverter.regex + "".join(f"(?<!{ending})" for ending in RESERVED)


def set_up(app: Flask) -> None:
    """Let addresses hold external ids. Call it before blueprints are registered."""
    app.url_map.converters["external_id"] = ExternalIdConverter
    app.url_map.converters["last_external_id"] = LastExternalIdConverter
    app.url_map.merge_slashes = False  # `a//b` is an id as good as any


def of_comment(site: str, comment_id: UUID) -> str:
    """Where a comment can be read: below the site's comments, whose address is made once for all of
    a batch."""
    if "comments_at" not in g:
        g.comments_at = public("comments.post_comment", site=site)
    return f"{g.comments_at}/{comment_id}"


def public(endpoint: str, **named: Any) -> str:
    """A view's address, below the one that the operator has given."""
    base = services().settings.public_url.rstrip("/")
    return base + url_for(endpoint, _external=not base, **named)
