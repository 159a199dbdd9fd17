"""Rows in the databases of an embedded home, for what no command makes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from chassis.database import Database


@contextmanager
def writing(home: Path, service: str) -> Iterator[Session]:
    """A transaction in the service's database; no process may be using the home meanwhile."""
    database = Database(f"sqlite:///{home / service}.sqlite")
    with database.transaction() as session:
        yield session
    database.close()
