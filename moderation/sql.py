"""The SQL that SQLite and Postgres spell differently."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from pydantic_core import to_json
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Double,
    Insert,
    Label,
    Result,
    Row,
    String,
    Subquery,
    Table,
    TableValuedAlias,
    Uuid,
    bindparam,
    func,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeEngine

from moderation.models import Base, Instant

_DIALECTS: dict[str, Any] = {"postgresql": postgresql, "sqlite": sqlite}
BESIDE_REPLIES: dict[str, Any] = {"key_share": True}
"""How a comment's row is locked: no other change of it, but replies to it are let in.

The plain FOR UPDATE of Postgres keeps out the foreign key of a reply, too. Whoever posts that has
changed commenters already, which the holder of this lock wants next: they would wait in a circle.
"""


def table_of(model: type[Base]) -> Table:
    """Its table, for a statement that goes past the ORM: nothing that a session knows is changed
    along, and it is several times as quick."""
    return cast("Table", model.__table__)


def unbound(column: InstrumentedAttribute[Any]) -> Label[Any]:
    """A column without its foreign keys, for a statement that is put together anew each time.

    Each subquery copies the keys of its columns along, with their listeners: of a page's walk along
    five sites that was half of the putting together (measured).
    """
    return type_coerce(column, column.type).label(column.key)


def join_as_written(session: Session) -> None:
    """From here to the end of the transaction, have Postgres join in the order that is written.

    Every table has the site, so any two can be joined by it alone; and until Postgres has counted a
    new site's rows (a minute) it takes each such join for one row. Of ten tables it may then begin
    with all of the site's comments beside all of its revisions beside all of its commenters: a page
    of 25 cards took five minutes with a thousand comments.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL join_collapse_limit = 1"))


@contextmanager
def unsorted(session: Session) -> Iterator[None]:
    """For the statements of the block, have Postgres read rows in the order of an index, if there
    is one, and sort nothing.

    Until it has counted, it takes what a site wrote in a month for some hundred comments: these it
    reads and sorts, all half a million of them, where an index has the newest ones at its end.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    session.execute(text("SET LOCAL enable_sort = off"))
    yield
    session.execute(text("SET LOCAL enable_sort = on"))


def past_orm(session: Session) -> Connection:
    """The connection of the session's transaction, for statements that each comment needs.

    Through the session, a query of columns takes 105 us of the process's time where here it takes
    70 (measured). What the session has not flushed yet is not seen. Ask for `.all()` rows: those
    that are gone through one by one are also fetched one by one, at 1 us each.
    """
    return session.connection()


def insert_new(
    session: Session,
    table: type[Base],
    new: Sequence[dict[str, Any]],
    *returning: InstrumentedAttribute[Any],
) -> list[Row[Any]]:
    """Insert the rows that break no unique constraint; answer `returning` of those inserted.

    Select-then-insert would let two requests pass the select together. On Postgres this waits for
    a concurrent insert of the same key to end, so a row that is missing from the answer is there
    to be read on the next line. Give the rows in the order of their keys: two transactions that
    insert the same keys in different orders would wait for each other.
    """
    names = tuple(attribute.key for attribute in returning)
    answered = _insert(session, table, new, returning=names, only_new=True)
    return list(answered.all()) if names and answered is not None else []


def insert_unless_there(session: Session, table: type[Base], row: Mapping[str, Any]) -> None:
    """Insert one row, if it breaks no unique constraint. Its values may be SQL, as `from_now`."""
    dialect = session.get_bind().dialect.name
    statement = _DIALECTS[dialect].insert(table_of(table)).values(**row)
    past_orm(session).execute(statement.on_conflict_do_nothing())


def insert_or_take_over(
    session: Session,
    table: type[Base],
    new: Sequence[Mapping[str, Any]],
    *,
    where: ColumnElement[bool],
    returning: Sequence[InstrumentedAttribute[Any]],
) -> list[Row[Any]]:
    """Insert rows, or give those that are there already their values where `where` holds of them;
    answer `returning` of those that have them now. Their values may be SQL, as `from_now`.

    Whoever is doing the same at once is waited for. Give the rows in the order of their keys, as
    for `insert_new`.
    """
    if not new:
        return []
    of = table_of(table)
    statement = _DIALECTS[session.get_bind().dialect.name].insert(of).values(list(new))
    keys = [column.name for column in of.primary_key]
    values = {name: statement.excluded[name] for name in new[0] if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=values, where=where)
    answered = past_orm(session).execute(statement.returning(*(of.c[c.key] for c in returning)))
    return list(answered.all())


def insert_all(session: Session, table: type[Base], new: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are new for certain."""
    _insert(session, table, new, returning=(), only_new=False)


def _insert(
    session: Session,
    table: type[Base],
    new: Sequence[dict[str, Any]],
    *,
    returning: tuple[str, ...],
    only_new: bool,
) -> Result[Any] | None:
    if not new:
        return None
    dialect = session.get_bind().dialect.name
    statement = _insertion(dialect, table, tuple(new[0]), returning, only_new=only_new)
    given = rows(new) if dialect == "postgresql" else new
    return past_orm(session).execute(statement, given)


