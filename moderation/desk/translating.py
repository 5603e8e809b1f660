"""The desk's words in the moderator's language: English as written, others from the catalogues."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, g, has_app_context, request
from flask.templating import Environment
from flask_babel import Babel, Domain, get_babel, get_locale
from jinja2 import PrefixLoader, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

ENGLISH = "en"
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", "hy": "Հայերեն", "ru": "Русский"}
"""English, and those that there is a catalogue of (`translations/`); each by its own name."""
SENTENCE = ["variable_begin", "name", "lparen", "string", "rparen", "variable_end"]
"""The tokens of `{{ _("...") }}`."""


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


_words = _OfRequest()


class _InEachLanguage(Environment):
    """Compiles a template once for each language that it is asked for in (`_Said`)."""

    def get_template(self, name: str | Template, *how: Any, **named: Any) -> Template:
        if isinstance(name, str):
            spoken = get_locale()
            name = f"{spoken.language if spoken else ENGLISH}/{name}"
        return super().get_template(name, *how, **named)


class _Said(Extension):
    """Says `{{ _("...") }}`, which has no place to be filled, when its template is compiled.

    A page of cards has five hundred of them: to look each up and escape it anew was an eighth of
    the time (measured).
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            ahead = tokens[at : at + len(SENTENCE)]
            if [token.type for token in ahead] == SENTENCE and ahead[1].value == "_":
                yield Token(tokens[at].lineno, "data", said(ahead[3].value))
                at += len(SENTENCE)
            else:
                yield tokens[at]
                at += 1


def said(text: str, /, **values: Any) -> Markup:
    """The sentence in the language of the request, with its places filled.

    Jinja's own goes through three calls for each, and there are sixty on a card.
    """
    return Markup(_words.get_translations().ugettext(text)) % values  # noqa: S704 - our words


def set_up(app: Flask) -> None:
    """Make `_` and `ngettext` known to the templates, and `gettext` of Flask-Babel to the code.

    Before anything else of the desk: what comes later asks for the templates' environment.
    """
    app.jinja_environment = _InEachLanguage
    app.jinja_env.loader = PrefixLoader(dict.fromkeys(LANGUAGES, app.create_global_jinja_loader()))
    app.jinja_env.add_extension(_Said)
    Babel(app, default_locale=ENGLISH, default_timezone="UTC", locale_selector=language)
    app.add_template_global(get_locale, "locale")
    get_babel(app).instance.domain_instance = _words
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _words.get_translations().ugettext(text),
        ngettext=lambda one, many, number: _words.get_translations().ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = said


def language() -> str:
    """The one that the moderator chose, or that a reader's page is in; else the first that their
    browser asks for and that there is; else English."""
    chosen = g.person.moderator.language if "person" in g else g.get("page_language")
    if chosen in LANGUAGES:
        return str(chosen)
    # Not best_match: it takes any other language that matches to the letter before British English.
    asked = (tag.lower().split("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in asked if tag in LANGUAGES), ENGLISH)
