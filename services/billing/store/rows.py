"""Objects to rows and back by name, whole batches with one statement on PostgreSQL and on SQLite."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Insert, Table, bindparam, column, select, update, values
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

T = TypeVar("T")


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table of a model."""
    return cast(Table, model.__table__)


def load(
    session: Session, model: type[DeclarativeBase], kind: type[T], *where: ColumnElement[bool], order_by: Any = None
) -> list[T]:
    """Read rows as objects of the dataclass `kind`, whose fields are columns of the model."""
    table = table_of(model)
    query = select(*(table.c[name] for name in _names(kind))).where(*where)
    if order_by is not None:
        query = query.order_by(order_by)
    names = _names(kind)
    return [kind(**dict(zip(names, row, strict=True))) for row in session.execute(query)]


def insert_all(session: Session, model: type[DeclarativeBase], objects: Iterable[Any]) -> None:
    """Insert dataclass objects, or mappings, as rows."""
    rows = [_as_row(item) for item in objects]
    if rows:
        session.execute(table_of(model).insert(), rows)


def insert_new(session: Session, model: type[DeclarativeBase], objects: Sequence[Any]) -> set[Any]:
    """Insert those objects that collide with no row; return the primary keys of the inserted ones.

    Waits for another transaction that is inserting the same, so give them in one order everywhere.
    """
    rows = [_as_row(item) for item in objects]
    if not rows:
        return set()
    key = _key(table_of(model))
    statement = insert_ignoring_conflicts(session, model).returning(key, sort_by_parameter_order=False)
    return set(session.execute(statement, rows).scalars())


def insert_ignoring_conflicts(session: Session, model: type[DeclarativeBase]) -> Insert:
    """Return INSERT … ON CONFLICT DO NOTHING in the session's dialect."""
    table = table_of(model)
    if is_postgres(session):
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def update_all(session: Session, model: type[DeclarativeBase], objects: Sequence[Any]) -> None:
    """Write every column of objects that are rows already, found by their primary key."""
    table = table_of(model)
    rows = [_as_row(item) for item in objects]
    if not rows:
        return
    key = _key(table)
    changed = [name for name in rows[0] if name != key.name]
    if len(rows) == 1 or not is_postgres(session):
        statement = update(table).where(key == bindparam("key_")).values({name: bindparam(name) for name in changed})
        parameters = [{"key_" if name == key.name else name: row[name] for name in row} for row in rows]
        session.connection().execute(statement, parameters)
        return
    # One statement for all: a statement a row would cost a round trip each.
    names = [key.name, *changed]
    new = values(*(column(name, table.c[name].type) for name in names), name="new_values").data(
        [tuple(row[name] for name in names) for row in rows]
    )
    session.execute(
        update(table)
        .where(key == new.c[key.name])
        .values({name: sql_cast(new.c[name], table.c[name].type) for name in changed})
    )


def is_postgres(session: Session) -> bool:
    """Whether the session speaks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def _names(kind: type[Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


def _as_row(item: Any) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    return {name: getattr(item, name) for name in _names(type(item))}


def _key(table: Table) -> Any:
    (key,) = table.primary_key.columns
    return key
