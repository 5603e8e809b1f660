"""What the desk shows of a notice: the comment as it stands now. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from moderation.cards import Card
from moderation.models import Moderator, Notice, NoticeOutcome, Status
from moderation.paging import Key
from moderation.redress.complaint_cards import ComplaintCard, comment_cards


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCard(ComplaintCard[Notice]):
    """A notice with the comment that it is about; whoever looks may decide it."""

    card: Card

    def can_be_taken_back(self, moderator_id: UUID) -> bool:
        """Whether `notices.take_back` would, as far as can be seen here."""
        return (
            self.complaint.outcome == NoticeOutcome.LEFT
            and self.complaint.moderator_id == moderator_id
            and self.complaint.text is not None
            and self.card.comment.status != Status.BLOCKED
        )


def of(session: Session, keys: Sequence[Key], *, now: datetime) -> list[NoticeCard]:
    """The cards of these notices, in that order; one that is not there has none."""
    if not keys:
        return []
    rows = session.execute(
        select(Notice, Moderator)
        .outerjoin(Moderator, Moderator.id == Notice.moderator_id)
        .where(tuple_(Notice.site_id, Notice.id).in_(keys))
    ).all()
    shown = comment_cards(session, [row[0] for row in rows], now)
    made = {}
    for notice, ended_by in rows:
        card = shown[notice.site_id, notice.comment_id]
        made[notice.site_id, notice.id] = NoticeCard(
            complaint=notice,
            site=card.site,
            commenter=card.commenter,
            card=card,
            may_decide=True,
            ended_by=ended_by,
        )
    return [made[key] for key in keys if key in made]
