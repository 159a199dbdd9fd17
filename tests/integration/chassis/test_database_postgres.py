"""The promises of `Database` that need a PostgreSQL to be tested."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text, update
from sqlalchemy.exc import DBAPIError, InternalError

from chassis import database_errors
from chassis.database import Database
from chassis.database_errors import UnreachableDatabase, is_worth_retrying
from chassis.tables import UtcDateTime

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(20)),
    Column("at", UtcDateTime),
)


@pytest.fixture
def database(postgres_database):
    database = Database(postgres_database)
    with database.engine.begin() as connection:
        metadata.create_all(connection)
    with database.transaction() as session:
        session.execute(insert(things), [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}])
    yield database
    database.close()


def test_reading_refuses_to_write(database):
    with pytest.raises(InternalError, match="read-only"), database.read() as session:
        session.execute(insert(things).values(id=3))


def test_an_instant_comes_back_in_utc(database):
    at = datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=-5)))
    with database.transaction() as session:
        session.execute(update(things).where(things.c.id == 1).values(at=at))
    with database.read() as session:
        stored = session.scalar(select(things.c.at).where(things.c.id == 1))
    assert stored == at
    assert stored.tzinfo is UTC


def test_a_deadlock_is_worth_retrying_and_a_broken_rule_is_not(database):
    first_locked, second_locked = threading.Event(), threading.Event()
    errors = []

    def lock(mine, other, locked, awaited):
        try:
            with database.transaction() as session:
                session.execute(update(things).where(things.c.id == mine).values(name="x"))
                locked.set()
                assert awaited.wait(10)
                session.execute(update(things).where(things.c.id == other).values(name="y"))
        except DBAPIError as error:
            errors.append(error)

    threads = [
        threading.Thread(target=lock, args=(1, 2, first_locked, second_locked)),
        threading.Thread(target=lock, args=(2, 1, second_locked, first_locked)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [is_worth_retrying(error) for error in errors] == [True]
    with pytest.raises(DBAPIError) as broken_rule, database.transaction() as session:
        session.execute(insert(things).values(id=1))
    assert not is_worth_retrying(broken_rule.value)


def test_a_connection_that_was_ended_is_unreachable_once_and_then_replaced(database):
    with pytest.raises(UnreachableDatabase):
        _write_after_the_connection_ended(database)
    with database.transaction() as session:
        session.execute(insert(things).values(id=4))


def test_a_connection_that_died_while_idle_is_replaced_before_it_is_used(database, monkeypatch):
    with database.read() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    with database.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    monkeypatch.setattr("chassis.database.IDLE_BEFORE_PING_S", 0.0)
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_a_wrong_password_names_the_database_and_hides_the_password(database):
    url = database.url.replace("postgresql+psycopg2://", "postgresql://")
    user, _, rest = url.removeprefix("postgresql://").partition("@")
    wrong = Database(f"postgresql://{user.partition(':')[0]}:wrong-secret@{rest}")
    with pytest.raises(UnreachableDatabase) as failure:
        wrong.check()
    assert "wrong-secret" not in str(failure.value)
    assert rest in str(failure.value)


def test_each_unreachable_sqlstate_is_also_worth_retrying():
    assert database_errors.UNREACHABLE_SQLSTATES.isdisjoint(database_errors.RETRY_SQLSTATES)


def _write_after_the_connection_ended(database):
    with database.transaction() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        session.execute(insert(things).values(id=3))
