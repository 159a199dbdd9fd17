"""Rows that one batch of events has in hand: loaded with one query each, absent ones remembered as absent.

A handler that looked each row up by itself would cost a query an event.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import InstrumentedAttribute, Session

Column = InstrumentedAttribute[str]
"""A mapped column whose values are unique, and its model."""

_KEY = "notify.known_rows"


def load(session: Session, column: Column, keys: Iterable[str]) -> None:
    """Fetch the rows whose `column` has one of these values, those that are not in hand, with one query."""
    rows = _rows(session, column)
    missing = {key for key in keys if key not in rows}
    if not missing:
        return
    for row in session.scalars(_with_one_of(column), {"keys": list(missing)}):
        rows[getattr(row, column.key)] = row
    for key in missing:
        rows.setdefault(key, None)


def get(session: Session, column: Column, key: str) -> Any:
    """The row with this value, an instance of the column's model; None if there is none."""
    rows = _rows(session, column)
    if key not in rows:
        load(session, column, (key,))
    return rows[key]


def add(session: Session, column: Column, row: Any) -> None:
    """Insert a row and have it in hand."""
    session.add(row)
    _rows(session, column)[getattr(row, column.key)] = row


@cache
def _with_one_of(column: Column) -> Select[Any]:
    return select(column.class_).where(column.in_(bindparam("keys", expanding=True)))


def _rows(session: Session, column: Column) -> dict[str, Any]:
    by_column: dict[tuple[Any, str], dict[str, Any]] = session.info.setdefault(_KEY, {})
    return by_column.setdefault((column.class_, column.key), {})
