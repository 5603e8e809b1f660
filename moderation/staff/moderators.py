"""The people at the queue page: their passwords, their sites, their sign-ins."""

import hashlib
import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import (
    Assignment,
    Authenticator,
    Moderator,
    PasswordReset,
    Role,
    SignIn,
    Site,
)
from moderation.sql import insert_new

PASSWORD_MIN = 10
PASSWORD_MAX = 1000
NOTED_EVERY = timedelta(minutes=1)
_hasher = PasswordHasher()
_one_at_a_time = threading.Lock()
"""Each hash takes 64 MiB while it is made: as many at once as there are requests would be more than
all the rest of the service."""
_IN_FORCE = and_(
    SignIn.revoked_at.is_(None),
    SignIn.expires_at > bindparam("now"),
    func.coalesce(SignIn.last_used_at, SignIn.started_at) > bindparam("idle_since"),
)
"""A sign-in that is neither revoked, nor over, nor left alone for too long."""
# Made once: every page asks for these two, and to put them together takes as long as to run them.
_SIGNED_IN = (
    select(Moderator, SignIn, Authenticator.confirmed_at)
    .join(SignIn, SignIn.moderator_id == Moderator.id)
    .outerjoin(Authenticator, Authenticator.moderator_id == Moderator.id)
    .where(SignIn.token_hash == bindparam("token_hash"), _IN_FORCE)
)
_SITES_OF = (
    select(Site, Assignment.role)
    .join(Assignment, Assignment.site_id == Site.id)
    .where(Assignment.moderator_id == bindparam("moderator"))
    .order_by(Site.name)
)


class ModeratorError(ValueError):
    """A moderator that cannot be made or changed; the message says why."""


def add(session: Session, email: str, password: str, *, name: str = "", now: datetime) -> Moderator:
    """Make a moderator, who has no site yet. ModeratorError names what is wrong."""
    email = address(email)
    if find(session, email) is not None:
        raise ModeratorError(f"{email} is a moderator already")
    moderator = Moderator(
        email=email, name=name, password_hash=hash_password(password), created_at=now
    )
    session.add(moderator)
    session.flush()
    return moderator


def find(session: Session, email: str) -> Moderator | None:
    """The moderator of that address, in any case."""
    if "\0" in email:  # Postgres refuses such a text as a parameter
        return None
    return session.scalar(select(Moderator).where(Moderator.email == email.strip().lower()))


def named(session: Session, email: str) -> Moderator:
    """The same; ModeratorError when there is none."""
    moderator = find(session, email)
    if moderator is None:
        raise ModeratorError(f"there is no moderator {email}")
    return moderator


def assign(session: Session, moderator: Moderator, site: Site, role: Role | None = None) -> None:
    """Let a moderator work for a site, with that role (None: the one they have there, and a new one
    is a moderator)."""
    row = {"moderator_id": moderator.id, "site_id": site.id, "role": role or Role.MODERATOR}
    if not insert_new(session, Assignment, [row], Assignment.role) and role is not None:
        session.execute(
            update(Assignment)
            .where(Assignment.moderator_id == moderator.id, Assignment.site_id == site.id)
            .values(role=role)
        )


def set_password(session: Session, moderator: Moderator, password: str, *, now: datetime) -> None:
    """Set a new password and end every sign-in: who knew the old one is out. So is every link."""
    password_hash = hash_password(password)
    _end_resets(session, moderator.id)
    moderator.password_hash = password_hash
    sign_out_everywhere(session, moderator.id, now=now)
    audit.record_of_account(session, moderator.id, "password_reset", by_themselves=False, now=now)


def change_password(
    session: Session, known: Moderator, password_hash: str, *, kept: str, now: datetime
) -> bool:
    """Set the password that hashes so, and end every sign-in but the one whose hash is `kept`.

    `known` is the moderator as they were when their old password was asked for (`authenticate`,
    with no transaction open). False when it was changed since.
    """
    moderator = session.get_one(Moderator, known.id, with_for_update=True)
    if moderator.password_hash != known.password_hash:
        return False
    _end_resets(session, moderator.id)
    moderator.password_hash = password_hash
    sign_out_everywhere(session, moderator.id, but=kept, now=now)
    audit.record_of_account(session, moderator.id, "password_changed", now=now)
    return True


def prefer(
    session: Session,
    moderator_id: UUID,
    *,
    language: str | None,
    time_zone: str,
    keys: str,
    blurs: bool,
) -> None:
    """Keep how somebody wants their desk. What there is to choose from is the desk's business."""
    moderator = session.get_one(Moderator, moderator_id)
    moderator.language = language
    moderator.time_zone = time_zone
    moderator.keys = keys
    moderator.blurs = blurs


