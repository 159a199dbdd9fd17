"""Publishing what the outbox holds: woken at commit, many at once, marked only when the broker has it for certain.

Several relays of one service share the work: on PostgreSQL each takes rows that no other has locked. What was
published but not marked, because a relay died between the two, is published again; the listeners' inboxes
absorb it.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kombu.utils.url import maybe_sanitize_url
from nameko.extensions import DependencyProvider
from sqlalchemy import Integer, bindparam, select, text
from sqlalchemy.orm import Session

from chassis import database, publishing, topology, wakeups
from chassis.database import Database
from chassis.database_errors import is_worth_retrying
from chassis.outbox import RELAY
from chassis.publishing import BROKER_ERRORS, Outgoing, Publisher, Route
from chassis.tables import UtcDateTime, outbox
from contracts.topology import LISTENERS, exchange_of

log = logging.getLogger(__name__)

BATCH = 200
LOOK_EVERY_S = 5.0
"""How often a relay looks for what another one, that has died, left behind. Its own service's commits wake it."""
SHORTEST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0

# Built once: a relay looks after every commit.
_PENDING = (
    select(outbox.c.event_id, outbox.c.name, outbox.c.body)
    .where(outbox.c.published_at.is_(None), outbox.c.event_id > bindparam("after"))
    .order_by(outbox.c.event_id)
    .limit(bindparam("most", type_=Integer))
)
_PENDING_LOCKED = _PENDING.with_for_update(skip_locked=True)

