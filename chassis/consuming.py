"""A connection that takes what has arrived on a listener's queue, in batches, and acknowledges a batch at once."""

import logging
import time
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from amqp.exceptions import AMQPError
from kombu import Connection

from chassis import amqp_channel, inprocess, topology
from chassis.inbox import Delivery, read
from chassis.monkey import deadline
from contracts.topology import dead_letter_queue_of, inbox_queue_of
from contracts.wire import Event

log = logging.getLogger(__name__)

BATCH = 100
PREFETCH = 2 * BATCH
"""The next batch arrives while one is being handled."""
CONNECT_TIMEOUT_S = 5.0
HEARTBEAT_S = 30
IDLE_S = 1.0
"""How long an idle listener sleeps between looks at its heartbeat and at whether it should stop."""
SET_UP_TIMEOUT_S = 15.0

BROKER_ERRORS = (AMQPError, OSError)
DELIVERY_COUNT = "x-delivery-count"
"""Quorum queues' header: how often a message was delivered before and came back."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    tag: int
    body: str | bytes
    unfinished: int


class EventQueue:
    """The queue `<listener>.inbox` and its dead letters, declared, bound and consumed while the block lasts.

    All methods raise one of BROKER_ERRORS when the connection is lost; what was not acknowledged comes again.
    """

    def __init__(self, broker_url: str, listener: str, events: Sequence[type[Event]]) -> None:
        self._listener = listener
        self._events = events
        self._connection = Connection(
            broker_url, connect_timeout=CONNECT_TIMEOUT_S, heartbeat=HEARTBEAT_S, transport_options={}
        )
        self._arrived: deque[_Arrived] = deque()
        self._dead: deque[Any] = deque()
        self._last_tag = 0
        self._settled_at = float("-inf")

    def __enter__(self) -> "EventQueue":
        try:
            with deadline(SET_UP_TIMEOUT_S):
                self._connect()
                self._set_up()
        except BaseException:
            self._break_off()
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            amqp_channel.say_goodbye(self._connection)
        else:
            self._break_off()

    @property
    def has_settled(self) -> bool:
        """Whether the queues outlive a kill of the broker: not at once when this block has made them."""
        return time.monotonic() >= self._settled_at

    def next_batch(self) -> list[Delivery]:
        """What has arrived, at most BATCH events; after a second without any, none.

        A message that is no envelope goes to the dead-letter queue.
        """
        if not self._arrived:
            self._drain(IDLE_S)
        while len(self._arrived) < BATCH and self._drain(0):
            pass
        batch: list[Delivery] = []
        while self._arrived and len(batch) < BATCH:
            arrived = self._arrived.popleft()
            try:
                envelope = read(arrived.body)
            except msgspec.DecodeError as error:
                log.error("%s got a message that is no event: %s", self._listener, error)
                self._channel.basic_reject(arrived.tag, requeue=False)
                continue
            self._last_tag = arrived.tag
            batch.append(Delivery(envelope=envelope, body=_as_text(arrived.body), unfinished=arrived.unfinished))
        return batch

    def wake(self) -> None:
        """Have a `next_batch` that waits return at once where the broker is in this process, else within `IDLE_S`."""
        amqp_channel.wake(self._connection._connection)

    def acknowledge(self) -> None:
        """Acknowledge the batch, and with it all that came before it."""
        self._channel.basic_ack(self._last_tag, multiple=True)

    def dead_letters(self) -> Iterator[tuple[str, str, str]]:
        """What has arrived in the dead-letter queue, each acknowledged when the caller is done with it.

        Triples of the body, an id for a message without one, and a sentence saying why it is there.
        """
        while self._dead:
            message = self._dead[0]
            yield _as_text(message.body), _id_of(message), _reason(message)
            message.ack()
            self._dead.popleft()

    def keep_alive(self) -> None:
        """Show the broker that we are here although nothing is being taken."""
        self._connection.heartbeat_check()
        self._drain(0)

    def _connect(self) -> None:
        self._connection.connect()
        amqp_channel.read_ahead(self._connection.connection)

    def _set_up(self) -> None:
        try:
            self._declare()
            self._consume()
        except TimeoutError as error:
            raise TimeoutError(f"its queues do not answer (runbook: a queue without a leader): {error}") from error

    def _declare(self) -> None:
        channel = self._channel = self._connection.channel()
        are_new = topology.lacks_queues(self._connection, [self._listener])
        topology.declare_listener(channel, self._listener, self._events)
        if are_new:
            self._settled_at = time.monotonic() + topology.SETTLES_S

    def _consume(self) -> None:
        channel = self._channel
        channel.basic_qos(0, PREFETCH, False)
        channel.basic_consume(
            inbox_queue_of(self._listener), no_ack=False, callback=self._take, consumer_tag=uuid.uuid4().hex
        )
        # A channel of its own: acknowledging a batch acknowledges all that came before it on its channel.
        dead_channel = self._connection.channel()
        dead_channel.basic_qos(0, 1, False)
        dead_channel.basic_consume(
            dead_letter_queue_of(self._listener),
            no_ack=False,
            callback=lambda message: self._dead.append(dead_channel.message_to_python(message)),
            consumer_tag=uuid.uuid4().hex,
        )

    def _take(self, raw: Any) -> None:
        message = self._channel.message_to_python(raw)
        unfinished = message.headers.get(DELIVERY_COUNT, 0)
        self._arrived.append(
            _Arrived(message.delivery_tag, message.body, unfinished if isinstance(unfinished, int) else 0)
        )

    def _drain(self, timeout_s: float) -> bool:
        """Take in one message; False if none came in time."""
        try:
            self._connection.drain_events(timeout=timeout_s)
        except TimeoutError:
            if timeout_s:
                self._connection.heartbeat_check()
            return False
        return True

    def _break_off(self) -> None:
        if isinstance(self._connection._connection, inprocess.Transport):
            # Its broker takes back what was not acknowledged when the channels are closed.
            self._connection.release()
        else:
            amqp_channel.discard(self._connection._connection)


def _as_text(body: str | bytes) -> str:
    return body if isinstance(body, str) else bytes(body).decode("utf-8", "backslashreplace")


def _id_of(message: Any) -> str:
    # The same for the same message, so that one that comes twice is kept once.
    return str(message.properties.get("message_id") or uuid.uuid5(uuid.NAMESPACE_OID, _as_text(message.body)))[:36]


def _reason(message: Any) -> str:
    deaths = message.headers.get("x-death") or [{}]
    reason = deaths[0].get("reason", "rejected")
    return {
        "rejected": "the message could not be read",
        "delivery_limit": "every try to handle it ended the process",
    }.get(reason, f"dead-lettered: {reason}")
