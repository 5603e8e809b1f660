"""Who somebody is to the provider of the single sign-on, and which account that is here."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import audit
from moderation.models import Identity, Moderator
from moderation.sql import insert_new
from moderation.staff import moderators


def account_of(
    session: Session, issuer: str, subject: str, *, email: str | None, now: datetime
) -> Moderator | None:
    """The account of whom the provider (`issuer`) calls `subject`.

    The first time it is found by `email`, which the provider must have verified (else None), and
    kept; from then on by the subject alone. Nobody gets an account by this. An account that is kept
    for another subject is not given to a second one: a newsroom may hand an address on to somebody
    new.
    """
    known = select(Moderator).join(Identity, Identity.moderator_id == Moderator.id)
    known = known.where(Identity.issuer == issuer, Identity.subject == subject)
    moderator = session.scalar(known)
    if moderator is not None or email is None:
        return moderator
    found = moderators.find(session, email)
    if found is None:
        return None
    row = {"issuer": issuer, "subject": subject, "moderator_id": found.id, "joined_at": now}
    if insert_new(session, Identity, [row], Identity.subject):
        audit.record_of_account(session, found.id, "single_sign_on_joined", now=now)
    # Not what was found, but what is kept: somebody else's row may stand in the way.
    return session.scalar(known)
