"""Readers who write: what they are known by, their standing, and what is counted on them."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import Integer, Row, Uuid, and_, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from moderation.folding import fold
from moderation.models import (
    Comment,
    Commenter,
    CommenterName,
    Strike,
    new_id,
)
from moderation.policy import Standing
from moderation.sites import NotFound
from moderation.sql import given, insert_new, past_orm, rows, table_of
from moderation.submission import GUEST, IMPORTED_GUEST, CommenterRef

STRIKE_LASTS = timedelta(days=90)
RESTRICTED_FROM = 3
"""Strikes in force from which on a commenter is restricted."""
REGULAR_FROM = 3
"""Approved comments from which on a commenter is no longer new."""
TRUSTED_FROM = 50
"""Approved comments from which on a commenter without a strike is trusted."""

Known: TypeAlias = Row[UUID, str, str, datetime | None, datetime | None]
"""Id, external id, name, and the site's block, by these names."""
_NAMED = (
    select(
        Commenter.id,
        Commenter.external_id,
        Commenter.name,
        Commenter.blocked_at,
        Commenter.blocked_until,
    )
    .where(
        Commenter.site_id == bindparam("site"),
        Commenter.external_id.in_(bindparam("names", expanding=True)),
    )
    # The lock that the comment's foreign key takes a moment later. Without it here, a commenter
    # could be erased between the two, and the comment come in under the erased one, words and all.
    .with_for_update(read=True, key_share=True)
)
"""Made once, and asked for past the ORM, as that of `stories`."""


class WithHistory(Protocol):
    """A commenter, as far as their standing needs one."""

    @property
    def standing(self) -> str | None: ...
    @property
    def approved(self) -> int: ...


def standing_of(commenter: WithHistory, strikes: int) -> Standing:
    """A commenter's standing: set by a person, or else from the history."""
    if commenter.standing:
        return Standing(commenter.standing)
    if strikes >= RESTRICTED_FROM:
        return Standing.RESTRICTED
    if commenter.approved >= TRUSTED_FROM and strikes == 0:
        return Standing.TRUSTED
    return Standing.REGULAR if commenter.approved >= REGULAR_FROM else Standing.NEW


STRIKES_OF_WRITER = (
    select(func.count())
    .where(
        Strike.site_id == Comment.site_id,
        Strike.commenter_id == Comment.commenter_id,
        Strike.expires_at > bindparam("now"),
    )
    .scalar_subquery()
)
"""As `strikes_of`, for a query of comments."""
_STRIKES = (
    select(Strike.site_id, Strike.commenter_id, func.count().label("strikes"))
    .where(
        # Apart: for pairs of them SQLite uses no index.
        Strike.site_id.in_(bindparam("sites", expanding=True)),
        Strike.commenter_id.in_(bindparam("commenters", expanding=True)),
        Strike.expires_at > bindparam("now"),
    )
    .group_by(Strike.site_id, Strike.commenter_id)
)


def strikes_of(
    session: Session, commenter_keys: Collection[tuple[UUID, UUID]], now: datetime
) -> Mapping[tuple[UUID, UUID], int]:
    """Strikes in force at `now`, by site and commenter; those without one are left out."""
    asked = {
        "sites": list({site_id for site_id, _ in commenter_keys}),
        "commenters": [commenter_id for _, commenter_id in commenter_keys],
        "now": now,
    }
    struck = session.execute(_STRIKES, asked)
    return {(row.site_id, row.commenter_id): row.strikes for row in struck}


_counted = given(site_id=Uuid, id=Uuid, approved=Integer, blocked=Integer)
_is_counted = and_(Commenter.site_id == _counted.c.site_id, Commenter.id == _counted.c.id)
_LOCK = (
    select(Commenter.id)
    .join(_counted, _is_counted)
    .order_by(Commenter.id)
    .with_for_update(of=Commenter, key_share=True)
)
_COUNT = (
    update(table_of(Commenter))
    .where(_is_counted)
    .values(
        approved=Commenter.approved + _counted.c.approved,
        blocked=Commenter.blocked + _counted.c.blocked,
    )
)


def tally(session: Session, site_id: UUID, changes: Iterable[tuple[UUID, int, int]]) -> None:
    """Count status changes on their commenters: (commenter, approved +/-, blocked +/-).

    Rows are locked in the order of their ids, after the comments' rows and before the site's:
    every transaction takes these locks in the same order, so that none waits in a circle.
    """
    sums: dict[UUID, tuple[int, int]] = {}
    for commenter_id, approved, blocked in changes:
        before = sums.get(commenter_id, (0, 0))
        sums[commenter_id] = (before[0] + approved, before[1] + blocked)
    counted = [
        {"site_id": site_id, "id": commenter_id, "approved": approved, "blocked": blocked}
        for commenter_id, (approved, blocked) in sums.items()
        if approved or blocked
    ]
    if len(counted) > 1:
        past_orm(session).execute(_LOCK, rows(counted))
    if counted:
        past_orm(session).execute(_COUNT, rows(counted))


