"""Doing work again that another copy of the service did at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import Database

Result = TypeVar("Result")
_MOST_TRIES = 4


def again_if_taken(database: Database, work: Callable[[Session], Result]) -> Result:
    """Run `work` in a transaction of its own; when a unique key was taken meanwhile, once more from the start.

    The second run sees the row that was in the way and updates it instead. The last failure is raised.
    """
    for _ in range(_MOST_TRIES - 1):
        try:
            with database.transaction() as session:
                return work(session)
        except IntegrityError:
            continue
    with database.transaction() as session:
        return work(session)
