"""The passwords of moderators: kept as Argon2id, changed, set anew by a link."""

import secrets
import threading
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Moderator, PasswordReset
from moderation.staff import sign_ins, tokens

SHORTEST = 10
LONGEST = 1000
_hasher = PasswordHasher()
_one_at_a_time = threading.Lock()
"""Each hash takes 64 MiB while it is made: as many at once as there are requests would be more than
all the rest of the service."""


class PasswordError(ValueError):
    """A password that cannot be taken; the message says why."""


def hashed(password: str) -> str:
    """Argon2id. PasswordError when it is shorter than SHORTEST or longer than LONGEST."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"a password has {SHORTEST} to {LONGEST} characters")
    with _one_at_a_time:
        return _hasher.hash(password)


def is_right(moderator: Moderator | None, password: str) -> bool:
    """Whether the password is this moderator's; nobody's (None) takes as long as somebody's.

    It takes a few tens of milliseconds by design: call it with no transaction open.
    """
    stored = moderator.password_hash if moderator else _nobodys_hash()
    try:
        with _one_at_a_time:
            _hasher.verify(stored, password[:LONGEST])
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False
    return moderator is not None


@cache
def _nobodys_hash() -> str:
    return hashed(secrets.token_hex())


def set_anew(session: Session, moderator: Moderator, password: str, *, now: datetime) -> None:
    """Set a new password and end every sign-in: who knew the old one is out. So is every link."""
    password_hash = hashed(password)
    _end_resets(session, moderator.id)
    moderator.password_hash = password_hash
    sign_ins.end_all(session, moderator.id, now=now)
    audit.record_of_account(session, moderator.id, "password_reset", by_themselves=False, now=now)


def change(
    session: Session, known: Moderator, password_hash: str, *, kept: str, now: datetime
) -> bool:
    """Set the password that hashes so, and end every sign-in but the one whose hash is `kept`.

    `known` is the moderator as they were when their old password was asked for (`is_right`,
    with no transaction open). False when it was changed since.
    """
    moderator = session.get_one(Moderator, known.id, with_for_update=True)
    if moderator.password_hash != known.password_hash:
        return False
    _end_resets(session, moderator.id)
    moderator.password_hash = password_hash
    sign_ins.end_all(session, moderator.id, but=kept, now=now)
    audit.record_of_account(session, moderator.id, "password_changed", now=now)
    return True


def offer_reset(session: Session, moderator: Moderator, *, hours: int, now: datetime) -> str:
    """Let a moderator set a new password, once, with the token that this answers.

    Only its hash is kept. An earlier one is good for nothing from now on.
    """
    _end_resets(session, moderator.id)
    token = tokens.new()
    session.add(
        PasswordReset(
            token_hash=tokens.hash_of(token),
            moderator_id=moderator.id,
            expires_at=now + timedelta(hours=hours),
        )
    )
    return token


def may_reset(session: Session, token: str, *, now: datetime) -> Moderator | None:
    """Whose password this token may set; None when it is unknown, used, or its time is over."""
    return session.scalar(
        select(Moderator)
        .join(PasswordReset, PasswordReset.moderator_id == Moderator.id)
        .where(_is_good(token, now))
    )


def reset(session: Session, token: str, password_hash: str, *, now: datetime) -> bool:
    """Set the password that hashes so (`hashed`, with no transaction open), and end every
    sign-in. False when the token is good no longer: of two at once, one wins.
    """
    moderator_id = session.scalar(
        delete(PasswordReset).where(_is_good(token, now)).returning(PasswordReset.moderator_id)
    )
    if moderator_id is None:
        return False
    session.execute(
        update(Moderator).where(Moderator.id == moderator_id).values(password_hash=password_hash)
    )
    sign_ins.end_all(session, moderator_id, now=now)
    audit.record_of_account(session, moderator_id, "password_reset", now=now)
    return True


def _is_good(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(PasswordReset.token_hash == tokens.hash_of(token), PasswordReset.expires_at > now)


def _end_resets(session: Session, moderator_id: UUID) -> None:
    session.execute(delete(PasswordReset).where(PasswordReset.moderator_id == moderator_id))
