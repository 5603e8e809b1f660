"""Days that are over, counted before somebody asks for a site's figures.

A day that is over still changes: what it held is decided later, and decisions are undone. So all of
them that figures are about are counted again and again, by workers, each whole and by itself:
nothing is added to what was counted before, so that doing it twice, or at once, does no harm.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from moderation.figures import days
from moderation.figures.site_figures import KEPT, Counted, count
from moderation.models import Site, SiteDay
from moderation.sql import insert_or_take_over, table_of

AGAIN_AFTER = timedelta(hours=1)
"""So old may be what was counted of a day, and about as old is what the page of figures says of it.
Counting four weeks of a site with 20,000 comments a day takes some seconds of the database."""

Begin = Callable[[], AbstractContextManager[Session]]


def count_due(look: Begin, write: Begin, *, now: datetime) -> Iterator[tuple[UUID, date]]:
    """Count the days of all sites that are due, the oldest first, one at each step, with nothing
    open between two; tells which it was.

    `look` begins a transaction to read in, `write` one to write in: counting keeps no writer
    waiting. Of two workers at once both may count a day; the later count is the one that is kept.
    """
    dates = days.last(now)[:-1]
    with write() as session:
        session.execute(delete(SiteDay).where(SiteDay.day < dates[0]))
    with look() as session:
        site_ids = list(session.scalars(select(Site.id).order_by(Site.id)))
    for site_id in site_ids:
        with look() as session:
            fresh = _fresh(session, site_id, now)
        for day in dates:
            if day in fresh:
                continue
            with look() as session:
                [counted] = count(session, site_id, [day])
            with write() as session:
                _keep(session, site_id, counted, now)
            yield site_id, day


def forget(session: Session, site_id: UUID, days: Collection[date]) -> None:
    """Have these days counted anew: something has come to be on them since."""
    session.execute(delete(SiteDay).where(SiteDay.site_id == site_id, SiteDay.day.in_(days)))


def _keep(session: Session, site_id: UUID, counted: Counted, now: datetime) -> None:
    row = {
        "site_id": site_id,
        "day": counted.day.date,
        "counted": KEPT.dump_python(counted, mode="json", exclude={"day": {"own"}}),
        "counted_at": now,
    }
    is_older = table_of(SiteDay).c.counted_at < now
    insert_or_take_over(session, SiteDay, [row], where=is_older, returning=[SiteDay.day])


def _fresh(session: Session, site_id: UUID, now: datetime) -> set[date]:
    return set(
        session.scalars(
            select(SiteDay.day).where(
                SiteDay.site_id == site_id, SiteDay.counted_at > now - AGAIN_AFTER
            )
        )
    )
