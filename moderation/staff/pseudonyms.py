"""What a moderator is called outside of the desk: the same at a site always, never their name."""

import hmac
from base64 import b32encode
from uuid import UUID

from moderation.sealing import derived

PURPOSE = b"comment-moderation: pseudonyms of moderators"


def pseudonym(key: str, site_id: UUID, moderator_id: UUID | None) -> str | None:
    """`Moderator K7QD-2MXA`: another one for the same person at another site; none for nobody.

    Without the secret key nobody finds out who it is, not even with everybody's ids at hand. Under
    another secret key everybody has another one.
    """
    if moderator_id is None:
        return None
    told = hmac.digest(derived(key, PURPOSE), site_id.bytes + moderator_id.bytes, "sha256")
    letters = b32encode(told).decode("ascii")
    return f"Moderator {letters[:4]}-{letters[4:8]}"
