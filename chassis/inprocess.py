"""A broker inside the process, as a kombu transport: `inprocess://`, or `inprocess://name` for one of its own.

Differs from kombu's memory transport in what the embedded mode needs: a reader is woken when a message comes
and does nothing until then; acknowledging many at once works; what a closed channel had not acknowledged goes
back to the front of its queue; rejected messages reach the dead-letter queue; expired ones are dropped; and a
publisher can learn when every queue that took a message has had it acknowledged. It forgets all at exit.
"""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

from amqp.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, base, virtual
from kombu.transport.virtual.base import Empty

SCHEME = "inprocess"

_delivery_tags = count(1)


class Settlement:
    """Whether every queue that took a message has let go of it: acknowledged, or moved to its dead letters."""

    def __init__(self, queues: set[str], on_settled: Callable[[], None]) -> None:
        self.queues = frozenset(queues)
        self._open = len(queues)
        self._on_settled = on_settled

    def one_less(self) -> None:
        """One more queue has let go."""
        self._open -= 1
        if self._open == 0:
            self._on_settled()


class _Queue:
    def __init__(self, *, auto_delete: bool, arguments: dict[str, Any]) -> None:
        self.messages: deque[dict[str, Any]] = deque()
        self.auto_delete = auto_delete
        self.dead_letters: str | None = arguments.get("x-dead-letter-routing-key")
        self.readers: set[Transport] = set()

    def wake(self) -> None:
        for reader in self.readers:
            reader.arrived.set()


class Broker:
    """Exchanges, bindings and queues; one for each name in the process."""

    def __init__(self) -> None:
        self.state = virtual.BrokerState()
        self.queues: dict[str, _Queue] = {}


_brokers: defaultdict[str, Broker] = defaultdict(Broker)


