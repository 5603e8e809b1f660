"""The keys that a card's acts have, as the moderator has chosen them."""

from collections.abc import Mapping
from functools import cache

from flask import Flask, g
from markupsafe import Markup

from moderation.models import Keys

OURS: Mapping[str, str] = {
    "approve": "a",
    "block": "d",
    "deal": "n",
    "escalate": "e",
    "explain": "r",
    "help": "?",
    "later": "l",
    "together": "c",
    "undo": "z",
}
PRESETS: Mapping[str, Mapping[str, str]] = {
    Keys.OURS: OURS,
    # Coral's moderators approve with f, beside d, with which they reject.
    Keys.CORAL: {**OURS, "approve": "f"},
    Keys.OFF: {},
}


def set_up(app: Flask) -> None:
    """Make these known to the app's templates."""
    app.add_template_global(preset, "keys")
    app.add_template_global(keyed)
    app.add_template_global(hint)


def preset() -> Mapping[str, str]:
    """Acts to keys; none where keys are switched off, which somebody must be able to do whose voice
    or hand types letters unawares (WCAG 2.1.4)."""
    chosen = g.person.moderator.keys if "person" in g else Keys.OFF
    return PRESETS.get(chosen, OURS)


def keyed(act: str) -> Markup:
    """The attribute by which a screen reader says the key of an act."""
    return _marked(preset().get(act))[0]


def hint(act: str) -> Markup:
    """The key itself, for the eye."""
    return _marked(preset().get(act))[1]


@cache
def _marked(key: str | None) -> tuple[Markup, Markup]:
    if key is None:
        return Markup(), Markup()
    attribute = Markup(' aria-keyshortcuts="{}"').format(key)
    return attribute, Markup(' <kbd aria-hidden="true">{}</kbd>').format(key)
