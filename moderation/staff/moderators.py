"""The people at the queue page: their accounts, their sites, how they want their desk."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from moderation.models import Assignment, Moderator, Role, Site
from moderation.sql import insert_new
from moderation.staff import passwords

# Made once: every page asks for it, and to put it together takes as long as to run it.
_SITES_OF = (
    select(Site, Assignment.role)
    .join(Assignment, Assignment.site_id == Site.id)
    .where(Assignment.moderator_id == bindparam("moderator"))
    .order_by(Site.name)
)


class ModeratorError(ValueError):
    """A moderator that cannot be made or changed; the message says why."""


def add(session: Session, email: str, password: str, *, name: str = "", now: datetime) -> Moderator:
    """Make a moderator, who has no site yet. ModeratorError or `passwords.PasswordError` names what
    is wrong."""
    email = address(email)
    if find(session, email) is not None:
        raise ModeratorError(f"{email} is a moderator already")
    moderator = Moderator(
        email=email, name=name, password_hash=passwords.hashed(password), created_at=now
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
