"""The SQL that SQLite and Postgres spell differently."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import GenericFunction

from moderation.models import Base, Instant

INSERT_CHUNK = 500
"""Rows in one statement: SQLite takes 32,766 parameters, and our widest row has 20."""
BESIDE_REPLIES: dict[str, Any] = {"key_share": True}
"""How a comment's row is locked: no other change of it, but replies to it are let in.

The plain FOR UPDATE of Postgres keeps out the foreign key of a reply, too. Whoever posts that has
changed commenters already, which the holder of this lock wants next: they would wait in a circle.
"""


def insert_new(
    session: Session,
    table: type[Base],
    rows: Sequence[dict[str, Any]],
    *returning: InstrumentedAttribute[Any],
) -> list[Row[Any]]:
    """Insert the rows that break no unique constraint; answer `returning` of those inserted.

    Select-then-insert would let two requests pass the select together. On Postgres this waits for
    a concurrent insert of the same key to end, so a row that is missing from the answer is there
    to be read on the next line. Give the rows in the order of their keys: two transactions that
    insert the same keys in different orders would wait for each other.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    inserted: list[Row[Any]] = []
    for start in range(0, len(rows), INSERT_CHUNK):
        statement = dialect.insert(table).values(list(rows[start : start + INSERT_CHUNK]))
        statement = statement.on_conflict_do_nothing()
        if returning:
            inserted += session.execute(statement.returning(*returning)).all()
        else:
            session.execute(statement)
    return inserted


class from_now(GenericFunction[Any]):  # noqa: N801 - it reads as the SQL function that it is
    """`from_now(seconds)`: the moment by the database's own clock, plus some seconds.

    Leases are set and compared by this one clock, whatever the clocks of the workers say.
    """

    type = Instant()
    inherit_cache = True


@compiles(from_now, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


@compiles(from_now, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # The text form in which SQLAlchemy stores a datetime, so that the two compare as text.
    seconds = compiler.process(element.clauses, **kw)
    return f"(strftime('%Y-%m-%d %H:%M:%f', 'now', {seconds} || ' seconds') || '000')"
