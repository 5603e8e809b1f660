"""Which comments go to the spot check: a share of those that the policy approves, by lot.

A comment's id ends in random bits (`models.new_id`): they are its ticket. So nothing is thrown, the
same comment draws the same however often it is judged, and where no share is wanted it costs one
comparison.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from moderation.models import SpotCheck, Status
from moderation.sql import insert_new

TICKETS = 1 << 16


def ticket(comment_id: UUID) -> int:
    """0..TICKETS-1, each as likely as any other, whatever the comment says and whenever it came."""
    return comment_id.int % TICKETS


def draw(
    session: Session,
    site_id: UUID,
    approved: Iterable[tuple[UUID, int]],
    *,
    share: float,
    now: datetime,
) -> None:
    """Keep the winners among these comments, each with its revision. `share` is 0..1.

    One that was drawn before at the same revision stays as it is.
    """
    if share <= 0:
        return
    insert_new(
        session,
        SpotCheck,
        [
            {
                "site_id": site_id,
                "comment_id": comment_id,
                "revision": revision,
                "stood_as": Status.APPROVED,
                "ticket": number,
                "drawn_at": now,
            }
            for comment_id, revision in sorted(approved)
            if (number := ticket(comment_id)) < share * TICKETS
        ],
    )
