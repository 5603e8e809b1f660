"""A site's own matters: making one, its keys, its policy versions, its switches."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, func, select, update
from sqlalchemy.orm import Session, aliased

from moderation import audit
from moderation import policy as policies
from moderation.models import (
    ApiKey,
    Comment,
    Decision,
    OfSite,
    PostedPolicy,
    Scope,
    Site,
    Status,
    Webhook,
)
from moderation.sql import past_orm, table_of

Row = TypeVar("Row", bound=OfSite)
KEY_PREFIX = "mod_"
LANGUAGE = re.compile(r"[a-z]{2,3}")
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NAME_MAX = 200
SPOT_SHARE_MAX = 0.1
"""More would be no spot check, but a second queue."""
EXPIRE_DAYS_MAX = 3650
SPOT_DAILY_MAX = 500
HOLD_BUDGET_MAX = 9_999
"""Less than is counted (`hold_budgets`)."""
ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
"""It stands in headers, a policy of the content among them: nothing else gets in."""
DEFAULT_PORTS = {"http": "80", "https": "443"}
ORIGIN_MAX = 255
ORIGINS_MAX = 50


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


def add_key(
    session: Session, site: Site, scopes: Collection[Scope], *, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key; the second value is the key itself, which is shown once and never kept."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key = ApiKey(
        site_id=site.id,
        secret_hash=_hash(secret),
        hint=secret[: len(KEY_PREFIX) + 6],
        scopes=sorted(scopes),
        created_at=now,
    )
    session.add(key)
    session.flush()
    audit.record(
        session,
        site.id,
        "key_added",
        {"key": str(key.id), "scopes": key.scopes},
        now=now,
    )
    return key, secret


def keys(session: Session, site: Site) -> list[ApiKey]:
    """The site's keys, oldest first, revoked ones too."""
    return list(
        session.scalars(select(ApiKey).where(ApiKey.site_id == site.id).order_by(ApiKey.created_at))
    )


def revoke_key(session: Session, site: Site, hint: str, *, now: datetime) -> ApiKey:
    """Revoke the key that `hint` begins, or is the whole of; SiteError unless it is exactly one."""
    key = _key_in_force(session, site, hint, now)
    key.revoked_at = now
    audit.record(session, site.id, "key_revoked", {"key": str(key.id)}, now=now)
    return key


