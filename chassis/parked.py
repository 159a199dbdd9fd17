"""Events whose handler raised, kept in the listener's own database: when each is tried again, and when no more.

An attempt is counted before it is made, so that an event that kills the process runs out of attempts too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from chassis.tables import parked_events
from chassis.wakeups import wake_at_commit

RETRIES = "retries"
"""The signal that a commit with newly parked events sets."""
LONGEST_ERROR = 2_000

_columns = parked_events.c


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and when an event is tried again. The default: 10 tries, the last some 55 minutes after the first."""

    tries: int = 10
    first_pause_s: float = 1.0
    factor: float = 2.6

    def pause_after(self, attempts: int) -> timedelta:
        """How long to wait after so many failed attempts."""
        return timedelta(seconds=self.first_pause_s * self.factor ** max(attempts - 1, 0))


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A parked event that is now being tried, for the `number`th time."""

    event_id: str
    body: str
    number: int


@dataclass(frozen=True, kw_only=True)
class ParkedEvents:
    """One listener's parked events. Every method works in the caller's transaction."""

    listener: str
    policy: RetryPolicy
    now: Callable[[], datetime]

    def add(
        self,
        session: Session,
        *,
        event_id: str,
        name: str,
        ordering_key: str,
        body: str,
        attempts: int,
        error: str,
        is_dead: bool = False,
    ) -> None:
        """Park an event after so many failed attempts; one that is parked already stays as it is."""
        now = self.now()
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(
            dialect.insert(parked_events)
            .values(
                listener=self.listener,
                event_id=event_id,
                name=name,
                ordering_key=ordering_key,
                body=_storable(body),
                attempts=attempts,
                next_try_at=None if is_dead else now + self.policy.pause_after(attempts),
                last_error=_storable(error)[:LONGEST_ERROR],
                parked_at=now,
            )
            .on_conflict_do_nothing()
        )
        wake_at_commit(session, RETRIES)

    def claim(self, session: Session) -> Attempt | None:
        """The event that is due, its attempt counted and its next one set; None if none is due now.

        Several copies of a service may claim at once: each gets another event.
        """
        now = self.now()
        query = (
            select(_columns.event_id, _columns.body, _columns.attempts)
            .where(_columns.listener == self.listener, _columns.next_try_at <= now)
            .order_by(_columns.next_try_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        while (row := session.execute(query).one_or_none()) is not None:
            number = row.attempts + 1
            if number <= self.policy.tries:
                self._change(session, row.event_id, attempts=number, next_try_at=now + self.policy.pause_after(number))
                return Attempt(event_id=row.event_id, body=row.body, number=number)
            # Its last attempt was counted but never came to an end.
            error = "the process ended while it was being handled"
            self._change(session, row.event_id, next_try_at=None, last_error=error)
        return None

    def fail(self, session: Session, attempt: Attempt, error: str) -> None:
        """Note why an attempt failed; after the last one the event is dead."""
        changes: dict[str, Any] = {"last_error": _storable(error)[:LONGEST_ERROR]}
        if self.is_last(attempt):
            changes["next_try_at"] = None
        self._change(session, attempt.event_id, **changes)

    def give_back(self, session: Session, attempt: Attempt) -> None:
        """Undo the counting of an attempt that says nothing about the event; it is due again shortly."""
        next_try_at = self.now() + self.policy.pause_after(1)
        self._change(session, attempt.event_id, attempts=attempt.number - 1, next_try_at=next_try_at)

    def remove(self, session: Session, event_id: str) -> None:
        """Forget an event: it was handled."""
        session.execute(delete(parked_events).where(self._is(event_id)))

    def next_due(self, session: Session) -> datetime | None:
        """When the next event is due; None if none waits."""
        query = select(func.min(_columns.next_try_at)).where(_columns.listener == self.listener)
        due_at: datetime | None = session.scalar(query)
        return due_at

    def is_last(self, attempt: Attempt) -> bool:
        """Whether the event is dead if this attempt fails."""
        return attempt.number >= self.policy.tries

    def _change(self, session: Session, event_id: str, **changes: Any) -> None:
        session.execute(update(parked_events).where(self._is(event_id)).values(**changes))

    def _is(self, event_id: str) -> Any:
        return (_columns.listener == self.listener) & (_columns.event_id == event_id)


def _storable(text: str) -> str:
    # PostgreSQL's text holds no NUL; a message that has one could not be read anyway.
    return text.replace("\0", "\\0")
