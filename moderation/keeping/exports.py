"""What a site owns, as plain objects for a file.

Reads only, and in bounded memory: give it a session that reads one moment (`Database.snapshot`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from moderation.models import (
    ApiKey,
    Appeal,
    AuditEntry,
    Base,
    Comment,
    Commenter,
    CommenterBlock,
    CommenterNote,
    CoralSecret,
    Decision,
    DecisionNote,
    Delivery,
    EmbedSecret,
    Explanation,
    Flag,
    Move,
    Notice,
    OutsideVerdict,
    PostedPolicy,
    Refusal,
    Revision,
    SavedReply,
    Score,
    Site,
    Spans,
    SpotCheck,
    Story,
    Strike,
    Suggestion,
    Webhook,
)

Object = dict[str, Any]
OWNED = (
    ("key", ApiKey),
    ("embed_secret", EmbedSecret),
    ("policy", PostedPolicy),
    ("story", Story),
    ("commenter", Commenter),
    ("comment", Comment),
    ("revision", Revision),
    ("score", Score),
    ("spans", Spans),
    ("decision", Decision),
    ("note", DecisionNote),
    ("explanation", Explanation),
    ("move", Move),
    ("spot_check", SpotCheck),
    ("outside_verdict", OutsideVerdict),
    ("flag", Flag),
    ("strike", Strike),
    ("commenter_block", CommenterBlock),
    ("commenter_note", CommenterNote),
    ("appeal", Appeal),
    ("notice", Notice),
    ("refusal", Refusal),
    ("saved_reply", SavedReply),
    ("suggestion", Suggestion),
    ("coral_secret", CoralSecret),
    ("webhook", Webhook),
    ("delivery", Delivery),
    ("audit", AuditEntry),
)
"""The kinds of objects, parents before children. Receipts are hashes of what is here already."""
OURS = {
    "site_id",
    "secret",
    "previous_secret",
    "secret_hash",
    "key_hash",
    "body_hash",
    "leased_by",
    "leased_until",
    "fingerprint",
    "due",
    "tries",
}
"""Columns that are secret, or mean something to this service alone."""
ELSE_NAMED = {"kind": "illegality"}
"""A notice has a column of that name: an object's `kind` says what it is."""
ROWS_AT_ONCE = 500


def of_site(session: Session, site: Site) -> Iterator[Object]:
    """Everything that the site owns: a `kind` and the fields of a row, in the words of the tables.

    Moderators are people of their own: they appear by their ids.
    """
    yield _object("site", Site, [getattr(site, name) for name in _names(Site)])
    for kind, rows_of in OWNED:
        columns = [getattr(rows_of, name) for name in _names(rows_of)]
        rows = session.execute(
            select(*columns)
            .where(rows_of.site_id == site.id)
            .execution_options(yield_per=ROWS_AT_ONCE)
        )
        for row in rows:
            yield _object(kind, rows_of, row)


def _names(rows_of: type[Base]) -> list[str]:
    return [one.name for one in inspect(rows_of).columns if one.name not in OURS]


def _object(kind: str, rows_of: type[Base], row: Sequence[Any]) -> Object:
    names = [ELSE_NAMED.get(name, name) for name in _names(rows_of)]
    return {"kind": kind} | dict(zip(names, row, strict=True))
