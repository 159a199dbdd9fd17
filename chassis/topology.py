"""Declaring on the broker the exchanges, queues and bindings that `contracts.topology` names.

Declaring again what is there changes nothing; declaring it differently is refused by the broker.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from amqp.exceptions import NotFound

from chassis import inprocess
from contracts import topology
from contracts.topology import dead_letter_queue_of, inbox_queue_of
from contracts.wire import Event

DELIVERY_LIMIT = 50
"""After so many unfinished deliveries the broker itself dead-letters a message. Generous: killing a listener
counts against every message it was holding, not only against the one that killed it."""

SETTLES_S = 2.0
"""For how long a new quorum queue does not outlive a kill of the broker, with a margin over the measured second.

RabbitMQ writes its register of these queues by a timer. One that is not in it yet is started anew after the kill, empty
and without a leader, and stays so over every restart: its consumers and publishers wait for ever (rabbitmq-server's
issues 10070 and 15725; the runbook says how to give it a leader)."""

Listeners = Mapping[str, Iterable[type[Event]]]


def declare_all(channel: Any, *, owners: Iterable[str] = topology.OWNERS, listeners: Listeners | None = None) -> None:
    """Declare every owner's exchange and every listener's queues and bindings."""
    listeners = topology.LISTENERS if listeners is None else listeners
    for owner in owners:
        declare_exchange(channel, owner)
    for listener, events in listeners.items():
        declare_listener(channel, listener, events)


def declare_to_last(connection: Any) -> None:
    """Declare everything on the broker of this kombu connection; return when it all outlives a kill of the broker."""
    are_new = lacks_queues(connection)
    declare_all(connection.default_channel)
    if are_new:
        time.sleep(SETTLES_S)


def lacks_queues(connection: Any, listeners: Iterable[str] = topology.LISTENERS) -> bool:
    """Whether a queue of these listeners has yet to be made on the broker of this kombu connection.

    The broker inside the process, where no queue has to settle, is never said to lack one.
    """
    if isinstance(connection.connection, inprocess.Transport):
        return False
    names = (name_of(listener) for listener in listeners for name_of in (inbox_queue_of, dead_letter_queue_of))
    return not all(_exists(connection, name) for name in names)


def declare_exchange(channel: Any, owner: str) -> None:
    """Declare the exchange on which `owner` publishes: as stock nameko's event dispatchers declare it."""
    channel.exchange_declare(exchange=topology.exchange_of(owner), type="topic", durable=True, auto_delete=False)


def declare_listener(channel: Any, listener: str, events: Iterable[type[Event]]) -> None:
    """Declare a listener's queue and dead-letter queue, and bind the queue to the events it takes."""
    queue = inbox_queue_of(listener)
    dead_letters = dead_letter_queue_of(listener)
    _declare_queue(channel, dead_letters, {"x-queue-type": "quorum"})
    _declare_queue(
        channel,
        queue,
        {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead_letters,
            # A dead letter is confirmed by its own queue before it leaves this one.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )
    for event in events:
        declare_exchange(channel, event.owner)
        bind(channel, listener, event)


def bind(channel: Any, listener: str, event: type[Event]) -> None:
    """Bind the listener's queue to an event. Raises the channel's error 404 if queue or exchange is missing."""
    channel.queue_bind(
        queue=inbox_queue_of(listener),
        exchange=topology.exchange_of(event.owner),
        routing_key=event.fact,
    )


def _exists(connection: Any, queue: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(queue=queue, passive=True)
    except NotFound:
        return False  # and the broker has closed the channel
    channel.close()
    return True


def _declare_queue(channel: Any, queue: str, arguments: dict[str, Any]) -> None:
    channel.queue_declare(queue=queue, durable=True, exclusive=False, auto_delete=False, arguments=arguments)
