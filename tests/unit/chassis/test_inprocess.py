"""The in-process broker keeps the promises that the embedded mode relies on."""

import itertools
import threading
import time

import pytest
from amqp.exceptions import ChannelError
from kombu import Connection

from chassis import amqp_channel, inprocess

_names = itertools.count(1)


@pytest.fixture
def url():
    return f"{inprocess.SCHEME}://test{next(_names)}"


@pytest.fixture
def connection(url):
    with Connection(url) as connection:
        connection.connect()
        yield connection


@pytest.fixture
def channel(connection):
    channel = connection.channel()
    channel.exchange_declare(exchange="owner.events", type="topic", durable=True)
    for queue in ("a", "b"):
        channel.queue_declare(queue=queue, durable=True)
        channel.queue_bind(queue=queue, exchange="owner.events", routing_key="happened")
    return channel


def publish(channel, body, *, routing_key="happened", exchange="owner.events", mandatory=False, **properties):
    message = amqp_channel.prepare(channel, body.encode(), **properties)
    amqp_channel.publish(channel, message, exchange=exchange, routing_key=routing_key, mandatory=mandatory)


def consume(channel, queue, *, prefetch=0):
    got = []
    channel.basic_qos(0, prefetch, False)
    channel.basic_consume(
        queue,
        no_ack=False,
        callback=lambda raw: got.append(channel.message_to_python(raw)),
        consumer_tag=f"tag-{queue}",
    )
    return got


def drain(connection, timeout=0.0):
    while True:
        try:
            connection.drain_events(timeout=timeout)
        except TimeoutError:
            return


def bodies(messages):
    return [bytes(message.body).decode() for message in messages]


def test_each_bound_queue_gets_its_own_copy(connection, channel):
    publish(channel, "1")
    got = consume(channel, "a"), consume(connection.channel(), "b")
    drain(connection)
    assert [bodies(messages) for messages in got] == [["1"], ["1"]]
    got[0][0].headers["changed"] = True
    assert "changed" not in got[1][0].headers


def test_the_content_type_is_where_nameko_looks_for_it(connection, channel):
    publish(channel, "1")
    got = consume(channel, "a")
    drain(connection)
    assert got[0].properties["content_type"] == "application/json"


def test_acknowledging_many_at_once_spares_what_came_later(connection, channel):
    for body in "123":
        publish(channel, body)
    got = consume(channel, "a")
    drain(connection)
    channel.basic_ack(got[1].delivery_tag, multiple=True)
    channel.close()
    again = consume(connection.channel(), "a")
    drain(connection)
    assert bodies(again) == ["3"]


def test_what_a_closed_channel_had_not_acknowledged_comes_again_in_order_and_to_its_queue_only(connection, channel):
    reader = connection.channel()
    for body in "12":
        publish(channel, body)
    consume(reader, "a")
    drain(connection)
    reader.close()
    publish(channel, "3")
    again = consume(connection.channel(), "a")
    drain(connection)
    assert bodies(again) == ["1", "2", "3"]
    assert [message.delivery_info["redelivered"] for message in again] == [True, True, False]
    assert channel.queue_declare(queue="b").message_count == 3


def test_a_reader_is_woken_by_a_message_and_not_by_polling(url, connection, channel):
    got = consume(channel, "a")
    with Connection(url) as other:
        sender = other.channel()
        threading.Timer(0.05, lambda: publish(sender, "1")).start()
        started_at = time.monotonic()
        connection.drain_events(timeout=10)
    assert bodies(got) == ["1"]
    assert time.monotonic() - started_at < 0.9, "kombu's own transports look once a second"


def test_draining_ends_with_a_time_out_when_nothing_comes(connection, channel):
    consume(channel, "a")
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.01)


def test_a_reader_that_is_woken_waits_no_longer(connection, channel):
    consume(channel, "a")
    waking = threading.Timer(0.05, amqp_channel.wake, args=(connection.connection,))
    waking.start()
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=None)
    waking.join()


def test_one_that_is_woken_before_it_waits_takes_what_is_there_first(connection, channel):
    got = consume(channel, "a")
    publish(channel, "1")
    amqp_channel.wake(connection.connection)
    connection.drain_events(timeout=None)
    assert bodies(got) == ["1"]
    with pytest.raises(TimeoutError):
        connection.drain_events(timeout=None)


def test_a_cut_wakes_the_reader_with_an_error(connection):
    transport = connection.connection
    cutting = threading.Timer(0.05, amqp_channel.break_off, args=(transport,))
    cutting.start()
    with pytest.raises(ConnectionAbortedError):
        transport.drain_events(transport, timeout=60)
    cutting.join()


def test_prefetch_limits_what_is_delivered_until_some_is_acknowledged(connection, channel):
    for body in "123":
        publish(channel, body)
    got = consume(channel, "a", prefetch=2)
    drain(connection)
    assert bodies(got) == ["1", "2"]
    channel.basic_ack(got[0].delivery_tag)
    drain(connection)
    assert bodies(got) == ["1", "2", "3"]


def test_a_publisher_learns_when_every_queue_has_let_go(connection, channel):
    settled = []
    message = amqp_channel.prepare(channel, b"1")
    queues = channel.publish_settled(
        message, exchange="owner.events", routing_key="happened", on_settled=lambda: settled.append(True)
    )
    assert queues == {"a", "b"}
    readers = [connection.channel(), connection.channel()]
    got = [consume(reader, queue) for reader, queue in zip(readers, "ab", strict=True)]
    drain(connection)
    readers[0].basic_ack(got[0][0].delivery_tag)
    assert not settled
    readers[1].basic_ack(got[1][0].delivery_tag)
    assert settled == [True]


def test_a_rejected_message_goes_to_the_dead_letters(connection, channel):
    channel.queue_declare(queue="dead")
    channel.queue_declare(queue="c", arguments={"x-dead-letter-routing-key": "dead"})
    publish(channel, "1", exchange="", routing_key="c")
    got = consume(channel, "c")
    drain(connection)
    channel.basic_reject(got[0].delivery_tag, requeue=False)
    dead = consume(connection.channel(), "dead")
    drain(connection)
    assert bodies(dead) == ["1"]


def test_a_mandatory_message_that_no_queue_takes_comes_back(connection, channel):
    returned = []
    channel.events["basic_return"].add(lambda *details: returned.append(details))
    publish(channel, "1", routing_key="unheard", mandatory=True, message_id="m1")
    assert [details[3].properties["message_id"] for details in returned] == ["m1"]
    publish(channel, "2", routing_key="unheard")
    assert len(returned) == 1


def test_publishing_to_an_exchange_that_is_not_there_is_refused(channel):
    with pytest.raises(ChannelError, match="NOT_FOUND"):
        publish(channel, "1", exchange="nobody.events")


def test_an_expired_message_is_dropped(connection, channel):
    publish(channel, "1", expiration="0")
    publish(channel, "2", expiration="60000")
    got = consume(channel, "a")
    drain(connection)
    assert bodies(got) == ["2"]


def test_a_reply_queue_goes_with_its_only_reader(connection, channel):
    channel.queue_declare(queue="reply", auto_delete=True)
    reader = connection.channel()
    consume(reader, "reply")
    reader.close()
    assert channel.queues_of("", "reply") == set()


def test_brokers_of_different_names_share_nothing(channel, url):
    with Connection(f"{url}-other") as other, pytest.raises(ChannelError):
        publish(other.channel(), "1")
