"""What everything on a reader's page passes: which site's it is, where the page is from, how often
somebody may send something."""

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from flask import g, request

from moderation import limits, secret_key, sites
from moderation.embed.identity import Writer
from moderation.embed.wording import Code, Turned
from moderation.models import Site
from moderation.sealing import derived
from moderation.services import services
from moderation.threads import Place

LANGUAGE = "lang"
"""The parameter by which a page says which language it is in."""


def now() -> datetime:
    """The moment of this request."""
    return datetime.now(UTC)


def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Of an address about a site: the views ask for `site()`."""
    g.slug = (values or {}).pop("slug", None)


def find_site() -> Site:
    """The site that the address names; Turned where there is none, and where it shows its comments
    nowhere."""
    if not sites.SLUG.fullmatch(g.slug):  # also what no database could hold
        raise Turned(Code.NOWHERE)
    with services().db.reading() as session:
        found = sites.find(session, g.slug)
    if found is None or not found.embed_origins:
        raise Turned(Code.NOWHERE)
    g.embed_site = found
    return found


def has_site() -> bool:
    """Whether one was found."""
    return "embed_site" in g


def site() -> Site:
    """That one."""
    return cast("Site", g.embed_site)


def place() -> Place | None:
    """From where on the thread is asked for; None: from the beginning."""
    try:
        return Place.parse(request.args["after"]) if "after" in request.args else None
    except (ValueError, OverflowError):
        raise Turned(Code.UNREADABLE) from None


def note_language(said: str) -> None:
    """Let everything be said in the page's language, a tag as `hy-AM`, where we know it."""
    g.page_language = said.lower().split("-")[0]


def is_own(origin: str) -> bool:
    """Whether that is where this service's own pages are. Not by the scheme: the proxy that speaks
    https may not say so."""
    return origin.partition("://")[2] == request.host


def check_origin(site: Site, *, own: bool) -> None:
    """Turn away what a page sends that is not one of the site's, or (`own`) of this service.

    Every browser says where a page is from that sends something; whoever is no browser can say
    anything, and has no reader's identity to borrow.
    """
    origin = request.headers.get("Origin")
    if origin in site.embed_origins or (own and origin is not None and is_own(origin)):
        return
    raise Turned(Code.FOREIGN_ORIGIN)


def count(site: Site, writer: Writer, story_id: str, *, at: datetime) -> None:
    """Count what somebody sends: on their address, on them, on the story (its external id).

    `limits.TooMany` beyond any of these. Of the address a hash is kept, for as long as the limit's
    window: at most a day.
    """
    settings = services().settings
    limits.count(settings.rate_per_address, f"{site.id}:{_address(at)}", "reader's address")
    limits.count_commenter(settings.rate_per_commenter, site.id, writer.ref.id)
    hashed = hashlib.sha256(story_id.encode()).hexdigest()
    limits.count(settings.rate_per_story, f"{site.id}:{hashed}", "story")


def is_first_report(comment_id: UUID, *, at: datetime) -> bool:
    """Whether no guest has reported this comment from this address today.

    A guest is somebody else whenever they want to be: without this, one of them could have any
    comment held.
    """
    return limits.is_within("1/day", f"{comment_id}:{_address(at)}", "report")


def _address(moment: datetime) -> str:
    """The caller's network, hashed with a salt of this day (UTC)."""
    salt = _salt(secret_key.secret_key(services().settings), f"{moment:%Y-%m-%d}")
    return hashlib.sha256(salt + limits.calling_network().encode()).hexdigest()


@lru_cache(maxsize=2)
def _salt(key: str, day: str) -> bytes:
    # Derived, so that all web processes have the same one; who has the key and a hash of an earlier
    # day could still try all addresses, which is why no hash outlives its window.
    return derived(key, f"comment moderation: readers' addresses of {day}".encode())
