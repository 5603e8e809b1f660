"""A statement of reasons for a block, as values (DSA, article 17): what was restricted, under which
clause, on which facts, by whom and when. `telling` puts it in sentences.

Never in it: words of a comment, who moderates, who reported or gave notice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import commenter_blocks, commenters, policy, posted_policies
from moderation.cards import FLAGS_SHOWN
from moderation.casefile import CaseFile
from moderation.models import (
    EXPIRED,
    Appeal,
    Comment,
    Commenter,
    Decision,
    PostedPolicy,
    Site,
    Status,
    Story,
)
from moderation.posted_policies import Posted
from moderation.staff.pseudonyms import pseudonym

REPORTS_COUNTED = FLAGS_SHOWN
"""Readers' reports before a person's decision are counted up to here."""


class NotBlocked(LookupError):
    """The comment or commenter is not blocked: there is nothing to state reasons for."""


class By(StrEnum):
    """Who blocked."""

    POLICY = "policy"
    MODERATOR = "moderator"
    SITE = "site"
    """A commenter by its key, from systems of its own: whether a person was there is not known
    here. A comment by what it has set for all that nobody has looked at in time."""
    IMPORT = "import"
    """Somebody or something, before the comment was imported."""


def by_readers(violation: policy.Violation) -> bool:
    """Whether nothing but readers' reports broke the rule: people found it then, and no machine."""
    return violation.signal == "flags" and violation.attribute is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the policy said of the words that were blocked. It brought them before a person, or
    blocked them itself."""

    verdict: policy.Verdict
    policy_version: int | None
    at: datetime

    @property
    def automated(self) -> bool:
        """Whether a rule found something in them by itself."""
        return not all(by_readers(violation) for violation in self.verdict.violations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The comment that a statement is about, and what led to its block.

    `revision` is the one that was blocked. `found` is None where the policy had found nothing.
    `reports` counts the readers who had reported it, up to REPORTS_COUNTED: those that the
    policy's rule or a person could go by. `noticed`: a person decided while a notice of it as
    illegal content waited, and has answered that. `expired`: for no clause, nobody had looked in
    time.
    """

    comment: Comment
    story: Story
    revision: int
    was_public: bool
    found: Found | None
    reports: int
    noticed: bool
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Why a comment, or a commenter (`blocked` is None), is blocked now.

    `reference` names the block to the site. `posted` is the policy as of the decision, None where
    the site had none; `clause` the key of what was broken, None for a commenter. `reason` is what
    whoever decided wrote for the commenter. `by` is None for a block of a commenter that is
    older than the log of blocks. `moderator` is a pseudonym. `until` None: without an end.
    `appeal_until` is None where nobody could look at it again; `appeal` is the one of this block.
    """

    reference: UUID
    site: Site
    commenter: Commenter
    blocked: Blocked | None = None
    posted: Posted | None
    clause: str | None = None
    reason: str | None = None
    by: By | None
    moderator: str | None
    since: datetime
    until: datetime | None = None
    appeal_until: datetime | None = None
    appeal: Appeal | None = None

    @property
    def automated(self) -> bool | None:
        """Whether no person decided; None where that is not known here."""
        if self.blocked is not None and self.blocked.expired:
            return True
        return None if self.by in {None, By.SITE, By.IMPORT} else self.by is By.POLICY


# --- of a comment ---------------------------------------------------------------------------


def of_comment(site: Site, file: CaseFile, *, key: str, appeal_days: int) -> Statement:
    """Why a comment is blocked; NotBlocked when it is not. `key` makes the pseudonyms; for
    `appeal_days` days it can be appealed.

    Of an erased one as well: what is stated lies in rows that outlive the words.
    """
    lines = {line.decision.id: line for wording in file.wordings for line in wording.log}
    log = sorted((line.decision for line in lines.values()), key=lambda decision: decision.seq)
    decision = decision_that_blocks(log)
    if file.comment.status != Status.BLOCKED or decision is None:
        raise NotBlocked
    by = By(decision.actor)
    before = [one for one in log if one.seq <= decision.seq]
    found = _found(before, decision.revision)
    return Statement(
        reference=decision.id,
        site=site,
        commenter=file.commenter,
        blocked=Blocked(
            comment=file.comment,
            story=file.story,
            revision=decision.revision,
            was_public=any(one.status_after == Status.APPROVED for one in before),
            found=found,
            reports=_reports(file, found, by, decision.decided_at),
            noticed=by is By.MODERATOR and lines[decision.id].noticed,
            expired=decision.reason == EXPIRED,
        ),
        posted=file.policies.get(decision.policy_version or 0),
        clause=decision.clause,
        reason=lines[decision.id].explanation,
        by=by,
        moderator=pseudonym(key, site.id, decision.moderator_id),
        since=decision.decided_at,
        appeal_until=(
            decision.decided_at + timedelta(days=appeal_days)
            if file.comment.erased_at is None
            else None
        ),
        appeal=next(
            (one.complaint for one in file.appeals if one.complaint.decision_id == decision.id),
            None,
        ),
    )


def decision_that_blocks(log: Sequence[Decision]) -> Decision | None:
    """The decision by which a blocked comment is blocked, in the log of it; None without one."""
    return next((one for one in reversed(log) if _blocks(one)), None)


def _blocks(decision: Decision) -> bool:
    """Whether it blocks by itself.

    What leaves a blocked comment blocked does not: an undo brings the earlier decision back, and a
    verdict on new words leaves them blocked unread, whatever it says. But for one that would block.
    """
    return (
        decision.status_after == Status.BLOCKED
        and decision.undoes is None
        and (
            decision.status_before != Status.BLOCKED
            or decision.evidence.get("outcome") == policy.Outcome.BLOCK.value
        )
    )


def _found(log: Sequence[Decision], revision: int) -> Found | None:
    """The newest verdict in the log on these words, where it found something."""
    for decision in reversed(log):
        if decision.revision == revision and decision.evidence:
            verdict = policy.Verdict.from_json(decision.evidence)
            if not verdict.violations and not verdict.reasons:
                return None
            return Found(
                verdict=verdict, policy_version=decision.policy_version, at=decision.decided_at
            )
    return None


def _reports(file: CaseFile, found: Found | None, by: By, decided_at: datetime) -> int:
    """How many readers' reports the decision could go by."""
    by_rule = [
        int(violation.score or 0)
        for violation in (found.verdict.violations if found else ())
        if by_readers(violation)
    ]
    # A person sees on the card how many there are; the policy goes by its rule alone.
    seen = sum(flag.flagged_at <= decided_at for flag in file.flags) if by is By.MODERATOR else 0
    return min(max([seen, *by_rule]), REPORTS_COUNTED)