def rotate_key(
    session: Session, site: Site, hint: str, *, ends_at: datetime, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key that may do what the one of `hint` may, which ends at `ends_at`.

    Until then both are in force. The second value is the new key, as of `add_key`. SiteError as of
    `revoke_key`.
    """
    old = _key_in_force(session, site, hint, now)
    new, secret = add_key(session, site, [Scope(scope) for scope in old.scopes], now=now)
    old.expires_at = min(ends_at, old.expires_at or ends_at)
    audit.record(
        session,
        site.id,
        "key_rotated",
        {"key": str(old.id), "by": str(new.id), "ends_at": old.expires_at.isoformat()},
        now=now,
    )
    return new, secret


def is_in_force(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a key of which this is known opens anything at `now`."""
    return revoked_at is None and (expires_at is None or now < expires_at)


def _key_in_force(session: Session, site: Site, hint: str, now: datetime) -> ApiKey:
    matching = [
        key
        for key in keys(session, site)
        if is_in_force(key.revoked_at, key.expires_at, now)
        and hint
        and (key.secret_hash == _hash(hint) or key.hint.startswith(hint))
    ]
    if len(matching) != 1:
        raise SiteError(f"{len(matching)} keys of this site in force begin with that")
    return matching[0]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a site, by a key in force."""

    site_id: UUID
    site: str
    key_id: UUID
    scopes: frozenset[str]

    def may(self, scope: Scope) -> bool:
        """Whether the key has the scope; `admin` has them all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


_BY_SECRET = (
    select(
        ApiKey.site_id,
        Site.slug,
        ApiKey.id,
        ApiKey.scopes,
        ApiKey.revoked_at,
        ApiKey.expires_at,
    )
    .join(Site, Site.id == ApiKey.site_id)
    .where(ApiKey.secret_hash == bindparam("secret_hash"))
)
"""Made once: every request asks this, and making a query takes as long as running it."""


def authenticate(connection: Connection, secret: str, *, now: datetime) -> Caller | None:
    """The caller of that key, None when there is none such or it is no longer in force.

    Looked up by hash: how long the comparison takes tells nothing about any key.
    """
    row = connection.execute(_BY_SECRET, {"secret_hash": _hash(secret)}).first()
    if row is None or not is_in_force(row.revoked_at, row.expires_at, now):
        return None
    return Caller(row.site_id, row.slug, row.id, frozenset(row.scopes))


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
"""Made once, as `_BY_SECRET`; asked for each batch that is judged."""
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


def _check_origins(origins: Collection[str]) -> None:
    if len(origins) > ORIGINS_MAX:
        raise SiteError(f"a site has at most {ORIGINS_MAX} origins")
    if not all(map(is_origin, origins)):
        raise SiteError(
            "an origin is the beginning of a page's address, as https://daily.example, of at most"
            f" {ORIGIN_MAX} characters"
        )


def is_origin(given: str) -> bool:
    """Whether it is where pages come from, as a browser writes it: `https://daily.example`, without
    a port that goes without saying, in small letters and Punycode."""
    found = ORIGIN.fullmatch(given)
    return (
        found is not None
        and len(given) <= ORIGIN_MAX
        and DEFAULT_PORTS[found["scheme"]] != found["port"]
    )


def change(
    session: Session,
    site: Site,
    *,
    mode: policies.Mode | None = None,
    hold_everything: bool | None = None,
    languages: Collection[str] | None = None,
    spot_share: float | None = None,
    spot_daily: int | None = None,
    expire_days: int | None = None,
    hold_budget: int | None = None,
    figures_of_others: bool | None = None,
    embed_origins: Collection[str] | None = None,
    embed_guests: bool | None = None,
    moderator_id: UUID | None = None,
    now: datetime,
) -> None:
    """Change the site's mode, its switch "hold everything now", its readable languages, its spot
    check (which share of what is approved is drawn, and how many are asked about in a day), after
    how many days what is held under a closed story expires (0: never), beyond how many held
    comments a day it is warned (0: it is not), whether leads see each moderator's figures, which
    pages may show its comments, or whether guests may write there.

    None leaves a thing as it is. SiteError for what is not a language code, not the origin of a
    page, or is out of bounds. A
    site that leaves shadow mode has what was posted in it judged anew, now in earnest.
    """
    if languages is not None and not all(LANGUAGE.fullmatch(code) for code in languages):
        raise SiteError("a language is a code of two or three letters, as en or ru")
    if spot_share is not None and not 0 <= spot_share <= SPOT_SHARE_MAX:
        raise SiteError(f"the share of a spot check is 0..{SPOT_SHARE_MAX}")
    if spot_daily is not None and not 0 <= spot_daily <= SPOT_DAILY_MAX:
        raise SiteError(f"a spot check asks about 0..{SPOT_DAILY_MAX} comments a day")
    if expire_days is not None and not 0 <= expire_days <= EXPIRE_DAYS_MAX:
        raise SiteError(f"what is held expires after 1..{EXPIRE_DAYS_MAX} days, or never: 0")
    if hold_budget is not None and not 0 <= hold_budget <= HOLD_BUDGET_MAX:
        raise SiteError(f"a budget of held comments is 0..{HOLD_BUDGET_MAX} a day")
    _check_origins(embed_origins or ())
    if mode is not None and site.mode == policies.Mode.SHADOW != mode:
        session.execute(
            update(Comment)
            .where(
                Comment.site_id == site.id,
                Comment.status == Status.RECEIVED,
                Comment.judged_at.is_not(None),
                Comment.erased_at.is_(None),
            )
            .values(judged_at=None, attempts=0)
            .execution_options(synchronize_session=False)
        )
    wanted = {
        "mode": mode,
        "hold_everything": hold_everything,
        "languages": None if languages is None else sorted(languages),
        "spot_share": spot_share,
        "spot_daily": spot_daily,
        "expire_days": expire_days,
        "hold_budget": hold_budget,
        "figures_of_others": figures_of_others,
        "embed_origins": None if embed_origins is None else sorted(set(embed_origins)),
        "embed_guests": embed_guests,
    }
    for name, value in wanted.items():
        if value is not None and getattr(site, name) != value:
            setattr(site, name, value)
            audit.record(
                session, site.id, f"{name}_set", {name: value}, moderator_id=moderator_id, now=now
            )


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


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
