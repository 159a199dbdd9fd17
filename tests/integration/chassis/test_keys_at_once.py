"""Two copies of one command arrive at the same time, on PostgreSQL."""

import threading

import pytest

from chassis.database import Database
from chassis.idempotency import once
from chassis.tables import metadata
from contracts import codes
from contracts.wire import Refused
from tests.support.greeter.greetings import Announce, Greeting


@pytest.fixture
def db(postgres_database):
    database = Database(postgres_database)
    metadata.create_all(database.engine)
    yield database
    database.close()


def run_second_while_first_is_in_its_transaction(db, first, second):
    """Let `second` arrive once `first` is at work; return what each came to and how often work was done."""
    at_work, go_on, done = threading.Event(), threading.Event(), []

    def work():
        done.append(1)
        at_work.set()
        go_on.wait(10)
        return Greeting(text=f"answer {len(done)}")

    outcomes = {}

    def run(name, command, fn):
        try:
            with db.transaction() as session:
                outcomes[name] = once(session, command.key, command, fn)
        except Refused as refused:
            outcomes[name] = refused.code

    threads = [threading.Thread(target=run, args=("first", first, work))]
    threads[0].start()
    assert at_work.wait(10)
    threads.append(threading.Thread(target=run, args=("second", second, work)))
    threads[1].start()
    threads[1].join(0.3)
    assert threads[1].is_alive(), "the second waits for the first one's transaction"
    go_on.set()
    for thread in threads:
        thread.join(10)
    return outcomes, len(done)


def test_the_second_copy_waits_and_gets_the_first_ones_answer(db):
    command = Announce(key="k", text="hello")
    outcomes, times = run_second_while_first_is_in_its_transaction(db, command, command)
    assert outcomes == {"first": Greeting(text="answer 1"), "second": Greeting(text="answer 1")}
    assert times == 1


def test_another_command_under_the_key_waits_and_is_refused(db):
    first, second = Announce(key="k", text="hello"), Announce(key="k", text="goodbye")
    outcomes, times = run_second_while_first_is_in_its_transaction(db, first, second)
    assert outcomes["second"] == codes.KEY_REUSED
    assert times == 1
