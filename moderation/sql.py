"""The SQL that SQLite and Postgres spell differently."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, Insert, Result, Row, Table, bindparam, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import GenericFunction

from moderation.models import Base, Instant

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
    statement = dialect.insert(table.__table__).on_conflict_do_nothing()
    answered = _insert(session, statement, rows, [attribute.key for attribute in returning])
    return list(answered.all()) if returning and answered is not None else []


def insert_all(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are new for certain."""
    _insert(session, insert(cast("Table", table.__table__)), rows, ())


def _insert(
    session: Session, statement: Insert, rows: Sequence[dict[str, Any]], returning: Sequence[str]
) -> Result[Any] | None:
    """Insert the rows, past the ORM, whose own inserts take five times the processor time.

    On Postgres several rows travel as one array for each column: the statement is the same however
    many they are, so it is compiled, sent and planned once. With the rows written side by side, as
    `.values(rows)` does, 500 comments took the web process twice the time.
    """
    if not rows:
        return None
    columns = statement.table.columns
    if returning:
        statement = statement.returning(*(columns[name] for name in returning))
    if len(rows) == 1 or session.get_bind().dialect.name != "postgresql":
        return session.execute(statement, rows)
    names = list(rows[0])
    arrays = [func.unnest(bindparam(name, type_=ARRAY(columns[name].type))) for name in names]
    # Defaults are not looked for: `rows` say all that they want stored.
    return session.execute(
        statement.from_select(names, select(*arrays), include_defaults=False),
        {name: [row[name] for row in rows] for name in names},
    )


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
