"""Rows of a visit file: read, or refused with a sentence that names the value."""

import re
from datetime import date, time
from typing import Any

import pytest

from porchlight.importing.source import SourceRow
from porchlight.importing.visit_rows import OPTIONAL, REQUIRED, ParsedVisit, VisitFormat, parse

GOOD = {"customer": "C-1", "reference": "V-1", "date": "2026-03-18", "service": "Mowing"}


def read(*, date_format: str = "%Y-%m-%d", time_format: str = "%H:%M", **values: Any) -> ParsedVisit:
    whole = {**dict.fromkeys([*REQUIRED, *OPTIONAL], ""), **GOOD, **values}
    row = SourceRow(line=2, values=whole, cells=list(whole.values()))
    return parse(row, VisitFormat(date_format=date_format, time_format=time_format))


def test_a_row_with_the_least_is_a_visit_at_any_time_of_its_day():
    visit = read()
    assert (visit.customer, visit.reference, visit.state, visit.invoice_number, visit.line) == (
        "C-1",
        "V-1",
        None,
        None,
        None,
    )
    assert (visit.terms.scheduled_on, visit.terms.arrives_from) == (date(2026, 3, 18), None)


def test_dates_and_times_are_read_as_the_options_say():
    visit = read(
        date="3/18/2026",
        arrives_from="8:00 AM",
        arrives_until="1:30 PM",
        date_format="%m/%d/%Y",
        time_format="%I:%M %p",
    )
    assert (visit.terms.arrives_from, visit.terms.arrives_until) == (time(8), time(13, 30))


def test_lines_of_invoices_count_from_one_in_a_file():
    assert read(invoice="1001", invoice_line="1").line == 0


@pytest.mark.parametrize("text", ["done", "Completed", "COMPLETED"])
def test_states_are_read_in_the_words_that_people_use(text):
    assert read(state=text).state == "completed"


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"customer": ""}, "customer is empty"),
        ({"reference": ""}, "reference is empty"),
        ({"service": ""}, "service is empty"),
        ({"date": "2026-02-30"}, "date '2026-02-30' is not a date"),
        ({"date": "1066-10-14"}, "not between"),
        ({"arrives_from": "8 o'clock", "arrives_until": "10:00"}, 'arrives_from "8 o\'clock" is not a time'),
        ({"arrives_from": "25:00", "arrives_until": "26:00"}, "is not a time"),
        ({"arrives_from": "08:00"}, "both given or neither"),
        ({"arrives_until": "08:00"}, "both given or neither"),
        ({"arrives_from": "10:00", "arrives_until": "08:00"}, "is not after"),
        ({"arrives_from": "10:00", "arrives_until": "10:00"}, "is not after"),
        ({"state": "maybe"}, "state 'maybe' is none of"),
        ({"invoice_line": "1"}, "belongs to no invoice"),
        ({"invoice": "1001", "invoice_line": "0"}, "is not a number of a line"),
        ({"invoice": "1001", "invoice_line": "²"}, "is not a number of a line"),
        ({"invoice": "1001", "invoice_line": "9" * 30}, "is not a number of a line"),
    ],
)
def test_a_wrong_value_is_named(values, problem):
    with pytest.raises(ValueError, match=re.escape(problem)):
        read(**values)
