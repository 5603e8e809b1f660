"""How much is held, and where it lies: what tabs and figures say of it. Reads only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, case, func, literal, select
from sqlalchemy.orm import Session

from moderation.models import Appeal, Comment, Decision, Instant, Notice, Site, Tray, lies_in
from moderation.paging import Rows
from moderation.queue import piles
from moderation.sql import past_orm

COUNTED_TO = 1000
"""Counts stop here: counting everything that waits is what makes such pages slow."""
DECIDED_WITHIN = timedelta(days=1)
"""What the count of decided comments counts."""


@dataclass(frozen=True, slots=True)
class Tabs:
    """How many comments lie where, each counted to COUNTED_TO + 1 a site (that is: more).

    `waiting` by site, of all that were asked for; the others of those that are shown, `total` of
    what waits there.
    """

    waiting: Mapping[UUID, int]
    total: int
    later: int
    escalated: int
    mine: int
    appeals: int
    notices: int
    decided: int


def tabs(
    session: Session,
    site_ids: Collection[UUID],
    *,
    shown: Collection[UUID],
    moderator_id: UUID,
    now: datetime,
) -> Tabs:
    """How many comments lie where: in one query, however many sites there are."""
    asked = {
        "sites": list(site_ids),
        "shown": list(shown),
        "moderator": moderator_id,
        "since": now - DECIDED_WITHIN,
    }
    counted = past_orm(session).execute(_TABS, asked).all()

    def total(name: str) -> int:
        return sum(getattr(row, name) or 0 for row in counted)

    return Tabs(
        {row.site_id: row.waiting for row in counted},
        sum(row.waiting for row in counted if row.site_id in shown),
        total("later"),
        total("escalated"),
        total("moved") + total("opened"),
        total("appeals"),
        total("notices"),
        total("decided"),
    )


def counts(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many comments are held at each site, counted to COUNTED_TO + 1 (that is: more)."""
    return {
        site_id: session.scalar(select(_capped(piles.held(site_id)))) or 0 for site_id in site_ids
    }


def oldest(session: Session, site_ids: Collection[UUID]) -> Mapping[UUID, datetime | None]:
    """Since when the oldest comment waits at each site; None where none does."""
    since = func.min(Comment.received_at)
    return {
        site_id: session.scalar(piles.held(site_id).with_only_columns(since))
        for site_id in site_ids
    }


def _capped(rows: Rows) -> Any:
    some = rows.with_only_columns(literal(1)).limit(COUNTED_TO + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _tabs() -> Select[Any]:
    """Every count of every site, those of the trays only where they are shown."""
    held = piles.held(Site.id).correlate(Site)
    moved, opened = piles.with_moderator(Site.id, bindparam("moderator", type_=Uuid()))
    decided = select(Decision.id).where(
        Decision.site_id == Site.id,
        Decision.moderator_id.is_not(None),
        Decision.decided_at > bindparam("since", type_=Instant()),
    )
    noticed = select(Notice.id).where(Notice.site_id == Site.id, Notice.outcome.is_(None))
    appealed = select(Appeal.id).where(Appeal.site_id == Site.id, Appeal.outcome.is_(None))
    lies = {
        "later": held.where(lies_in(Tray.LATER)),
        "escalated": held.where(lies_in(Tray.ESCALATED)),
        "moved": moved,
        "opened": opened,
        "appeals": appealed,
        "notices": noticed,
        "decided": decided,
    }
    is_shown = Site.id.in_(bindparam("shown", expanding=True))
    return select(
        Site.id.label("site_id"),
        _capped(held.where(lies_in(Tray.WAITING))).label("waiting"),
        *(
            case((is_shown, _capped(rows.correlate(Site)))).label(name)
            for name, rows in lies.items()
        ),
    ).where(Site.id.in_(bindparam("sites", expanding=True)))


_TABS = _tabs()
"""Made once: it takes longer to put together than to answer."""