@cache
def _insertion(
    dialect: str,
    table: type[Base],
    names: tuple[str, ...],
    returning: tuple[str, ...],
    *,
    only_new: bool,
) -> Insert:
    """The statement that inserts rows with these columns, made once: making it takes as long as
    running it. It goes past the ORM, whose own inserts take five times the processor time.

    On Postgres all rows travel as one JSON text, so that the statement is the same however many
    they are. As an array for each column, 32 decisions took 950 us of this process's time, and as
    JSON 350 (measured); written side by side, as `.values(rows)` does, more than either.
    """
    columns = table_of(table).columns
    statement: Any = _DIALECTS[dialect].insert(table_of(table))
    if dialect == "postgresql":
        records = func.json_populate_recordset(
            literal_column(f"NULL::{table.__tablename__}"),
            sql_cast(bindparam("given", type_=String), postgresql.JSON),
        ).table_valued(*names, name="given")
        # Defaults are not looked for: the rows say all that they want stored.
        statement = statement.from_select(names, select(*records.c), include_defaults=False)
    if only_new:
        statement = statement.on_conflict_do_nothing()
    if returning:
        statement = statement.returning(*(columns[name] for name in returning))
    return cast("Insert", statement)


def given(**columns: type[TypeEngine[Any]]) -> Subquery:
    """Rows of ours as a table that a statement can read beside its own: `table.c.<column>`.

    The statement is made once; its rows come as a parameter (`rows`). So one UPDATE gives each of
    many rows a value of its own, and the statement is the same however many they are.

    Join comments to it by site *and* id, and name the site in no other condition. Postgres takes
    a site that its statistics have not seen yet for one of a single row, and where the site's id
    is a constant it reads all that the site has, for each row anew: of a new site's first 400
    comments, a batch took half a second (measured), and that grows with their square.
    """
    row = _json_rows(bindparam("given", type_=String)).table_valued("value", name="given")
    return select(
        *(_column(row.c.value, name, kind).label(name) for name, kind in columns.items())
    ).subquery("given")


def _column(row: ColumnElement[Any], name: str, kind: type[TypeEngine[Any]]) -> ColumnElement[Any]:
    value: ColumnElement[Any] = row.op("->>")(literal_column(f"'{name}'"))
    if kind is Uuid:  # JSON has it with hyphens, and SQLite keeps it without
        value = func.replace(value, literal_column("'-'"), literal_column("''"))
    return sql_cast(value, kind)


def rows(of: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameter of a statement with a `given` table: its rows, columns by name.

    Made by Pydantic, which knows ids and moments: the standard library, which has to ask for each
    of them, took up to four times as long, and that was a tenth of all that a worker does beside
    its model (measured).
    """
    return {"given": to_json(list(of)).decode()}


class _json_rows(GenericFunction[Any]):  # noqa: N801 - it reads as the SQL function that it is
    """A JSON array as a table of one column, `value`."""

    inherit_cache = True


@compiles(_json_rows, "postgresql")
def _json_rows_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **kw)} AS JSON))"


@compiles(_json_rows, "sqlite")
def _json_rows_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kw)})"


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


def elements(array: ColumnElement[Any]) -> TableValuedAlias:
    """What a stored JSON array consists of, as rows to join: `.c.value`, which `text_of` reads."""
    return _json_rows(array).table_valued("value", name="elements")


def text_of(value: ColumnElement[Any], key: str) -> ColumnElement[str]:
    """A text in a JSON object. `key` is ours: it stands in the SQL as it is."""
    return value.op("->>", return_type=String())(literal_column(f"'{key}'"))


class stands_in(GenericFunction[bool]):  # noqa: N801 - it reads as the SQL function that it is
    """`stands_in(text, words)`: whether the words stand in the text, in whatever capitals (on
    SQLite those of ASCII alone). NULL where there is no text.

    ILIKE puts the words into small letters for each text anew, and looks for them letter by letter:
    of texts of 5,000 characters it takes an eighth longer (measured).
    """

    type = Boolean()
    inherit_cache = True


@compiles(stands_in, "postgresql")
def _stands_in_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    whole, words = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(strpos(lower({whole}), (SELECT lower({words}))) > 0)"


@compiles(stands_in, "sqlite")
def _stands_in_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    whole, words = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr(lower({whole}), lower({words})) > 0)"


class utc_hour(GenericFunction[Any]):  # noqa: N801 - it reads as the SQL function that it is
    """`utc_hour(moment)`: the hour that it lies in, by UTC, as `2026-05-04 12`."""

    type = String()
    inherit_cache = True


@compiles(utc_hour, "postgresql")
def _utc_hour_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


@compiles(utc_hour, "sqlite")
def _utc_hour_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"substr({compiler.process(element.clauses, **kw)}, 1, 13)"


class seconds_between(GenericFunction[Any]):  # noqa: N801 - it reads as the SQL function that it is
    """`seconds_between(earlier, later)`, to the millisecond at least."""

    type = Double()
    inherit_cache = True


@compiles(seconds_between, "postgresql")
def _seconds_between_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(extract(epoch FROM {later} - {earlier}) AS double precision)"


@compiles(seconds_between, "sqlite")
def _seconds_between_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    earlier, later = (compiler.process(clause, **kw) for clause in element.clauses)
    # A day is a float there: what is left of a moment is true to some microseconds.
    return f"round((julianday({later}) - julianday({earlier})) * 86400, 3)"
