"""The readers' door: a story's comments on the site's own page, by one script tag, and on a plain
page of ours.

A site's name in addresses is all that its pages need: it opens nothing but this, and this only
where the site has said which pages may show its comments.
"""

from flask import Flask

from moderation.embed import page, script


def set_up(app: Flask) -> None:
    """Open the door."""
    app.register_blueprint(script.bp)
    app.register_blueprint(page.bp)
