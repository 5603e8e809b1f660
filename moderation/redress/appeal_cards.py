"""What the desk shows of an appeal: all that is needed to decide it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.orm import Session, aliased

from moderation.cards import Logged, Policies
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
from moderation.paging import Key
from moderation.posted_policies import Posted
from moderation.redress import appeals
from moderation.redress.complaint_cards import ComplaintCard, comment_cards
from moderation.staff import moderators


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCard(ComplaintCard[Appeal]):
    """An appeal with the decision that blocks the comment, or the block of the commenter, made by
    `against` (None: the policy, or the site itself). `made_under` is the policy that the decision
    names.
    """

    made: Logged | None
    made_under: Posted | None
    block: CommenterBlock | None
    against: Moderator | None

    def can_be_taken_back(self, moderator_id: UUID) -> bool:
        """Whether `appeals.take_back` would take their answer back, as far as can be seen here."""
        appeal = self.complaint
        if appeal.outcome not in {Outcome.UPHELD, Outcome.OVERTURNED}:
            return False
        if appeal.moderator_id != moderator_id:
            return False
        if self.card is None:
            return appeal.text is not None
        comment = self.card.comment
        if appeal.outcome == Outcome.OVERTURNED:
            return comment.decision_id == appeal.settled_by and comment.erased_at is None
        return comment.status == Status.BLOCKED and comment.erased_at is None


def of(
    session: Session, keys: Sequence[Key], *, moderator_id: UUID, now: datetime
) -> list[AppealCard]:
    """The cards of these appeals, in that order, as this moderator sees them; one that is not there
    has none. As many queries for twenty as for one."""
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
    shown = comment_cards(session, [row[0] for row in rows], now)
    site_ids = {site_id for site_id, _ in keys}
    with_others = moderators.with_others(session, site_ids, moderator_id)
    policies = Policies(session, site_ids)
    policies.read((row[1].id, row[3].policy_version) for row in rows if row[0].decision_id)
    made = {
        (appeal.site_id, appeal.id): AppealCard(
            complaint=appeal,
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
