"""One-time codes (RFC 6238), the second thing that a moderator signs in with, and the recovery
codes for the day on which the phone is gone."""

import base64
import hmac
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from config.logs import log
from moderation import audit
from moderation.models import Authenticator, Moderator, RecoveryCode
from moderation.sealing import Sealing, Unreadable
from moderation.staff import tokens

ISSUER = "Moderation desk"
RECOVERY_CODES = 10
NEIGHBOURS = (0, -1, 1)
"""A code is taken in its own 30 seconds, and in those before and after: clocks differ."""


def of(session: Session, moderator_id: UUID) -> Authenticator | None:
    """What they have set up, confirmed or not."""
    return session.get(Authenticator, moderator_id)


def are_asked(session: Session, moderator_id: UUID) -> bool:
    """Whether they sign in with a code."""
    found = of(session, moderator_id)
    return found is not None and found.confirmed_at is not None


def begin(session: Session, moderator_id: UUID, sealing: Sealing) -> bool:
    """Make a secret for their app, in place of one that was not confirmed. False when they have
    codes already: nobody's phone is put out by a page that was left open."""
    _one_at_a_time(session, moderator_id)
    session.execute(
        delete(Authenticator).where(
            Authenticator.moderator_id == moderator_id, Authenticator.confirmed_at.is_(None)
        )
    )
    if are_asked(session, moderator_id):
        return False
    secret = sealing.seal(pyotp.random_base32())
    session.add(Authenticator(moderator_id=moderator_id, secret=secret, last_step=0))
    return True


def link(secret: str, email: str) -> str:
    """The address (otpauth:) by which an app takes the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm(
    session: Session, moderator_id: UUID, code: str, sealing: Sealing, *, now: datetime
) -> list[str] | None:
    """Ask for codes from now on, if this is one that their app shows; answers the recovery codes,
    which are shown once and never kept. None when it is not, or nothing is to be confirmed."""
    step = _step(session, moderator_id, code, sealing, now)
    done = step is not None and session.scalar(
        update(Authenticator)
        .where(Authenticator.moderator_id == moderator_id, Authenticator.confirmed_at.is_(None))
        .values(confirmed_at=now, last_step=step)
        .returning(Authenticator.moderator_id)
    )
    if not done:
        return None
    audit.record_of_account(session, moderator_id, "codes_set_up", now=now)
    return _new_recovery_codes(session, moderator_id)


def check(
    session: Session, moderator_id: UUID, answer: str, sealing: Sealing, *, now: datetime
) -> bool:
    """Whether this is a code that their app shows, or one of their recovery codes. Each is taken
    once: of two that come with the same, one wins."""
    step = _step(session, moderator_id, answer, sealing, now)
    if step is None:
        return _recover(session, moderator_id, answer, now)
    taken = session.scalar(
        update(Authenticator)
        .where(
            Authenticator.moderator_id == moderator_id,
            Authenticator.confirmed_at.is_not(None),
            Authenticator.last_step < step,
        )
        .values(last_step=step)
        .returning(Authenticator.moderator_id)
    )
    return taken is not None


def _step(
    session: Session, moderator_id: UUID, code: str, sealing: Sealing, now: datetime
) -> int | None:
    """The number of the 30 seconds that this is the code of; None when it is none of theirs."""
    code, found = "".join(code.split()), of(session, moderator_id)
    if found is None or not (code.isascii() and code.isdigit()):
        return None
    try:
        totp = pyotp.TOTP(sealing.open(found.secret))
    except Unreadable:
        # The secret key was changed, and the one before it is gone: only a recovery code helps now.
        log.warning("codes_unreadable", moderator=str(moderator_id))
        return None
    for neighbour in NEIGHBOURS:
        if hmac.compare_digest(totp.at(now, counter_offset=neighbour), code):
            return totp.timecode(now) + neighbour
    return None


def _recover(session: Session, moderator_id: UUID, answer: str, now: datetime) -> bool:
    used = session.scalar(
        delete(RecoveryCode)
        .where(
            RecoveryCode.moderator_id == moderator_id,
            RecoveryCode.code_hash == _hash_of(moderator_id, answer),
        )
        .returning(RecoveryCode.moderator_id)
    )
    if used is not None:
        audit.record_of_account(session, moderator_id, "recovery_code_used", now=now)
    return used is not None


def recovery_codes_left(session: Session, moderator_id: UUID) -> int:
    """How many they have not used."""
    counted = select(func.count()).where(RecoveryCode.moderator_id == moderator_id)
    return session.scalar(counted) or 0


def renew_recovery_codes(session: Session, moderator_id: UUID, *, now: datetime) -> list[str]:
    """New recovery codes in place of all that they had; shown once and never kept."""
    audit.record_of_account(session, moderator_id, "recovery_codes_made", now=now)
    return _new_recovery_codes(session, moderator_id)


def _one_at_a_time(session: Session, moderator_id: UUID) -> None:
    # A button that is pressed twice: the second one waits here, and finds what the first one made.
    session.get_one(Moderator, moderator_id, with_for_update=True)


def _new_recovery_codes(session: Session, moderator_id: UUID) -> list[str]:
    _one_at_a_time(session, moderator_id)
    _forget_recovery_codes(session, moderator_id)
    made = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(moderator_id=moderator_id, code_hash=_hash_of(moderator_id, code))
        for code in made
    )
    return made


def _recovery_code() -> str:
    """80 random bits in base 32, which has no 0 and no 1, in fours as they are read aloud."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _hash_of(moderator_id: UUID, code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    plain = "".join(code.split()).replace("-", "").lower()
    return tokens.hash_of(f"{moderator_id}:{plain}")


def _forget_recovery_codes(session: Session, moderator_id: UUID) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.moderator_id == moderator_id))


def switch_off(
    session: Session, moderator_id: UUID, *, by_themselves: bool = True, now: datetime
) -> bool:
    """Ask them for no code any more. False when they were asked for none."""
    gone = session.scalar(
        delete(Authenticator)
        .where(Authenticator.moderator_id == moderator_id, Authenticator.confirmed_at.is_not(None))
        .returning(Authenticator.moderator_id)
    )
    if gone is None:
        return False
    _forget_recovery_codes(session, moderator_id)
    audit.record_of_account(
        session, moderator_id, "codes_switched_off", by_themselves=by_themselves, now=now
    )
    return True


def reseal(session: Session, sealing: Sealing) -> tuple[int, int]:
    """Seal every secret under the key in force; answers how many, and how many no key opens."""
    return sealing.all_again(session.scalars(select(Authenticator).with_for_update()).all())
