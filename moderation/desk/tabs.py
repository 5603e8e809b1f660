"""Which sites a page shows, and what the tabs above it count."""

from collections.abc import Collection, Mapping
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from moderation import queue
from moderation.desk.door import now, own_site, person
from moderation.models import Site


def shown_sites() -> Mapping[str, Site]:
    """The moderator's sites, or the one of them that the address names."""
    slug = request.args.get("site")
    return {slug: own_site(slug)} if slug else person().sites


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