def set_languages(session: Session, moderator_id: UUID, codes: Sequence[str]) -> None:
    """Deal comments in these languages to the moderator; none: in all."""
    session.get_one(Moderator, moderator_id).reads = list(codes)


def hash_password(password: str) -> str:
    """Argon2id. ModeratorError when it is shorter than PASSWORD_MIN or longer than PASSWORD_MAX."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise ModeratorError(f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")
    with _one_at_a_time:
        return _hasher.hash(password)


def authenticate(moderator: Moderator | None, password: str) -> bool:
    """Whether the password is this moderator's; nobody's (None) takes as long as somebody's.

    It takes a few tens of milliseconds by design: call it with no transaction open.
    """
    stored = moderator.password_hash if moderator else _nobodys_hash()
    try:
        with _one_at_a_time:
            _hasher.verify(stored, password[:PASSWORD_MAX])
    except (Argon2Error, InvalidHashError, UnicodeEncodeError):
        return False
    return moderator is not None


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex())


def offer_reset(session: Session, moderator: Moderator, *, hours: int, now: datetime) -> str:
    """Let a moderator set a new password, once, with the token that this answers.

    Only its hash is kept. An earlier one is good for nothing from now on.
    """
    _end_resets(session, moderator.id)
    token = secrets.token_urlsafe(32)
    session.add(
        PasswordReset(
            token_hash=hash_of(token),
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
    """Set the password that hashes so (`hash_password`, with no transaction open), and end every
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
    sign_out_everywhere(session, moderator_id, now=now)
    audit.record_of_account(session, moderator_id, "password_reset", now=now)
    return True


def _is_good(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(PasswordReset.token_hash == hash_of(token), PasswordReset.expires_at > now)


def _end_resets(session: Session, moderator_id: UUID) -> None:
    session.execute(delete(PasswordReset).where(PasswordReset.moderator_id == moderator_id))


def sign_in(
    session: Session, moderator: Moderator, *, hours: int, client: str = "", now: datetime
) -> str:
    """Begin a sign-in; answers its token, of which only the hash is kept."""
    session.execute(delete(SignIn).where(SignIn.expires_at < now))
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=hash_of(token),
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
    asked = {"token_hash": hash_of(token), **_moments(idle_minutes, now)}
    found = session.execute(_SIGNED_IN, asked).first()
    return None if found is None else SignedIn(found[0], found[1], found[2] is not None)


def sign_ins_of(
    session: Session, moderator_id: UUID, *, idle_minutes: int, now: datetime
) -> list[SignIn]:
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


def sign_out(session: Session, token: str, *, now: datetime) -> None:
    """End the sign-in of this token."""
    ended = session.scalar(
        update(SignIn)
        .where(SignIn.token_hash == hash_of(token), SignIn.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(SignIn.moderator_id)
    )
    if ended is not None:
        audit.record_of_account(session, ended, "signed_out", now=now)


def end_sign_in(session: Session, moderator_id: UUID, token_hash: str, *, now: datetime) -> bool:
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


def end_other_sign_ins(session: Session, moderator_id: UUID, kept: str, *, now: datetime) -> None:
    """End every sign-in of a moderator but the one whose hash is `kept`."""
    sign_out_everywhere(session, moderator_id, but=kept, now=now)
    audit.record_of_account(session, moderator_id, "other_sign_ins_ended", now=now)


def sign_out_everywhere(
    session: Session, moderator_id: UUID, *, but: str = "", now: datetime
) -> None:
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


def sites_of(session: Session, moderator_id: UUID) -> dict[Site, Role]:
    """The sites a moderator works for, by name, with what they are there."""
    found = session.execute(_SITES_OF, {"moderator": moderator_id})
    return {site: Role(role) for site, role in found}


def with_others(session: Session, site_ids: Collection[UUID], moderator_id: UUID) -> set[UUID]:
    """Those of these sites for which somebody else works, too."""
    others = select(Assignment.site_id).where(
        Assignment.site_id.in_(site_ids), Assignment.moderator_id != moderator_id
    )
    return set(session.scalars(others.distinct()))


def address(email: str) -> str:
    """It as it is kept; ModeratorError when it is none."""
    email = email.strip().lower()
    local, at, domain = email.rpartition("@")
    plain = email.isprintable() and not any(c.isspace() for c in email)
    if not (at and local and domain and plain) or len(email) > 254:
        raise ModeratorError("an e-mail address has the form name@host, at most 254 characters")
    return email


def hash_of(token: str) -> str:
    """What is kept of a token. SHA-256 is enough: each is 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
