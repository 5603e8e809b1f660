"""All that a card shows of a comment. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from moderation import commenters, leases, posted_policies, saved_replies, spans
from moderation.models import (
    CAN_BE_TAKEN_BACK,
    Comment,
    Commenter,
    Decision,
    DecisionNote,
    Explanation,
    Flag,
    Lease,
    Moderator,
    Move,
    Notice,
    Revision,
    SavedReply,
    Score,
    Site,
    Spans,
    Status,
    Story,
)
from moderation.models.joins import (
    carriers_of,
    explanation_of,
    newest,
    note_of,
    story_of,
    writer_of,
)
from moderation.paging import Key
from moderation.policy import Standing
from moderation.posted_policies import Posted
from moderation.sites import NotFound
from moderation.sql import join_as_written

FLAGS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line of the log, with who decided (None: the policy, or the site), their note, and, where
    these were read, what the commenter is told and whether it answers a notice that had come in."""

    decision: Decision
    moderator: Moderator | None
    note: str | None
    explanation: str | None = None
    noticed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """That a held comment was laid into another tray, and by whom."""

    move: Move
    moderator: Moderator


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The comment that a reply answers. `text` is None once erased."""

    comment: Comment
    text: str | None
    commenter: Commenter


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A comment with everything that a moderator needs to decide it.

    `policy` is the one in force, whose clauses can be named; `judged_under` the one that `why`
    quotes. `flags` are the first readers' reports, `comment.flags` counts them all. `carriers` are
    the words that carry the score, empty until a worker has looked for them. `log` is in the order
    of decisions, `moves` in that of time. `open_with` is who has a lease on it. `notice` is the
    oldest notice of illegal content that waits for it. `saved_replies` are those that the site has
    saved, for every clause, without their texts.
    """

    site: Site
    comment: Comment
    words: Revision
    story: Story
    commenter: Commenter
    standing: Standing
    strikes: int
    parent: Parent | None
    flags: Sequence[Flag]
    score: Score | None
    carriers: spans.Carriers
    log: Sequence[Logged]
    moves: Sequence[Moved]
    open_with: Moderator | None
    notice: Notice | None
    policy: Posted | None
    judged_under: Posted | None
    saved_replies: Sequence[SavedReply]

    @property
    def is_stale(self) -> bool:
        """Whether `why` is about earlier words than those there are now."""
        return self.why is not None and self.why.revision != self.comment.revision

    @property
    def waits(self) -> bool:
        """Whether it is held, and still has words."""
        return self.comment.status == Status.HELD and self.comment.erased_at is None

    @property
    def why(self) -> Decision | None:
        """The policy's newest verdict: why the comment came here."""
        return _why(self.log)

    @property
    def in_force(self) -> Logged | None:
        """The decision that gave the comment its status."""
        return next(
            (line for line in self.log if line.decision.id == self.comment.decision_id),
            None,
        )

    @property
    def moved(self) -> Moved | None:
        """The move that laid it where it lies."""
        return next((one for one in self.moves if one.move.id == self.comment.move_id), None)

    @property
    def trail(self) -> Sequence[Logged | Moved]:
        """Decisions and moves, as they followed each other."""
        return sorted([*self.log, *self.moves], key=_when)


def _when(line: Logged | Moved) -> datetime:
    return line.decision.decided_at if isinstance(line, Logged) else line.move.moved_at


def can_be_undone(decision: Decision, comment: Comment) -> bool:
    """Whether `decisions.undo` would take this decision back, as things stand."""
    return (
        decision.actor in CAN_BE_TAKEN_BACK
        and decision.undoes is None
        and decision.appeal_id is None
        and decision.id == comment.decision_id
        and decision.revision == comment.revision
        and comment.erased_at is None
    )


def _among(site_id: Any, row_id: Any) -> ColumnElement[bool]:
    """The rows of the keys that are asked for (`_named`).

    Sites and ids apart: for pairs of them SQLite uses no index, and reads all that there is.
    """
    return and_(
        site_id.in_(bindparam("sites", expanding=True)),
        row_id.in_(bindparam("ids", expanding=True)),
    )


