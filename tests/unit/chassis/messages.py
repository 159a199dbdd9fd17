"""A clock that stands still, events of a made-up owner and deliveries of them, for the tests beside this file."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from chassis import tables
from chassis.database import Database
from chassis.ids import new_id
from chassis.inbox import Delivery, Handler, Inbox
from contracts.wire import Envelope, Event


class Happened(Event):
    number: int


class Clock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Recorder:
    """Handles `Happened` by remembering its number, after raising whatever `errors` holds for it."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.errors: dict[int, list[Exception]] = {}

    def __call__(self, _session: Any, event: Happened, _envelope: Envelope) -> None:
        if self.errors.get(event.number):
            raise self.errors[event.number].pop(0)
        self.numbers.append(event.number)


def make_database(folder: Path) -> Database:
    """A SQLite database with the chassis's tables."""
    database = Database(f"sqlite:///{folder}/service.sqlite")
    with database.engine.begin() as connection:
        tables.metadata.create_all(connection)
    return database


def make_inbox(database: Database, handle: Callable[..., object], clock: Clock, **options: Any) -> Inbox:
    """The inbox of a service `listener` with one handler of `Happened`."""
    handlers = {Happened.event_name: [Handler(event_type=Happened, handle=handle)]}
    return Inbox(database=database, listener="listener", handlers=handlers, now=clock, **options)


def delivery(number: int, *, key: str = "account", event_id: str = "", unfinished: int = 0, **changes: Any) -> Delivery:
    """A delivery of `Happened`."""
    envelope = Envelope(
        event_id=event_id or new_id(),
        name=changes.pop("name", Happened.event_name),
        schema_version=1,
        occurred_at=datetime(2026, 3, 1, tzinfo=UTC),
        aggregate_id="aggregate",
        aggregate_version=1,
        ordering_key=key,
        correlation_id=changes.pop("correlation_id", "c"),
        payload=changes.pop("payload", {"number": number}),
    )
    return Delivery(envelope=envelope, body=msgspec.json.encode(envelope).decode(), unfinished=unfinished)


def parked_rows(database: Database) -> list[Any]:
    """The parked and dead events."""
    with database.read() as session:
        return list(session.execute(select(tables.parked_events).order_by(tables.parked_events.c.event_id)))
