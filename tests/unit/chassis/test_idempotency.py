import pytest

from chassis.database import Database
from chassis.idempotency import once
from chassis.tables import metadata
from contracts import codes
from contracts.wire import Refused
from tests.support.greeter.greetings import Announce, Greeting


@pytest.fixture
def db(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/keys.sqlite")
    metadata.create_all(database.engine)
    yield database
    database.close()


class Work:
    """Counts how often it was done."""

    def __init__(self):
        self.count = 0

    def __call__(self):
        self.count += 1
        return Greeting(text=f"answer {self.count}")


def run(db, command, work):
    with db.transaction() as session:
        return once(session, command.key, command, work)


def test_a_repeated_command_gets_the_first_answer_and_does_nothing(db):
    work, command = Work(), Announce(key="k", text="hello")
    assert run(db, command, work) == run(db, command, work) == Greeting(text="answer 1")
    assert work.count == 1


def test_another_command_under_the_same_key_is_refused(db):
    work = Work()
    run(db, Announce(key="k", text="hello"), work)
    with pytest.raises(Refused) as caught:
        run(db, Announce(key="k", text="goodbye"), work)
    assert caught.value.code == codes.KEY_REUSED
    assert work.count == 1


def test_a_command_that_failed_may_be_tried_again_under_its_key(db):
    command = Announce(key="k", text="hello")

    def fail():
        raise Refused(codes.CONFLICT, "not now")

    with pytest.raises(Refused, match="not now"):
        run(db, command, fail)
    assert run(db, command, Work()) == Greeting(text="answer 1")


def test_a_command_without_a_key_is_refused(db):
    with pytest.raises(Refused, match="key"):
        run(db, Announce(key="", text="hello"), Work())
