"""Comments that come from another system, with what was decided of them there: stories, commenters,
threads, verdicts and blocks, as its export has them.

Some hundred at a time, each batch in a transaction of its own. What is there already is known by
the receipt of its id, which outlives its words: an import that was killed goes on when it is run
again, one that is repeated changes nothing, and what was erased since does not come back.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, literal, select, update
from sqlalchemy.orm import Session

from moderation import audit, commenter_blocks, commenters, comments, decision_log, stories
from moderation.figures import site_days
from moderation.imports import Block, Brought, LeftOut, Record, Stood, Unreadable
from moderation.models import Comment, Decision, Receipt, Revision, Status, Urgency, new_id
from moderation.sql import given, insert_all, insert_new, past_orm, rows, table_of
from moderation.submission import CLOCK_SKEW, ID_MAX

AT_ONCE = 500
"""Records in one transaction: on SQLite nobody else writes meanwhile."""
NAMED_TO = 20
"""So many replies without what they answer are named."""
STATUS = {
    Stood.APPROVED: Status.APPROVED,
    Stood.PENDING: Status.HELD,
    Stood.REJECTED: Status.BLOCKED,
    Stood.SPAM: Status.BLOCKED,
    Stood.TRASH: Status.BLOCKED,
    Stood.DELETED: Status.BLOCKED,
    Stood.UNKNOWN: Status.HELD,
}
"""What becomes of a comment. Approved is what was approved there, and nothing else."""

Begin = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an import has done so far. `brought` counts comments by how they stood there, `left_out`
    by why; `already` were there, in the database or earlier in the file. `orphaned` counts replies
    to what is not there, `orphans` are the ids of the first NAMED_TO."""

    brought: Counter[str] = field(default_factory=Counter)
    already: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    blocks: int = 0
    orphaned: int = 0
    orphans: list[str] = field(default_factory=list)


