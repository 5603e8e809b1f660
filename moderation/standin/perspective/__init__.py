"""Stands in for Google's Perspective API: the same addresses, requests, answers and errors.

A client of it is given the address of this service and a site's key with the scope `analyze`, and
works as before. `views` is the door itself.
"""

from flask import Flask

from moderation.services import EXTENSION as SERVICES
from moderation.standin.perspective import scale, views


def set_up(app: Flask) -> None:
    """Open the door of an app that has its services."""
    app.extensions[scale.EXTENSION] = scale.of(app.extensions[SERVICES].settings)
    app.register_blueprint(views.bp)
