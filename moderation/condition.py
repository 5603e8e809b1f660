"""How the service is doing: what /readyz, /metrics and `moderation status` tell, looked up once."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import redis
from sqlalchemy import and_, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config.model import ModelFacts
from config.settings import Settings
from moderation import backlog, policy, queue, schema, sites
from moderation.db import Database
from moderation.figures import hold_budgets
from moderation.models import PostedPolicy, Site
from moderation.shared_redis import impatient
from moderation.webhooks import deliveries
from moderation.webhooks.deliveries import Undelivered

REDIS_SECONDS = 0.1
"""How long Redis may take to say that it is there."""
ASKED_EVERY = 1.0
"""Seconds between two such questions of one process."""
UNREACHABLE = "the database cannot be reached"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Comments that wait, counted to 1000 or a little more, and for how long the oldest has."""

    comments: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Misfit:
    """Where a site's policy and the model do not go together.

    `clause` asks for a score that the model does not give: what it is about is held. None: the
    policy as a whole was posted for another model, and its thresholds may mean something else.
    """

    site: str
    clause: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What the database says of the service. `problem`: why it cannot do its work; then the rest is
    not known."""

    problem: str | None = None
    reachable: bool = True
    to_judge: Waiting = Waiting()
    held: Mapping[str, Waiting] = field(default_factory=dict)
    """For a moderator, by site, if it was asked for."""
    budgets: Mapping[str, hold_budgets.Holds] = field(default_factory=dict)
    """What was held today where a site has a budget, by site; if `held` was asked for."""
    undelivered: Mapping[str, Undelivered] = field(default_factory=dict)
    """What waits to be told, by site that has a webhook; if `held` was asked for."""
    misfits: tuple[Misfit, ...] = ()


def look(db: Database, model: ModelFacts, *, now: datetime, held: bool = True) -> Condition:
    """Ask the database; without `held` it costs the same however many sites there are. Never raises
    because of it."""
    try:
        schema.check(db)
        with db.reading() as session:
            return Condition(
                to_judge=_waiting(now, *backlog.since(session)),
                held=_held(session, now) if held else {},
                budgets=_budgets(session, now) if held else {},
                undelivered=deliveries.undelivered(session) if held else {},
                misfits=tuple(_misfits(session, model)),
            )
    except schema.SchemaError as error:
        return Condition(problem=str(error))
    except SQLAlchemyError:
        return Condition(problem=UNREACHABLE, reachable=False)


def _waiting(now: datetime, comments: int, oldest: datetime | None) -> Waiting:
    return Waiting(comments, max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)


def _held(session: Session, now: datetime) -> dict[str, Waiting]:
    every = {site.id: site.slug for site in sites.all_sites(session)}
    counts, oldest = queue.counts(session, every), queue.oldest(session, every)
    return {slug: _waiting(now, counts[id_], oldest[id_]) for id_, slug in every.items()}


def _budgets(session: Session, now: datetime) -> dict[str, hold_budgets.Holds]:
    every = sites.all_sites(session)
    found = hold_budgets.today(session, every, now=now)
    return {site.slug: found[site.id] for site in every if site.id in found}


def _misfits(session: Session, model: ModelFacts) -> list[Misfit]:
    newest = (
        select(PostedPolicy.site_id, func.max(PostedPolicy.version).label("version"))
        .group_by(PostedPolicy.site_id)
        .subquery()
    )
    rows = session.execute(
        select(Site.slug, PostedPolicy.source, PostedPolicy.model_version)
        .join(PostedPolicy, PostedPolicy.site_id == Site.id)
        .join(
            newest,
            and_(
                newest.c.site_id == PostedPolicy.site_id,
                newest.c.version == PostedPolicy.version,
            ),
        )
        .order_by(Site.slug)
    )
    found = []
    for slug, source, tuned_for in rows:
        try:
            unscored = _asked_in_vain(source, model.attributes)
        except policy.PolicyError:
            found.append(Misfit(slug, None, "this release cannot read the policy"))
            continue
        for clause, attribute in unscored:
            found.append(Misfit(slug, clause, f"the model does not score {attribute}"))
        if tuned_for != model.version:
            problem = f"the policy was posted for model {tuned_for}, this is {model.version}"
            found.append(Misfit(slug, None, problem))
    return found


@lru_cache(maxsize=256)
def _asked_in_vain(source: str, attributes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Clauses, each with an attribute that it has a rule on and the model does not declare."""
    return tuple(
        (clause.key, condition.attribute)
        for clause in policy.parse(source).clauses
        for rule in clause.rules
        for condition in rule.conditions
        if isinstance(condition, policy.ScoreAtLeast) and condition.attribute not in attributes
    )


class Broker:
    """Whether Redis answers. Without one (the embedded mode) nobody is missing."""

    def __init__(self, settings: Settings) -> None:
        self._client = (
            None
            if settings.embedded
            else redis.Redis.from_url(settings.redis_url, **impatient(REDIS_SECONDS))
        )
        self._one_at_a_time = threading.Lock()
        self._asking: threading.Thread | None = None
        self._asked = -ASKED_EVERY
        self._answered = False

    def answers(self) -> bool:
        """Asked at most once a second; answered within REDIS_SECONDS, also by no answer."""
        if self._client is None:
            return True
        with self._one_at_a_time:
            if self._asking is None and time.monotonic() - self._asked >= ASKED_EVERY:
                self._asked = time.monotonic()
                # Beside the request: looking up a host's name has no time limit of its own.
                self._asking = threading.Thread(target=self._ask, name="broker", daemon=True)
                self._asking.start()
        if (asking := self._asking) is not None:
            asking.join(REDIS_SECONDS)
            return not asking.is_alive() and self._answered
        return self._answered

    def _ask(self) -> None:
        assert self._client is not None  # noqa: S101 - or nobody would ask
        try:
            self._answered = bool(self._client.ping())
        except redis.RedisError:
            self._answered = False
        self._asking = None
