"""Taking events once each: a batch in one transaction with its effects, one by one where that fails.

Nothing here knows nameko or a broker. A handler that raises has its event parked; parked events are tried
again with growing pauses until they are dead.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from chassis import correlation
from chassis.database import Database
from chassis.database_errors import is_worth_retrying
from chassis.parked import Attempt, ParkedEvents, RetryPolicy
from chassis.tables import UtcDateTime, inbox
from contracts.wire import Envelope, Event

log = logging.getLogger(__name__)

UNREADABLE = "unreadable"
"""The name under which a message is kept whose envelope could not be read."""
SUSPECT_AFTER = 3
"""After so many deliveries that were never finished, an event is taken alone and its attempts are counted first."""

_decoder = msgspec.json.Decoder(Envelope)

_ENTER_POSTGRES = text(
    """
    INSERT INTO inbox (listener, event_id, name, handled_at)
    SELECT :listener, event_id, name, :now
    FROM unnest(CAST(:ids AS varchar[]), CAST(:names AS varchar[])) AS arrived (event_id, name)
    ON CONFLICT DO NOTHING RETURNING event_id
    """
).bindparams(bindparam("now", type_=UtcDateTime))
# SQLite needs the WHERE to tell this ON from a join's.
_ENTER_SQLITE = text(
    """
    INSERT INTO inbox (listener, event_id, name, handled_at)
    SELECT :listener, json_extract(value, '$[0]'), json_extract(value, '$[1]'), :now
    FROM json_each(:events) WHERE true
    ON CONFLICT DO NOTHING RETURNING event_id
    """
).bindparams(bindparam("now", type_=UtcDateTime))


class Unhandled(Exception):
    """No method of this service takes such an event; perhaps a newer copy of it does."""


@dataclass(frozen=True, kw_only=True)
class Handler:
    """What a service does about one event. `preload(session, events)` is called once for all of a batch."""

    event_type: type[Event]
    handle: Callable[[Session, Any, Envelope], object]
    preload: Callable[[Session, Sequence[Any]], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message as it came; `unfinished` counts the times it was delivered before and never acknowledged."""

    envelope: Envelope
    body: str
    unfinished: int = 0


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """One listener's way of taking events. Safe in several copies at once."""

    database: Database
    listener: str
    handlers: Mapping[str, Sequence[Handler]]
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Handle each event that was not handled before; park those whose handlers raise.

        Returning means that every delivery may be acknowledged. Raises only what `is_worth_retrying`, which
        says nothing about the events: take the same ones again, it counts as no attempt.
        """
        batch: dict[str, Delivery] = {}
        for item in deliveries:
            if item.unfinished >= SUSPECT_AFTER:
                # It may be what ends this process each time, and would take all that came with it along.
                self._park(item, attempts=0, error=f"delivered {item.unfinished} times and never finished")
            else:
                batch[item.envelope.event_id] = item
        if not batch:
            return
        # Copies of a service that take rows in one order wait for each other in a queue and not in a ring.
        ordered = sorted(batch.values(), key=lambda item: (item.envelope.ordering_key, item.envelope.event_id))
        if len(ordered) == 1 or not self._take_all(ordered):
            for item in ordered:
                self._take_alone(item)

    def retry_due(self) -> datetime | None:
        """Try the parked events that are due; return when the next one will be, None if none waits.

        Raises only what `is_worth_retrying`.
        """
        # Looked at without a writer's right first: nearly always there is nothing.
        while (due_at := self._next_due()) is not None and due_at <= self.now():
            with self.database.transaction() as session:
                attempt = self._parked.claim(session)
            if attempt is None:
                # Another copy of the service has it, or it has just been found dead.
                return self._next_due()
            self._retry(attempt)
        return due_at

    def bury(self, body: str, *, event_id: str, error: str) -> None:
        """Keep a message from the dead-letter queue as a dead event; `event_id` is for one that cannot be read."""
        try:
            envelope = read(body)
            event_id, name, ordering_key = envelope.event_id, envelope.name, envelope.ordering_key
        except msgspec.DecodeError:
            name, ordering_key = UNREADABLE, ""
        is_handled = select(inbox.c.event_id).where(inbox.c.listener == self.listener, inbox.c.event_id == event_id)
        with self.database.transaction() as session:
            if session.scalar(is_handled) is None:
                self._parked.add(
                    session,
                    event_id=event_id,
                    name=name,
                    ordering_key=ordering_key,
                    body=body,
                    attempts=0,
                    error=error,
                    is_dead=True,
                )

    def _next_due(self) -> datetime | None:
        with self.database.read() as session:
            return self._parked.next_due(session)

    @cached_property
    def _parked(self) -> ParkedEvents:
        return ParkedEvents(listener=self.listener, policy=self.policy, now=self.now)

    def _take_all(self, batch: Sequence[Delivery]) -> bool:
        """Whether the batch went through as one; if not, it left nothing behind."""
        try:
            self._take_together(batch)
        except Exception as error:
            if is_worth_retrying(error):
                raise
            return False
        return True

    def _take_together(self, batch: Sequence[Delivery]) -> None:
        envelopes = [item.envelope for item in batch]
        with self.database.transaction() as session:
            fresh = self._enter(session, envelopes)
            self._run(session, [envelope for envelope in envelopes if envelope.event_id in fresh])

    def _take_alone(self, item: Delivery) -> None:
        try:
            self._take_together([item])
        except Exception as error:
            if is_worth_retrying(error):
                raise
            what = f"{item.envelope.name} {item.envelope.event_id}"
            log.warning("%s failed at %s, which waits to be tried again", self.listener, what, exc_info=error)
            self._park(item, attempts=1, error=_describe(error))

    def _retry(self, attempt: Attempt) -> None:
        try:
            envelope = read(attempt.body)
            with self.database.transaction() as session:
                if self._enter(session, [envelope]):
                    self._run(session, [envelope])
                self._parked.remove(session, attempt.event_id)
        except Exception as error:
            with self.database.transaction() as session:
                if is_worth_retrying(error):
                    self._parked.give_back(session, attempt)
                    return
                self._parked.fail(session, attempt, _describe(error))
            log.log(
                logging.ERROR if self._parked.is_last(attempt) else logging.WARNING,
                "%s failed at event %s, attempt %d of %d",
                self.listener,
                attempt.event_id,
                attempt.number,
                self.policy.tries,
                exc_info=error,
            )

    def _enter(self, session: Session, envelopes: Sequence[Envelope]) -> set[str]:
        """Enter events as handled, with one statement, and return the ids of those that were not before."""
        events = sorted((envelope.event_id, envelope.name) for envelope in envelopes)
        parameters: dict[str, Any] = {"listener": self.listener, "now": self.now()}
        if self.database.is_sqlite:
            return set(session.scalars(_ENTER_SQLITE, {**parameters, "events": json.dumps(events)}))
        ids, names = map(list, zip(*events, strict=True))
        return set(session.scalars(_ENTER_POSTGRES, {**parameters, "ids": ids, "names": names}))

    def _run(self, session: Session, envelopes: Sequence[Envelope]) -> None:
        calls: list[tuple[Handler, Any, Envelope]] = []
        for envelope in envelopes:
            if envelope.name not in self.handlers:
                raise Unhandled(f"{self.listener} has no handler for {envelope.name}")
            calls += [
                (handler, msgspec.convert(envelope.payload, handler.event_type), envelope)
                for handler in self.handlers[envelope.name]
            ]
        _preload(session, calls)
        for handler, event, envelope in calls:
            with correlation.bound(envelope.correlation_id):
                handler.handle(session, event, envelope)

    def _park(self, item: Delivery, *, attempts: int, error: str) -> None:
        with self.database.transaction() as session:
            self._parked.add(
                session,
                event_id=item.envelope.event_id,
                name=item.envelope.name,
                ordering_key=item.envelope.ordering_key,
                body=item.body,
                attempts=attempts,
                error=error,
            )


def read(body: bytes | str) -> Envelope:
    """Decode an envelope. Raises msgspec.DecodeError."""
    return _decoder.decode(body)


def handled_counts(session: Session) -> dict[str, int]:
    """How many events of each name this service has handled."""
    query = select(inbox.c.name, func.count()).group_by(inbox.c.name)
    return dict(session.execute(query).all())


def _preload(session: Session, calls: Sequence[tuple[Handler, Any, Envelope]]) -> None:
    events: dict[int, tuple[Handler, list[Any]]] = {}
    for handler, event, _ in calls:
        if handler.preload is not None:
            events.setdefault(id(handler), (handler, []))[1].append(event)
    for handler, taken in events.values():
        if handler.preload is not None:
            handler.preload(session, taken)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
