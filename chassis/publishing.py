"""Getting events to the broker, many at once, and learning which of them it has for certain."""

import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from amqp.exceptions import AMQPError, NotFound
from kombu import Connection

from chassis import amqp_channel, inprocess, topology
from chassis.monkey import deadline
from contracts.topology import exchange_of, inbox_queue_of
from contracts.wire import Event

CONNECT_TIMEOUT_S = 5.0
HEARTBEAT_S = 20
WRITE_STALL_S = 5.0
PUBLISH_TIMEOUT_S = 20.0
"""How long a batch may take to be written and confirmed before the connection is given up."""
BINDINGS_CHECKED_EVERY_S = 10.0

PERSISTENT = 2
BROKER_ERRORS = (AMQPError, OSError)
"""What every publisher raises when the broker is away or takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where the events of one name go. With no listener an event may vanish at the broker."""

    exchange: str
    routing_key: str
    listeners: tuple[str, ...] = ()
    event: type[Event] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One event on its way out."""

    event_id: str
    name: str
    body: bytes
    route: Route


class Publisher(Protocol):
    """Publishes to one broker."""

    missing: frozenset[str]

    def publish(self, batch: Sequence[Outgoing]) -> set[str]:
        """Publish in this order; return the ids that every queue named by their routes has for certain."""

    def look_after(self) -> None:
        """Keep an idle connection alive and look whether the queues are there: `missing` says which are not."""

    def close(self) -> None:
        """Disconnect; the next publish connects again."""


def routes_of(owner: str, listeners: topology.Listeners) -> dict[str, Route]:
    """The routes of all of an owner's events that have listeners, by name."""
    events = {event for taken in listeners.values() for event in taken if event.owner == owner}
    return {
        event.event_name: Route(
            exchange=exchange_of(owner),
            routing_key=event.fact,
            listeners=tuple(name for name, taken in listeners.items() if event in taken),
            event=event,
        )
        for event in events
    }


def publisher_for(broker_url: str, owner: str, routes: Iterable[Route]) -> Publisher:
    """The publisher for the broker at this URL."""
    kind = InProcessPublisher if broker_url.startswith(f"{inprocess.SCHEME}:") else AmqpPublisher
    return kind(broker_url, owner, tuple(routes))


