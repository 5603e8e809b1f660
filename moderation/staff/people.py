"""Who works for a site: invited by a link, joined, given another role, removed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from moderation import audit, sites
from moderation.models import Assignment, Authenticator, Invitation, Moderator, Role, Site, new_id
from moderation.sites import NotFound
from moderation.sql import insert_new
from moderation.staff import moderators, tokens
from moderation.staff.moderators import ModeratorError

HOURS = 72
"""How long an invitation may be taken up."""
NAME_MAX = 200


class LastAdmin(ModeratorError):
    """Without this admin the site would have none."""

    def __init__(self) -> None:
        super().__init__("a site keeps at least one admin: make somebody else one first")


class WorksHere(ModeratorError):
    """Whoever is invited works for the site already."""

    def __init__(self) -> None:
        super().__init__("they work here already: change their role instead")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works for a site, and whether they sign in with one-time codes."""

    moderator: Moderator
    role: Role
    has_codes: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that is good, the site it is to, and whose account its address has (None: it
    has none)."""

    invitation: Invitation
    site: Site
    account: UUID | None

    def is_for(self, signed_in: UUID | None) -> bool:
        """Whether it may be taken up by whoever is signed in (None: nobody is).

        An address with an account is that account's own: somebody else may have made it, with a
        link to another site, and would gain this one by the click of whoever is meant.
        """
        return self.account is None or self.account == signed_in


def of_site(session: Session, site_id: UUID) -> list[Colleague]:
    """Who works for the site, by name."""
    found = session.execute(
        select(Moderator, Assignment.role, Authenticator.confirmed_at)
        .join(Assignment, Assignment.moderator_id == Moderator.id)
        .outerjoin(Authenticator, Authenticator.moderator_id == Moderator.id)
        .where(Assignment.site_id == site_id)
        .order_by(Moderator.name, Moderator.email)
    )
    return [Colleague(moderator, Role(role), since is not None) for moderator, role, since in found]


def change_role(
    session: Session, site_id: UUID, moderator_id: UUID, role: Role, *, by: UUID, now: datetime
) -> None:
    """Give a colleague another role. NotFound when they do not work here; LastAdmin when they are
    the last one and would be admin no longer."""
    assigned = _assigned(session, site_id, moderator_id, stays_admin=role == Role.ADMIN)
    if assigned.role == role:
        return
    assigned.role = role
    if role != Role.ADMIN:
        _end_invitations_by(session, site_id, moderator_id)
    _record(session, site_id, "role_set", moderator_id, by, now, role=role)


def remove(session: Session, site_id: UUID, moderator_id: UUID, *, by: UUID, now: datetime) -> None:
    """Let a colleague work for the site no longer, from their next request on. Their account and
    what they decided stay. NotFound and LastAdmin as of `change_role`."""
    session.delete(_assigned(session, site_id, moderator_id, stays_admin=False))
    _end_invitations_by(session, site_id, moderator_id)
    _record(session, site_id, "moderator_removed", moderator_id, by, now)


def _assigned(
    session: Session, site_id: UUID, moderator_id: UUID, *, stays_admin: bool
) -> Assignment:
    """Their row, with all of the site's locked: two admins who demote each other at the same moment
    would leave none."""
    rows = session.scalars(
        select(Assignment)
        .where(Assignment.site_id == site_id)
        .order_by(Assignment.moderator_id)
        .with_for_update()
    ).all()
    found = next((row for row in rows if row.moderator_id == moderator_id), None)
    if found is None:
        raise NotFound("moderator")
    admins = sum(row.role == Role.ADMIN for row in rows)
    if found.role == Role.ADMIN and not stays_admin and admins == 1:
        raise LastAdmin
    return found


def _end_invitations_by(session: Session, site_id: UUID, moderator_id: UUID) -> None:
    # Whoever was admin may have kept a link for themselves.
    session.execute(
        delete(Invitation).where(
            Invitation.site_id == site_id, Invitation.invited_by == moderator_id
        )
    )


# --- invitations ------------------------------------------------------------------------------


def invite(
    session: Session, site_id: UUID, email: str, role: Role, *, by: UUID, now: datetime
) -> tuple[Invitation, str]:
    """Invite somebody; the second value is the link's token, which is shown once and never kept.

    An earlier invitation of theirs to this site is good for nothing from now on. ModeratorError
    when the address is none, WorksHere when it works for the site already.
    """
    email = moderators.address(email)
    if any(one.moderator.email == email for one in of_site(session, site_id)):
        raise WorksHere
    session.execute(
        delete(Invitation).where(
            Invitation.site_id == site_id,
            (Invitation.email == email) | (Invitation.expires_at <= now),
        )
    )
    token = tokens.new()
    invitation = Invitation(
        site_id=site_id,
        token_hash=tokens.hash_of(token),
        email=email,
        role=role,
        invited_by=by,
        invited_at=now,
        expires_at=now + timedelta(hours=HOURS),
    )
    session.add(invitation)
    session.flush()
    subject = {"invitation": str(invitation.id), "role": role}
    audit.record(session, site_id, "moderator_invited", subject, moderator_id=by, now=now)
    return invitation, token


def invited(session: Session, site_id: UUID, *, now: datetime) -> list[Invitation]:
    """The site's invitations that may still be taken up, oldest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(Invitation.site_id == site_id, Invitation.expires_at > now)
            .order_by(Invitation.invited_at)
        )
    )


