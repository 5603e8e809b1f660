"""Which sites a page shows, and what the tabs above it count."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from moderation import queue
from moderation.desk.door import now, own_site, person
from moderation.models import Site


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page below the tabs is about: the moderator's `sites`, by slug, or the one of them
    that the address names; and what the tabs count."""

    sites: Mapping[str, Site]
    tabs: queue.Tabs

    @property
    def ids(self) -> list[UUID]:
        """Of the sites."""
        return [site.id for site in self.sites.values()]

    @property
    def one(self) -> Site | None:
        """The site, where only one is shown."""
        return next(iter(self.sites.values())) if len(self.sites) == 1 else None

    @property
    def slug(self) -> str | None:
        """What the page's links name, to stay at that site; None where there is no choice."""
        return self.one.slug if self.one and len(person().sites) > 1 else None


def shown_sites(session: Session) -> Shown:
    """What the address asks for: 404 for a site that is not the moderator's."""
    slug = request.args.get("site")
    sites = {slug: own_site(slug)} if slug else person().sites
    return Shown(sites, tab_counts(session, [site.id for site in sites.values()]))


def tab_counts(session: Session, shown: Collection[UUID]) -> queue.Tabs:
    """What the tabs say: how much waits at each site of the moderator, what lies in the trays of
    those shown."""
    return queue.tabs(
        session,
        [site.id for site in person().sites.values()],
        shown=shown,
        moderator_id=person().moderator.id,
        now=now(),
    )
