"""Waking what waits for work the moment a transaction that made some has been committed.

Process-wide and keyed by database, so that any session on a database wakes whatever serves it.
"""

import threading
from collections import defaultdict

from sqlalchemy.orm import Session

from chassis.database import Database

_signals: defaultdict[tuple[str, str], threading.Event] = defaultdict(threading.Event)


def signal(database: Database, name: str) -> threading.Event:
    """The signal called `name` on this database. Clear it before looking for work, then wait on it."""
    return _signals[database.url, name]


def wake_at_commit(session: Session, name: str) -> None:
    """Set the signal called `name` once this session's transaction has been committed."""
    database: Database | None = session.info.get("database")
    asked: set[str] = session.info.setdefault("wakes", set())
    if database is None or name in asked:
        return
    asked.add(name)
    Database.on_commit(session, signal(database, name).set)
