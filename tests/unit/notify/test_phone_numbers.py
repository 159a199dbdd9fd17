"""Telephone numbers, and the hours in which their owners sleep."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain import phone_numbers
from services.notify.domain.quiet_hours import quiet_at

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"


def at(hour: int, minute: int = 0, zone: str = NEW_YORK, day: int = 15, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("written", ["(607) 555-0142", "607.555.0142", "+1 607 555 0142", " 1-607-555-0142 "])
def test_a_number_is_read_however_it_is_written(written):
    assert phone_numbers.e164(written, "US") == "+16075550142"


@pytest.mark.parametrize(
    "written", [None, "", "call me", "555-0142", "607-555-0142 x12", "9" * 5000, "+0", "\u202e607", "911"]
)
def test_what_no_text_could_reach_is_no_number(written):
    assert phone_numbers.e164(written, "US") is None


def test_the_business_country_decides_how_a_number_is_read_and_written():
    assert phone_numbers.e164("020 7946 0018", "GB") == "+442079460018"
    assert phone_numbers.shown("+442079460018", "GB") == "020 7946 0018"
    assert phone_numbers.shown("+442079460018", "US") == "+44 20 7946 0018"
    assert phone_numbers.shown("+16075550142", "US") == "(607) 555-0142"


@pytest.mark.parametrize(("hour", "minute", "is_quiet"), [(20, 59, False), (21, 0, True), (7, 59, True), (8, 0, False)])
def test_quiet_hours_are_from_nine_to_eight(hour, minute, is_quiet):
    assert (quiet_at(at(hour, minute), [NEW_YORK], otherwise="UTC") is not None) == is_quiet


def test_quiet_hours_end_in_the_morning_that_comes():
    evening = quiet_at(at(23), [NEW_YORK], otherwise="UTC")
    night = quiet_at(at(3, day=16), [NEW_YORK], otherwise="UTC")
    assert evening is not None
    assert night is not None
    assert evening.until == night.until == at(8, day=16)


def test_a_number_in_two_zones_is_left_alone_while_either_sleeps():
    both = [NEW_YORK, CHICAGO]
    assert quiet_at(at(21), both, otherwise="UTC") is not None  # 20:00 in Chicago
    morning = quiet_at(at(8, 30), both, otherwise="UTC")  # 7:30 in Chicago
    assert morning is not None
    assert (morning.until, morning.zone) == (at(9), CHICAGO)
    assert quiet_at(at(9), both, otherwise="UTC") is None


def test_an_unknown_place_is_the_business_own():
    assert quiet_at(at(22), [], otherwise=NEW_YORK) is not None
    assert quiet_at(at(12), [], otherwise=NEW_YORK) is None


def test_places_that_are_never_awake_together_leave_it_to_the_business():
    worldwide = ["Pacific/Auckland", "Europe/London", "America/Los_Angeles", NEW_YORK]
    assert quiet_at(at(12), worldwide, otherwise=NEW_YORK) is None


def test_the_night_of_the_clock_change_ends_at_eight_on_the_wall():
    found = quiet_at(datetime(2026, 3, 8, 4, tzinfo=UTC), [NEW_YORK], otherwise="UTC")  # 23:00, then 23 hours' day
    assert found is not None
    assert found.until - datetime(2026, 3, 8, 4, tzinfo=UTC) == timedelta(hours=8)


def test_a_number_tells_its_place():
    assert phone_numbers.time_zones("+13125550123") == (CHICAGO,)
    assert phone_numbers.time_zones("+16075550142") == (NEW_YORK,)