def _named(keys: Sequence[Key]) -> dict[str, Any]:
    return {"sites": list({site for site, _ in keys}), "ids": [row_id for _, row_id in keys]}


def _cards() -> Select[*tuple[Any, ...]]:
    above, above_words, above_writer = aliased(Comment), aliased(Revision), aliased(Commenter)
    waits = aliased(Notice)
    oldest_notice = (
        select(waits.id)
        .where(
            waits.site_id == Comment.site_id,
            waits.comment_id == Comment.id,
            waits.ended_at.is_(None),
        )
        .order_by(waits.received_at, waits.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            Comment,
            Revision,
            Story,
            Commenter,
            Site,
            above,
            above_words.text,
            above_writer,
            Moderator,
            Notice,
        )
        .join(Revision, newest())
        .join(Story, story_of())
        .join(Commenter, writer_of())
        .join(Site, Site.id == Comment.site_id)
        .outerjoin(above, and_(above.site_id == Comment.site_id, above.id == Comment.parent_id))
        .outerjoin(above_words, newest(above, above_words))
        .outerjoin(above_writer, writer_of(above, above_writer))
        .outerjoin(Lease, leases.on_comment())
        .outerjoin(Moderator, Moderator.id == Lease.moderator_id)
        .outerjoin(Notice, and_(Notice.site_id == Comment.site_id, Notice.id == oldest_notice))
        .where(_among(Comment.site_id, Comment.id))
    )


def _first_flags() -> Select[Flag]:
    nth = (
        func.row_number()
        .over(
            partition_by=(Flag.site_id, Flag.comment_id),
            order_by=(Flag.flagged_at, Flag.reader_hash),
        )
        .label("nth")
    )
    numbered = select(Flag, nth).where(_among(Flag.site_id, Flag.comment_id)).subquery()
    first = aliased(Flag, numbered)
    return select(first).where(numbered.c.nth <= FLAGS_SHOWN).order_by(numbered.c.nth)


# Made once: to put these together takes as long as to run them, and a decision waits for its card.
_CARDS = _cards()
_LOGS = (
    select(Decision, Moderator, DecisionNote.text, Explanation.text)
    .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
    .outerjoin(DecisionNote, note_of())
    .outerjoin(Explanation, explanation_of())
    .where(_among(Decision.site_id, Decision.comment_id))
    .order_by(Decision.seq)
)
_MOVES = (
    select(Move, Moderator)
    .join(Moderator, Moderator.id == Move.moderator_id)
    .where(_among(Move.site_id, Move.comment_id))
    .order_by(Move.moved_at, Move.id)
)
_SCORES = (
    select(Score, Spans.found)
    .outerjoin(Spans, carriers_of())
    .where(_among(Score.site_id, Score.comment_id))
    .order_by(Score.scored_at)
)
_FLAGS = _first_flags()


def card(session: Session, site_id: UUID, comment_id: UUID, *, now: datetime) -> Card:
    """One comment's card, whatever its status. NotFound when the site has none such."""
    found = cards(session, [(site_id, comment_id)], now=now)
    if not found:
        raise NotFound("comment")
    return found[0]