# --- of a commenter -------------------------------------------------------------------------


def of_commenter(
    session: Session,
    site: Site,
    external_id: str,
    *,
    key: str,
    appeal_days: int,
    now: datetime,
) -> Statement:
    """Why a commenter is blocked at `now`; NotBlocked when they are not, `sites.NotFound` when the
    site has none such.
    """
    commenter = commenters.named(session, site.id, external_id)
    since = commenter.blocked_at
    if since is None or not commenter.is_blocked(now):
        raise NotBlocked
    block = commenter_blocks.in_force(session, commenter)
    version = session.scalar(
        select(PostedPolicy.version)
        .where(PostedPolicy.site_id == site.id, PostedPolicy.posted_at <= since)
        .order_by(PostedPolicy.version.desc())
        .limit(1)
    )
    posted = posted_policies.of_version(session, site.id, version) if version is not None else None
    if block is None:
        # From before the log of blocks: its reason was written for colleagues, and is not told.
        return Statement(
            reference=commenter.id,
            site=site,
            commenter=commenter,
            posted=posted,
            by=None,
            moderator=None,
            since=since,
            until=commenter.blocked_until,
        )
    return Statement(
        reference=block.id,
        site=site,
        commenter=commenter,
        posted=posted,
        reason=block.reason or None,
        by=By.SITE if block.moderator_id is None else By.MODERATOR,
        moderator=pseudonym(key, site.id, block.moderator_id),
        since=block.blocked_at,
        until=block.until,
        appeal_until=block.blocked_at + timedelta(days=appeal_days),
        appeal=session.scalar(
            select(Appeal).where(Appeal.site_id == site.id, Appeal.block_id == block.id)
        ),
    )
