"""What the desk shows of appeals: those that wait, each with all that is needed to decide it. Reads
only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session, aliased

from moderation.cards import Card, Logged, Policies, cards
from moderation.models import (
    Appeal,
    Commenter,
    CommenterBlock,
    Decision,
    DecisionNote,
    Moderator,
    Outcome,
    Site,
    Status,
)
from moderation.models.joins import note_of
from moderation.paging import PAGE, Key, Page, Place, Rows, beyond, first_of
from moderation.redress import appeals
from moderation.sites import CurrentPolicy, NotFound
from moderation.staff import moderators


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCard:
    """An appeal with what it is about: a comment's card and the decision that blocks it, or the
    block of the commenter, made by `against` (None: the policy, or the site itself).

    `made_under` is the policy that the decision names. `may_decide` says whether the moderator who
    looks may; `ended_by` is who did, or lifted the block otherwise.
    """

    appeal: Appeal
    site: Site
    commenter: Commenter
    card: Card | None
    made: Logged | None
    made_under: CurrentPolicy | None
    block: CommenterBlock | None
    against: Moderator | None
    ended_by: Moderator | None
    may_decide: bool

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it."""
        return self.appeal.outcome is None

    def can_be_taken_back(self, moderator_id: UUID) -> bool:
        """Whether `appeals.take_back` would take their answer back, as far as can be seen here."""
        if self.appeal.outcome not in {Outcome.UPHELD, Outcome.OVERTURNED}:
            return False
        if self.appeal.moderator_id != moderator_id:
            return False
        if self.card is None:
            return self.appeal.text is not None
        comment = self.card.comment
        if self.appeal.outcome == Outcome.OVERTURNED:
            return comment.decision_id == self.appeal.settled_by and comment.erased_at is None
        return comment.status == Status.BLOCKED and comment.erased_at is None


def waiting(
    session: Session,
    site_ids: Collection[UUID],
    *,
    moderator_id: UUID,
    after: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[AppealCard]:
    """The appeals that wait at these sites, oldest first, as this moderator sees them."""

    def of(site_id: UUID) -> Rows:
        query = select(Appeal.site_id, Appeal.received_at.label("at"), Appeal.id).where(
            Appeal.site_id == site_id, Appeal.outcome.is_(None)
        )
        return beyond(query, Appeal.received_at, Appeal.id, after, limit, False)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, False)
    return Page(_cards(session, keys, moderator_id, now), end)


def answered(
    session: Session,
    site_ids: Collection[UUID],
    *,
    moderator_id: UUID,
    before: Place | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Page[AppealCard]:
    """The appeals that have ended at these sites, newest answers first."""

    def of(site_id: UUID) -> Rows:
        query = select(Appeal.site_id, Appeal.ended_at.label("at"), Appeal.id).where(
            Appeal.site_id == site_id, Appeal.ended_at.is_not(None)
        )
        return beyond(query, Appeal.ended_at, Appeal.id, before, limit, True)

    keys, end = first_of(session, [of(site_id) for site_id in site_ids], limit, True)
    return Page(_cards(session, keys, moderator_id, now), end)


def one(
    session: Session, site_id: UUID, appeal_id: UUID, *, moderator_id: UUID, now: datetime
) -> AppealCard:
    """One appeal, whatever became of it. NotFound when the site has none such."""
    found = _cards(session, [(site_id, appeal_id)], moderator_id, now)
    if not found:
        raise NotFound("appeal")
    return found[0]


def _cards(
    session: Session, keys: Sequence[Key], moderator_id: UUID, now: datetime
) -> list[AppealCard]:
    """The cards of these appeals, in that order; as many queries for twenty as for one."""
    if not keys:
        return []
    against, ended_by = aliased(Moderator), aliased(Moderator)
    rows = session.execute(
        select(
            Appeal, Site, Commenter, Decision, DecisionNote.text, CommenterBlock, against, ended_by
        )
        .join(Site, Site.id == Appeal.site_id)
        .join(
            Commenter,
            and_(Commenter.site_id == Appeal.site_id, Commenter.id == Appeal.commenter_id),
        )
        .outerjoin(
            Decision, and_(Decision.site_id == Appeal.site_id, Decision.id == Appeal.decision_id)
        )
        .outerjoin(DecisionNote, note_of())
        .outerjoin(
            CommenterBlock,
            and_(CommenterBlock.site_id == Appeal.site_id, CommenterBlock.id == Appeal.block_id),
        )
        .outerjoin(against, against.id == Appeal.against)
        .outerjoin(ended_by, ended_by.id == Appeal.moderator_id)
        .where(tuple_(Appeal.site_id, Appeal.id).in_(keys))
    ).all()
    shown = _comments(session, [row[0] for row in rows], now)
    site_ids = {site_id for site_id, _ in keys}
    with_others = moderators.with_others(session, site_ids, moderator_id)
    policies = Policies(session, site_ids)
    policies.read((row[1].id, row[3].policy_version) for row in rows if row[0].decision_id)
    made = {
        (appeal.site_id, appeal.id): AppealCard(
            appeal=appeal,
            site=site,
            commenter=commenter,
            card=shown.get((appeal.site_id, appeal.comment_id)) if appeal.comment_id else None,
            made=(
                Logged(decision=decision, moderator=by, note=note)
                if appeal.decision_id is not None
                else None
            ),
            made_under=(
                policies.version(site.id, decision.policy_version)
                if appeal.decision_id is not None
                else None
            ),
            block=block,
            against=by,
            ended_by=ender,
            may_decide=appeals.may_decide(appeal, moderator_id, alone=site.id not in with_others),
        )
        for appeal, site, commenter, decision, note, block, by, ender in rows
    }
    return [made[key] for key in keys if key in made]


def _comments(session: Session, found: Sequence[Appeal], now: datetime) -> Mapping[Key, Card]:
    keys: list[Key] = [(one.site_id, one.comment_id) for one in found if one.comment_id]
    return {
        (card.site.id, card.comment.id): card
        for card in cards(session, list(dict.fromkeys(keys)), now=now)
    }
