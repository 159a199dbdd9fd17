"""Rows that others may be inserting at the same moment."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_new(session: Session, model: type[DeclarativeBase], **values: Any) -> bool:
    """Insert a row; False where there is one with its key already, which stays as it is."""
    table = model.__table__
    insert = _INSERTS[session.get_bind().dialect.name]
    statement = insert(table).values(values).on_conflict_do_nothing()
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
