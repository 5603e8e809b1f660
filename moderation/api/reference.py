"""The API's reference as a page: drawn from its description by the server, without a script."""

from flask import Blueprint, current_app, render_template

from moderation.api import spec
from moderation.api.problems import KINDS

bp = Blueprint("reference", __name__, url_prefix="/api")


@bp.get("/docs")
def page() -> str:
    """Every operation with its parameters, bodies and answers; every problem explained."""
    description = spec.of(current_app)
    return render_template(
        "api/reference.html",
        spec=description,
        operations=[
            {"method": method.upper(), "path": path} | operation
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
            if operation in list(spec.operations({"paths": {path: methods}}))
        ],
        kinds=KINDS,
    )
