"""One way to work with a database on both engines; here the SQLite one and what needs no server."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, select
from sqlalchemy.exc import OperationalError, StatementError

from chassis.database import Database, shared
from chassis.database_errors import UnreachableDatabase
from chassis.tables import UtcDateTime

metadata = MetaData()
things = Table("things", metadata, Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/things.sqlite")
    with database.engine.begin() as connection:
        metadata.create_all(connection)
    yield database
    database.close()


def count(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(things))


def test_a_transaction_is_committed_at_its_end_and_not_seen_before(database):
    with database.transaction() as session:
        session.execute(insert(things))
        assert count(database) == 0
    assert count(database) == 1


def test_an_exception_rolls_back_and_nothing_runs_after_the_commit_that_was_not(database):
    ran = []
    with suppress(RuntimeError), database.transaction() as session:
        database.on_commit(session, lambda: ran.append(1))
        session.execute(insert(things))
        raise RuntimeError("stop")
    assert (count(database), ran) == (0, [])


def test_what_runs_after_the_commit_may_itself_write(database):
    def write_more():
        with database.transaction() as session:
            session.execute(insert(things))

    with database.transaction() as session:
        database.on_commit(session, write_more)
        session.execute(insert(things))
    assert count(database) == 2


def test_an_action_after_the_commit_that_fails_does_not_fail_the_transaction(database):
    with database.transaction() as session:
        database.on_commit(session, lambda: 1 / 0)
        session.execute(insert(things))
    assert count(database) == 1


def test_writers_of_one_file_wait_for_each_other_and_none_fails(database):
    def add_ten():
        for _ in range(10):
            with database.transaction() as session:
                before = session.scalar(select(func.count()).select_from(things))
                session.execute(insert(things).values(id=before + 1))

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert count(database) == 40


def test_a_transaction_inside_a_transaction_is_refused_at_once_instead_of_hanging(database):
    with pytest.raises(RuntimeError, match="inside a transaction"), database.transaction(), database.transaction():
        pass


def test_reading_refuses_to_write(database):
    with pytest.raises(OperationalError, match="readonly"), database.read() as session:
        session.execute(insert(things))


def test_an_instant_comes_back_in_utc_and_a_naive_one_is_refused(database):
    in_new_york = datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
    with database.transaction() as session:
        session.execute(insert(things).values(at=in_new_york))
        stored = session.scalar(select(things.c.at))
    assert stored == in_new_york
    assert stored.tzinfo is UTC
    with pytest.raises(StatementError, match="time zone"), database.transaction() as session:
        session.execute(insert(things).values(at=datetime(2026, 3, 1)))  # noqa: DTZ001 - the point of it


def test_an_unreachable_database_is_named_with_its_password_masked():
    database = Database("postgresql://someone:very-secret@127.0.0.1:1/somewhere")
    with pytest.raises(UnreachableDatabase) as failure:
        database.wait_until_reachable(timeout_s=0.1)
    assert "someone:***@127.0.0.1:1/somewhere" in str(failure.value)
    assert "very-secret" not in str(failure.value)


def test_a_database_in_memory_is_refused():
    with pytest.raises(ValueError, match="file"):
        Database("sqlite://")


def test_the_parts_of_a_process_share_one_database(tmp_path):
    url = f"sqlite:///{tmp_path}/shared.sqlite"
    assert shared(url) is shared(url)