class AmqpPublisher:
    """Publishes to RabbitMQ with the confirms of a whole batch awaited together."""

    def __init__(self, broker_url: str, owner: str, routes: Sequence[Route]) -> None:
        self.missing: frozenset[str] = frozenset()
        self._url = broker_url
        self._owner = owner
        self._routes = routes
        self._connection: Any = None
        self._checked_at = float("-inf")

    def publish(self, batch: Sequence[Outgoing]) -> set[str]:
        """Publish; raises one of BROKER_ERRORS when it is not known what arrived."""
        try:
            with deadline(PUBLISH_TIMEOUT_S):
                self._connect()
                self._check_bindings()
                return self._send([item for item in batch if self._has_queues(item.route)])
        except BaseException:
            self._break_off()
            raise

    def look_after(self) -> None:
        """Heartbeats, and every so often the bindings. Connects if need be."""
        try:
            with deadline(PUBLISH_TIMEOUT_S):
                self._connect()
                self._connection.heartbeat_check()
                with suppress(TimeoutError):
                    self._connection.drain_events(timeout=0)
                self._check_bindings()
        except BaseException:
            self._break_off()
            raise

    def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            amqp_channel.say_goodbye(connection)

    def _break_off(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            amqp_channel.discard(connection._connection)

    def _connect(self) -> None:
        if self._connection is not None:
            return
        connection = Connection(
            self._url, connect_timeout=CONNECT_TIMEOUT_S, heartbeat=HEARTBEAT_S, transport_options={}
        )
        connection.connect()
        self._connection = connection
        amqp_channel.read_ahead(connection.connection)
        connection.connection.transport.sock.settimeout(WRITE_STALL_S)
        self._checked_at = float("-inf")
        self._open_channel()

    def _open_channel(self) -> None:
        self._channel = self._connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._acked)
        self._channel.events["basic_nack"].add(self._nacked)
        self._channel.events["basic_return"].add(self._returned)
        topology.declare_exchange(self._channel, self._owner)
        self._tag = 0
        self._unconfirmed: dict[int, str] = {}
        self._refused: set[str] = set()

    def _check_bindings(self) -> None:
        """Bind every required queue again. That an existing binding is repeated costs nothing; a missing queue shows,
        and a binding that somebody removed is back. Mandatory publishing alone would be content with any one queue.
        """
        if time.monotonic() - self._checked_at < BINDINGS_CHECKED_EVERY_S and not self.missing:
            return
        missing = set()
        for route in self._routes:
            for listener in route.listeners:
                if inbox_queue_of(listener) in missing or route.event is None:
                    continue
                try:
                    topology.bind(self._channel, listener, route.event)
                except NotFound:
                    missing.add(inbox_queue_of(listener))
                    self._open_channel()
        self.missing = frozenset(missing)
        self._checked_at = time.monotonic()

    def _has_queues(self, route: Route) -> bool:
        return not self.missing or not any(inbox_queue_of(name) in self.missing for name in route.listeners)

    def _send(self, batch: Sequence[Outgoing]) -> set[str]:
        self._refused.clear()
        for item in batch:
            message = amqp_channel.prepare(
                self._channel, item.body, delivery_mode=PERSISTENT, message_id=item.event_id, type=item.name
            )
            self._tag += 1
            self._unconfirmed[self._tag] = item.event_id
            amqp_channel.publish(
                self._channel,
                message,
                exchange=item.route.exchange,
                routing_key=item.route.routing_key,
                mandatory=bool(item.route.listeners),
            )
        while self._unconfirmed:
            self._connection.drain_events(timeout=PUBLISH_TIMEOUT_S)
        return {item.event_id for item in batch} - self._refused

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._refused.update(self._settle(tag, multiple))

    def _returned(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        # The broker confirms it all the same, right afterwards: no queue took it.
        self._refused.add(message.properties.get("message_id", ""))
        self._checked_at = float("-inf")

    def _settle(self, tag: int, multiple: bool) -> list[str]:
        tags = [known for known in self._unconfirmed if known <= tag] if multiple else [tag]
        return [self._unconfirmed.pop(known) for known in tags if known in self._unconfirmed]


class InProcessPublisher:
    """Publishes to the broker in this process, which has a message for certain when all listeners have acked it."""

    def __init__(self, broker_url: str, owner: str, routes: Sequence[Route]) -> None:
        self.missing: frozenset[str] = frozenset()
        self._url = broker_url
        self._owner = owner
        self._routes = routes
        self._connection: Any = None
        self._in_flight: set[str] = set()
        self._settled: set[str] = set()
        self._all_settled = threading.Event()

    def publish(self, batch: Sequence[Outgoing]) -> set[str]:
        """Publish; what its listeners have not acknowledged in time is awaited further by the next call."""
        self.look_after()
        for item in batch:
            if item.event_id in self._in_flight or not self._has_queues(item.route):
                continue
            message = amqp_channel.prepare(
                self._channel, item.body, delivery_mode=PERSISTENT, message_id=item.event_id, type=item.name
            )
            self._in_flight.add(item.event_id)
            queues = self._channel.publish_settled(
                message,
                exchange=item.route.exchange,
                routing_key=item.route.routing_key,
                on_settled=lambda event_id=item.event_id: self._settle(event_id),
            )
            if not queues:
                self._settle(item.event_id)
        give_up_at = time.monotonic() + PUBLISH_TIMEOUT_S
        waited_for = {item.event_id for item in batch}
        while waited_for & self._in_flight and (left_s := give_up_at - time.monotonic()) > 0:
            self._all_settled.clear()
            if waited_for & self._in_flight:
                self._all_settled.wait(left_s)
        settled = waited_for & self._settled
        self._settled -= settled
        return settled

    def look_after(self) -> None:
        """Look whether the queues are there."""
        if self._connection is None:
            self._connection = Connection(self._url)
            self._connection.connect()
            self._channel = self._connection.channel()
            topology.declare_exchange(self._channel, self._owner)
        self.missing = frozenset(
            inbox_queue_of(listener)
            for route in self._routes
            for listener in route.listeners
            if inbox_queue_of(listener) not in self._channel.queues_of(route.exchange, route.routing_key)
        )

    def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _has_queues(self, route: Route) -> bool:
        return not any(inbox_queue_of(name) in self.missing for name in route.listeners)

    def _settle(self, event_id: str) -> None:
        self._in_flight.discard(event_id)
        self._settled.add(event_id)
        if not self._in_flight:
            self._all_settled.set()
