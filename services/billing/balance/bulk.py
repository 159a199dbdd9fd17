"""Many rows with one statement, on either engine.

PostgreSQL gets an array a column: it reads one short statement whatever the number of rows, where a row each would
cost a round trip and a long list of values its parsing. SQLite has no arrays, and no round trips to save.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ScalarResult, String, Table, Text, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, object]]


def insert_rows(session: Session, table: Table, rows: Rows) -> None:
    """Insert rows, each with a value for every column."""
    if rows:
        session.execute(_insert(table, session.get_bind().dialect.name), _values(session, rows))


def insert_new(session: Session, table: Table, rows: Rows) -> set[Any]:
    """Insert those rows whose key is new; return their keys. The table's primary key is one column."""
    if not rows:
        return set()
    (key,) = table.primary_key.columns
    statement = _insert_new(table, session.get_bind().dialect.name, key)
    inserted: ScalarResult[Any] = session.execute(statement, _values(session, rows)).scalars()
    return set(inserted)


def add_up(
    session: Session, table: Table, rows: Rows, *, adding: tuple[str, ...], learning: tuple[str, ...] = ()
) -> None:
    """Insert rows, or add the figures `adding` to those that are there, atomically. No key may come twice.

    `learning` are columns that take the new row's value unless it has none.
    """
    if rows:
        statement = _add_up(table, session.get_bind().dialect.name, adding, learning)
        session.execute(statement, _values(session, rows))


@cache
def _insert(table: Table, dialect: str) -> Any:
    if dialect == "sqlite":
        return sqlite.insert(table)
    names = [column.name for column in table.columns]
    arrays = func.unnest(*(_array(column) for column in table.columns)).table_valued(*names).render_derived()
    return postgresql.insert(table).from_select(names, select(*(arrays.c[name] for name in names)))


@cache
def _insert_new(table: Table, dialect: str, key: Column[Any]) -> Any:
    return _insert(table, dialect).on_conflict_do_nothing().returning(key)


@cache
def _add_up(table: Table, dialect: str, adding: tuple[str, ...], learning: tuple[str, ...]) -> Any:
    statement = _insert(table, dialect)
    new_values = {name: table.c[name] + statement.excluded[name] for name in adding}
    new_values |= {name: func.coalesce(statement.excluded[name], table.c[name]) for name in learning}
    keys = [column.name for column in table.primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_=new_values)


def _array(column: Column[Any]) -> Any:
    # A cast to varchar(n) would cut what is too long; as text it is refused when it is assigned.
    kind = postgresql.ARRAY(Text() if isinstance(column.type, String) else column.type)
    return cast(bindparam(column.name, type_=kind), kind)


def _values(session: Session, rows: Rows) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return list(rows)
    return {name: [row[name] for row in rows] for name in rows[0]}
