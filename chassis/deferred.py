"""Work put off to the end of a transaction, so that a batch of events is written with a few statements."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


def collect(session: Session, finish: Callable[[Session, Sequence[Any]], object], item: object) -> None:
    """Have `finish(session, items)` called once, right before this transaction commits, with all that was collected.

    What it raises fails the transaction, as if the handler had raised it.
    """
    collected: dict[Callable[..., object], list[Any]] = session.info.setdefault("collected", {})
    if not collected:
        event.listen(session, "before_commit", _finish, once=True)
    collected.setdefault(finish, []).append(item)


def _finish(session: Session) -> None:
    for finish, items in session.info.pop("collected", {}).items():
        finish(session, items)
