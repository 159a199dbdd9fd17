from datetime import date, timedelta
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.imports import RowResult
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, visit_terms

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def visit_row(reference: str = "V-1", scheduled_on: date = TOMORROW, *, at: int = 1, **fields: Any) -> wire.VisitRow:
    own = {name: fields.pop(name) for name in ("customer_id", "state", "invoice_number", "line") if name in fields}
    return wire.VisitRow(
        row=at,
        reference=reference,
        terms=visit_terms(scheduled_on, **fields),
        **{"customer_id": CUSTOMER, **own},
    )


def imports(billing: Billing, *rows: wire.VisitRow, today: date | None = None) -> list[RowResult]:
    return billing.ask(wire.ImportVisits(rows=list(rows), today=today))


def outcome(billing: Billing, *rows: wire.VisitRow) -> list[tuple[str, str | None]]:
    return [(result.status, result.state or result.code) for result in imports(billing, *rows)]


def test_a_day_that_is_over_was_done_and_another_is_planned(billing: Billing):
    rows = [visit_row("V-1", YESTERDAY), visit_row("V-2", TODAY, at=2), visit_row("V-3", TOMORROW, at=3)]
    assert outcome(billing, *rows) == [("created", "completed"), ("created", "scheduled"), ("created", "scheduled")]
    assert outcome(billing, *rows) == [
        ("unchanged", "completed"),
        ("unchanged", "scheduled"),
        ("unchanged", "scheduled"),
    ]
    assert {event.origin for event in billing.events(wire.VisitChanged)} == {"import"}
    assert len(billing.events(wire.VisitChanged)) == 3


def test_repeating_an_import_on_a_later_day_completes_what_is_over(billing: Billing):
    imports(billing, visit_row("V-1", TODAY))
    billing.today = TOMORROW
    assert outcome(billing, visit_row("V-1", TODAY)) == [("updated", "completed")]


def test_a_row_that_says_something_else_moves_its_visit(billing: Billing):
    (first,) = imports(billing, visit_row())
    later = TOMORROW + timedelta(days=7)
    (second,) = imports(billing, visit_row(scheduled_on=later, crew_note="Please move the car."))
    assert (second.status, second.id) == ("updated", first.id)
    assert [event.scheduled_on for event in billing.events(wire.VisitChanged)] == [TOMORROW, later]


def test_a_visit_is_cancelled_by_its_row_and_not_brought_back_by_one(billing: Billing):
    imports(billing, visit_row())
    assert outcome(billing, visit_row(state="cancelled")) == [("updated", "cancelled")]
    assert outcome(billing, visit_row()) == [("unchanged", "cancelled")]
    assert outcome(billing, visit_row(state="scheduled")) == [("refused", codes.CONFLICT)]
    assert outcome(billing, visit_row(scheduled_on=TODAY)) == [("refused", codes.WRONG_STATE)]


def test_wrong_rows_are_refused_and_the_others_taken(billing: Billing):
    billing.sent(number="1001", customer_id=NEIGHBOUR)
    imports(billing, visit_row("V-9", customer_id=NEIGHBOUR))
    rows = [
        visit_row("V-1", at=1),
        visit_row("V-1", at=2),
        visit_row("V-9", at=3),
        visit_row("V-3", at=4, state="completed"),
        visit_row("V-4", at=5, invoice_number="9999"),
        visit_row("V-5", at=6, invoice_number="1001"),
        visit_row("V-6", at=7, service=""),
        visit_row("V-7", at=8, customer_id=""),
        visit_row(" V-8", at=9),
    ]
    assert outcome(billing, *rows) == [
        ("created", "scheduled"),
        ("refused", codes.CONFLICT),
        ("refused", codes.CONFLICT),
        ("refused", codes.WRONG_STATE),
        ("refused", codes.NOT_FOUND),
        ("refused", codes.CONFLICT),
        ("refused", codes.INVALID),
        ("refused", codes.INVALID),
        ("refused", codes.INVALID),
    ]
    assert len(billing.ask(wire.ListVisits(customer_id=CUSTOMER)).visits) == 1


def test_a_row_refused_half_way_leaves_its_visit_as_it_was(billing: Billing):
    imports(billing, visit_row())
    assert outcome(billing, visit_row(scheduled_on=TODAY, invoice_number="9999")) == [("refused", codes.NOT_FOUND)]
    (visit,) = billing.ask(wire.ListVisits(customer_id=CUSTOMER)).visits
    assert visit.terms.scheduled_on == TOMORROW


def test_a_row_names_the_invoice_that_its_visit_became(billing: Billing):
    invoice = billing.sent(number="1001")
    billed = visit_row("V-1", YESTERDAY, invoice_number="1001", line=0)
    assert outcome(billing, billed, visit_row("V-2", YESTERDAY, at=2, invoice_number="1001", line=1)) == [
        ("created", "completed"),
        ("refused", codes.INVALID),
    ]
    assert outcome(billing, billed) == [("unchanged", "completed")]
    # Without a number a visit keeps the invoice that it has; what bills it is no event.
    assert outcome(billing, visit_row("V-1", YESTERDAY)) == [("unchanged", "completed")]
    assert outcome(billing, visit_row("V-1", YESTERDAY, invoice_number="1001")) == [("updated", "completed")]
    assert len(billing.events(wire.VisitChanged)) == 1
    assert [each.service for each in billing.get(invoice).visits] == ["Mowing"]


def test_an_import_says_itself_which_day_is_today(billing: Billing):
    results = imports(billing, visit_row("V-1", TOMORROW), today=TOMORROW + timedelta(days=1))
    assert [result.state for result in results] == ["completed"]


def test_more_rows_than_one_import_takes_are_refused(billing: Billing):
    rows = [visit_row(f"V-{number}", at=number) for number in range(501)]
    with pytest.raises(Refused):
        imports(billing, *rows)
    assert {result.status for result in imports(billing, *rows[:500])} == {"created"}
