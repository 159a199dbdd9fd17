"""The tables that every service's database has besides its own: messages, keys and the business clock.

A service's migrations create them: its Alembic environment compares `[Base.metadata, tables.metadata]`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, the same on both engines, so that a migration can find them again."""

metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware on the way in and out, in UTC, on PostgreSQL and on SQLite (which keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. A naive datetime is an error: nobody knows which instant it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone, this one has none: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Attach or convert to UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_literal_param(self, value: datetime | None, dialect: Dialect) -> str:
        """Render for SQL printed as text (offline migrations)."""
        bound = self.process_bind_param(value, dialect)
        return "NULL" if bound is None else f"'{bound.isoformat(sep=' ')}'"


def _id_column(name: str, **options: Any) -> Column[str]:
    return Column(name, String(36), **options)


outbox = Table(
    "outbox",
    metadata,
    _id_column("event_id", primary_key=True),
    Column("name", String(100), nullable=False),
    Column("aggregate_id", String(100), nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    Column("ordering_key", String(100), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    # The whole envelope as JSON, exactly as it travels: the relay and the archive never encode it again.
    Column("body", Text, nullable=False),
    Column("published_at", UtcDateTime),
    # Position in the feed of published events: without gaps that fill later, unlike the order of ids.
    Column("cursor", BigInteger),
    Index("uq_outbox_cursor", "cursor", unique=True),
    Index(
        "ix_outbox_pending",
        "event_id",
        postgresql_where=text("published_at IS NULL"),
        sqlite_where=text("published_at IS NULL"),
    ),
)
"""Every event this service recorded: to be published while `published_at` is null, an archive afterwards."""

outbox_feed = Table(
    "outbox_feed",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last_cursor", BigInteger, nullable=False),
)
"""One row: the last cursor given out. Locking it makes cursors commit in their own order."""

inbox = Table(
    "inbox",
    metadata,
    Column("listener", String(50), primary_key=True),
    _id_column("event_id", primary_key=True),
    Column("name", String(100), nullable=False),
    Column("handled_at", UtcDateTime, nullable=False),
)
"""Every event this service has handled, written in the transaction of its effect. Never purged."""

parked_events = Table(
    "parked_events",
    metadata,
    Column("listener", String(50), primary_key=True),
    _id_column("event_id", primary_key=True),
    Column("name", String(100), nullable=False),
    Column("ordering_key", String(100), nullable=False),
    # The envelope as it came; for a message that could not be read, whatever its bytes were.
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # Null: dead, tried no more until somebody replays it.
    Column("next_try_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
    Column("parked_at", UtcDateTime, nullable=False),
    Index("ix_parked_events_next_try_at", "next_try_at"),
)
"""Events whose handler raised: waiting for their next try, or dead."""

command_keys = Table(
    "command_keys",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("answer", JSON),
    Column("created_at", UtcDateTime, nullable=False),
)
"""The callers' keys of commands that were carried out, with the answers they got."""

business_clock = Table(
    "business_clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mode", String(20), nullable=False),
    Column("frozen_at", UtcDateTime),
    # Seconds by which the business clock runs ahead of real time.
    Column("offset_s", Float, nullable=False, server_default="0"),
    # Of the event that last moved it: an older one that arrives late moves nothing.
    Column("version", BigInteger, nullable=False, server_default="0"),
)
"""At most one row: how the business's today differs from real time."""
