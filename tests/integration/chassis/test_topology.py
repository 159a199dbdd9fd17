"""What is declared on RabbitMQ is what the listeners' promises rest on."""

import os
import signal
import time

import pytest
from amqp.exceptions import NotFound, PreconditionFailed
from kombu import Connection

from chassis import topology
from chassis.publishing import AmqpPublisher, Outgoing, Route
from contracts.topology import LISTENERS, OWNERS, dead_letter_queue_of, exchange_of, inbox_queue_of


@pytest.fixture
def connection(amqp_url):
    with Connection(amqp_url) as connection:
        yield connection


def test_declaring_twice_changes_nothing(connection):
    for _ in range(2):
        topology.declare_all(connection.channel())
    for owner in OWNERS:
        connection.channel().exchange_declare(exchange=exchange_of(owner), type="topic", passive=True)
    for listener in LISTENERS:
        for queue in (inbox_queue_of(listener), dead_letter_queue_of(listener)):
            assert connection.channel().queue_declare(queue=queue, passive=True).message_count == 0


@pytest.mark.parametrize("queue", [inbox_queue_of("notify"), dead_letter_queue_of("balance")])
def test_a_queue_that_is_lacking_is_noticed(connection, queue):
    topology.declare_all(connection.channel())
    assert not topology.lacks_queues(connection)
    connection.channel().queue_delete(queue)
    assert topology.lacks_queues(connection)


def test_queues_are_quorum_queues(connection):
    topology.declare_all(connection.channel())
    queue = dead_letter_queue_of("billing")
    with pytest.raises(PreconditionFailed, match="x-queue-type"):
        connection.channel().queue_declare(
            queue=queue, durable=True, auto_delete=False, arguments={"x-queue-type": "classic"}
        )


def test_an_event_without_its_queue_cannot_be_bound(connection):
    channel = connection.channel()
    event = LISTENERS["billing"][0]
    topology.declare_exchange(channel, event.owner)
    with pytest.raises(NotFound, match=inbox_queue_of("billing")):
        topology.bind(channel, "billing", event)


def test_a_broker_that_stalls_is_given_up_in_time(own_rabbitmq, monkeypatch):
    monkeypatch.setattr("chassis.publishing.PUBLISH_TIMEOUT_S", 0.5)
    monkeypatch.setattr("chassis.publishing.BINDINGS_CHECKED_EVERY_S", 1000.0)
    publisher = AmqpPublisher(own_rabbitmq.url, "shop", ())
    publisher.look_after()
    route = Route(exchange="shop.events", routing_key="sold")
    group = os.getpgid(own_rabbitmq.pid)
    os.killpg(group, signal.SIGSTOP)
    try:
        started_at = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - a time-out, whatever its text
            publisher.publish([Outgoing(event_id="1", name="shop.sold", body=b"{}", route=route)])
        assert time.monotonic() - started_at < 5
    finally:
        os.killpg(group, signal.SIGCONT)
    assert publisher.publish([Outgoing(event_id="1", name="shop.sold", body=b"{}", route=route)]) == {"1"}
    publisher.close()
