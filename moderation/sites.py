"""Sites: making one, what is its own, its policy versions, the numbers under which it is told."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from moderation import audit
from moderation import policy as policies
from moderation.models import Decision, OfSite, PostedPolicy, Site, Webhook
from moderation.sql import past_orm, table_of

Row = TypeVar("Row", bound=OfSite)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_MAX = 200


class SiteError(ValueError):
    """A site that cannot be made, or is not there; the message says why."""


class PostedMeanwhile(Exception):
    """Another version of the policy was posted since the one that was looked at: an ordinary
    answer, not a fault."""

    def __init__(self, version: int) -> None:
        super().__init__("the policy has changed since it was shown")
        self.version = version


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


@dataclass(frozen=True, slots=True)
class CurrentPolicy:
    """A posted version, read."""

    version: int
    source: str
    posted_at: datetime
    policy: policies.Policy


def post_policy(
    session: Session,
    site: Site,
    source: str,
    *,
    attributes: Collection[str],
    model_version: str,
    following: int | None = None,
    moderator_id: UUID | None = None,
    now: datetime,
) -> int:
    """Post a new version of the site's policy; answers its number. Re-judges nothing.

    PolicyError names every mistake, also rules on attributes that the model does not score.
    `following` is the version that it is meant to follow (0: the site has none); PostedMeanwhile
    when it is no longer the newest.
    """
    policies.parse(source, attributes)
    # The site's row is locked, so that two posts at once get two numbers.
    session.execute(select(Site.id).where(Site.id == site.id).with_for_update())
    last = session.scalar(
        select(func.max(PostedPolicy.version)).where(PostedPolicy.site_id == site.id)
    )
    if following is not None and following != (last or 0):
        raise PostedMeanwhile(last or 0)
    version = (last or 0) + 1
    session.add(
        PostedPolicy(
            site_id=site.id,
            version=version,
            source=source,
            model_version=model_version,
            posted_at=now,
        )
    )
    session.flush()
    audit.record(
        session,
        site.id,
        "policy_posted",
        {"version": version},
        moderator_id=moderator_id,
        now=now,
    )
    return version


def policy_versions(
    session: Session, site_id: UUID, *, before: int | None = None, limit: int
) -> list[tuple[int, datetime]]:
    """The site's versions below `before` with the moments they were posted, newest first."""
    query = select(PostedPolicy.version, PostedPolicy.posted_at).where(
        PostedPolicy.site_id == site_id
    )
    if before is not None:
        query = query.where(PostedPolicy.version < before)
    rows = session.execute(query.order_by(PostedPolicy.version.desc()).limit(limit))
    return [(version, posted_at) for version, posted_at in rows]


_NEWEST = (
    select(PostedPolicy.version, PostedPolicy.source, PostedPolicy.posted_at)
    .where(PostedPolicy.site_id == bindparam("site"))
    .order_by(PostedPolicy.version.desc())
    .limit(1)
)
"""Made once: it is asked for each batch that is judged, and making a query takes as long as running
it."""
_VERSION = _NEWEST.where(PostedPolicy.version == bindparam("version"))
_one = aliased(PostedPolicy)
_NEWEST_OF_EACH = select(
    PostedPolicy.site_id, PostedPolicy.version, PostedPolicy.source, PostedPolicy.posted_at
).where(
    PostedPolicy.site_id.in_(bindparam("sites", expanding=True)),
    PostedPolicy.version
    == select(func.max(_one.version)).where(_one.site_id == PostedPolicy.site_id).scalar_subquery(),
)
_SOME_OF_SOME = select(
    PostedPolicy.site_id, PostedPolicy.version, PostedPolicy.source, PostedPolicy.posted_at
).where(
    PostedPolicy.site_id.in_(bindparam("sites", expanding=True)),
    PostedPolicy.version.in_(bindparam("versions", expanding=True)),
)


def current_policy(session: Session, site_id: UUID) -> CurrentPolicy | None:
    """The version in force, None when the site has posted none (then everything is held)."""
    return posted_policy(session, site_id, None)


def current_policies(
    session: Session, site_ids: Collection[UUID]
) -> dict[UUID, CurrentPolicy | None]:
    """The version in force at each of these sites, None where none is posted: in one query."""
    found = past_orm(session).execute(_NEWEST_OF_EACH, {"sites": list(site_ids)}).all()
    posted = {
        row.site_id: CurrentPolicy(row.version, row.source, row.posted_at, _parsed(row.source))
        for row in found
    }
    return {site_id: posted.get(site_id) for site_id in site_ids}


def posted_policy(session: Session, site_id: UUID, version: int | None) -> CurrentPolicy | None:
    """A version of the site's policy; the newest when `version` is None."""
    query = _NEWEST if version is None else _VERSION
    row = past_orm(session).execute(query, {"site": site_id, "version": version}).first()
    if row is None:
        return None
    return CurrentPolicy(row.version, row.source, row.posted_at, _parsed(row.source))


def posted_policies(
    session: Session, site_id: UUID, versions: Collection[int]
) -> dict[int, CurrentPolicy]:
    """These versions of the site's policy, by number; one that it never posted is absent."""
    posted = policies_of_sites(session, [site_id], versions)
    return {version: policy for (_, version), policy in posted.items()}


def policies_of_sites(
    session: Session, site_ids: Collection[UUID], versions: Collection[int]
) -> dict[tuple[UUID, int], CurrentPolicy]:
    """The same of several sites, by site and number: in one query."""
    asked = {"sites": list(site_ids), "versions": list(versions)}
    return {
        (row.site_id, row.version): CurrentPolicy(
            row.version, row.source, row.posted_at, _parsed(row.source)
        )
        for row in past_orm(session).execute(_SOME_OF_SOME, asked).all()
    }


@lru_cache(maxsize=256)
def _parsed(source: str) -> policies.Policy:
    return policies.parse(source)


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
    locked = select(Site.id).where(Site.id == site_id).with_for_update(key_share=True)
    session.execute(locked).one()
    lowest = session.scalar(select(func.min(Decision.seq)).where(Decision.site_id == site_id))
    first = min(lowest or 0, 0) - 1
    return range(first, first - count, -1)
