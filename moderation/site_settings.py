"""What a site has set for itself: how it publishes, what it asks of its moderators, where its
comments may be shown."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from moderation import audit, suggestions
from moderation.models import Comment, OutsideVerdict, Site, Status
from moderation.policy import Mode
from moderation.sites import SiteError

LANGUAGE = re.compile(r"[a-z]{2,3}")
SPOT_SHARE_MAX = 0.1
"""More would be no spot check, but a second queue."""
SPOT_DAILY_MAX = 500
EXPIRE_DAYS_MAX = 3650
HOLD_BUDGET_MAX = 9_999
"""Less than is counted (`hold_budgets`)."""
ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
"""It stands in headers, a policy of the content among them: nothing else gets in."""
DEFAULT_PORTS = {"http": "80", "https": "443"}
ORIGIN_MAX = 255
ORIGINS_MAX = 50


class TooManyOrigins(SiteError):
    """More pages than a site may have."""

    def __init__(self) -> None:
        super().__init__(f"a site has at most {ORIGINS_MAX} origins")


class NotAnOrigin(SiteError):
    """What is no beginning of a page's address: `origin`."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            "an origin is the beginning of a page's address, as https://daily.example: in small"
            f" letters, at most {ORIGIN_MAX}, with nothing behind host and port, not even a slash"
        )
        self.origin = origin


class Wanted(TypedDict, total=False):
    """Settings to be changed; None, as one that is not named, leaves a thing as it is."""

    mode: Mode | None
    hold_everything: bool | None
    """The switch "hold everything now"."""
    languages: Collection[str] | None
    """What a machine may judge; empty: all that the model reads."""
    spot_share: float | None
    """Which share of what is approved is drawn for the spot check."""
    spot_daily: int | None
    """How many of them are asked about in a day."""
    expire_days: int | None
    """After how many days what is held under a closed story expires; 0: never."""
    hold_budget: int | None
    """Beyond how many held comments a day the site is warned; 0: it is not."""
    figures_of_others: bool | None
    """Whether leads see each moderator's figures."""
    embed_origins: Collection[str] | None
    """Which pages may show its comments."""
    embed_guests: bool | None
    """Whether guests may write there."""
    keep_suggestions: bool | None
    """Whether verdicts on comments that are not here are kept. Those that are go with the
    consent."""


def change(
    session: Session,
    site: Site,
    *,
    moderator_id: UUID | None = None,
    now: datetime,
    **wanted: Unpack[Wanted],
) -> None:
    """Change some of the site's settings. SiteError for what one of them cannot be.

    A site that leaves shadow mode has what was posted in it judged anew, now in earnest; but for
    what its other system has decided (`outside_verdicts.adopt`).
    """
    given = {name: READ[name](value) for name, value in wanted.items() if value is not None}
    if given.get("mode", Mode.SHADOW) != Mode.SHADOW == site.mode:
        _judge_anew(session, site)
    if given.get("keep_suggestions") is False:
        suggestions.erase_all(session, site.id)
    for name, value in given.items():
        if getattr(site, name) != value:
            setattr(site, name, value)
            audit.record(
                session, site.id, f"{name}_set", {name: value}, moderator_id=moderator_id, now=now
            )


def _judge_anew(session: Session, site: Site) -> None:
    decided_elsewhere = select(OutsideVerdict.comment_id).where(
        OutsideVerdict.site_id == Comment.site_id,
        OutsideVerdict.comment_id == Comment.id,
        OutsideVerdict.revision == Comment.revision,
        OutsideVerdict.status != Status.HELD,
    )
    session.execute(
        update(Comment)
        .where(
            Comment.site_id == site.id,
            Comment.status == Status.RECEIVED,
            Comment.judged_at.is_not(None),
            Comment.erased_at.is_(None),
            ~decided_elsewhere.exists(),
        )
        .values(judged_at=None, attempts=0)
        .execution_options(synchronize_session=False)
    )


def _languages(given: Collection[str]) -> list[str]:
    if not all(map(LANGUAGE.fullmatch, given)):
        raise SiteError("a language is a code of two or three letters, as en or ru")
    return sorted(given)


def _up_to(most: float, otherwise: str) -> Callable[[Any], Any]:
    """Of a number from 0 to `most`, which is kept as it is."""

    def read(given: float) -> float:
        if not 0 <= given <= most:
            raise SiteError(otherwise)
        return given

    return read


def _origins(given: Collection[str]) -> list[str]:
    if len(given) > ORIGINS_MAX:
        raise TooManyOrigins
    for one in given:
        if not is_origin(one):
            raise NotAnOrigin(one)
    return sorted(set(given))


def is_origin(given: str) -> bool:
    """Whether it is where pages come from, as a browser writes it: `https://daily.example`, without
    a port that goes without saying, in small letters and Punycode."""
    found = ORIGIN.fullmatch(given)
    return (
        found is not None
        and len(given) <= ORIGIN_MAX
        and DEFAULT_PORTS[found["scheme"]] != found["port"]
    )


READ: Mapping[str, Callable[[Any], Any]] = {
    "mode": Mode,
    "hold_everything": bool,
    "languages": _languages,
    "spot_share": _up_to(SPOT_SHARE_MAX, f"the share of a spot check is 0..{SPOT_SHARE_MAX}"),
    "spot_daily": _up_to(
        SPOT_DAILY_MAX, f"a spot check asks about 0..{SPOT_DAILY_MAX} comments a day"
    ),
    "expire_days": _up_to(
        EXPIRE_DAYS_MAX, f"what is held expires after 1..{EXPIRE_DAYS_MAX} days, or never: 0"
    ),
    "hold_budget": _up_to(
        HOLD_BUDGET_MAX, f"a budget of held comments is 0..{HOLD_BUDGET_MAX} a day"
    ),
    "figures_of_others": bool,
    "embed_origins": _origins,
    "embed_guests": bool,
    "keep_suggestions": bool,
}
"""What is kept of what is given for each; SiteError for what it cannot be."""
