"""Line icons of our own, 16 by 16.

They only go with words, so they are hidden from screen readers.
"""

from collections.abc import Mapping

from flask import Flask
from markupsafe import Markup

ICONS: Mapping[str, str] = {
    "approve": '<path d="M3 8.5l3.2 3.2L13 4.8"/>',
    "away": '<path d="M6 3H3v10h10v-3"/><path d="M9 3h4v4"/><path d="M13 3L7.5 8.5"/>',
    "back": '<path d="M8 3v9.5"/><path d="M4 8.5l4 4 4-4"/>',
    "block": '<circle cx="8" cy="8" r="5.5"/><path d="M4.2 4.2l7.6 7.6"/>',
    "escalate": '<path d="M8 13V3.5"/><path d="M4 7.5l4-4 4 4"/>',
    "flag": '<path d="M4 14V2.5h7.5L9.8 5.5l1.7 3H4"/>',
    "keys": '<rect x="1.8" y="4" width="12.4" height="8" rx="1.5"/>'
    '<path d="M4.5 6.7h.1M7.1 6.7h.1M9.7 6.7h.1M11.6 6.7h.1M5 9.4h6"/>',
    "later": '<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.3 1.6"/>',
    "person": '<circle cx="8" cy="5.5" r="2.7"/>'
    '<path d="M3 13.5c.6-3 2.4-4.3 5-4.3s4.4 1.3 5 4.3"/>',
    "reply": '<path d="M3 3v4a3 3 0 0 0 3 3h7"/><path d="M10 7l3 3-3 3"/>',
    "undo": '<path d="M6 3L3 6l3 3"/><path d="M3 6h6.5a3.5 3.5 0 0 1 0 7H7"/>',
}
OPENED = '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'


def set_up(app: Flask) -> None:
    """Make `icon` known to the app's templates."""
    app.add_template_filter(icon)


def icon(name: str) -> Markup:
    """The icon of that name. A filter, because Jinja writes what one makes of a constant into the
    compiled template: a card has eight, and each was a call."""
    return Markup(f"{OPENED}{ICONS[name]}</svg>")  # noqa: S704 - our own drawings
