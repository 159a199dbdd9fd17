"""Visits as iCalendar: what a calendar program makes of them, and the rules of RFC 5545."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component

from contracts.billing import VisitView
from gateway.calendars import VisitCalendars
from tests.support.gateway import gateway_settings
from tests.support.gateway_visits import a_billed_visit, a_visit

CHICAGO = ZoneInfo("America/Chicago")


def written(*visits: VisitView, **settings: Any) -> bytes:
    return VisitCalendars(gateway_settings(**settings)).all(visits)


def event(visit: VisitView, **settings: Any) -> Component:
    """A visit as a program reads it."""
    (found,) = Calendar.from_ical(VisitCalendars(gateway_settings(**settings)).one(visit)).walk("VEVENT")
    return found


def test_a_program_reads_when_what_and_where():
    read = event(a_visit())
    assert read.decoded("dtstart") == datetime(2026, 7, 8, 13, tzinfo=UTC)
    assert read.decoded("dtend") == datetime(2026, 7, 8, 15, tzinfo=UTC)
    assert str(read["summary"]) == "Mowing and edging · Green Acres Lawn"
    assert str(read["location"]) == "14 Elm St, Springfield, IL 62704"
    assert str(read["description"]) == "Please leave the side gate unlocked.\n\nhttp://localhost/services/visit-1"
    assert str(read["status"]) == "CONFIRMED"


@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 3, 8), date(2026, 10, 31), date(2026, 11, 1)])
def test_the_hour_on_the_wall_stays_across_the_change_of_clocks(day):
    read = event(a_visit(scheduled_on=day))
    for name, hour in (("dtstart", 8), ("dtend", 10)):
        local = read.decoded(name).astimezone(CHICAGO)
        assert (local.date(), local.time()) == (day, time(hour))


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_window_in_the_hour_that_is_missing_or_comes_twice_does_not_run_backwards(day):
    read = event(a_visit(scheduled_on=day, arrives_from=time(1, 45), arrives_until=time(2, 15)))
    assert read.decoded("dtend") >= read.decoded("dtstart")
    read = event(a_visit(scheduled_on=day, arrives_from=time(2, 30), arrives_until=time(3)))
    assert read.decoded("dtend") >= read.decoded("dtstart")


def test_a_visit_without_a_window_is_a_whole_day_without_a_zone():
    read = event(a_visit(arrives_from=None, arrives_until=None))
    assert (read.decoded("dtstart"), read.decoded("dtend")) == (date(2026, 7, 8), date(2026, 7, 9))
    assert read["dtstart"].params["VALUE"] == "DATE"


def test_a_changed_visit_is_the_same_one_with_a_higher_sequence():
    first = a_visit()
    moved = a_visit(version=2, scheduled_on=date(2026, 7, 9), changed_at=first.changed_at + timedelta(hours=1))
    before, after = event(first), event(moved)
    assert before["uid"] == after["uid"] == "visit-1@localhost"
    assert (before["sequence"], after["sequence"]) == (1, 2)
    assert after.decoded("dtstamp") == moved.changed_at.replace(microsecond=0)


def test_a_cancelled_visit_says_so_and_a_done_one_stays_confirmed():
    assert str(event(a_visit(state="cancelled"))["status"]) == "CANCELLED"
    assert str(event(a_billed_visit())["status"]) == "CONFIRMED"


HOSTILE = "Gate; code, \\n 5\r\nBEGIN:VEVENT\nSUMMARY:forged\u2028" + "שלום 🌱 " * 40


def test_what_people_typed_stays_text():
    visit = a_visit(service="Mow; edge, trim\\now", crew_note=HOSTILE, address="1 Elm, Apt; 2")
    (read,) = Calendar.from_ical(written(visit)).walk("VEVENT")
    assert str(read["summary"]) == "Mow; edge, trim\\now · Green Acres Lawn"
    assert str(read["location"]) == "1 Elm, Apt; 2"
    assert "BEGIN:VEVENT\nSUMMARY:forged" in str(read["description"])
    assert len(read.walk("VEVENT")) == 1


def test_lines_are_folded_and_end_as_rfc_5545_wants_them():
    raw = written(a_visit(crew_note=HOSTILE, service="Ü" * 200), a_billed_visit(), business_name="Ö" * 90)
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        # A character of several bytes is never cut in two.
        line.decode("utf-8")


def test_the_calendar_has_what_every_calendar_must_have():
    calendar = Calendar.from_ical(written(a_visit()))
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert calendar["prodid"]
    assert not calendar.walk("VTIMEZONE")
    for required in ("uid", "dtstamp", "dtstart", "sequence"):
        assert all(required in each for each in calendar.walk("VEVENT"))


def test_the_same_visits_are_written_the_same():
    assert written(a_visit(), a_billed_visit()) == written(a_visit(), a_billed_visit())


def test_an_empty_calendar_is_one():
    assert Calendar.from_ical(written()).walk("VEVENT") == []
