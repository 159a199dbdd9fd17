"""Recording events in the transaction that makes them true; the relay publishes them after the commit.

The rows stay: they are the owner's archive, from which projections are rebuilt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session, registry

from chassis import correlation
from chassis.ids import new_id
from chassis.tables import outbox
from chassis.wakeups import wake_at_commit
from contracts.wire import Envelope, Event

RELAY = "outbox"
"""The signal that a commit with events sets."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Envelope)


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One event to record. `ordering_key` is the account it belongs to; `aggregate_version` grows per aggregate."""

    event: Event
    aggregate_id: str
    aggregate_version: int
    ordering_key: str


class _OutboxRow:
    """Mapped, so that the unit of work inserts all rows of a transaction with one statement at its flush."""

    def __init__(self, **columns: Any) -> None:
        for name, value in columns.items():
            setattr(self, name, value)


registry().map_imperatively(_OutboxRow, outbox)


def record(session: Session, event: Event, *, aggregate_id: str, aggregate_version: int, ordering_key: str) -> str:
    """Record one event in the caller's transaction and return its id; the relay is woken at the commit."""
    new = NewEvent(
        event=event, aggregate_id=aggregate_id, aggregate_version=aggregate_version, ordering_key=ordering_key
    )
    return record_many(session, [new])[0]


def record_many(session: Session, events: Iterable[NewEvent]) -> list[str]:
    """Record events in the caller's transaction, in this order, and return their ids."""
    rows = [_row(new) for new in events]
    session.add_all(rows)
    if rows:
        wake_at_commit(session, RELAY)
    return [row.event_id for row in rows]  # type: ignore[attr-defined]


def published_since(session: Session, *, names: Sequence[str], cursor: int, limit: int) -> list[tuple[int, Envelope]]:
    """The archive: published events of these names after `cursor`, in the feed's order, at most `limit`.

    Start with 0 and go on with the last cursor returned; an event that is published later has a higher one.
    """
    query = (
        select(outbox.c.cursor, outbox.c.body)
        .where(outbox.c.cursor > cursor, outbox.c.name.in_(names))
        .order_by(outbox.c.cursor)
        .limit(limit)
    )
    return [(position, _decoder.decode(body)) for position, body in session.execute(query)]


def recorded_between(
    session: Session, *, names: Sequence[str], after: str, up_to: str | None, limit: int
) -> list[Envelope]:
    """The archive by id: events of these names after the id `after` and none after `up_to`, at most `limit`.

    Unlike the feed it can be read in stretches of ids, beside whatever was made of the events. An event whose
    transaction was slow can come to lie in a stretch that was read already.
    """
    query = select(outbox.c.body).where(outbox.c.event_id > after, outbox.c.name.in_(names))
    if up_to is not None:
        query = query.where(outbox.c.event_id <= up_to)
    return [_decoder.decode(body) for body in session.scalars(query.order_by(outbox.c.event_id).limit(limit))]


def pending(session: Session) -> int:
    """How many events wait to be published."""
    query = select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))
    return session.scalar(query) or 0


def published_counts(session: Session) -> dict[str, int]:
    """How many events of each name have been published."""
    query = select(outbox.c.name, func.count()).where(outbox.c.published_at.is_not(None)).group_by(outbox.c.name)
    return dict(session.execute(query).all())


def _row(new: NewEvent) -> _OutboxRow:
    event = new.event
    envelope = Envelope(
        event_id=new_id(),
        name=event.event_name,
        schema_version=event.schema_version,
        occurred_at=datetime.now(UTC),
        aggregate_id=new.aggregate_id,
        aggregate_version=new.aggregate_version,
        ordering_key=new.ordering_key,
        correlation_id=correlation.current(),
        payload=msgspec.to_builtins(event),
    )
    return _OutboxRow(
        event_id=envelope.event_id,
        name=envelope.name,
        aggregate_id=envelope.aggregate_id,
        aggregate_version=envelope.aggregate_version,
        ordering_key=envelope.ordering_key,
        occurred_at=envelope.occurred_at,
        body=_encoder.encode(envelope).decode(),
    )
