"""The programs that the fan-out is compared with. All print `ready`, and wait for a line before they begin to send.

    python -m benchmarks.fan_out_contenders stock-listener balance amqp://… postgresql://…
    python -m benchmarks.fan_out_contenders stock-publisher amqp://… FILE
    python -m benchmarks.fan_out_contenders bare-listener NAME amqp://… COUNT
    python -m benchmarks.fan_out_contenders bare-publisher amqp://… FILE

FILE holds envelopes, a line each, as billing published them. Times are of the monotonic clock, which all processes of
a machine share.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STOCK_OWNER = "stock_billing"
BARE_EXCHANGE = "bare.events"
WINDOW = 500
"""Messages under way unconfirmed, as many as our relay has."""
ACKNOWLEDGED_TOGETHER = 100
PERSISTENT = 2


def stock_listener(service: str, broker_url: str, database_url: str) -> None:
    """A stock nameko service: each event handled in a transaction of its own, with the effect that ours has."""
    from chassis import monkey

    monkey.patch()
    import msgspec
    from nameko.containers import ServiceContainer
    from nameko.events import event_handler

    from chassis.database import Database
    from contracts.billing import InvoiceSent
    from contracts.wire import Envelope

    database = Database(database_url)
    effect = _effect_of(service)

    class Listener:
        name = f"stock_{service}"

        @event_handler(STOCK_OWNER, "invoice_sent")
        def invoice_sent(self, payload: dict[str, Any]) -> None:
            envelope = msgspec.convert(payload, Envelope)
            event = msgspec.convert(envelope.payload, InvoiceSent)
            with database.transaction() as session:
                effect(session, event, envelope)

    container = ServiceContainer(Listener, {"AMQP_URI": broker_url})
    container.start()
    _say("ready")
    container.wait()


def _effect_of(service: str) -> Callable[..., object]:
    if service == "balance":
        from services.billing.balance import operations

        return lambda session, event, envelope: operations.post(session, [(event, envelope)])
    from chassis.clock import system_clock
    from services.notify.operations import invoices

    return lambda session, event, envelope: invoices.invoice_sent(session, event, now=system_clock.now())


def stock_publisher(broker_url: str, file: str) -> None:
    """A stock nameko service's EventDispatcher: an event at a time, each confirmed."""
    from chassis import monkey

    monkey.patch()
    from nameko.containers import ServiceContainer, WorkerContext
    from nameko.events import EventDispatcher

    class Publisher:
        name = STOCK_OWNER
        dispatch = EventDispatcher()

    class NoEntrypoint:
        method_name = "none"

    container = ServiceContainer(Publisher, {"AMQP_URI": broker_url})
    container.start()
    [provider] = container.dependencies
    # What a service's method would have in hand.
    dispatch = provider.get_dependency(WorkerContext(container, Publisher(), NoEntrypoint()))
    payloads = [json.loads(body) for body in _bodies(file)]
    _wait_for_start()
    for payload in payloads:
        dispatch("invoice_sent", payload)
    _say("sent")
    container.stop()


def bare_listener(name: str, broker_url: str, count: str) -> None:
    """py-amqp alone: counts what comes, acknowledges a hundred at once, and says when it has had all."""
    from kombu import Connection

    queue, wanted = f"bare.{name}", int(count)
    with Connection(broker_url) as connection:
        channel = connection.channel()
        channel.exchange_declare(BARE_EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(queue, BARE_EXCHANGE, "invoice_sent")
        channel.basic_qos(0, 2 * ACKNOWLEDGED_TOGETHER, False)
        taken = 0

        def take(message: Any) -> None:
            nonlocal taken
            json.loads(message.body)
            taken += 1
            if taken % ACKNOWLEDGED_TOGETHER == 0 or taken == wanted:
                channel.basic_ack(message.delivery_tag, multiple=True)

        channel.basic_consume(queue, callback=take)
        _say("ready")
        while taken < wanted:
            connection.drain_events()
        _say(repr(time.monotonic()))


def bare_publisher(broker_url: str, file: str) -> None:
    """py-amqp alone: persistent messages, the confirms of a window awaited together."""
    import amqp
    from kombu import Connection

    with Connection(broker_url) as connection:
        channel = connection.channel()
        channel.exchange_declare(BARE_EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.confirm_select()
        confirmed = 0

        def settled(tag: int, multiple: bool) -> None:
            nonlocal confirmed
            confirmed = max(confirmed, tag) if multiple else confirmed + 1

        channel.events["basic_ack"].add(settled)
        bodies = _bodies(file)
        _wait_for_start()
        for number, body in enumerate(bodies, start=1):
            message = amqp.Message(body, delivery_mode=PERSISTENT)
            # As `Channel.basic_publish` is: the confirming one waits for each.
            channel._basic_publish(message, BARE_EXCHANGE, "invoice_sent")
            while number - confirmed >= WINDOW:
                connection.drain_events()
        while confirmed < len(bodies):
            connection.drain_events()
        _say("sent")


def _bodies(file: str) -> list[str]:
    return Path(file).read_text(encoding="utf-8").splitlines()


def _wait_for_start() -> None:
    _say("ready")
    sys.stdin.readline()
    _say(repr(time.monotonic()))


def _say(line: str) -> None:
    print(line, flush=True)


PROGRAMS: dict[str, Callable[..., None]] = {
    "stock-listener": stock_listener,
    "stock-publisher": stock_publisher,
    "bare-listener": bare_listener,
    "bare-publisher": bare_publisher,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
