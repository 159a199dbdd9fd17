"""Events over RabbitMQ between services on PostgreSQL: each takes effect once, whatever is killed on the way."""

from contextlib import contextmanager
from functools import partial

import pytest
from kombu import Connection
from sqlalchemy import create_engine, make_url, text

from chassis import dead_events, outbox, publishing, tables, topology
from chassis.outbox import NewEvent
from chassis.relay import Relay
from contracts.topology import inbox_queue_of
from tests.integration.chassis.toy import database as toy_database
from tests.integration.chassis.toy.services import LISTENERS
from tests.integration.chassis.toy.shop import Opened, Sold
from tests.support.waiting import eventually


@pytest.fixture
def broker_url(amqp_url):
    """A virtual host with the toys' topology declared."""
    declare(amqp_url)
    return amqp_url


@pytest.fixture
def shop(postgres_databases):
    return postgres_databases["shop"]


@pytest.fixture
def books(postgres_databases):
    return postgres_databases["books"]


def declare(url):
    with Connection(url) as connection:
        topology.declare_all(connection.channel(), owners=("shop",), listeners=LISTENERS)


def record(database, *events):
    with database.transaction() as session:
        return outbox.record_many(
            session,
            [NewEvent(event=event, aggregate_id="x", aggregate_version=1, ordering_key="k") for event in events],
        )


def publisher_of(url):
    routes = publishing.routes_of("shop", LISTENERS)
    return publishing.publisher_for(url, "shop", routes.values()), routes


def publish(database, url):
    publisher, routes = publisher_of(url)
    try:
        return Relay(database, publisher, routes=routes).sweep()
    finally:
        publisher.close()


def pending(database):
    with database.read() as session:
        return outbox.pending(session)


def await_numbers(database, expected):
    eventually(lambda: toy_database.numbers(database) == expected)


def ended_or(toys, condition):
    return toys.process.poll() is not None or condition()


def message_count(url, queue):
    with Connection(url) as connection:
        return connection.channel().queue_declare(queue=queue, passive=True).message_count


def test_an_event_reaches_all_its_listeners_once(broker_url, postgres_databases, start_toys):
    record(postgres_databases["shop"], *(Sold(number=n) for n in range(300)), Opened(at_hour=1000))
    start_toys(broker_url, {name: postgres_databases[name] for name in ("books", "post")})
    start_toys(broker_url, {"shop": postgres_databases["shop"]})
    for name, expected in (("books", [*range(300), 1000]), ("post", list(range(300)))):
        await_numbers(postgres_databases[name], expected)
    eventually(lambda: pending(postgres_databases["shop"]) == 0)
    assert message_count(broker_url, inbox_queue_of("books")) == 0


def test_a_handler_that_raises_is_tried_again_and_holds_nobody_up(broker_url, shop, books, start_toys):
    record(shop, Sold(number=1), Sold(number=2, fails=3), Sold(number=3))
    publish(shop, broker_url)
    start_toys(broker_url, {"books": books})
    await_numbers(books, [1, 2, 3])


def test_an_event_that_never_succeeds_is_dead_and_can_be_replayed(broker_url, shop, books, start_toys, tmp_path):
    [event_id] = record(shop, Sold(number=1, fails=6))
    publish(shop, broker_url)
    start_toys(broker_url, {"books": books})

    def dead():
        with books.read() as session:
            return dead_events.list_dead(session)

    [event] = eventually(dead)
    assert (event.event_id, event.attempts) == (event_id, 4)
    assert "told to fail" in event.last_error
    with books.transaction() as session:
        dead_events.replay(session, event_id)
    await_numbers(books, [1])


def test_a_listener_killed_in_the_middle_of_a_batch_leaves_each_effect_once(broker_url, shop, books, start_toys):
    # The effects of the first are in the transaction that dies with the process at the second.
    record(shop, Sold(number=1), Sold(number=2, first_try_takes_s=30), Sold(number=3))
    publish(shop, broker_url)
    first = start_toys(broker_url, {"books": books})
    eventually(lambda: "started" in first.output and message_count(broker_url, inbox_queue_of("books")) == 0)
    first.kill()
    assert toy_database.numbers(books) == []
    start_toys(broker_url, {"books": books})
    await_numbers(books, [1, 2, 3])


def test_an_event_that_kills_its_listener_ends_dead_and_the_others_are_handled(broker_url, shop, books, start_toys):
    [killer, *_] = record(shop, Sold(number=1, kills=True), *(Sold(number=n) for n in range(2, 6)))
    publish(shop, broker_url)

    def dead():
        with books.read() as session:
            return dead_events.list_dead(session)

    for _ in range(12):
        toys = start_toys(broker_url, {"books": books})
        eventually(partial(ended_or, toys, dead))
        if dead():
            break
    [event] = dead()
    assert event.event_id == killer
    await_numbers(books, [2, 3, 4, 5])


def test_a_message_that_is_no_event_is_kept_as_a_dead_one(broker_url, shop, books, start_toys):
    with Connection(broker_url) as connection:
        producer = connection.Producer()
        producer.publish(b"{nonsense", exchange="shop.events", routing_key="sold", content_type="application/json")
        producer.publish(b"\xff\xfe", exchange="shop.events", routing_key="sold", content_type="image/png")
    record(shop, Sold(number=1))
    publish(shop, broker_url)
    toys = start_toys(broker_url, {"books": books})

    def dead():
        with books.read() as session:
            return len(dead_events.list_dead(session)) == 2

    eventually(dead)
    await_numbers(books, [1])
    assert toys.stop() == 0