class _Place(NamedTuple):
    """Where a comment stands."""

    id: UUID
    story_id: UUID
    parent_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A comment that is not there yet, under its ids here."""

    id: UUID
    decision_id: UUID
    external_id: str
    brought: Brought


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import into a site. `source` stands before the ids of an export (`wordpress:77`); it is
    empty where they are the site's own. `read` begins at the first record whenever it is called."""

    site_id: UUID
    source: str
    read: Callable[[], Iterator[Record]]
    tally: Tally = field(default_factory=Tally)

    def write(self, begin: Begin, *, now: datetime) -> Generator[None, None, None]:
        """Write what is new, a batch at each step, each in a transaction that `begin` begins, with
        nothing open between two.

        Unreadable, and whatever else `read` raises, comes through: what was written before stays.
        """
        waits = False
        try:
            for batch in _batches(self._fitting(now)):
                with begin() as session:
                    waits |= self._write(session, batch, now)
                yield
            if waits:  # for what it answers, which came later, or never
                for batch in _batches(self._fitting(now)):
                    with begin() as session:
                        self._link(session, batch)
                    yield
        finally:
            if self.tally.brought or self.tally.blocks:
                subject = {"imported": self.tally.brought.total(), "source": self.source}
                with begin() as session:
                    audit.record(session, self.site_id, "comments_imported", subject, now=now)

    def look_through(self, look: Begin, *, now: datetime) -> Generator[None, None, None]:
        """Count what `write` would write, a batch at each step. Threads are not looked at, nor who
        is blocked already."""
        for batch in _batches(self._fitting(now)):
            brought = self._brought(batch)
            keys = {comments.receipt_key("id", name): one for name, one in brought.items()}
            with look() as session:
                found = session.scalars(
                    select(Receipt.key_hash).where(
                        Receipt.site_id == self.site_id, Receipt.key_hash.in_(keys)
                    )
                )
                there = set(found)
            self._count(batch, [one for key, one in keys.items() if key not in there])
            self.tally.blocks += sum(isinstance(one, Block) for one in batch)
            yield

    def _fitting(self, now: datetime) -> Iterator[Record]:
        """What is read, as far as it can be kept here."""
        for one in self.read():
            if isinstance(one, Brought):
                if one.settled_at > now + CLOCK_SKEW:
                    said = "created_at or decided_at lies in the future"
                    raise Unreadable(one.file, one.line, said)
                if len(self._named(one.id)) > ID_MAX:
                    said = f"id is longer than {ID_MAX} characters here"
                    raise Unreadable(one.file, one.line, said)
            yield one

    def _brought(self, batch: Sequence[Record]) -> dict[str, Brought]:
        """The comments of a batch by the ids that they have here, each once."""
        brought: dict[str, Brought] = {}
        for one in batch:
            if isinstance(one, Brought):
                brought.setdefault(self._named(one.id), one)
        return brought

    def _named(self, name: str) -> str:
        return f"{self.source}:{name}" if self.source else name

    def _above(self, one: Brought) -> str | None:
        """The id here of what it answers."""
        return None if one.parent is None else self._named(one.parent)

    def _count(self, batch: Sequence[Record], fresh: Sequence[Brought]) -> None:
        """Count a batch of which these comments are new. What comes twice in it is there already
        the second time."""
        self.tally.brought.update(one.stood for one in fresh)
        self.tally.already += sum(isinstance(one, Brought) for one in batch) - len(fresh)
        self.tally.left_out.update(one.why for one in batch if isinstance(one, LeftOut))

    def _write(self, session: Session, batch: Sequence[Record], now: datetime) -> bool:
        """Write a batch; answers whether a reply in it waits for what it answers."""
        brought = self._brought(batch)
        blocks = self._claim_blocks(session, batch, now)
        if blocks:
            self.tally.blocks += commenter_blocks.record_earlier(
                session, self.site_id, [_earlier_block(one) for one in blocks], now=now
            )
        fresh = self._claim(session, brought, now)
        new = {one.external_id for one in fresh}
        replies = [name for name, one in brought.items() if one.parent and name not in new]
        waits = any(one.parent_id is None for one in self._placed(session, replies).values())
        if fresh:
            waits |= self._keep(session, fresh, now)
        self._count(batch, [one.brought for one in fresh])
        return waits

    def _claim_blocks(
        self, session: Session, batch: Sequence[Record], now: datetime
    ) -> list[Block]:
        """Write the receipts of blocks; answers those that were not there before. A commenter who
        was erased since has no other trace by which they are known: their name would come back."""
        blocks = {
            comments.receipt_key("block", f"{one.commenter.id}\n{one.blocked_at}"): one
            for one in batch
            if isinstance(one, Block)
        }
        receipts = [self._receipt(key, one, new_id(), now) for key, one in blocks.items()]
        mine = self._receive(session, receipts)
        return [one for key, one in blocks.items() if key in mine]

    def _claim(
        self, session: Session, brought: Mapping[str, Brought], now: datetime
    ) -> list[_Fresh]:
        """Write the receipts; answers those that were not there before, the oldest first.

        Their ids sort by the time at which they were written, as if they had been posted here then.
        """
        claims = []
        taken: Counter[int] = Counter()
        for name, one in brought.items():
            moment = _milliseconds(one.created_at)
            # Exports count in seconds: of two within one, the later in the file is the later.
            comment_id = new_id(moment + min(taken[moment], 999))
            taken[moment] += 1
            claims.append(_Fresh(comment_id, new_id(_milliseconds(one.settled_at)), name, one))
        keys = {comments.receipt_key("id", one.external_id): one for one in claims}
        receipts = [self._receipt(key, one.brought, one.id, now) for key, one in keys.items()]
        mine = self._receive(session, receipts)
        return sorted((one for key, one in keys.items() if key in mine), key=attrgetter("id"))

    def _receipt(
        self, key: str, came: Brought | Block, comment_id: UUID, now: datetime
    ) -> dict[str, object]:
        """As that of a post. Of a block it names a comment that is none."""
        return {
            "site_id": self.site_id,
            "key_hash": key,
            "body_hash": hashlib.sha256(came.model_dump_json().encode()).hexdigest(),
            "comment_id": comment_id,
            "received_at": now,
        }

    def _receive(self, session: Session, receipts: list[dict[str, object]]) -> set[str]:
        """Write these receipts; answers the keys of those that were not there before."""
        receipts.sort(key=lambda row: str(row["key_hash"]))
        written = insert_new(session, Receipt, receipts, Receipt.key_hash)
        return {row.key_hash for row in written}

    def _keep(self, session: Session, fresh: Sequence[_Fresh], now: datetime) -> bool:
        """Write comments, the oldest first, and what was decided of them; answers whether one of
        them waits for what it answers."""
        # Of those of one story, or of one commenter, the oldest is the last to say since when.
        latest_first = [one.brought for one in reversed(fresh)]
        known = stories.bring_in(
            session,
            self.site_id,
            {
                one.story.id: stories.Archived(
                    facts=one.story, since=one.created_at, closed=one.story.closed
                )
                for one in latest_first
            },
            now=now,
        )
        writers = commenters.bring_in(
            session,
            self.site_id,
            {one.commenter.id: (one.commenter, one.created_at) for one in latest_first},
        )
        answers = {above for one in latest_first if (above := self._above(one))}
        placed = self._placed(session, answers)
        placed |= {
            one.external_id: _Place(one.id, known[one.brought.story.id].id, None) for one in fresh
        }
        made, waits = [], False
        for one in fresh:
            story = known[one.brought.story.id]
            above = self._above(one.brought)
            parent_id = _answered(placed[one.external_id], placed.get(above or ""))
            waits |= above is not None and parent_id is None
            made.append(
                self._row(one, now)
                | {
                    "story_id": story.id,
                    "commenter_id": writers[one.brought.commenter.id].id,
                    "parent_id": parent_id,
                    "urgency": Urgency.LIVE if story.closed_at is None else Urgency.REST,
                }
            )
        insert_all(session, Comment, made)
        insert_all(session, Revision, [self._words(one) for one in fresh])
        moments = {m for one in latest_first for m in (one.created_at, one.settled_at)}
        site_days.forget(session, self.site_id, {moment.date() for moment in moments})
        decided = [_decided(one, writers[one.brought.commenter.id].id) for one in fresh]
        decision_log.record_earlier(session, self.site_id, decided, now)
        return waits

    def _row(self, one: _Fresh, now: datetime) -> dict[str, object]:
        """A comment, but for what it hangs on."""
        return {
            "site_id": self.site_id,
            "id": one.id,
            "external_id": one.external_id,
            "status": STATUS[one.brought.stood],
            "revision": 1,
            "decision_id": one.decision_id,
            "flags": 0,
            "posted_at": one.brought.created_at,
            "received_at": one.brought.created_at,
            "judged_at": one.brought.settled_at,
            "failed": False,
            "erased_at": now if one.brought.stood == Stood.DELETED else None,
            "attempts": 0,
        }

    def _words(self, one: _Fresh) -> dict[str, object]:
        text = None if one.brought.stood == Stood.DELETED else one.brought.text
        return comments.revision_row(self.site_id, one.id, 1, text, None, one.brought.created_at)

    def _placed(self, session: Session, names: Collection[str]) -> dict[str, _Place]:
        """Those of these ids that are there."""
        if not names:
            return {}
        found = past_orm(session).execute(_PLACED, {"site": self.site_id, "names": list(names)})
        return {row.external_id: _Place(row.id, row.story_id, row.parent_id) for row in found.all()}

    def _link(self, session: Session, batch: Sequence[Record]) -> None:
        """Lay replies under what they answer, now that all of the export is there."""
        above = {
            self._named(one.id): self._named(one.parent)
            for one in batch
            if isinstance(one, Brought) and one.parent is not None
        }
        placed = self._placed(session, {*above, *above.values()})
        found = []
        for name, parent in above.items():
            reply = placed.get(name)
            if reply is None or reply.parent_id is not None:
                continue
            parent_id = _answered(reply, placed.get(parent))
            if parent_id is not None:
                found.append({"site_id": self.site_id, "id": reply.id, "parent_id": parent_id})
                continue
            self.tally.orphaned += 1
            if len(self.tally.orphans) < NAMED_TO:
                self.tally.orphans.append(name)
        if found:
            past_orm(session).execute(_LINK, rows(found))


