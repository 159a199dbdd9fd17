"""Objects to rows and back by name, whole batches with one statement on PostgreSQL and on SQLite.

Statements of every payment are built once, at import or at first use: building one takes longer than running it.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, ColumnElement, Insert, Table, TextClause, Update, bindparam, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.dml import ReturningInsert

T = TypeVar("T")

_KEY = "key_of_row"


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model."""
    return cast(Table, model.__table__)


def load(
    session: Session, model: type[DeclarativeBase], kind: type[T], *where: ColumnElement[bool], order_by: Any = None
) -> list[T]:
    """Read rows as objects of the dataclass `kind`, whose fields are columns of the model."""
    query = select(*columns_of(model, kind)).where(*where)
    if order_by is not None:
        query = query.order_by(order_by)
    return [object_of(kind, row) for row in session.execute(query)]


def columns_of(model: type[DeclarativeBase], kind: type[Any]) -> list[Column[Any]]:
    """Return the columns of a model that are fields of the dataclass `kind`, in the fields' order."""
    table = table_of(model)
    return [table.c[name] for name in _names(kind)]


def object_of(kind: type[T], row: Sequence[Any]) -> T:
    """Return a row that begins with `columns_of` as an object."""
    return kind(**dict(zip(_names(kind), row, strict=False)))


def insert_all(session: Session, model: type[DeclarativeBase], objects: Iterable[Any]) -> None:
    """Insert dataclass objects, or mappings, as rows."""
    rows = [_as_row(item) for item in objects]
    if rows:
        session.execute(_insert(table_of(model)), rows)


def insert_new(session: Session, model: type[DeclarativeBase], objects: Sequence[Any]) -> set[Any]:
    """Insert those objects that collide with no row; return the primary keys of the inserted ones.

    Waits for another transaction that is inserting the same, so give them in one order everywhere.
    """
    rows = [_as_row(item) for item in objects]
    if not rows:
        return set()
    statement = _insert_new(table_of(model), is_postgres(session))
    return set(session.execute(statement, rows if len(rows) > 1 else rows[0]).scalars())


def insert_ignoring_conflicts(session: Session, model: type[DeclarativeBase]) -> Insert:
    """Return INSERT … ON CONFLICT DO NOTHING in the session's dialect."""
    return _insert_ignoring_conflicts(table_of(model), is_postgres(session))


def update_all(session: Session, model: type[DeclarativeBase], objects: Sequence[Any]) -> None:
    """Write every column of objects that are rows already, found by their primary key."""
    table = table_of(model)
    rows = [_as_row(item) for item in objects]
    if not rows:
        return
    if len(rows) == 1 or not is_postgres(session):
        key = _key(table).name
        parameters = [{_KEY if name == key else name: row[name] for name in row} for row in rows]
        session.connection().execute(_update_by_key(table), parameters)
        return
    session.execute(_update_from_arrays(table), {name: [row[name] for row in rows] for name in rows[0]})


def is_postgres(session: Session) -> bool:
    """Whether the session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


@cache
def _insert(table: Table) -> Insert:
    return table.insert()


@cache
def _insert_ignoring_conflicts(table: Table, on_postgres: bool) -> Insert:
    if on_postgres:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _insert_new(table: Table, on_postgres: bool) -> ReturningInsert[Any]:
    return _insert_ignoring_conflicts(table, on_postgres).returning(_key(table), sort_by_parameter_order=False)


@cache
def _update_by_key(table: Table) -> Update:
    key = _key(table)
    changed: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns if column is not key}
    return update(table).where(key == bindparam(_KEY)).values(changed)


@cache
def _update_from_arrays(table: Table) -> TextClause:
    """One statement for all rows, an array a column: a statement a row would cost a round trip each."""
    key = _key(table).name
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    names = [column.name for column in table.columns]
    arrays = (f"CAST(:{column.name} AS {column.type.compile(dialect)}[])" for column in table.columns)
    settings = (f"{name} = new_values.{name}" for name in names if name != key)
    return text(
        f"UPDATE {table.name} SET {', '.join(settings)}"  # noqa: S608 - names from our own models
        f" FROM unnest({', '.join(arrays)}) AS new_values ({', '.join(names)})"
        f" WHERE {table.name}.{key} = new_values.{key}"
    )


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)


def _as_row(item: Any) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    return {name: getattr(item, name) for name in _names(type(item))}


def _key(table: Table) -> Any:
    (key,) = table.primary_key.columns
    return key