def cards(session: Session, keys: Sequence[Key], *, now: datetime) -> list[Card]:
    """The cards of these comments, in that order; as many queries for twenty as for one."""
    if not keys:
        return []
    join_as_written(session)
    rows = session.execute(_CARDS, _named(keys)).all()
    logs = _logs(session, keys)
    moves = _moves(session, keys)
    scores = _scores(session, keys)
    flags = _flags(session, [(row[0].site_id, row[0].id) for row in rows if row[0].flags])
    policies = Policies(session, {site_id for site_id, _ in keys})
    whys = {key: _why(log) for key, log in logs.items()}
    policies.read((site_id, why.policy_version) for (site_id, _), why in whys.items() if why)
    saved = saved_replies.of_sites(session, {site_id for site_id, _ in keys})
    strikes = commenters.strikes_of(session, {(row[3].site_id, row[3].id) for row in rows}, now)
    made = {}
    for row in rows:
        comment, words, story, writer, site, parent, parent_text, parent_writer, *waiting = row
        opener, notice = waiting
        key = (comment.site_id, comment.id)
        log = logs.get(key, [])
        why = whys.get(key)
        struck = strikes.get((writer.site_id, writer.id), 0)
        score, found = scores.get((*key, comment.revision), (None, None))
        made[key] = Card(
            site=site,
            comment=comment,
            words=words,
            story=story,
            commenter=writer,
            standing=commenters.standing_of(writer, struck),
            strikes=struck,
            parent=(
                Parent(comment=parent, text=parent_text, commenter=parent_writer)
                if comment.parent_id is not None
                else None
            ),
            flags=flags.get(key, []),
            score=score,
            carriers=spans.read(found),
            log=log,
            moves=moves.get(key, []),
            open_with=opener,
            notice=notice,
            policy=policies.current(site.id),
            judged_under=policies.version(site.id, why.policy_version) if why else None,
            saved_replies=saved[site.id],
        )
    return [made[key] for key in keys if key in made]


def _why(log: Sequence[Logged]) -> Decision | None:
    return next((line.decision for line in reversed(log) if line.decision.evidence), None)


def _logs(session: Session, keys: Sequence[Key]) -> Mapping[Key, list[Logged]]:
    logs: dict[Key, list[Logged]] = defaultdict(list)
    for decision, moderator, note, explanation in session.execute(_LOGS, _named(keys)):
        logs[decision.site_id, decision.comment_id].append(
            Logged(decision=decision, moderator=moderator, note=note, explanation=explanation)
        )
    return logs


def _moves(session: Session, keys: Sequence[Key]) -> Mapping[Key, list[Moved]]:
    moves: dict[Key, list[Moved]] = defaultdict(list)
    for move, moderator in session.execute(_MOVES, _named(keys)):
        moves[move.site_id, move.comment_id].append(Moved(move=move, moderator=moderator))
    return moves


def _scores(
    session: Session, keys: Sequence[Key]
) -> Mapping[tuple[UUID, UUID, int], tuple[Score, dict[str, Any] | None]]:
    """The newest model's scores of each revision, and which words carry them."""
    return {
        (score.site_id, score.comment_id, score.revision): (score, found)
        for score, found in session.execute(_SCORES, _named(keys))
    }


def _flags(session: Session, keys: Sequence[Key]) -> Mapping[Key, list[Flag]]:
    flags: dict[Key, list[Flag]] = defaultdict(list)
    if not keys:
        return flags
    for flag in session.scalars(_FLAGS, _named(keys)):
        flags[flag.site_id, flag.comment_id].append(flag)
    return flags


class Policies:
    """Policy versions of these sites, each read once for a page; those in force in one query, and
    those of many rows (`read`)."""

    def __init__(self, session: Session, site_ids: Collection[UUID]) -> None:
        self._session = session
        self._current = posted_policies.current_of_sites(session, site_ids)
        self._versions: dict[tuple[UUID, int], Posted | None] = {
            (site_id, posted.version): posted
            for site_id, posted in self._current.items()
            if posted is not None
        }

    def current(self, site_id: UUID) -> Posted | None:
        return self._current[site_id]

    def read(self, wanted: Iterable[tuple[UUID, int | None]]) -> None:
        """Read these at once: a page of comments judged under as many versions would else ask as
        many times."""
        missing = {
            (site_id, version)
            for site_id, version in wanted
            if version is not None and (site_id, version) not in self._versions
        }
        if missing:
            site_ids, versions = zip(*missing, strict=True)
            found = posted_policies.of_sites(self._session, set(site_ids), set(versions))
            self._versions |= {key: found.get(key) for key in missing}

    def version(self, site_id: UUID, version: int | None) -> Posted | None:
        if version is None:
            return None
        if (site_id, version) not in self._versions:
            posted = posted_policies.of_version(self._session, site_id, version)
            self._versions[site_id, version] = posted
        return self._versions[site_id, version]