_PLACED = select(Comment.external_id, Comment.id, Comment.story_id, Comment.parent_id).where(
    Comment.site_id == bindparam("site"),
    Comment.external_id.in_(bindparam("names", expanding=True)),
)
_found = given(site_id=Uuid, id=Uuid, parent_id=Uuid)
_LINK = (
    update(table_of(Comment))
    .where(
        Comment.site_id == _found.c.site_id,
        Comment.id == _found.c.id,
        # What was posted here under the id stays where its reader put it.
        select(literal(1))
        .where(
            Decision.site_id == _found.c.site_id,
            Decision.comment_id == _found.c.id,
            Decision.seq < 0,  # as of `decision_log.record_earlier`
        )
        .exists(),
    )
    .values(parent_id=_found.c.parent_id)
)


def _answered(reply: _Place, above: _Place | None) -> UUID | None:
    """The id of what a reply answers: a comment under the same story, and an older one. Ids sort by
    time, so that no thread goes in a circle, from which nobody who reads it would return."""
    if above is None or above.story_id != reply.story_id or above.id >= reply.id:
        return None
    return above.id


def _decided(one: _Fresh, commenter_id: UUID) -> decision_log.Earlier:
    stood = one.brought.stood
    return decision_log.Earlier(
        id=one.decision_id,
        comment_id=one.id,
        commenter_id=commenter_id,
        status=STATUS[stood],
        imported_as=stood,
        # Who has deleted it is not known: that says nothing of its writer.
        counts=stood != Stood.DELETED,
        decided_at=one.brought.settled_at,
    )


def _earlier_block(block: Block) -> commenter_blocks.Earlier:
    return commenter_blocks.Earlier(
        ref=block.commenter,
        reason=block.reason,
        blocked_at=block.blocked_at,
        until=block.until,
        ended_at=block.ended_at,
    )


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    try:
        for record in records:
            batch.append(record)
            if len(batch) >= AT_ONCE:
                yield batch
                batch = []
    except Unreadable:
        if batch:  # all that came before the malformed line
            yield batch
        raise
    if batch:
        yield batch


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
