"""Declaring on the broker the exchanges, queues and bindings that `contracts.topology` names.

Declaring again what is there changes nothing; declaring it differently is refused by the broker.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts import topology
from contracts.wire import Event

DELIVERY_LIMIT = 50
"""After so many unfinished deliveries the broker itself dead-letters a message. Generous: killing a listener
counts against every message it was holding, not only against the one that killed it."""

Listeners = Mapping[str, Iterable[type[Event]]]


def declare_all(channel: Any, *, owners: Iterable[str] = topology.OWNERS, listeners: Listeners | None = None) -> None:
    """Declare every owner's exchange and every listener's queues and bindings."""
    listeners = topology.LISTENERS if listeners is None else listeners
    for owner in owners:
        declare_exchange(channel, owner)
    for listener, events in listeners.items():
        declare_listener(channel, listener, events)


def declare_exchange(channel: Any, owner: str) -> None:
    """Declare the exchange on which `owner` publishes: as stock nameko's event dispatchers declare it."""
    channel.exchange_declare(exchange=topology.exchange_of(owner), type="topic", durable=True, auto_delete=False)


def declare_listener(channel: Any, listener: str, events: Iterable[type[Event]]) -> None:
    """Declare a listener's queue and dead-letter queue, and bind the queue to the events it takes."""
    queue = topology.inbox_queue_of(listener)
    dead_letters = topology.dead_letter_queue_of(listener)
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
        queue=topology.inbox_queue_of(listener),
        exchange=topology.exchange_of(event.owner),
        routing_key=event.fact,
    )


def _declare_queue(channel: Any, queue: str, arguments: dict[str, Any]) -> None:
    channel.queue_declare(queue=queue, durable=True, exclusive=False, auto_delete=False, arguments=arguments)
