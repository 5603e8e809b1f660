"""The desk's words in the moderator's language: English as written, others from the catalogues."""

from flask import Flask
from flask_babel import Babel


def set_up(app: Flask) -> None:
    """Make `_` and `ngettext` known to the templates, and `gettext` of Flask-Babel to the code."""
    Babel(app, default_locale="en", default_timezone="UTC")
