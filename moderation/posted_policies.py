"""The policies that sites have posted: a new version, the one in force, those that were."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from moderation import audit, sites
from moderation.models import PostedPolicy, Site
from moderation.policy import Policy, parse
from moderation.sql import past_orm


class PostedMeanwhile(Exception):
    """Another version of the policy was posted since the one that was looked at: an ordinary
    answer, not a fault."""

    def __init__(self, version: int) -> None:
        super().__init__("the policy has changed since it was shown")
        self.version = version


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted version, read."""

    version: int
    source: str
    posted_at: datetime
    policy: Policy


def post(
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
    parse(source, attributes)
    sites.lock(session, site.id)  # so that two posts at once get two numbers
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


def versions(
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


def current(session: Session, site_id: UUID) -> Posted | None:
    """The version in force, None when the site has posted none (then everything is held)."""
    return of_version(session, site_id, None)


def current_of_sites(session: Session, site_ids: Collection[UUID]) -> dict[UUID, Posted | None]:
    """The version in force at each of these sites, None where none is posted: in one query."""
    found = past_orm(session).execute(_NEWEST_OF_EACH, {"sites": list(site_ids)}).all()
    posted = {row.site_id: _read(row) for row in found}
    return {site_id: posted.get(site_id) for site_id in site_ids}


def of_version(session: Session, site_id: UUID, version: int | None) -> Posted | None:
    """A version of the site's policy; the newest when `version` is None."""
    query = _NEWEST if version is None else _VERSION
    row = past_orm(session).execute(query, {"site": site_id, "version": version}).first()
    return None if row is None else _read(row)


def of_versions(session: Session, site_id: UUID, versions: Collection[int]) -> dict[int, Posted]:
    """These versions of the site's policy, by number; one that it never posted is absent."""
    posted = of_sites(session, [site_id], versions)
    return {version: one for (_, version), one in posted.items()}


def of_sites(
    session: Session, site_ids: Collection[UUID], versions: Collection[int]
) -> dict[tuple[UUID, int], Posted]:
    """The same of several sites, by site and number: in one query."""
    asked = {"sites": list(site_ids), "versions": list(versions)}
    found = past_orm(session).execute(_SOME_OF_SOME, asked).all()
    return {(row.site_id, row.version): _read(row) for row in found}


def _read(row: Row[*tuple[Any, ...]]) -> Posted:
    return Posted(row.version, row.source, row.posted_at, _parsed(row.source))


@lru_cache(maxsize=256)
def _parsed(source: str) -> Policy:
    return parse(source)
