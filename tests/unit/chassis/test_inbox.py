"""Events are handled once each, whatever happens on the way."""

from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from chassis import correlation, dead_events, inbox
from chassis.database import Database
from chassis.database_errors import DatabaseBusy
from chassis.parked import RetryPolicy
from tests.unit.chassis.messages import (
    Clock,
    Happened,
    Recorder,
    delivery,
    make_database,
    make_inbox,
    parked_rows,
)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return make_database(tmp_path)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_batch_is_handled_in_the_order_of_account_and_then_event(database, recorder, clock):
    early, late = delivery(1, key="b"), delivery(2, key="b")
    make_inbox(database, recorder, clock).take([late, early, delivery(3, key="a")])
    assert recorder.numbers == [3, 1, 2]


def test_a_handler_works_under_the_correlation_id_of_its_event_also_when_it_is_tried_again(database, clock):
    seen: list[tuple[int, str]] = []

    def handle(_session, event, _envelope):
        seen.append((event.number, correlation.current()))
        if seen.count(seen[-1]) == 1:
            raise ValueError("the first time")

    taker = make_inbox(database, handle, clock)
    taker.take([delivery(1, correlation_id="request-7"), delivery(2, correlation_id="request-8")])
    clock.advance(3600)
    taker.retry_due()
    assert set(seen) == {(1, "request-7"), (2, "request-8")}
    assert handled(database) == 2


def test_an_event_delivered_twice_is_handled_once(database, recorder, clock):
    event = delivery(1)
    taker = make_inbox(database, recorder, clock)
    taker.take([event])
    taker.take([event, delivery(2)])
    assert recorder.numbers == [1, 2]


def test_a_duplicate_inside_one_batch_is_handled_once(database, recorder, clock):
    event = delivery(1)
    make_inbox(database, recorder, clock).take([event, delivery(2), event])
    assert sorted(recorder.numbers) == [1, 2]


def test_the_event_that_raises_is_parked_and_the_rest_of_its_batch_is_handled(database, recorder, clock):
    recorder.errors[2] = [ValueError("no"), ValueError("no")]
    make_inbox(database, recorder, clock).take([delivery(1), delivery(2), delivery(3)])
    # The first attempt, together, was rolled back with whatever it did; the recorder saw it all the same.
    assert recorder.numbers[-2:] == [1, 3]
    [parked] = parked_rows(database)
    assert (parked.attempts, parked.last_error) == (1, "ValueError: no")
    assert handled(database) == 2


def test_a_parked_event_is_tried_again_when_it_is_due_and_not_before(database, recorder, clock):
    recorder.errors[1] = [ValueError("once")]
    taker = make_inbox(database, recorder, clock)
    taker.take([delivery(1)])
    due_at = taker.retry_due()
    assert recorder.numbers == []
    assert due_at is not None
    clock.advance((due_at - clock()).total_seconds())
    assert taker.retry_due() is None
    assert recorder.numbers == [1]
    assert parked_rows(database) == []
    assert handled(database) == 1


def test_pauses_grow_and_after_the_last_try_the_event_is_dead_until_it_is_replayed(database, recorder, clock):
    recorder.errors[1] = [ValueError(f"try {n}") for n in range(1, 4)]
    event = delivery(1)
    taker = make_inbox(database, recorder, clock, policy=RetryPolicy(tries=3, first_pause_s=10, factor=3))
    taker.take([event])
    for pause_s in (10, 30):
        clock.advance(pause_s - 1)
        taker.retry_due()
        before = parked_rows(database)[0].attempts
        clock.advance(1)
        taker.retry_due()
        assert parked_rows(database)[0].attempts == before + 1
    with database.read() as session:
        [dead] = dead_events.list_dead(session)
        assert dead_events.dead_counts(session) == {Happened.event_name: 1}
    assert (dead.event_id, dead.attempts, dead.last_error) == (event.envelope.event_id, 3, "ValueError: try 3")
    clock.advance(1_000_000)
    assert taker.retry_due() is None
    with database.transaction() as session:
        assert dead_events.replay(session, dead.event_id)
    clock.time = parked_rows(database)[0].next_try_at
    taker.retry_due()
    assert recorder.numbers == [1]
    assert parked_rows(database) == []


def test_ten_tries_by_default_spread_over_about_an_hour():
    policy = RetryPolicy()
    waited_s = sum(policy.pause_after(attempts).total_seconds() for attempts in range(1, policy.tries))
    assert policy.tries == 10
    assert 3000 < waited_s < 4200


def test_a_collision_in_the_database_retries_the_whole_batch_and_counts_no_attempt(database, recorder, clock):
    recorder.errors[2] = [DatabaseBusy("another writer")]
    batch = [delivery(1), delivery(2)]
    taker = make_inbox(database, recorder, clock)
    with pytest.raises(DatabaseBusy):
        taker.take(batch)
    assert (handled(database), parked_rows(database)) == (0, [])
    taker.take(batch)
    assert recorder.numbers[-2:] == [1, 2]
    assert handled(database) == 2


