"""What the policy says of comments that were imported, beside what had been decided of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from moderation import dry_run, policy, posted_policies
from moderation.court import Reading, held_against
from moderation.db import Database
from moderation.models import Site
from moderation.paging import Place
from worker.scorers import Scorer
from worker.scoring import read

AT_ONCE = 64
"""Comments that are read and scored together."""


class NoPolicy(ValueError):
    """The site has posted no policy: there is nothing that could agree."""


@dataclass(slots=True)
class Agreement:
    """Counts of comments: by how they stood and the verdict, and by how they stood and a clause
    that they break. One that breaks several counts for each."""

    verdicts: Counter[tuple[str, policy.Outcome]] = field(default_factory=Counter)
    clauses: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def stood(self) -> list[str]:
        """How the comments stood that were looked at."""
        return sorted({stood for stood, _ in self.verdicts})


def compare(
    db: Database, site_id: UUID, scorer: Scorer, *, last: int, now: datetime
) -> Iterator[Agreement]:
    """Score the site's `last` imported comments, newest first, and hold them against its policy in
    force, as if it published what is not held; at each step the agreement so far.

    Nothing is written, and nothing is open while the model reads. NoPolicy where there is none.
    """
    with db.reading() as session:
        posted = posted_policies.current(session, site_id)
        site = session.get_one(Site, site_id)
        readable = dry_run.readable_at(site, scorer.facts)
    if posted is None:
        raise NoPolicy("the site has posted no policy")
    agreement = Agreement()
    place: Place | None = None
    while last > 0:
        with db.reading() as session:
            page = dry_run.imported(
                session, site_id, before=place, limit=min(last, AT_ONCE), now=now
            )
        _add(agreement, posted.policy, page.items, scorer, readable)
        yield agreement
        last, place = last - AT_ONCE, page.next
        if place is None:
            return


def _add(
    agreement: Agreement,
    posted: policy.Policy,
    imported: Sequence[dry_run.Imported],
    scorer: Scorer,
    readable: frozenset[str],
) -> None:
    if not imported:
        return
    waiting = [one.kept.reading.waiting for one in imported]
    found = read(scorer, [(item.text, item.parent_text) for item in waiting])
    readings = {
        item.comment_id: Reading(
            waiting=item, language=one.language, scores=one.scores, quoted=one.quoted
        )
        for item, one in zip(waiting, found, strict=True)
    }
    verdicts = held_against(
        posted,
        [one.kept.case for one in imported],
        readings,
        {one.kept.case.id: one.kept.repeats for one in imported},
        readable=readable,
        mode=policy.Mode.PUBLISH_UNLESS_HELD,
    )
    for one in imported:
        verdict = verdicts[one.kept.case.id]
        agreement.verdicts[one.stood, verdict.outcome] += 1
        for clause in {violation.clause for violation in verdict.violations}:
            agreement.clauses[one.stood, clause] += 1