def find(session: Session, site_id: UUID, external_id: str) -> Commenter | None:
    """The site's commenter of that external id."""
    return session.scalar(
        select(Commenter).where(Commenter.site_id == site_id, Commenter.external_id == external_id)
    )


def named(session: Session, site_id: UUID, external_id: str) -> Commenter:
    """The same; NotFound when the site has none such."""
    commenter = find(session, site_id, external_id)
    if commenter is None:
        raise NotFound("commenter")
    return commenter


def erased_name(commenter_id: UUID) -> str:
    """What takes the place of an erased commenter's external id."""
    return f"erased-{commenter_id}"


def is_erased(commenter: Commenter) -> bool:
    """Whether nobody knows any more who they were."""
    return commenter.external_id == erased_name(commenter.id)


def reader_hash(site_id: UUID, external_id: str) -> str:
    """What a reader's reports are kept under: whoever has the id can find them, nobody else."""
    return hashlib.sha256(f"{site_id}:{external_id}".encode()).hexdigest()


_ALIKE = str.maketrans("01i|", "olll")


def name_key(name: str) -> str | None:
    """The same for all names that a reader would take for one another: whatever their case, their
    accents, the alphabet that their letters are borrowed from. None for one without letters and
    digits.

    Kept beside the name. A change of what is alike needs a migration that writes it anew.
    """
    letters = "".join(filter(str.isalnum, fold(name, None).translate(_ALIKE)))
    return hashlib.sha256(letters.encode()).hexdigest() if letters else None


def _note_names(session: Session, site_id: UUID, names: Mapping[UUID, str]) -> None:
    """Keep by what these commenters' names are known again."""
    keys = [
        {"site_id": site_id, "commenter_id": commenter_id, "name_key": key}
        for commenter_id, name in sorted(names.items())
        if (key := name_key(name)) is not None
    ]
    if keys:
        insert_new(session, CommenterName, keys, CommenterName.commenter_id)


def is_taken(session: Session, site_id: UUID, name: str) -> bool:
    """Whether a reader whom the site knows goes by that name, or by one that looks like it."""
    taken = (
        select(CommenterName.commenter_id)
        .join(
            Commenter,
            and_(
                Commenter.site_id == CommenterName.site_id,
                Commenter.id == CommenterName.commenter_id,
            ),
        )
        .where(
            CommenterName.site_id == site_id,
            CommenterName.name_key == name_key(name),
            Commenter.external_id.not_like(f"{GUEST}%"),
            Commenter.external_id.not_like(f"{IMPORTED_GUEST}%"),
        )
    )
    return session.scalar(taken.limit(1)) is not None


def is_guest(external_id: str) -> bool:
    """Whether no site knows this reader."""
    return external_id.startswith(GUEST)


def make_known(
    session: Session, site_id: UUID, refs: Mapping[str, CommenterRef], *, now: datetime
) -> dict[str, Known]:
    """The commenters by external id: made where they are new, renamed where a name is given.

    They are answered as they were found.
    """
    known = _by_external_id(session, site_id, refs)
    known |= _make(session, site_id, [(refs[name], now) for name in sorted(refs.keys() - known)])
    renamed = [
        {"site_id": site_id, "id": commenter.id, "name": name}
        for external_id, commenter in known.items()
        if (name := refs[external_id].name) is not None and name != commenter.name
    ]
    if renamed:  # in the order of their ids, as `tally` locks them
        session.execute(update(Commenter), sorted(renamed, key=itemgetter("id")))
        former = CommenterName.commenter_id.in_([one["id"] for one in renamed])
        session.execute(delete(CommenterName).where(CommenterName.site_id == site_id, former))
        _note_names(session, site_id, {one["id"]: one["name"] for one in renamed})
    return known


def bring_in(
    session: Session, site_id: UUID, refs: Mapping[str, tuple[CommenterRef, datetime]]
) -> dict[str, Known]:
    """The commenters of an import, by external id, each with the moment since when they are known:
    made where they are new. One who is known here keeps the name that they have."""
    known = _by_external_id(session, site_id, refs)
    return known | _make(session, site_id, [refs[name] for name in sorted(refs.keys() - known)])


def _make(
    session: Session, site_id: UUID, unknown: Sequence[tuple[CommenterRef, datetime]]
) -> dict[str, Known]:
    """New commenters, in the order of their external ids; looked for before, as stories are."""
    if not unknown:
        return {}
    insert_new(
        session,
        Commenter,
        [
            {
                "site_id": site_id,
                "id": new_id(),
                "external_id": ref.id,
                "name": ref.name or "",
                "approved": 0,
                "blocked": 0,
                "block_reason": "",
                "created_at": since,
            }
            for ref, since in unknown
        ],
    )
    made = _by_external_id(session, site_id, [ref.id for ref, _ in unknown])
    _note_names(session, site_id, {one.id: one.name for one in made.values()})
    return made


def _by_external_id(
    session: Session, site_id: UUID, external_ids: Collection[str]
) -> dict[str, Known]:
    if not external_ids:
        return {}
    asked = {"site": site_id, "names": list(external_ids)}
    found = past_orm(session).execute(_NAMED, asked)
    return {commenter.external_id: commenter for commenter in found}