def test_a_collision_while_trying_again_counts_no_attempt(database, recorder, clock):
    recorder.errors[1] = [ValueError("park me"), DatabaseBusy("another writer")]
    taker = make_inbox(database, recorder, clock)
    taker.take([delivery(1)])
    clock.advance(5)
    taker.retry_due()
    assert parked_rows(database)[0].attempts == 1
    clock.advance(5)
    taker.retry_due()
    assert recorder.numbers == [1]


def test_an_event_that_ended_the_process_too_often_is_parked_without_being_run(database, recorder, clock):
    make_inbox(database, recorder, clock).take([delivery(1, unfinished=inbox.SUSPECT_AFTER), delivery(2)])
    assert recorder.numbers == [2]
    assert parked_rows(database)[0].attempts == 0


def test_a_try_that_ends_the_process_is_counted_and_the_last_one_leaves_a_dead_event(database, clock):
    class ProcessEnded(BaseException):
        """Stands for SIGKILL: nothing after it runs."""

    def kill(*_: object) -> None:
        raise ProcessEnded

    taker = make_inbox(database, kill, clock, policy=RetryPolicy(tries=2, first_pause_s=1, factor=1))
    taker.take([delivery(1, unfinished=inbox.SUSPECT_AFTER)])
    for attempt in (1, 2):
        clock.advance(1)
        with pytest.raises(ProcessEnded):
            taker.retry_due()
        assert parked_rows(database)[0].attempts == attempt
    clock.advance(1)
    assert taker.retry_due() is None
    [dead] = parked_rows(database)
    assert dead.next_try_at is None
    assert "process ended" in dead.last_error


def test_an_event_without_a_handler_waits_for_a_newer_copy_of_the_service(database, recorder, clock):
    make_inbox(database, recorder, clock).take([delivery(1, name="owner.unheard_of"), delivery(2)])
    assert recorder.numbers == [2]
    assert "owner.unheard_of" in parked_rows(database)[0].last_error


def test_a_payload_that_does_not_fit_is_parked(database, recorder, clock):
    make_inbox(database, recorder, clock).take([delivery(1, payload={"number": "many"})])
    assert "ValidationError" in parked_rows(database)[0].last_error


def test_a_duplicate_of_a_parked_event_that_succeeds_leaves_nothing_to_try(database, recorder, clock):
    recorder.errors[1] = [ValueError("once")]
    event = delivery(1)
    taker = make_inbox(database, recorder, clock)
    taker.take([event])
    taker.take([event])
    clock.advance(60)
    taker.retry_due()
    assert recorder.numbers == [1]
    assert parked_rows(database) == []


def test_an_unreadable_dead_letter_is_listed_once_with_what_it_held(database, recorder, clock):
    taker = make_inbox(database, recorder, clock)
    for _ in range(2):
        taker.bury("{not json \0", event_id="x", error="the message could not be read")
    with database.read() as session:
        [dead] = dead_events.list_dead(session)
    assert (dead.name, dead.body) == (inbox.UNREADABLE, "{not json \\0")


def test_a_dead_letter_that_was_handled_after_all_is_not_dead(database, recorder, clock):
    event = delivery(1)
    taker = make_inbox(database, recorder, clock)
    taker.take([event])
    taker.bury(event.body, event_id="x", error="every try to handle it ended the process")
    assert parked_rows(database) == []


def test_preload_sees_all_new_events_of_a_batch_once(database, recorder, clock):
    seen = []
    taker = make_inbox(database, recorder, clock)
    old = delivery(1)
    taker.take([old])
    handler = taker.handlers[Happened.event_name][0]
    preloading = inbox.Handler(
        event_type=Happened,
        handle=handler.handle,
        preload=lambda _session, events: seen.append([event.number for event in events]),
    )
    inbox.Inbox(database=database, listener="listener", handlers={Happened.event_name: [preloading]}, now=clock).take(
        [old, delivery(2), delivery(3)]
    )
    assert seen == [[2, 3]]


def test_what_says_nothing_about_an_event_is_known_by_its_sqlstate():
    class PostgresError(Exception):
        def __init__(self, pgcode: str) -> None:
            self.pgcode = pgcode

    from chassis.database_errors import is_worth_retrying

    def wrapped(sqlstate: str) -> OperationalError:
        return OperationalError("UPDATE", {}, PostgresError(sqlstate))

    assert is_worth_retrying(wrapped("40P01"))
    assert is_worth_retrying(wrapped("40001"))
    assert is_worth_retrying(wrapped("57P01"))
    assert not is_worth_retrying(wrapped("23505"))
    assert not is_worth_retrying(ValueError("no"))


def handled(database: Database) -> int:
    with database.read() as session:
        return inbox.handled_counts(session).get(Happened.event_name, 0)