_GIVE_CURSORS = (
    "INSERT INTO outbox_feed (id, last_cursor) VALUES (1, :count)"
    " ON CONFLICT (id) DO UPDATE SET last_cursor = outbox_feed.last_cursor + :count RETURNING last_cursor"
)
_GIVE_CURSORS_SQLITE = text(_GIVE_CURSORS)
_MARK_POSTGRES = text(
    f"""
    WITH feed AS ({_GIVE_CURSORS})
    UPDATE outbox SET published_at = :now, cursor = feed.last_cursor - :count + given.number
    FROM feed, unnest(CAST(:ids AS varchar[])) WITH ORDINALITY AS given (event_id, number)
    WHERE outbox.event_id = given.event_id
    """  # noqa: S608 - our own text
).bindparams(bindparam("now", type_=UtcDateTime))
_MARK_SQLITE = text(
    """
    UPDATE outbox SET published_at = :now, cursor = :before + feed.number
    FROM (SELECT value AS event_id, key + 1 AS number FROM json_each(:ids)) AS feed
    WHERE outbox.event_id = feed.event_id
    """
).bindparams(bindparam("now", type_=UtcDateTime))


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What one look through the outbox came to."""

    published: int
    left: int


class Relay:
    """Moves events from one service's outbox to the broker, in the order of their ids."""

    def __init__(
        self, database: Database, publisher: Publisher, *, routes: Mapping[str, Route], batch: int = BATCH
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._routes = routes
        self._batch = batch

    def sweep(self, go_on: Callable[[], bool] = lambda: True) -> Sweep:
        """Publish all that is pending, once through. Raises when database or broker are away."""
        after, published, left = "", 0, 0
        while go_on():
            taken, confirmed, after = self._publish_next(after)
            published += confirmed
            left += taken - confirmed
            if taken < self._batch:
                break
        return Sweep(published=published, left=left)

    def _publish_next(self, after: str) -> tuple[int, int, str]:
        with self._taking() as session:
            rows = self._pending(session, after)
            if not rows:
                return 0, 0, after
            # On PostgreSQL the rows stay locked while they are published, which takes some 20 seconds at most; it
            # is what keeps other relays off them. SQLite has no other relay and must not be held meanwhile.
            confirmed = self._publisher.publish([self._outgoing(row) for row in rows])
            ids = [row.event_id for row in rows if row.event_id in confirmed]
            if ids and not self._database.is_sqlite:
                _mark(session, ids)
        if ids and self._database.is_sqlite:
            with self._database.transaction() as session:
                _mark(session, ids)
        return len(rows), len(ids), rows[-1].event_id

    def _taking(self) -> AbstractContextManager[Session]:
        return self._database.read() if self._database.is_sqlite else self._database.transaction()

    def _pending(self, session: Session, after: str) -> Any:
        query = _PENDING if self._database.is_sqlite else _PENDING_LOCKED
        return session.execute(query, {"after": after, "most": self._batch}).all()

    def _outgoing(self, row: Any) -> Outgoing:
        route = self._routes.get(row.name)
        if route is None:
            owner, _, fact = row.name.partition(".")
            route = Route(exchange=exchange_of(owner), routing_key=fact)
        return Outgoing(event_id=row.event_id, name=row.name, body=row.body.encode(), route=route)


class OutboxRelay(DependencyProvider):
    """Runs the service's relay. `problems()` says what keeps events from leaving, for `/readyz`."""

    def __init__(self, listeners: topology.Listeners | None = None) -> None:
        self._listeners = LISTENERS if listeners is None else listeners
        self._trouble = ""
        self._left = 0
        self._thread: Any = None

    def setup(self) -> None:
        """Make the relay; it connects when it is started."""
        settings = self.container.config["SETTINGS"]
        owner = self.container.service_name
        routes = publishing.routes_of(owner, self._listeners)
        self._address = maybe_sanitize_url(settings.broker_url)
        self._database = database.shared(settings.database_url)
        self._publisher = publishing.publisher_for(settings.broker_url, owner, routes.values())
        self._relay = Relay(self._database, self._publisher, routes=routes)
        self._signal = wakeups.signal(self._database, RELAY)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin with what earlier runs left unpublished."""
        self._thread = self.container.spawn_managed_thread(self._run, identifier="outbox relay")

    def stop(self) -> None:
        """Finish the batch at hand and stop."""
        self._stop.set()
        self._signal.set()
        if self._thread is not None:
            self._thread.wait()

    def kill(self) -> None:
        """Stop without finishing: what was not marked is published again by the next run."""
        self._stop.set()
        if self._thread is not None:
            self._thread.kill()

    def get_dependency(self, worker_ctx: Any) -> "OutboxRelay":
        """Give the service its relay, to ask it for problems."""
        return self

    def problems(self) -> list[str]:
        """Sentences saying what keeps events from leaving; none when all is well."""
        missing = [f"the queue {queue} or its binding is missing on the broker" for queue in self._publisher.missing]
        return [*([self._trouble] if self._trouble else []), *sorted(missing)]

    def _run(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        while not self._stop.is_set():
            # Cleared before looking: a commit during the sweep sets it again.
            self._signal.clear()
            try:
                sweep = self._relay.sweep(lambda: not self._stop.is_set())
                self._publisher.look_after()
            except Exception as error:
                self._note_trouble(error)
                # A commit does not cut this short: that there is more to publish does not end the trouble.
                self._stop.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            self._note_recovery()
            if sweep.left:
                self._note_left(sweep.left)
                # A commit does cut this short, since its events may well have their queues; but not each at once.
                self._stop.wait(SHORTEST_PAUSE_S)
                self._signal.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            pause_s = SHORTEST_PAUSE_S
            self._left = 0
            self._signal.wait(LOOK_EVERY_S)
        self._publisher.close()

    def _note_trouble(self, error: Exception) -> None:
        if isinstance(error, BROKER_ERRORS):
            trouble = f"cannot publish to the broker {self._address}: {error or type(error).__name__}"
        else:
            trouble = str(error)
        if trouble != self._trouble:
            expected = isinstance(error, BROKER_ERRORS) or is_worth_retrying(error)
            log.warning("the relay waits: %s", trouble, exc_info=None if expected else error)
        self._trouble = trouble

    def _note_recovery(self) -> None:
        if self._trouble:
            log.info("the relay goes on")
        self._trouble = ""

    def _note_left(self, left: int) -> None:
        if left != self._left:
            log.warning("%d events stay in the outbox: %s", left, "; ".join(self.problems()) or "not confirmed")
        self._left = left


def _mark(session: Session, ids: list[str]) -> None:
    """Mark as published and give cursors. From here to the commit no other relay of the service can: so cursors
    become visible in their own order, and a reader of the feed never passes one that comes later.
    """
    now = datetime.now(UTC)
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(_GIVE_CURSORS_SQLITE, {"count": len(ids)})
        session.execute(_MARK_SQLITE, {"now": now, "before": last - len(ids), "ids": json.dumps(ids)})
    else:
        session.execute(_MARK_POSTGRES, {"now": now, "count": len(ids), "ids": ids})
