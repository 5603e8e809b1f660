"""A comment that another system keeps: held against the site's policy here, and not stored.

Whoever asks this way has not saved the comment yet, and has no id for it that could be named again.
Kept here, its words could never be edited or erased with the ones over there, and what became of it
would never be known. So nothing of it is written: it is not counted on its commenter, repeats are
not looked for, and nobody reports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.model import ModelFacts
from moderation import commenters, policy
from moderation.backlog import Waiting
from moderation.court import Case, Court, Reading, court_of, held_against
from moderation.models import Commenter, Status, Story, new_id
from moderation.models.tray import Tray


@dataclass(frozen=True, slots=True)
class Hearing:
    """A comment about to be judged, as far as its text has no part in it: by whom, and what is
    known here of commenter and story."""

    court: Court
    case: Case
    commenter_blocked: bool

    def verdict(
        self,
        text: str,
        *,
        language: str | None,
        scores: Mapping[str, float],
        quoted: Mapping[str, float] | None,
    ) -> policy.Verdict:
        """What the policy says of the text, with these scores of its own words and of those that
        it quotes. Pure."""
        if self.court.posted is None:
            return policy.NO_POLICY
        waiting = Waiting(
            site_id=self.court.site_id,
            comment_id=self.case.id,
            revision=self.case.revision,
            text=text,
            parent_text=None,
            attempts=1,
            expired=False,
            request_id=None,
        )
        reading = Reading(waiting=waiting, language=language, scores=scores, quoted=quoted)
        return held_against(
            self.court.posted.policy,
            [self.case],
            {self.case.id: reading},
            {self.case.id: ()},
            readable=self.court.readable,
            mode=self.court.mode,
        )[self.case.id]


def hearing(
    session: Session,
    site_id: UUID,
    *,
    commenter: str,
    story: str,
    model: ModelFacts,
    now: datetime,
) -> Hearing:
    """What the site knows of a commenter and a story, by the ids that the other system has for
    them. One who is not known here is new; a story that is not has no section."""
    known = session.scalar(
        select(Commenter).where(Commenter.site_id == site_id, Commenter.external_id == commenter)
    )
    strikes = commenters.strikes_of(session, [(site_id, known.id)], now) if known else {}
    section = session.scalar(
        select(Story.section).where(Story.site_id == site_id, Story.external_id == story)
    )
    case = Case(
        id=new_id(),
        revision=1,
        status=Status.RECEIVED,
        failed=False,
        tray=Tray.WAITING,
        flags=0,
        commenter_id=known.id if known else new_id(),
        standing=known.standing if known else None,
        approved=known.approved if known else 0,
        strikes=strikes.get((site_id, known.id), 0) if known else 0,
        section=section or "",
        story=story,
        story_open=True,
        fingerprint=None,
        has_twin=False,
    )
    return Hearing(court_of(session, site_id, model), case, bool(known and known.is_blocked(now)))
