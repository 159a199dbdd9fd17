"""What is recorded leaves once the transaction is committed, in order, and stays pending until it is confirmed."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from chassis import correlation, outbox, wakeups
from chassis.database import Database
from chassis.outbox import NewEvent
from chassis.publishing import Outgoing, Route
from chassis.relay import Relay
from contracts.wire import Envelope
from tests.unit.chassis.messages import Happened, make_database


class RecordingPublisher:
    """Confirms everything but what it was told to refuse."""

    missing: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.batches: list[list[Envelope]] = []
        self.refused: set[int] = set()

    def publish(self, batch: Sequence[Outgoing]) -> set[str]:
        envelopes = [msgspec.json.decode(item.body, type=Envelope) for item in batch]
        self.batches.append(envelopes)
        return {item.event_id for item in envelopes if item.payload["number"] not in self.refused}

    def look_after(self) -> None: ...

    def close(self) -> None: ...

    @property
    def numbers(self) -> list[int]:
        return [envelope.payload["number"] for batch in self.batches for envelope in batch]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


@pytest.fixture
def publisher() -> RecordingPublisher:
    return RecordingPublisher()


def relay(database: Database, publisher: RecordingPublisher, batch: int = 200) -> Relay:
    routes = {Happened.event_name: Route(exchange="owner.events", routing_key="happened", listeners=("a",))}
    return Relay(database, publisher, routes=routes, batch=batch)


def record(database: Database, *numbers: int) -> list[str]:
    with database.transaction() as session:
        return [
            outbox.record(session, Happened(number=n), aggregate_id="x", aggregate_version=n, ordering_key="k")
            for n in numbers
        ]


def pending(database: Database) -> int:
    with database.read() as session:
        return outbox.pending(session)


def test_events_leave_in_the_order_they_were_recorded_and_are_marked(database, publisher):
    record(database, 1, 2, 3)
    sweep = relay(database, publisher, batch=2).sweep()
    assert publisher.numbers == [1, 2, 3]
    assert (sweep.published, sweep.left, pending(database)) == (3, 0, 0)
    relay(database, publisher).sweep()
    assert publisher.numbers == [1, 2, 3]


def test_the_envelope_carries_what_a_listener_needs(database, publisher):
    with correlation.bound("request-7"):
        [event_id] = record(database, 5)
    relay(database, publisher).sweep()
    [[envelope]] = publisher.batches
    assert envelope.event_id == event_id
    assert envelope.name == Happened.event_name
    assert (envelope.aggregate_id, envelope.aggregate_version, envelope.ordering_key) == ("x", 5, "k")
    assert envelope.correlation_id == "request-7"
    assert envelope.occurred_at.tzinfo is not None


def test_nothing_leaves_of_a_transaction_that_was_rolled_back(database, publisher):
    with suppress(RuntimeError), database.transaction() as session:
        outbox.record(session, Happened(number=1), aggregate_id="x", aggregate_version=1, ordering_key="k")
        raise RuntimeError("changed my mind")
    assert not wakeups.signal(database, outbox.RELAY).is_set()
    relay(database, publisher).sweep()
    assert publisher.batches == []


def test_nothing_leaves_of_a_savepoint_that_was_rolled_back(database, publisher):
    with database.transaction() as session:
        outbox.record(session, Happened(number=1), aggregate_id="x", aggregate_version=1, ordering_key="k")
        with suppress(RuntimeError), session.begin_nested():
            outbox.record(session, Happened(number=2), aggregate_id="x", aggregate_version=2, ordering_key="k")
            raise RuntimeError("not this one")
    relay(database, publisher).sweep()
    assert publisher.numbers == [1]


def test_the_relay_is_woken_by_the_commit(database):
    signal = wakeups.signal(database, outbox.RELAY)
    with database.transaction() as session:
        outbox.record(session, Happened(number=1), aggregate_id="x", aggregate_version=1, ordering_key="k")
        assert not signal.is_set()
    assert signal.is_set()


def test_what_was_not_confirmed_stays_and_lets_later_events_pass(database, publisher):
    publisher.refused = {1}
    record(database, 1, 2, 3)
    sweep = relay(database, publisher, batch=1).sweep()
    assert (sweep.published, sweep.left, pending(database)) == (2, 1, 1)
    publisher.refused = set()
    assert relay(database, publisher).sweep().published == 1


def test_a_relay_that_dies_between_publishing_and_marking_publishes_again(database, publisher):
    class ProcessEnded(BaseException):
        """Stands for SIGKILL."""

    class DyingPublisher(RecordingPublisher):
        def publish(self, batch: Sequence[Outgoing]) -> set[str]:
            super().publish(batch)
            raise ProcessEnded

    record(database, 1)
    dying = DyingPublisher()
    with pytest.raises(ProcessEnded):
        relay(database, dying).sweep()
    relay(database, publisher).sweep()
    assert dying.numbers == publisher.numbers == [1]


def test_the_archive_is_read_in_the_order_of_publishing(database, publisher):
    publisher.refused = {1}
    record(database, 1, 2, 3)
    relay(database, publisher).sweep()
    publisher.refused = set()
    record(database, 4)
    relay(database, publisher).sweep()
    names = [Happened.event_name]
    with database.read() as session:
        first = outbox.published_since(session, names=names, cursor=0, limit=3)
        rest = outbox.published_since(session, names=names, cursor=first[-1][0], limit=3)
        assert outbox.published_counts(session) == {Happened.event_name: 4}
    assert [envelope.payload["number"] for _, envelope in first + rest] == [2, 3, 1, 4]


def test_many_events_are_recorded_with_one_call(database, publisher):
    new = [
        NewEvent(event=Happened(number=n), aggregate_id="x", aggregate_version=n, ordering_key="k") for n in range(500)
    ]
    with database.transaction() as session:
        ids = outbox.record_many(session, new)
    assert ids == sorted(ids)
    relay(database, publisher).sweep()
    assert publisher.numbers == list(range(500))
    assert len(publisher.batches) == 3


def test_the_archive_is_read_in_stretches_of_ids_published_or_not(database: Database):
    ids = record(database, *range(7))
    names = [Happened.event_name]

    def read(**stretch) -> list[str]:
        with database.read() as session:
            return [envelope.event_id for envelope in outbox.recorded_between(session, names=names, **stretch)]

    assert read(after="", up_to=None, limit=3) == ids[:3]
    assert read(after=ids[2], up_to=ids[5], limit=500) == ids[3:6]
    assert read(after=ids[5], up_to=None, limit=500) == ids[6:]
    with database.read() as session:
        assert outbox.recorded_between(session, names=["other.event"], after="", up_to=None, limit=3) == []