class Channel(virtual.Channel):
    """A channel that keeps bodies as they are and hands every queue its own copy of a message."""

    body_encoding = None
    do_restore = True

    def __init__(self, connection: "Transport", **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self.events: defaultdict[str, set[Callable[..., None]]] = defaultdict(set)

    def prepare_message(
        self,
        body: Any,
        priority: Any = None,
        content_type: str | None = None,
        content_encoding: str | None = None,
        headers: dict[str, Any] | None = None,
        properties: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Prepare a message; its content type is also put where nameko looks for it."""
        properties = {**(properties or {}), "content_type": content_type, "content_encoding": content_encoding}
        message: dict[str, Any] = super().prepare_message(
            body, priority, content_type, content_encoding, headers, properties
        )
        return message

    def basic_publish(
        self, message: dict[str, Any], exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        """Publish; what no queue takes is dropped, or handed to the `basic_return` listeners if mandatory."""
        queues = self.queues_of(exchange, routing_key)
        if not queues and mandatory:
            self._return(message, exchange, routing_key)
        self._deliver(message, exchange, routing_key, queues, settlement=None)

    def publish_settled(
        self, message: dict[str, Any], *, exchange: str, routing_key: str, on_settled: Callable[[], None]
    ) -> frozenset[str]:
        """Publish and return the queues that took it; `on_settled` is called when all have let go of it."""
        settlement = Settlement(self.queues_of(exchange, routing_key), on_settled)
        self._deliver(message, exchange, routing_key, set(settlement.queues), settlement)
        return settlement.queues

    def queues_of(self, exchange: str, routing_key: str) -> set[str]:
        """The queues that a message would reach."""
        if not exchange:
            return {routing_key} & self._queues.keys()
        if exchange not in self.state.exchanges:
            raise ChannelError(f"NOT_FOUND - no exchange '{exchange}'", (60, 40), "Basic.publish", 404)
        return {name for name in self._lookup(exchange, routing_key) if name in self._queues}

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        """Acknowledge one message, or all that were delivered up to it."""
        qos = self.qos
        qos._flush()
        tags = [tag for tag in qos._delivered if tag <= delivery_tag] if multiple else [delivery_tag]
        for tag in tags:
            message = qos._delivered.get(tag)
            qos.ack(tag)
            settlement = message._raw["settlement"] if message is not None else None
            if settlement is not None:
                settlement.one_less()
        # The limit of unacknowledged messages may have kept some back.
        self.connection.arrived.set()

    def basic_reject(self, delivery_tag: int, requeue: bool = False) -> None:
        """Put a message back at the front of its queue, or move it to the queue's dead letters."""
        self.qos._flush()
        message = self.qos._delivered.get(delivery_tag)
        self.qos.ack(delivery_tag)
        if message is None:
            return
        raw = message._raw
        dead_letters = self._queues[raw["queue"]].dead_letters if raw["queue"] in self._queues else None
        if requeue:
            self._restore(message)
        elif dead_letters in self._queues:
            self._put_back(dead_letters, {**raw, "queue": dead_letters}, front=False)
        elif raw["settlement"] is not None:
            raw["settlement"].one_less()

    def basic_consume(self, queue: str, no_ack: bool, callback: Any, consumer_tag: str, **kwargs: Any) -> None:
        """Consume from a queue."""
        super().basic_consume(queue, no_ack, callback, consumer_tag, **kwargs)
        if queue in self._queues:
            self._queues[queue].readers.add(self.connection)
            self.connection.arrived.set()

    def basic_cancel(self, consumer_tag: str) -> None:
        """Stop consuming; a queue made to be deleted with its last reader goes."""
        name = self._tag_to_queue.get(consumer_tag)
        super().basic_cancel(consumer_tag)
        queue = self._queues.get(name or "")
        if queue is not None and name is not None:
            queue.readers.discard(self.connection)
            if queue.auto_delete and not queue.readers:
                self.queue_delete(name)

    def queue_delete(self, queue: str, if_unused: bool = False, if_empty: bool = False, **_: Any) -> None:
        """Delete a queue with its bindings and messages."""
        found = self._queues.get(queue)
        if found is None or (if_unused and found.readers) or (if_empty and found.messages):
            return
        for binding in list(self.state.queue_bindings(queue)):
            self.queue_unbind(queue, binding.exchange, binding.routing_key, binding.arguments)
        self.state.queue_bindings_delete(queue)
        del self._queues[queue]

    @property
    def _queues(self) -> dict[str, _Queue]:
        queues: dict[str, _Queue] = self.connection.broker.queues
        return queues

    def _next_delivery_tag(self) -> int:
        return next(_delivery_tags)

    def _deliver(
        self,
        message: dict[str, Any],
        exchange: str,
        routing_key: str,
        queues: set[str],
        settlement: Settlement | None,
    ) -> None:
        properties = message["properties"]
        expiration = properties.get("expiration")
        expires_at = time.monotonic() + int(expiration) / 1000 if expiration else None
        for name in queues:
            copy = {
                **message,
                "headers": dict(message["headers"]),
                "properties": {
                    **properties,
                    "delivery_info": {"exchange": exchange, "routing_key": routing_key, "redelivered": False},
                },
                "queue": name,
                "expires_at": expires_at,
                "settlement": settlement,
            }
            self._put_back(name, copy, front=False)

    def _put_back(self, name: str, raw: dict[str, Any], *, front: bool) -> None:
        queue = self._queues[name]
        (queue.messages.appendleft if front else queue.messages.append)(raw)
        queue.wake()

    def _return(self, message: dict[str, Any], exchange: str, routing_key: str) -> None:
        error = ChannelError("Basic.publish: NO_ROUTE", (60, 50), "Basic.return", 312)
        listeners = self.events.get("basic_return")
        if not listeners:
            raise error
        message["properties"].setdefault("delivery_tag", 0)
        for listener in listeners:
            listener(error, exchange, routing_key, self.Message(message, channel=self))

    def _restore(self, message: Any) -> None:
        raw = message._raw
        if raw["queue"] in self._queues:
            raw["properties"]["delivery_info"]["redelivered"] = True
            self._put_back(raw["queue"], raw, front=True)

    def _new_queue(self, queue: str, **options: Any) -> None:
        if queue not in self._queues:
            self._queues[queue] = _Queue(
                auto_delete=bool(options.get("auto_delete")), arguments=options.get("arguments") or {}
            )

    def _has_queue(self, queue: str, **_: Any) -> bool:
        return queue in self._queues

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        found = self._queues.get(queue)
        while found is not None and found.messages:
            raw = found.messages.popleft()
            if raw["expires_at"] is None or raw["expires_at"] > time.monotonic():
                # In the order of delivery, which is what acknowledging many at once goes by.
                raw["properties"]["delivery_tag"] = self._next_delivery_tag()
                return raw
        raise Empty

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self._deliver(message, "", queue, {queue} & self._queues.keys(), settlement=None)

    def _size(self, queue: str) -> int:
        return len(self._queues[queue].messages) if queue in self._queues else 0

    def _purge(self, queue: str) -> int:
        size = self._size(queue)
        if size:
            self._queues[queue].messages.clear()
        return size


class Transport(virtual.Transport):
    """A connection to the broker of the URL's host name."""

    Channel = Channel
    driver_type = SCHEME
    driver_name = SCHEME
    # No default host: kombu would rename a connection that it clones, and warn about it.
    default_connection_params: ClassVar[dict[str, Any]] = {}
    implements = base.Transport.implements.extend(
        asynchronous=False, exchange_type=frozenset({"direct", "topic", "fanout"}), heartbeats=False
    )

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.arrived = threading.Event()
        self._is_cut = False
        self._is_to_return = False
        self.broker = _brokers[client.hostname or ""]
        self.state = self.broker.state

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Deliver one message; raise TimeoutError if none came within `timeout` seconds (None: wait for one).

        After `wake`, it waits for none. Raises ConnectionAbortedError once the connection was cut.
        """
        give_up_at = None if timeout is None else time.monotonic() + timeout
        while True:
            # Cleared before looking: what comes after the look sets it again.
            self.arrived.clear()
            if self._is_cut:
                raise ConnectionAbortedError("the connection was cut")
            try:
                self.cycle.get(self._deliver)
            except Empty:
                left_s = None if give_up_at is None else give_up_at - time.monotonic()
                if self._is_to_return or (left_s is not None and left_s <= 0):
                    self._is_to_return = False
                    raise TimeoutError("no message came in time") from None
                self.arrived.wait(left_s)
            else:
                return

    def wake(self) -> None:
        """Have who waits for a message, or comes to next, be told that none came in time; from any thread."""
        self._is_to_return = True
        self.arrived.set()

    def cut(self) -> None:
        """Make the connection unusable, from any thread; its reader wakes with an error."""
        self._is_cut = True
        self.arrived.set()

    def close_connection(self, connection: Any) -> None:
        """Close all channels; what they had not acknowledged goes back to its queues."""
        super().close_connection(connection)
        for queue in self.broker.queues.values():
            queue.readers.discard(self)

    def driver_version(self) -> str:
        """There is no driver."""
        return "1"


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
