"""The people's door: the queue, the log, and a page for each comment, story, commenter and policy.

Everything works as plain forms; htmx then replaces cards in place, and one small script of our own
adds the keys. Each module here is a page and its acts.
"""

from flask import Flask

from moderation.desk import (
    account_page,
    appeals_page,
    arrivals_page,
    audit_page,
    audit_words,
    card_page,
    case_page,
    codes_page,
    commenter_page,
    compare_page,
    decisions_page,
    embedding_page,
    figures_page,
    forms,
    hand_page,
    https,
    icons,
    invitation_page,
    keys,
    marking,
    new_password,
    notices_page,
    people_page,
    policy_page,
    queue_page,
    reason_words,
    refusals,
    saved_replies_page,
    search_page,
    signing_in,
    single_sign_on,
    spot_page,
    story_page,
    together_page,
    translating,
    webhook_words,
    webhooks_page,
    wording,
)
from moderation.desk.door import csrf, desk
from moderation.services import EXTENSION

__all__ = [
    "account_page",
    "appeals_page",
    "arrivals_page",
    "audit_page",
    "card_page",
    "case_page",
    "codes_page",
    "commenter_page",
    "compare_page",
    "decisions_page",
    "embedding_page",
    "figures_page",
    "hand_page",
    "invitation_page",
    "new_password",
    "notices_page",
    "people_page",
    "policy_page",
    "queue_page",
    "saved_replies_page",
    "search_page",
    "set_up",
    "signing_in",
    "single_sign_on",
    "spot_page",
    "story_page",
    "together_page",
    "webhooks_page",
]


def set_up(app: Flask) -> None:
    """Add the desk to an app that has its services."""
    translating.set_up(app)
    secure = app.extensions[EXTENSION].settings.secure_cookies
    app.config.update(
        # Carries the form token alone; who is signed in lies in a cookie of its own (signing_in).
        SESSION_COOKIE_NAME="__Host-desk-forms" if secure else "desk-forms",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # Only the desk has forms, and asks for the token itself (door).
        WTF_CSRF_CHECK_DEFAULT=False,
        # A page stays open for a whole shift: the token lives as long as its cookie.
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    icons.set_up(app)
    keys.set_up(app)
    forms.set_up(app)
    marking.set_up(app)
    wording.set_up(app)
    webhook_words.set_up(app)
    reason_words.set_up(app)
    audit_words.set_up(app)
    search_page.set_up(app)
    refusals.set_up(app)
    https.set_up(app)
    single_sign_on.set_up(app)
    app.register_blueprint(desk)
