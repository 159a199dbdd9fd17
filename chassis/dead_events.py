"""Dead events: those that were tried in vain to the last, or that nobody could read. Listed and replayed here."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from chassis.parked import RETRIES
from chassis.tables import parked_events
from chassis.wakeups import wake_at_commit

_columns = parked_events.c


@dataclass(frozen=True, kw_only=True)
class DeadEvent:
    """One dead event; `body` is the envelope's JSON, or whatever came if it could not be read."""

    event_id: str
    name: str
    attempts: int
    last_error: str
    parked_at: datetime
    body: str


def list_dead(session: Session, *, limit: int = 100, after: str = "") -> list[DeadEvent]:
    """Dead events by id, at most `limit` after the id `after`."""
    query = (
        select(
            _columns.event_id,
            _columns.name,
            _columns.attempts,
            _columns.last_error,
            _columns.parked_at,
            _columns.body,
        )
        .where(_columns.next_try_at.is_(None), _columns.event_id > after)
        .order_by(_columns.event_id)
        .limit(limit)
    )
    return [DeadEvent(**row) for row in session.execute(query).mappings()]


def replay(session: Session, event_id: str) -> bool:
    """Have a dead event tried again at once, with all its attempts before it. False if there is no such one."""
    statement = (
        update(parked_events)
        .where(_columns.event_id == event_id, _columns.next_try_at.is_(None))
        .values(attempts=0, next_try_at=datetime.now(UTC))
        .returning(_columns.event_id)
    )
    wake_at_commit(session, RETRIES)
    return session.scalar(statement) is not None


def parked_counts(session: Session) -> dict[str, int]:
    """How many events of each name wait to be tried again."""
    return _counts(session, _columns.next_try_at.is_not(None))


def dead_counts(session: Session) -> dict[str, int]:
    """How many events of each name are dead."""
    return _counts(session, _columns.next_try_at.is_(None))


def _counts(session: Session, condition: object) -> dict[str, int]:
    query = select(_columns.name, func.count()).where(condition).group_by(_columns.name)  # type: ignore[arg-type]
    return dict(session.execute(query).all())