def withdraw(
    session: Session, site_id: UUID, invitation_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Let an invitation be good for nothing. NotFound when the site has none such."""
    session.delete(sites.owned(session, Invitation, site_id, invitation_id))
    subject = {"invitation": str(invitation_id)}
    audit.record(session, site_id, "invitation_withdrawn", subject, moderator_id=by, now=now)


def invitation_of(session: Session, token: str, *, now: datetime) -> Invited | None:
    """The invitation of this token; None when it is unknown, used, or its time is over."""
    found = session.execute(
        select(Invitation, Site, Moderator.id)
        .join(Site, Site.id == Invitation.site_id)
        .outerjoin(Moderator, Moderator.email == Invitation.email)
        .where(_is_good(token, now))
    ).first()
    return None if found is None else Invited(*found)


def accept(
    session: Session,
    token: str,
    *,
    signed_in: UUID | None,
    name: str,
    password_hash: str | None,
    now: datetime,
) -> Moderator | None:
    """Take up an invitation: who is signed in with the account that its address has gains the
    site; where it has none, an account is made with this name and password
    (`passwords.hashed`, with no transaction open).

    None when the token is good no longer (of two at once, one wins), when there is no account and
    no password, or when the account is not theirs: then the invitation stays.
    """
    found = invitation_of(session, token, now=now)
    if found is None or not found.is_for(signed_in) or not (found.account or password_hash):
        return None
    invitation = found.invitation
    with session.begin_nested() as step:
        taken = delete(Invitation).where(_is_good(token, now)).returning(Invitation.id)
        if session.execute(taken, execution_options={"synchronize_session": False}).first() is None:
            return None
        if found.account is None:
            account = {"id": new_id(), "email": invitation.email, "name": name}
            account |= {"password_hash": password_hash, "created_at": now}
            if not insert_new(session, Moderator, [account], Moderator.id):
                # Invited to another site, too, somebody has made the account at this very moment.
                step.rollback()
                return None
    moderator = moderators.named(session, invitation.email)
    # Who was added from the command line meanwhile keeps the role that they were given there.
    row = {"moderator_id": moderator.id, "site_id": found.site.id, "role": invitation.role}
    insert_new(session, Assignment, [row])
    said = {"invitation": str(invitation.id), "role": invitation.role}
    _record(session, found.site.id, "moderator_joined", moderator.id, moderator.id, now, **said)
    return moderator


def _is_good(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(Invitation.token_hash == tokens.hash_of(token), Invitation.expires_at > now)


def _record(
    session: Session,
    site_id: UUID,
    event: str,
    moderator_id: UUID,
    by: UUID,
    now: datetime,
    **more: str,
) -> None:
    subject = {"moderator": str(moderator_id)} | more
    audit.record(session, site_id, event, subject, moderator_id=by, now=now)
