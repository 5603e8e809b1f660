"""The door for machines: /api/v1, its description at /api/openapi.json and /api/docs.

A view translates HTTP and does nothing else; what is done lies in the use cases, one file per noun.
"""

from typing import Any

from apiflask import APIFlask
from flask import Response, request

from config.settings import Settings
from moderation.api import (
    addresses,
    analysis,
    appeals,
    commenters,
    comments,
    decisions,
    notices,
    outside_verdicts,
    policies,
    problems,
    reference,
    spec,
    statements,
    stories,
)

DESCRIBED: dict[str, Any] = {
    "openapi_blueprint_url_prefix": "/api",
    "spec_path": "/openapi.json",
    "docs_path": None,  # APIFlask's page loads its scripts from another host; ours is `reference`
}
"""What the app is made with."""


def set_up(app: APIFlask, settings: Settings) -> None:
    """Open the door."""
    addresses.set_up(app)
    problems.set_up(app)
    spec.set_up(app, settings)
    for noun in (
        comments,
        stories,
        decisions,
        commenters,
        statements,
        appeals,
        notices,
        policies,
        analysis,
        outside_verdicts,
    ):
        app.register_blueprint(noun.bp)
    app.register_blueprint(reference.bp)
    app.after_request(_keep_to_yourself)


def _keep_to_yourself(response: Response) -> Response:
    """What a key opens is not for a cache that others share."""
    if request.path.startswith("/api/v1/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
