"""What the desk shows of notices: those that wait, each with its comment's card. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from moderation.cards import Card, cards
from moderation.models import Moderator, Notice, NoticeOutcome, Status
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, first_of
from moderation.sites import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeCard:
    """A notice with the comment that it is about; `ended_by` is who decided, or blocked it
    otherwise."""

    notice: Notice
    card: Card
    ended_by: Moderator | None

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it."""
        return self.notice.outcome is None

    def can_be_taken_back(self, moderator_id: UUID) -> bool:
        """Whether `notices.take_back` would, as far as can be seen here."""
        return (
            self.notice.outcome == NoticeOutcome.LEFT
            and self.notice.moderator_id == moderator_id
            and self.notice.text is not None
            and self.card.comment.status != Status.BLOCKED
        )


def waiting(
    session: Session,
    site_ids: Collection[UUID],
    *,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[NoticeCard]:
    """The notices that wait at these sites, oldest first."""

    def of(site_id: UUID) -> Rows:
        query = select(Notice.site_id, Notice.received_at.label("at"), Notice.id).where(
            Notice.site_id == site_id, Notice.outcome.is_(None)
        )
        return beyond(query, Notice.received_at, Notice.id, after, limit, False)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, False)
    return Page(_cards(session, keys, now), end)


def answered(
    session: Session,
    site_ids: Collection[UUID],
    *,
    before: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[NoticeCard]:
    """The notices that have ended at these sites, newest answers first."""

    def of(site_id: UUID) -> Rows:
        query = select(Notice.site_id, Notice.ended_at.label("at"), Notice.id).where(
            Notice.site_id == site_id, Notice.ended_at.is_not(None)
        )
        return beyond(query, Notice.ended_at, Notice.id, before, limit, True)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, True)
    return Page(_cards(session, keys, now), end)


def one(session: Session, site_id: UUID, notice_id: UUID, *, now: datetime) -> NoticeCard:
    """One notice, whatever became of it. NotFound when the site has none such."""
    found = _cards(session, [(site_id, notice_id)], now)
    if not found:
        raise NotFound("notice")
    return found[0]


def _cards(session: Session, keys: Sequence[Key], now: datetime) -> list[NoticeCard]:
    if not keys:
        return []
    rows = session.execute(
        select(Notice, Moderator)
        .outerjoin(Moderator, Moderator.id == Notice.moderator_id)
        .where(tuple_(Notice.site_id, Notice.id).in_(keys))
    ).all()
    about: list[Key] = list(dict.fromkeys((row[0].site_id, row[0].comment_id) for row in rows))
    shown = {(card.site.id, card.comment.id): card for card in cards(session, about, now=now)}
    made = {
        (notice.site_id, notice.id): NoticeCard(
            notice=notice, card=shown[notice.site_id, notice.comment_id], ended_by=ended_by
        )
        for notice, ended_by in rows
    }
    return [made[key] for key in keys if key in made]
