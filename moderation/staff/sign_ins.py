"""Who is signed in at the desk, from which browsers, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Authenticator, Moderator, SignIn
from moderation.staff import tokens

NOTED_EVERY = timedelta(minutes=1)
_IN_FORCE = and_(
    SignIn.revoked_at.is_(None),
    SignIn.expires_at > bindparam("now"),
    func.coalesce(SignIn.last_used_at, SignIn.started_at) > bindparam("idle_since"),
)
"""A sign-in that is neither revoked, nor over, nor left alone for too long."""
# Made once: every page asks for it, and to put it together takes as long as to run it.
_SIGNED_IN = (
    select(Moderator, SignIn, Authenticator.confirmed_at)
    .join(SignIn, SignIn.moderator_id == Moderator.id)
    .outerjoin(Authenticator, Authenticator.moderator_id == Moderator.id)
    .where(SignIn.token_hash == bindparam("token_hash"), _IN_FORCE)
)


def begin(
    session: Session, moderator: Moderator, *, hours: int, client: str = "", now: datetime
) -> str:
    """Begin a sign-in; answers its token, of which only the hash is kept."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now))
    token = tokens.new()
    session.add(
        SignIn(
            token_hash=tokens.hash_of(token),
            moderator_id=moderator.id,
            started_at=now,
            expires_at=now + timedelta(hours=hours),
            last_used_at=now,
            client=client,
        )
    )
    audit.record_of_account(session, moderator.id, "signed_in", now=now)
    return token


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in, with which sign-in, and whether they sign in with codes."""

    moderator: Moderator
    sign_in: SignIn
    has_codes: bool


def signed_in(session: Session, token: str, *, idle_minutes: int, now: datetime) -> SignedIn | None:
    """Whose sign-in it is; None when it is not in force."""
    asked = {"token_hash": tokens.hash_of(token), **_moments(idle_minutes, now)}
    found = session.execute(_SIGNED_IN, asked).first()
    return None if found is None else SignedIn(found[0], found[1], found[2] is not None)


def of(session: Session, moderator_id: UUID, *, idle_minutes: int, now: datetime) -> list[SignIn]:
    """A moderator's sign-ins that are in force, newest first."""
    return list(
        session.scalars(
            select(SignIn)
            .where(SignIn.moderator_id == moderator_id, _IN_FORCE)
            .order_by(SignIn.started_at.desc()),
            _moments(idle_minutes, now),
        )
    )


def _moments(idle_minutes: int, now: datetime) -> dict[str, datetime]:
    """What `_IN_FORCE` asks for."""
    return {"now": now, "idle_since": now - timedelta(minutes=idle_minutes)}


def is_due(sign_in: SignIn, *, now: datetime) -> bool:
    """Whether the last use that is noted of it is a minute old: it is not noted more often."""
    return sign_in.last_used_at is None or now - sign_in.last_used_at >= NOTED_EVERY


def note_use(session: Session, token_hash: str, *, now: datetime) -> None:
    """Note that a sign-in is used now."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == token_hash, SignIn.revoked_at.is_(None))
        .values(last_used_at=now)
    )


def end(session: Session, token: str, *, now: datetime) -> None:
    """End the sign-in of this token."""
    ended = session.scalar(
        update(SignIn)
        .where(SignIn.token_hash == tokens.hash_of(token), SignIn.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(SignIn.moderator_id)
    )
    if ended is not None:
        audit.record_of_account(session, ended, "signed_out", now=now)


def end_one(session: Session, moderator_id: UUID, token_hash: str, *, now: datetime) -> bool:
    """End one sign-in of a moderator, by what is kept of it. False when they have none such."""
    if "\0" in token_hash:  # Postgres refuses such a text as a parameter
        return False
    ended = session.scalar(
        update(SignIn)
        .where(
            SignIn.moderator_id == moderator_id,
            SignIn.token_hash == token_hash,
            SignIn.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(SignIn.moderator_id)
    )
    if ended is not None:
        audit.record_of_account(session, moderator_id, "sign_in_ended", now=now)
    return ended is not None


def end_others(session: Session, moderator_id: UUID, kept: str, *, now: datetime) -> None:
    """End every sign-in of a moderator but the one whose hash is `kept`."""
    end_all(session, moderator_id, but=kept, now=now)
    audit.record_of_account(session, moderator_id, "other_sign_ins_ended", now=now)


def end_all(session: Session, moderator_id: UUID, *, but: str = "", now: datetime) -> None:
    """End every sign-in of a moderator; the one whose hash is `but` goes on."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.moderator_id == moderator_id,
            SignIn.revoked_at.is_(None),
            SignIn.token_hash != but,
        )
        .values(revoked_at=now)
    )
