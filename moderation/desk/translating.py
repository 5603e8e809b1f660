"""The desk's words in the moderator's language: English as written, others from the catalogues."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, g, has_app_context, request
from flask_babel import Babel, Domain, get_babel, get_locale
from markupsafe import Markup

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "hy": "Հայերեն", "ru": "Русский"}
"""English, and those that there is a catalogue of (`translations/`); each by its own name."""


class _OfRequest(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The catalogue of the request's language, looked up once for all of its words.

    Flask-Babel asks for the locale anew for each of them: of a page of cards, which has a thousand,
    that was a seventh of the time (measured).
    """

    def get_translations(self) -> Any:
        if not has_app_context():
            return super().get_translations()
        # Beside what Flask-Babel knows of the request: its `refresh` forgets this along with that.
        found = getattr(g.get("_flask_babel"), "babel_translations", None)
        if found is None:
            found = super().get_translations()
            g.get("_flask_babel").babel_translations = found
        return found


def set_up(app: Flask) -> None:
    """Make `_` and `ngettext` known to the templates, and `gettext` of Flask-Babel to the code."""
    Babel(app, default_locale=ENGLISH, default_timezone="UTC", locale_selector=language)
    app.add_template_global(get_locale, "locale")
    words = get_babel(app).instance.domain_instance = _OfRequest()
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: words.get_translations().ugettext(said),
        ngettext=lambda one, many, number: words.get_translations().ungettext(one, many, number),
        newstyle=True,
    )

    def said(text: str, /, **values: Any) -> Markup:
        # Jinja's own goes through three calls for each word; there are sixty on a card.
        return Markup(words.get_translations().ugettext(text)) % values  # noqa: S704 - our words

    app.jinja_env.globals["_"] = said


def language() -> str:
    """The one that the moderator chose; else the first that their browser asks for and that there
    is; else English."""
    chosen = g.person.moderator.language if "person" in g else None
    if chosen in LANGUAGES:
        return str(chosen)
    # Not best_match: it takes any other language that matches to the letter before British English.
    asked = (tag.lower().split("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in asked if tag in LANGUAGES), ENGLISH)
