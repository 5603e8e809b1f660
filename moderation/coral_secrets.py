"""The secrets of a site's Coral: added as Coral shows them, removed when it has done with them.

Several may be in force: while a secret is rolled, Coral signs with the old one and with the new.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moderation import audit, sites
from moderation.models import CoralSecret, Site
from moderation.sealing import Sealing

SHORTEST = 16
LONGEST = 500
MOST = 10
"""Secrets of one site. Each is tried on every signature."""
HINT = 6


class SecretError(ValueError):
    """A secret that cannot be added, or is not there; the message says why, without it."""


def add(
    session: Session, site: Site, secret: str, sealing: Sealing, *, now: datetime
) -> CoralSecret:
    """Take what is signed with this secret from now on. SecretError for one that is malformed or
    there already, and for one too many."""
    if not (SHORTEST <= len(secret) <= LONGEST and secret.isascii() and secret.isprintable()):
        raise SecretError(f"a signing secret of Coral's has {SHORTEST}..{LONGEST} characters")
    sites.lock(session, site.id)  # so that of two at once neither is one too many
    if secret in in_force(session, site.id, sealing):
        raise SecretError("this secret is there already")
    count = session.scalar(
        select(func.count()).select_from(CoralSecret).where(CoralSecret.site_id == site.id)
    )
    if count == MOST:
        raise SecretError(f"the site has {MOST} secrets: remove those that Coral uses no more")
    added = CoralSecret(
        site_id=site.id, secret=sealing.seal(secret), hint=secret[:HINT], added_at=now
    )
    session.add(added)
    session.flush()
    audit.record(session, site.id, "coral_secret_added", {"secret": str(added.id)}, now=now)
    return added


def of_site(session: Session, site_id: UUID) -> Sequence[CoralSecret]:
    """The site's secrets, oldest first."""
    return session.scalars(
        select(CoralSecret)
        .where(CoralSecret.site_id == site_id)
        .order_by(CoralSecret.added_at, CoralSecret.id)
    ).all()


def in_force(session: Session, site_id: UUID, sealing: Sealing) -> list[str]:
    """The secrets themselves, but for those that no known key opens."""
    return sealing.opened(of_site(session, site_id))


def remove(session: Session, site: Site, hint: str, *, now: datetime) -> CoralSecret:
    """Take nothing more that is signed with the secret that `hint` begins, or is the whole of.
    SecretError unless it is exactly one."""
    matching = [
        one for one in of_site(session, site.id) if hint and one.hint.startswith(hint[:HINT])
    ]
    if len(matching) != 1:
        raise SecretError(f"{len(matching)} secrets of this site begin with that")
    session.delete(matching[0])
    audit.record(session, site.id, "coral_secret_removed", {"secret": str(matching[0].id)}, now=now)
    return matching[0]


def reseal(session: Session, sealing: Sealing) -> tuple[int, int]:
    """As `staff.codes.reseal`, of these."""
    return sealing.all_again(session.scalars(select(CoralSecret).with_for_update()).all())
