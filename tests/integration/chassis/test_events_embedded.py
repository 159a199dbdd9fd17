"""Events inside one process on SQLite: nothing is lost when it is killed, and it does nothing while idle."""

from chassis import outbox
from chassis.outbox import NewEvent
from tests.integration.chassis.toy import database as toy_database
from tests.integration.chassis.toy.shop import Sold
from tests.support.processes import busy_share
from tests.support.waiting import eventually

BROKER = "inprocess://"
IDLE_SHARE = 0.03


def record(databases, *events):
    with databases["shop"].transaction() as session:
        outbox.record_many(
            session,
            [NewEvent(event=event, aggregate_id="x", aggregate_version=1, ordering_key="k") for event in events],
        )


def pending(databases):
    with databases["shop"].read() as session:
        return outbox.pending(session)


def numbers(databases, name):
    return toy_database.numbers(databases[name])


def test_every_listener_gets_every_event_once(sqlite_databases, start_toys):
    record(sqlite_databases, *(Sold(number=n) for n in range(250)))
    toys = start_toys(BROKER, sqlite_databases)
    for name in ("books", "post"):
        eventually(lambda name=name: numbers(sqlite_databases, name) == list(range(250)))  # type: ignore[misc]
    eventually(lambda: pending(sqlite_databases) == 0)
    assert toys.stop() == 0


def test_a_handler_that_raises_is_tried_again(sqlite_databases, start_toys):
    record(sqlite_databases, Sold(number=1, fails=3), Sold(number=2))
    start_toys(BROKER, sqlite_databases)
    eventually(lambda: numbers(sqlite_databases, "books") == [1, 2])


def test_killed_with_events_in_hand_it_loses_none_and_repeats_no_effect(sqlite_databases, start_toys, tmp_path):
    # The first listener's batch is done or in its transaction, the broker's memory full, when the process dies.
    record(
        sqlite_databases,
        *(Sold(number=n) for n in range(150)),
        Sold(number=150, first_try_takes_s=30),
        *(Sold(number=n) for n in range(151, 300)),
    )
    first = start_toys(BROKER, sqlite_databases)
    eventually(lambda: (tmp_path / "books-150").exists() and (tmp_path / "post-150").exists())
    first.kill()
    assert 0 < len(numbers(sqlite_databases, "books")) < 150
    assert pending(sqlite_databases) > 0
    second = start_toys(BROKER, sqlite_databases)
    for name in ("books", "post"):
        eventually(lambda name=name: numbers(sqlite_databases, name) == list(range(300)))  # type: ignore[misc]
    eventually(lambda: pending(sqlite_databases) == 0)
    assert second.stop() == 0


def test_an_event_counts_as_published_only_when_every_listener_has_taken_it(sqlite_databases, start_toys, tmp_path):
    record(sqlite_databases, Sold(number=1, first_try_takes_s=30))
    start_toys(BROKER, sqlite_databases)
    eventually(lambda: (tmp_path / "books-1").exists() or (tmp_path / "post-1").exists())
    assert pending(sqlite_databases) == 1


def test_it_does_next_to_nothing_while_idle(sqlite_databases, start_toys):
    toys = start_toys(BROKER, sqlite_databases)
    record(sqlite_databases, Sold(number=1))
    eventually(lambda: numbers(sqlite_databases, "books") == [1])
    assert busy_share(toys.process.pid, for_s=3) < IDLE_SHARE
