"""The secrets with which a site signs who its readers are, on pages that show its comments."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from moderation import audit, sites
from moderation.models import EmbedSecret
from moderation.sealing import Sealing


def make(
    session: Session,
    site_id: UUID,
    sealing: Sealing,
    *,
    ends_at: datetime,
    moderator_id: UUID | None = None,
    now: datetime,
) -> str:
    """Make a secret and answer it; it is not shown again. The one that it replaces is in force
    until `ends_at`, an older one no longer: there are never more than two."""
    sites.lock(session, site_id)  # so that of two made at once the second one replaces the first
    for nth, one in enumerate(kept(session, site_id, now=now)):
        one.expires_at = min(ends_at, one.expires_at or ends_at) if nth == 0 else now
    secret = secrets.token_urlsafe(32)
    session.add(EmbedSecret(site_id=site_id, secret=sealing.seal(secret), created_at=now))
    audit.record(session, site_id, "embed_secret_made", {}, moderator_id=moderator_id, now=now)
    return secret


def end_former(
    session: Session, site_id: UUID, *, moderator_id: UUID | None = None, now: datetime
) -> None:
    """End the one that the newest has replaced, if it is still in force."""
    sites.lock(session, site_id)  # as `make` does
    former = kept(session, site_id, now=now)[1:]
    for one in former:
        one.expires_at = now
    if former:
        audit.record(session, site_id, "embed_secret_ended", {}, moderator_id=moderator_id, now=now)


def revoke(
    session: Session, site_id: UUID, *, moderator_id: UUID | None = None, now: datetime
) -> int:
    """End all of them at once; answers how many were in force."""
    ended = kept(session, site_id, now=now)
    for one in ended:
        one.expires_at = now
    if ended:
        audit.record(
            session, site_id, "embed_secrets_revoked", {}, moderator_id=moderator_id, now=now
        )
    return len(ended)


def in_force(session: Session, site_id: UUID, sealing: Sealing, *, now: datetime) -> list[str]:
    """The site's secrets at `now`, the newest first, but for those that no known key opens."""
    return sealing.opened(kept(session, site_id, now=now))


def reseal(session: Session, sealing: Sealing) -> tuple[int, int]:
    """As `staff.codes.reseal`, of these."""
    return sealing.all_again(session.scalars(select(EmbedSecret).with_for_update()).all())


def kept(session: Session, site_id: UUID, *, now: datetime) -> Sequence[EmbedSecret]:
    """Those that are in force at `now`, the newest first: as they are kept, sealed."""
    return session.scalars(
        select(EmbedSecret)
        .where(
            EmbedSecret.site_id == site_id,
            or_(EmbedSecret.expires_at.is_(None), EmbedSecret.expires_at > now),
        )
        .order_by(EmbedSecret.created_at.desc(), EmbedSecret.id.desc())
    ).all()
