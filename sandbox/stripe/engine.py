"""Does the work of a call in one transaction: objects, events, webhooks and the kept answer, all or none."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.database import Database
from sandbox.deliveries import REORDER_S, Deliveries
from sandbox.documents import Document, Documents
from sandbox.settings import Settings
from sandbox.stripe.call import Call

CHANNEL = "stripe"


class Engine:
    """Runs calls and sends what they cause to the webhook endpoint of the settings, if there is one."""

    def __init__(
        self, database: Database, deliveries: Deliveries, settings: Settings, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._sent = 0

    def now(self) -> float:
        """Unix seconds."""
        return self._clock()

    @contextmanager
    def transaction(self) -> Iterator["Work"]:
        """The work of one call; its webhooks leave after the commit."""
        work = Work(self)
        with self._database.transaction() as connection:
            work.begin(connection)
            yield work
        self._deliveries.wake(work.added)

    def keep_events(self, connection: sqlite3.Connection, call: Call) -> list[tuple[float, int]]:
        """Stores the call's events and the webhooks that tell of them; returns those, to wake."""
        documents = Documents(connection)
        added = []
        for event in call.events:
            told = self._wanted(event["type"])
            event["pending_webhooks"] = int(told)
            documents.put("event", event, owner=event["type"])
            if told:
                added.extend(self._tell(connection, event))
        call.events.clear()
        return added

    def _wanted(self, event_type: str) -> bool:
        enabled = self._settings.stripe_webhook_events
        return bool(self._settings.stripe_webhook_url) and ("*" in enabled or event_type in enabled)

    def _tell(self, connection: sqlite3.Connection, event: Document) -> list[tuple[float, int]]:
        with self._lock:
            self._sent += 1
            number = self._sent
        repeats = 2 if _is_nth(number, self._settings.webhook_duplicate_every) else 1
        delay_s = REORDER_S if _is_nth(number, self._settings.webhook_reorder_every) else 0.0
        return [
            self._deliveries.add(
                connection,
                kind=CHANNEL,
                subject=event["id"],
                url=self._settings.stripe_webhook_url,
                body=json.dumps(event),
                attempts_max=self._settings.webhook_attempts_max,
                delay_s=delay_s,
            )
            for _ in range(repeats)
        ]


class Work:
    """A transaction under way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.added: list[tuple[float, int]] = []
        self.connection: sqlite3.Connection

    def begin(self, connection: sqlite3.Connection) -> None:
        """Called with the transaction's connection."""
        self.connection = connection

    def undo(self) -> None:
        """Takes back what was written since `mark`, for an error that changes nothing."""
        self.connection.execute("ROLLBACK TO work")

    def mark(self) -> None:
        """Where `undo` goes back to."""
        self.connection.execute("SAVEPOINT work")

    def keep_events(self, call: Call) -> None:
        """Stores the call's events with this transaction."""
        self.added.extend(self._engine.keep_events(self.connection, call))


def _is_nth(number: int, every: int) -> bool:
    return every > 0 and number % every == 0
