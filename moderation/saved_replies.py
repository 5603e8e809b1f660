"""Texts that a site keeps for blocks under one clause, told to the commenter: its saved replies.

A lead keeps them. A decision takes the words along, so one that is changed or removed changes
nothing that was told before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, defer

from moderation import audit, posted_policies, sites
from moderation.models import SavedReply
from moderation.sites import NotFound

TITLE_MAX = 80
TEXT_MAX = 1000
"""Characters of a reply, and of any other explanation."""
MOST = 100
"""Replies of a site: every card offers them."""


_OF_SITES = (
    select(SavedReply)
    .where(SavedReply.site_id.in_(bindparam("sites", expanding=True)))
    .order_by(SavedReply.clause, SavedReply.title, SavedReply.id)
)
_WITHOUT_TEXTS = _OF_SITES.options(defer(SavedReply.text, raiseload=True))
"""Made once: they take longer to put together than to answer."""


class Full(Exception):
    """The site has as many saved replies as it can have."""


def add(
    session: Session,
    site_id: UUID,
    *,
    clause: str,
    title: str,
    text: str,
    moderator_id: UUID,
    now: datetime,
) -> UUID:
    """Keep a text for a clause; answers its id. NotFound when the site's policy has no such clause,
    Full when there are MOST."""
    posted = posted_policies.current(session, site_id)
    if posted is None or clause not in posted.policy.clause_keys:
        raise NotFound("clause")
    count = select(func.count()).select_from(SavedReply).where(SavedReply.site_id == site_id)
    if (session.scalar(count) or 0) >= MOST:
        raise Full
    reply = SavedReply(site_id=site_id, clause=clause, title=title, text=text, changed_at=now)
    session.add(reply)
    session.flush()  # which gives it its id
    _log(session, "reply_saved", reply, moderator_id, now)
    return reply.id


def change(
    session: Session,
    site_id: UUID,
    reply_id: UUID,
    *,
    title: str,
    text: str,
    moderator_id: UUID,
    now: datetime,
) -> None:
    """Write one anew. NotFound when the site has none such."""
    reply = sites.owned(session, SavedReply, site_id, reply_id)
    reply.title, reply.text, reply.changed_at = title, text, now
    _log(session, "reply_changed", reply, moderator_id, now)


def remove(
    session: Session, site_id: UUID, reply_id: UUID, *, moderator_id: UUID, now: datetime
) -> None:
    """Offer one no more. NotFound when the site has none such."""
    reply = sites.owned(session, SavedReply, site_id, reply_id)
    _log(session, "reply_removed", reply, moderator_id, now)
    session.delete(reply)


def of_sites(
    session: Session, site_ids: Collection[UUID], *, with_texts: bool = False
) -> Mapping[UUID, Sequence[SavedReply]]:
    """What each of these sites has saved, by clause and title; without the texts unless asked."""
    query = _OF_SITES if with_texts else _WITHOUT_TEXTS
    saved: dict[UUID, list[SavedReply]] = defaultdict(list)
    for reply in session.scalars(query, {"sites": list(site_ids)}):
        saved[reply.site_id].append(reply)
    return saved


def text_of(session: Session, site_id: UUID, reply_id: UUID) -> tuple[str, str]:
    """The clause and the text of one. NotFound when the site has none such."""
    reply = sites.owned(session, SavedReply, site_id, reply_id)
    return reply.clause, reply.text


def _log(
    session: Session, event: str, reply: SavedReply, moderator_id: UUID, now: datetime
) -> None:
    subject = {"reply": str(reply.id), "clause": reply.clause}
    audit.record(session, reply.site_id, event, subject, moderator_id=moderator_id, now=now)
