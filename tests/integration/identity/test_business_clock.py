from datetime import UTC, date, datetime, timedelta

import pytest

from contracts import codes
from contracts import identity as wire
from contracts.wire import Refused
from services.identity.operations import business_clock
from tests.support.identity import Identity

NEW_YEARS_EVE = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)


def move(identity: Identity, mode: wire.ClockMode, at: datetime | None = None) -> wire.ClockView:
    with identity.database.transaction() as session:
        command = wire.SetBusinessClock(mode=mode, at=at)
        return business_clock.set_business_clock(session, command, clock=identity.clock)


def today(identity: Identity) -> date:
    with identity.database.read() as session:
        return identity.clock.today(session)


def test_a_frozen_clock_stands_still_in_the_business_s_own_zone(identity):
    view = move(identity, "frozen", NEW_YEARS_EVE)
    assert (view.mode, view.now) == ("frozen", NEW_YEARS_EVE)
    assert today(identity) == date(2025, 12, 31)


def test_an_offset_clock_runs_from_the_given_instant(identity):
    view = move(identity, "offset", datetime.now(UTC) + timedelta(days=10))
    assert view.offset_s == pytest.approx(864_000, abs=2)
    with identity.database.read() as session:
        shown = business_clock.business_clock(session, clock=identity.clock).now
    assert shown - datetime.now(UTC) == pytest.approx(timedelta(days=10), abs=timedelta(seconds=2))


def test_every_move_is_published_with_a_higher_version(identity):
    move(identity, "frozen", NEW_YEARS_EVE)
    move(identity, "real")
    assert identity.events(wire.BusinessClockSet) == [
        wire.BusinessClockSet(version=1, mode="frozen", frozen_at=NEW_YEARS_EVE, offset_s=0),
        wire.BusinessClockSet(version=2, mode="real", frozen_at=None, offset_s=0),
    ]


@pytest.mark.parametrize("at", [None, datetime(2026, 1, 1)])  # noqa: DTZ001 - the mistake under test
def test_a_clock_cannot_be_set_to_no_instant(identity, at):
    with pytest.raises(Refused) as refusal:
        move(identity, "frozen", at)
    assert refusal.value.code == codes.INVALID
