"""The audit log in words: what was done, in words that follow whoever did it."""

from typing import Any

from flask import Flask
from flask_babel import gettext, lazy_gettext

from moderation.desk.wording import ROLES
from moderation.models import AuditEntry

EVENTS: dict[str, Any] = {
    "signed_in": lazy_gettext("logged in"),
    "signed_out": lazy_gettext("logged out"),
    "sign_in_ended": lazy_gettext("ended one of their log-ins"),
    "other_sign_ins_ended": lazy_gettext("ended all their other log-ins"),
    "password_changed": lazy_gettext("changed their password"),
    "password_reset": lazy_gettext("set a new password"),
    "codes_set_up": lazy_gettext("set up one-time codes"),
    "codes_switched_off": lazy_gettext("switched one-time codes off"),
    "recovery_code_used": lazy_gettext("logged in with a recovery code"),
    "recovery_codes_made": lazy_gettext("made new recovery codes"),
    "single_sign_on_joined": lazy_gettext("logged in with the single sign-on for the first time"),
    "moderator_invited": lazy_gettext("invited somebody"),
    "invitation_withdrawn": lazy_gettext("withdrew an invitation"),
    "moderator_joined": lazy_gettext("joined"),
    "role_set": lazy_gettext("gave another role"),
    "moderator_removed": lazy_gettext("removed somebody"),
    "appeal_upheld": lazy_gettext("upheld a block that was appealed"),
    "appeal_overturned": lazy_gettext("overturned a block that was appealed"),
    "appeal_taken_back": lazy_gettext("took back their answer to an appeal"),
    "notice_left": lazy_gettext("left a comment as it was, on a notice"),
    "notice_followed": lazy_gettext("blocked a comment because of a notice"),
    "notice_taken_back": lazy_gettext("took back their answer to a notice"),
    "commenter_blocked": lazy_gettext("blocked a commenter"),
    "commenter_unblocked": lazy_gettext("unblocked a commenter"),
    "commenter_erased": lazy_gettext("erased a commenter"),
    "commenter_noted": lazy_gettext("wrote a note about a commenter"),
    "commenter_note_erased": lazy_gettext("erased a note about a commenter"),
    "reply_saved": lazy_gettext("saved a reply"),
    "reply_changed": lazy_gettext("changed a saved reply"),
    "reply_removed": lazy_gettext("removed a saved reply"),
    "story_closed": lazy_gettext("closed a story"),
    "story_opened": lazy_gettext("opened a story"),
    "policy_posted": lazy_gettext("posted a policy"),
    "mode_set": lazy_gettext("set how it publishes"),
    "hold_everything_set": lazy_gettext("set the switch that holds everything"),
    "languages_set": lazy_gettext("set the languages"),
    "spot_share_set": lazy_gettext("set how much is drawn for the spot check"),
    "spot_daily_set": lazy_gettext("set how many spot checks there are in a day"),
    "hold_budget_set": lazy_gettext("set the budget of held comments"),
    "figures_of_others_set": lazy_gettext("set whether leads see each moderator's figures"),
    "embed_origins_set": lazy_gettext("set which pages may show its comments"),
    "keep_suggestions_set": lazy_gettext("set whether verdicts from elsewhere are kept"),
    "embed_guests_set": lazy_gettext("set whether guests may comment on these pages"),
    "embed_secret_made": lazy_gettext("made a secret for the pages that show its comments"),
    "embed_secret_ended": lazy_gettext("ended the former secret of these pages"),
    "embed_secrets_revoked": lazy_gettext("revoked the secrets of these pages"),
    "comments_imported": lazy_gettext("imported comments"),
    "key_added": lazy_gettext("made an API key"),
    "key_rotated": lazy_gettext("replaced an API key"),
    "key_revoked": lazy_gettext("revoked an API key"),
    "coral_secret_added": lazy_gettext("added a secret that Coral signs with"),
    "coral_secret_removed": lazy_gettext("removed a secret that Coral signed with"),
    "webhook_added": lazy_gettext("added a webhook"),
    "webhook_changed": lazy_gettext("changed a webhook"),
    "webhook_secret_rotated": lazy_gettext("made another secret for a webhook"),
    "webhook_secret_ended": lazy_gettext("ended the former secret of a webhook"),
    "webhook_removed": lazy_gettext("removed a webhook"),
    "deliveries_sent_again": lazy_gettext("had dead letters sent again"),
}
"""What the audit log has, in words that follow whoever did it."""
TOLD: dict[str, Any] = {
    "role": lazy_gettext("role %(value)s"),
    "imported": lazy_gettext("comments: %(value)s"),
    "version": lazy_gettext("version %(value)s"),
    "mode": lazy_gettext("mode %(value)s"),
    "hold_everything": lazy_gettext("hold everything %(value)s"),
    "languages": lazy_gettext("languages %(value)s"),
    "scopes": lazy_gettext("scopes %(value)s"),
    "spot_share": lazy_gettext("share %(value)s"),
    "spot_daily": lazy_gettext("%(value)s a day"),
    "hold_budget": lazy_gettext("%(value)s a day"),
    "figures_of_others": lazy_gettext("%(value)s"),
    "embed_origins": lazy_gettext("%(value)s"),
    "embed_guests": lazy_gettext("%(value)s"),
    "events": lazy_gettext("%(value)s"),
    "enabled": lazy_gettext("%(value)s"),
    "deliveries": lazy_gettext("%(value)s"),
}
"""What an entry of the audit log says beside ids."""


def set_up(app: Flask) -> None:
    """Make these words available to the app's templates."""
    app.add_template_global(acted)


def acted(entry: AuditEntry) -> str:
    """What was done, by an entry of the audit log: "invited somebody (role lead)"."""
    words = str(EVENTS.get(entry.event, entry.event.replace("_", " ")))
    told = [
        str(says) % {"value": _value(key, entry.subject[key])}
        for key, says in TOLD.items()
        if key in entry.subject
    ]
    return f"{words} ({', '.join(told)})" if told else words


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        # Translators: of a switch.
        return str(gettext("on") if value else gettext("off"))
    if isinstance(value, list):
        return " ".join(value) or str(gettext("none"))
    return str(ROLES.get(value, value) if key == "role" else value)