def test_events_of_a_missing_queue_stay_while_others_leave_and_the_queue_is_named(broker_url, shop):
    with Connection(broker_url) as connection:
        connection.channel().queue_delete(queue=inbox_queue_of("post"))
    record(shop, Sold(number=1), Opened(at_hour=9))
    publisher, routes = publisher_of(broker_url)
    relay = Relay(shop, publisher, routes=routes)
    sweep = relay.sweep()
    assert (sweep.published, sweep.left) == (1, 1)
    assert publisher.missing == {inbox_queue_of("post")}
    assert message_count(broker_url, inbox_queue_of("books")) == 1
    declare(broker_url)
    assert relay.sweep().published == 1
    assert publisher.missing == frozenset()
    publisher.close()


def test_a_message_returned_by_the_broker_counts_as_unconfirmed(broker_url, shop):
    # The bindings vanish after the publisher has looked at them: only the broker's return shows it.
    publisher, routes = publisher_of(broker_url)
    publisher.look_after()
    with Connection(broker_url) as connection:
        for name in ("books", "post"):
            connection.channel().queue_unbind(queue=inbox_queue_of(name), exchange="shop.events", routing_key="sold")
    record(shop, Sold(number=1))
    relay = Relay(shop, publisher, routes=routes)
    assert relay.sweep().left == 1
    # The look that follows a return binds the queues again.
    assert relay.sweep().published == 1
    publisher.close()


def test_two_relays_share_the_outbox_and_publish_each_event_once(broker_url, shop):
    record(shop, *(Sold(number=n) for n in range(100)))
    second_publisher, routes = publisher_of(broker_url)
    second = Relay(shop, second_publisher, routes=routes)
    sweeps = []

    class Meanwhile:
        """Publishes through the first relay, and lets the second one look for work while those rows are locked."""

        def __init__(self, publisher):
            self._publisher = publisher
            self.missing: frozenset[str] = frozenset()

        def publish(self, batch):
            sweeps.append(second.sweep())
            return self._publisher.publish(batch)

        def look_after(self): ...

        def close(self): ...

    first_publisher, _ = publisher_of(broker_url)
    first = Relay(shop, Meanwhile(first_publisher), routes=routes, batch=60)
    sweeps.append(first.sweep())
    assert sum(sweep.published for sweep in sweeps) == 100
    assert message_count(broker_url, inbox_queue_of("books")) == 100
    with shop.read() as session:
        feed = outbox.published_since(session, names=[Sold.event_name], cursor=0, limit=200)
    assert [cursor for cursor, _ in feed] == list(range(1, 101))
    first_publisher.close()
    second_publisher.close()


def test_events_published_twice_take_effect_once(broker_url, shop, books, start_toys):
    record(shop, *(Sold(number=n) for n in range(20)))
    publish(shop, broker_url)
    with shop.transaction() as session:
        # As after a relay that died between publishing and marking.
        session.execute(tables.outbox.update().values(published_at=None, cursor=None))
    publish(shop, broker_url)
    toys = start_toys(broker_url, {"books": books})
    eventually(lambda: message_count(broker_url, inbox_queue_of("books")) == 0 and toy_database.numbers(books))
    assert toys.stop() == 0
    assert toy_database.numbers(books) == list(range(20))
    assert message_count(broker_url, inbox_queue_of("books")) == 0


def test_two_copies_of_a_listener_share_the_events_and_no_effect_is_repeated(broker_url, shop, books, start_toys):
    record(shop, *(Sold(number=n) for n in range(600)))
    publish(shop, broker_url)
    with shop.transaction() as session:
        session.execute(tables.outbox.update().values(published_at=None, cursor=None))
    # Each event is in the queue twice, so that the copies meet over many of them.
    publish(shop, broker_url)
    copies = [start_toys(broker_url, {"books": books}) for _ in range(2)]
    await_numbers(books, list(range(600)))
    eventually(lambda: message_count(broker_url, inbox_queue_of("books")) == 0)
    assert [copy.stop() for copy in copies] == [0, 0]
    assert toy_database.numbers(books) == list(range(600))
    assert message_count(broker_url, inbox_queue_of("books")) == 0


def test_everything_goes_on_after_the_broker_was_restarted(own_rabbitmq, postgres_databases, start_toys):
    url = own_rabbitmq.url
    declare(url)
    toys = start_toys(url, postgres_databases)
    record(postgres_databases["shop"], Sold(number=1))
    await_numbers(postgres_databases["books"], [1])
    own_rabbitmq.stop()
    record(postgres_databases["shop"], Sold(number=2))
    eventually(lambda: "cannot publish to the broker" in toys.output)
    assert own_rabbitmq.password not in toys.output
    own_rabbitmq.start()
    for name in ("books", "post"):
        await_numbers(postgres_databases[name], [1, 2])
    assert toys.stop() == 0


def test_a_listener_without_its_database_holds_its_events_and_requeues_none(
    broker_url, shop, books, start_toys, postgres
):
    toys = start_toys(broker_url, {"books": books})
    record(shop, Sold(number=1))
    publish(shop, broker_url)
    await_numbers(books, [1])
    with no_connections(postgres, books):
        record(shop, *(Sold(number=n) for n in range(2, 6)))
        publish(shop, broker_url)
        eventually(lambda: "cannot reach the database" in toys.output)
        assert message_count(broker_url, inbox_queue_of("books")) == 0
    await_numbers(books, [1, 2, 3, 4, 5])
    with books.read() as session:
        assert dead_events.parked_counts(session) == {}
    assert toys.stop() == 0


@contextmanager
def no_connections(postgres, database):
    """Make a database refuse connections and end those it has, as a server going down does."""
    name = make_url(database.url).database
    administration = create_engine(postgres.url_for("postgres"), isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"), {"n": name}
        )
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    administration.dispose()
    # This process's own connections to it were ended too.
    database.close()
