"""The API's reference as a page: drawn from its description by the server, without a script."""

import re

from flask import Blueprint, current_app, render_template
from markupsafe import Markup, escape

from moderation.api import spec
from moderation.api.problems import KINDS

bp = Blueprint("reference", __name__, url_prefix="/api")


@bp.get("/docs")
def page() -> str:
    """Every operation with its parameters, bodies and answers; every problem explained."""
    description = spec.of(current_app)
    tags = [tag["name"] for tag in description["tags"]]
    operations = [
        {"method": method.upper(), "path": path} | operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in spec.METHODS
    ]
    return render_template(
        "api/reference.html",
        spec=description,
        operations=sorted(operations, key=lambda operation: tags.index(operation["tags"][0])),
        kinds=KINDS,
        said=_said,
    )


def _said(text: str) -> Markup:
    """A description, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
