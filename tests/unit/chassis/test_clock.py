from datetime import UTC, date, datetime, timedelta

import pytest

from chassis.clock import BusinessClock, ClockState
from chassis.database import Database
from chassis.tables import metadata

REAL = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)


class SteppingClock:
    """A system clock that stands until it is told to go on."""

    def __init__(self):
        self.at = REAL

    def now(self):
        return self.at


@pytest.fixture
def db(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/clock.sqlite")
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def system():
    return SteppingClock()


@pytest.fixture
def clock(system):
    return BusinessClock("America/Chicago", system)


def test_today_is_the_date_on_the_business_wall(db, clock):
    with db.read() as session:
        assert clock.now(session) == REAL
        assert clock.today(session) == date(2026, 6, 30)


def test_a_frozen_clock_stands(db, clock, system):
    noon = datetime(2013, 6, 30, 17, tzinfo=UTC)
    with db.transaction() as session:
        clock.set_from(session, noon, "frozen")
    system.at += timedelta(days=2)
    with db.read() as session:
        assert clock.now(session) == noon


def test_a_moved_clock_runs_on(db, clock, system):
    noon = datetime(2013, 6, 30, 17, tzinfo=UTC)
    with db.transaction() as session:
        clock.set_from(session, noon, "offset")
    system.at += timedelta(hours=5)
    with db.read() as session:
        assert clock.now(session) == noon + timedelta(hours=5)


def test_returning_to_real_time_forgets_the_rest(db, clock):
    with db.transaction() as session:
        clock.set_from(session, datetime(2013, 6, 30, tzinfo=UTC), "frozen")
        clock.set_from(session, None, "real")
    with db.read() as session:
        assert clock.now(session) == REAL


def test_following_takes_the_newest_state_whatever_the_order_of_arrival(db, clock):
    older = ClockState(mode="frozen", frozen_at=datetime(2013, 1, 1, tzinfo=UTC), version=4)
    newer = ClockState(mode="frozen", frozen_at=datetime(2014, 1, 1, tzinfo=UTC), version=5)
    with db.transaction() as session:
        assert clock.follow(session, newer)
        assert not clock.follow(session, older)
        assert not clock.follow(session, newer)
    with db.read() as session:
        assert clock.now(session) == newer.frozen_at


def test_each_move_of_the_owner_is_newer_than_the_last(db, clock):
    at = datetime(2013, 6, 30, tzinfo=UTC)
    with db.transaction() as session:
        assert clock.set_from(session, at, "frozen").version == 1
        assert clock.set_from(session, at, "offset").version == 2


@pytest.mark.parametrize("at", [None, datetime(2013, 6, 30)])  # noqa: DTZ001 - the naive one is the point
def test_an_instant_without_a_zone_is_refused(db, clock, at):
    with db.transaction() as session, pytest.raises(ValueError, match="time zone"):
        clock.set_from(session, at, "frozen")
