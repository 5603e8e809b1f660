"""The keys by which a site's systems call: making them, ending them, and who calls."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import ApiKey, Scope, Site
from moderation.sites import SiteError

PREFIX = "mod_"


def add(
    session: Session, site: Site, scopes: Collection[Scope], *, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, which is shown once and never kept."""
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        site_id=site.id,
        secret_hash=_hash(secret),
        hint=secret[: len(PREFIX) + 6],
        scopes=sorted(scopes),
        created_at=now,
    )
    session.add(key)
    session.flush()
    audit.record(
        session,
        site.id,
        "key_added",
        {"key": str(key.id), "scopes": key.scopes},
        now=now,
    )
    return key, secret


def of_site(session: Session, site: Site) -> list[ApiKey]:
    """The site's keys, oldest first, revoked ones too."""
    return list(
        session.scalars(select(ApiKey).where(ApiKey.site_id == site.id).order_by(ApiKey.created_at))
    )


def revoke(session: Session, site: Site, hint: str, *, now: datetime) -> ApiKey:
    """Revoke the key that `hint` begins, or is the whole of; SiteError unless it is exactly one."""
    key = _key_in_force(session, site, hint, now)
    key.revoked_at = now
    audit.record(session, site.id, "key_revoked", {"key": str(key.id)}, now=now)
    return key


def rotate(
    session: Session, site: Site, hint: str, *, ends_at: datetime, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key that may do what the one of `hint` may, which ends at `ends_at`.

    Until then both are in force. The second value is the new key, as of `add`. SiteError as of
    `revoke`.
    """
    old = _key_in_force(session, site, hint, now)
    new, secret = add(session, site, [Scope(scope) for scope in old.scopes], now=now)
    old.expires_at = min(ends_at, old.expires_at or ends_at)
    audit.record(
        session,
        site.id,
        "key_rotated",
        {"key": str(old.id), "by": str(new.id), "ends_at": old.expires_at.isoformat()},
        now=now,
    )
    return new, secret


def is_in_force(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a key of which this is known opens anything at `now`."""
    return revoked_at is None and (expires_at is None or now < expires_at)


def _key_in_force(session: Session, site: Site, hint: str, now: datetime) -> ApiKey:
    matching = [
        key
        for key in of_site(session, site)
        if is_in_force(key.revoked_at, key.expires_at, now)
        and hint
        and (key.secret_hash == _hash(hint) or key.hint.startswith(hint))
    ]
    if len(matching) != 1:
        raise SiteError(f"{len(matching)} keys of this site in force begin with that")
    return matching[0]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a site, by a key in force."""

    site_id: UUID
    site: str
    key_id: UUID
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope; `admin` has them all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


_BY_SECRET = (
    select(
        ApiKey.site_id,
        Site.slug,
        ApiKey.id,
        ApiKey.scopes,
        ApiKey.revoked_at,
        ApiKey.expires_at,
    )
    .join(Site, Site.id == ApiKey.site_id)
    .where(ApiKey.secret_hash == bindparam("secret_hash"))
)
"""Made once: every request asks this, and making a query takes as long as running it."""


def authenticate(connection: Connection, secret: str, *, now: datetime) -> Caller | None:
    """The caller of that key, None when there is none such or it is no longer in force.

    Looked up by hash: how long the comparison takes tells nothing about any key.
    """
    row = connection.execute(_BY_SECRET, {"secret_hash": _hash(secret)}).first()
    if row is None or not is_in_force(row.revoked_at, row.expires_at, now):
        return None
    return Caller(row.site_id, row.slug, row.id, frozenset(row.scopes))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
