"""The desk's words in the moderator's language: English as written, others from the catalogues."""

from collections.abc import Mapping

from flask import Flask, g, request
from flask_babel import Babel, get_locale

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "hy": "Հայերեն", "ru": "Русский"}
"""English, and those that there is a catalogue of (`translations/`); each by its own name."""


def set_up(app: Flask) -> None:
    """Make `_` and `ngettext` known to the templates, and `gettext` of Flask-Babel to the code."""
    Babel(app, default_locale=ENGLISH, default_timezone="UTC", locale_selector=language)
    app.add_template_global(get_locale, "locale")


def language() -> str:
    """The one that the moderator chose; else the first that their browser asks for and that there
    is; else English."""
    chosen = g.person.moderator.language if "person" in g else None
    if chosen in LANGUAGES:
        return str(chosen)
    # Not best_match: it takes any other language that matches to the letter before British English.
    asked = (tag.lower().split("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in asked if tag in LANGUAGES), ENGLISH)
