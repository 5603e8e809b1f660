"""Doors that speak as another service does, for systems that call that service: nothing of theirs
changes but the address."""

from apiflask import APIFlask

from moderation.standin import coral, perspective


def set_up(app: APIFlask) -> None:
    """Open these doors."""
    app.register_blueprint(coral.bp)
    perspective.set_up(app)
