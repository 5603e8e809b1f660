"""Sites: making one, what is its own, the numbers under which it is told."""

import re
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select, update
from sqlalchemy.orm import Session

from moderation.models import Decision, OfSite, Site, Webhook
from moderation.sql import past_orm, table_of

Row = TypeVar("Row", bound=OfSite)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_MAX = 200


class SiteError(ValueError):
    """A site that cannot be made, or is not there; the message says why."""


class NotFound(LookupError):
    """The site has no such row. Another site's row is not found either."""


def owned(session: Session, kind: type[Row], site_id: UUID, row_id: UUID) -> Row:
    """The site's row of that id; NotFound when it has none."""
    row = session.get(kind, (site_id, row_id))
    if row is None:
        raise NotFound(kind.__name__.lower())
    return row


def add(session: Session, slug: str, *, name: str = "", now: datetime) -> Site:
    """Make a site. SiteError when the slug is malformed or taken, or the name too long."""
    if not SLUG.fullmatch(slug):
        raise SiteError("a site's name in addresses is 1..63 of a-z, 0-9 and inner hyphens")
    if len(name) > NAME_MAX:  # SQLite would take it, and no backup of it go into Postgres
        raise SiteError(f"a publication's name has at most {NAME_MAX} characters")
    if find(session, slug) is not None:
        raise SiteError(f"the site {slug} is there already")
    site = Site(slug=slug, name=name or slug, languages=[], created_at=now)
    session.add(site)
    session.flush()
    return site


def find(session: Session, slug: str) -> Site | None:
    """The site of that slug."""
    return session.scalar(select(Site).where(Site.slug == slug))


def named(session: Session, slug: str) -> Site:
    """The site of that slug; SiteError when there is none."""
    site = find(session, slug)
    if site is None:
        raise SiteError(f"there is no site {slug}")
    return site


def all_sites(session: Session) -> list[Site]:
    """Every site, by slug."""
    return list(session.scalars(select(Site).order_by(Site.slug)))


def lock(session: Session, site_id: UUID) -> None:
    """Have whoever does the same, or numbers something of the site, wait until the commit. What
    only names the site passes, as each comment that comes in."""
    session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))


_NUMBER = (
    update(table_of(Site))
    .where(Site.id == bindparam("site"))
    .values(decisions_seq=Site.decisions_seq + bindparam("count", type_=BigInteger))
    .returning(Site.decisions_seq)
)
_HEARD = select(Webhook.id).where(Webhook.site_id == bindparam("site"), Webhook.enabled).exists()
_NUMBER_HEARD = _NUMBER.returning(_HEARD.label("heard"))


def numbers(session: Session, site_id: UUID, count: int) -> range:
    """The next `count` numbers under which the site is told something.

    The last thing a transaction does: it locks the site's row until the commit, which is what keeps
    a reader of a feed from passing what commits late. For several sites, call it in the order of
    their ids.
    """
    last: int = past_orm(session).execute(_NUMBER, {"site": site_id, "count": count}).scalar_one()
    return range(last - count + 1, last + 1)


def numbers_heard(session: Session, site_id: UUID, count: int) -> tuple[range, bool]:
    """The same, and whether any webhook of the site is to hear of it: in one question, as each
    batch of decisions asks it."""
    asked = {"site": site_id, "count": count}
    found = past_orm(session).execute(_NUMBER_HEARD, asked).mappings().one()
    last: int = found["decisions_seq"]
    return range(last - count + 1, last + 1), bool(found["heard"])


def numbers_before(session: Session, site_id: UUID, count: int) -> range:
    """The next `count` numbers below all that the site has, and below zero: nothing is told under
    them. It locks the site's row as `numbers` does, so that no two imports take the same.
    """
    lock(session, site_id)
    lowest = session.scalar(select(func.min(Decision.seq)).where(Decision.site_id == site_id))
    first = min(lowest or 0, 0) - 1
    return range(first, first - count, -1)
