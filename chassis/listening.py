"""The entrypoint `listens`: a service's methods that take events, fed in batches from the service's one queue.

    @listens(InvoiceSent, preload=load_accounts)
    def invoice_sent(self, session, event, envelope): ...

Stock nameko's handlers take a message each, lose it when they raise, and spin when told to requeue. Here what has
arrived is handled in one transaction and acknowledged at once (see `chassis.inbox`).
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from kombu.utils.url import maybe_sanitize_url
from nameko.containers import WorkerContext
from nameko.extensions import Entrypoint, SharedExtension
from sqlalchemy.orm import Session

from chassis import database, wakeups
from chassis.consuming import BROKER_ERRORS, EventQueue
from chassis.database_errors import UnreachableDatabase, is_worth_retrying
from chassis.inbox import Handler, Inbox
from chassis.parked import RETRIES, RetryPolicy
from contracts.topology import LISTENERS
from contracts.wire import Event

log = logging.getLogger(__name__)

RETRY_POLICY_CONFIG_KEY = "RETRY_POLICY"
SHORTEST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
LOOK_FOR_RETRIES_EVERY_S = 5.0
"""How often parked events are looked at that another copy of the service left. One's own wake at their time."""

Preload = Callable[[Session, Sequence[Any]], object]


class EventListener(SharedExtension):
    """Takes all of one service's events: a greenlet that consumes and one that tries parked events again.

    `problems()` says what keeps events from being taken, for `/readyz`.
    """

    def __init__(self) -> None:
        self._entrypoints: list[Listens] = []
        self._threads: list[Any] = []
        self._trouble = ""
        self._queue: EventQueue | None = None

    def register(self, entrypoint: "Listens") -> None:
        """Have one more method take events; before `start`."""
        self._entrypoints.append(entrypoint)

    def setup(self) -> None:
        """Make what needs no connection."""
        config = self.container.config
        settings = config["SETTINGS"]
        self._broker_url = settings.broker_url
        self._address = maybe_sanitize_url(settings.broker_url)
        self._database = database.shared(settings.database_url)
        self._policy: RetryPolicy = config.get(RETRY_POLICY_CONFIG_KEY) or RetryPolicy()
        self._retries = wakeups.signal(self._database, RETRIES)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to take events."""
        if self._threads:
            return
        events = {entrypoint.event_type for entrypoint in self._entrypoints}
        expected = LISTENERS.get(self.container.service_name)
        if expected is not None and events != set(expected):
            names = ", ".join(sorted(event.event_name for event in events ^ set(expected)))
            raise TypeError(f"{self.container.service_name} and contracts.topology.LISTENERS differ: {names}")
        self._threads = [
            self.container.spawn_managed_thread(self._consume, identifier="events"),
            self.container.spawn_managed_thread(self._try_again, identifier="parked events"),
        ]

    def stop(self) -> None:
        """Finish the batch at hand, acknowledge it and stop."""
        self._stop.set()
        self._retries.set()
        if self._queue is not None:
            self._queue.wake()
        for thread in self._threads:
            thread.wait()

    def kill(self) -> None:
        """Stop without finishing: what was not acknowledged is delivered again."""
        self._stop.set()
        for thread in self._threads:
            thread.kill()

    def problems(self) -> list[str]:
        """Sentences saying why no events are taken; none when all is well."""
        if self._trouble:
            return [self._trouble]
        if self._queue is None:
            return [f"events are not taken yet from {self._address}"]
        if not self._queue.has_settled:
            return ["the queues of events have just been made, and would not yet outlive a kill of RabbitMQ"]
        return []

    def _consume(self) -> None:
        pause_s = SHORTEST_PAUSE_S
        events = sorted({item.event_type for item in self._entrypoints}, key=lambda event: event.event_name)
        while not self._stop.is_set():
            try:
                # Not before the database is there: what is taken without it could only be held or given back.
                self._database.check()
                with EventQueue(self._broker_url, self.container.service_name, events) as queue:
                    self._queue = queue
                    self._note_trouble("")
                    pause_s = SHORTEST_PAUSE_S
                    self._consume_from(queue)
            except BROKER_ERRORS as error:
                self._note_trouble(f"cannot take events from {self._address}: {error or type(error).__name__}")
            except UnreachableDatabase as error:
                self._note_trouble(str(error))
            except Exception as error:
                # Not foreseen. Pausing keeps it from spinning; each further delivery brings the events nearer to
                # being taken as suspects, and in the end to the dead letters.
                self._note_trouble(f"taking events failed: {error}")
                log.exception("taking events failed")
            self._stop.wait(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _consume_from(self, queue: EventQueue) -> None:
        while not self._stop.is_set():
            for body, event_id, reason in queue.dead_letters():
                self._until_done(queue, partial(Inbox.bury, body=body, event_id=event_id, error=reason))
            batch = queue.next_batch()
            if batch:
                self._until_done(queue, partial(Inbox.take, deliveries=batch))
                queue.acknowledge()

    def _until_done(self, queue: EventQueue, work: Callable[[Inbox], None]) -> None:
        """Do the same again while only the circumstances are against it: held, not requeued, nothing new taken."""
        pause_s = SHORTEST_PAUSE_S
        while True:
            try:
                with self._inbox() as inbox:
                    work(inbox)
                self._note_trouble("")
                return
            except Exception as error:
                if not is_worth_retrying(error):
                    raise
                self._note_trouble(f"events wait: {error}")
            if self._stop.wait(pause_s):
                raise ConnectionAbortedError("stopping with events in hand, which the broker delivers again")
            queue.keep_alive()
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _try_again(self) -> None:
        while not self._stop.is_set():
            self._retries.clear()
            wait_s = LOOK_FOR_RETRIES_EVERY_S
            try:
                with self._inbox() as inbox:
                    due_at = inbox.retry_due()
                if due_at is not None:
                    wait_s = min(wait_s, max(SHORTEST_PAUSE_S, (due_at - datetime.now(UTC)).total_seconds()))
            except Exception as error:
                if not is_worth_retrying(error):
                    log.exception("parked events could not be tried again")
                wait_s = LONGEST_PAUSE_S
            self._retries.wait(wait_s)

    @contextmanager
    def _inbox(self) -> Iterator[Inbox]:
        """An inbox whose handlers are the methods of a service instance with its dependencies, as for a worker."""
        container = self.container
        service = container.service_cls()
        context = WorkerContext(container, service, self._entrypoints[0], data={})
        for provider in container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(context))
        for provider in container.dependencies:
            provider.worker_setup(context)
        handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        for entrypoint in self._entrypoints:
            handlers[entrypoint.event_type.event_name].append(
                Handler(
                    event_type=entrypoint.event_type,
                    handle=getattr(service, entrypoint.method_name),
                    preload=entrypoint.preload,
                )
            )
        try:
            yield Inbox(
                database=self._database,
                listener=container.service_name,
                # Not the defaultdict: an event without a handler must be missed.
                handlers=dict(handlers),
                policy=self._policy,
            )
        finally:
            for provider in container.dependencies:
                provider.worker_teardown(context)

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            log.log(logging.WARNING if trouble else logging.INFO, trouble or "taking events again")
        self._trouble = trouble


class Listens(Entrypoint):
    """Has a method `(self, session, event, envelope)` take one type of event, in a batch's transaction.

    The session's changes are flushed once at the end of the batch, or before a handler's own query. A handler does
    no I/O, accepts events in any order, and may see any of them only once.
    """

    listener = EventListener()

    def __init__(self, event_type: type[Event], preload: Preload | None = None) -> None:
        super().__init__()
        self.event_type = event_type
        self.preload = preload

    def setup(self) -> None:
        """Join the service's one listener."""
        self.listener.register(self)

    def stop(self) -> None:
        """Stop the listener with the first of its entrypoints, while the dependencies still stand."""
        self.listener.stop()


listens = Listens.decorator
