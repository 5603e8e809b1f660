"""What the desk shows of appeals and notices alike. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from sqlalchemy.orm import Session

from moderation.cards import Card, cards
from moderation.complaints import Kind
from moderation.models import Appeal, Commenter, Moderator, Notice, Site
from moderation.paging import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintCard(Generic[Kind]):
    """An appeal or a notice with the comment that it is about (`card` is None: with the commenter).

    `may_decide` says whether the moderator who looks may answer it; `ended_by` is who did, or ended
    it otherwise.
    """

    complaint: Kind
    site: Site
    commenter: Commenter
    card: Card | None
    may_decide: bool
    ended_by: Moderator | None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it."""
        return self.complaint.outcome is None


def comment_cards(
    session: Session, complaints: Iterable[Appeal | Notice], now: datetime
) -> Mapping[Key, Card]:
    """The cards of the comments that these are about."""
    keys = [(one.site_id, one.comment_id) for one in complaints if one.comment_id]
    return {
        (card.site.id, card.comment.id): card
        for card in cards(session, list(dict.fromkeys(keys)), now=now)
    }
