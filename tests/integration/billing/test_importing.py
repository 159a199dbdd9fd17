"""Importing invoices: silent, repeatable, advancing drafts."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, Billing, line, row, succeeded


def test_an_invoice_issued_until_today_is_sent_with_its_issue_date(billing: Billing):
    (result,) = billing.imports(row("A-1", 6_588, issued_on=date(2026, 2, 1)))
    assert (result.row, result.status, result.state) == (1, "created", "sent")
    (event,) = billing.events(wire.InvoiceSent)
    assert (event.invoice_id, event.origin, event.effective_on) == (result.id, "import", date(2026, 2, 1))
    # Midnight in New York, so that it is the first of February on the business's wall.
    assert event.sent_at == datetime(2026, 2, 1, 5, tzinfo=UTC)
    assert [part.amount_minor for part in event.lines] == [6_588]


def test_an_invoice_issued_after_today_stays_a_draft_until_its_day_comes(billing: Billing):
    future = row("A-1", issued_on=date(2026, 3, 11), due_on=date(2026, 4, 10))
    (result,) = billing.imports(future)
    assert (result.status, result.state) == ("created", "draft")
    assert billing.imports(future)[0].status == "unchanged"
    (advanced,) = billing.imports(future, today=date(2026, 3, 11))
    assert (advanced.id, advanced.status, advanced.state) == (result.id, "updated", "sent")
    assert [event.effective_on for event in billing.events(wire.InvoiceSent)] == [date(2026, 3, 11)]
    assert billing.imports(future, today=date(2026, 3, 12))[0].status == "unchanged"


def test_repeating_an_import_changes_and_announces_nothing(billing: Billing):
    rows = [
        row(f"A-{at}", 100 * at, at=at, issued_on=date(2026, 3, at), due_on=date(2026, 4, 1)) for at in range(1, 21)
    ]
    first = billing.imports(*rows)
    before = billing.envelopes()
    again = billing.imports(*rows)
    assert {result.status for result in again} == {"unchanged"}
    assert [result.id for result in again] == [result.id for result in first]
    assert billing.envelopes() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"total_minor": 10_001},
        {"issued_on": date(2026, 2, 2)},
        {"due_on": date(2026, 3, 2)},
        {"customer_id": NEIGHBOUR},
    ],
)
def test_a_sent_invoice_that_differs_is_refused_and_stays(billing: Billing, changes: dict[str, Any]):
    billing.imports(row("A-1"))
    before = billing.ask(wire.FindInvoices(numbers=["A-1"]))
    (result,) = billing.imports(row("A-1", **changes))
    assert (result.status, result.code) == ("refused", codes.CONFLICT)
    assert billing.ask(wire.FindInvoices(numbers=["A-1"])) == before


def test_a_draft_takes_the_rows_values(billing: Billing):
    billing.draft(5_000, number="A-1", issued_on=date(2026, 4, 1))
    changed = row(
        "A-1", 7_000, customer_id=NEIGHBOUR, issued_on=date(2026, 4, 2), due_on=date(2026, 5, 2), description="Hedge"
    )
    assert billing.imports(changed)[0].status == "updated"
    (found,) = billing.ask(wire.FindInvoices(numbers=["A-1"]))
    assert (found.customer_id, found.total_minor, found.issued_on, found.due_on, found.description) == (
        NEIGHBOUR,
        7_000,
        date(2026, 4, 2),
        date(2026, 5, 2),
        "Hedge",
    )
    billing.imports(changed, today=date(2026, 4, 2))
    assert [part.amount_minor for part in billing.events(wire.InvoiceSent)[0].lines] == [7_000]


def test_a_draft_keeps_its_lines_when_the_row_says_nothing_of_them(billing: Billing):
    lines = [line(3_000, "Mowing"), line(2_000, "Edging")]
    future: dict[str, Any] = {"issued_on": date(2026, 4, 1), "due_on": date(2026, 5, 1)}
    billing.imports(row("A-1", 5_000, lines=lines, **future))
    assert billing.imports(row("A-1", 5_000, **future))[0].status == "unchanged"
    billing.imports(row("A-1", 5_000, **future), today=date(2026, 4, 1))
    assert billing.events(wire.InvoiceSent)[0].lines == lines


def test_a_bad_row_is_refused_and_the_others_are_imported(billing: Billing):
    results = billing.imports(
        row("A-1", at=1),
        row("A-2", -5, at=2),
        row("A-3", 10**12, at=3),
        row("", at=4),
        row("A-5", at=5, customer_id=""),
        row("A-6", at=6, issued_on=date(2026, 2, 1), due_on=date(2026, 1, 1)),
        row("A-7", at=7, lines=[line(1)]),
        row("A-1", at=8, total_minor=3),
        row("A-9", at=9),
    )
    assert [(result.row, result.status, result.code) for result in results] == [
        (1, "created", None),
        (2, "refused", codes.INVALID),
        (3, "refused", codes.INVALID),
        (4, "refused", codes.INVALID),
        (5, "refused", codes.INVALID),
        (6, "refused", codes.INVALID),
        (7, "refused", codes.INVALID),
        (8, "refused", codes.CONFLICT),
        (9, "created", None),
    ]
    assert all(result.message for result in results if result.status == "refused")
    assert [event.number for event in billing.events(wire.InvoiceSent)] == ["A-1", "A-9"]


def test_more_rows_than_fit_are_refused_whole(billing: Billing):
    with pytest.raises(Refused) as refused:
        billing.imports(*(row(f"A-{at}", at=at) for at in range(501)))
    assert refused.value.code == codes.INVALID
    assert billing.events(wire.InvoiceSent) == []


def test_an_imported_draft_that_the_business_sends_is_news_to_the_customer(billing: Billing):
    (result,) = billing.imports(row("A-1", issued_on=date(2026, 4, 1), due_on=date(2026, 5, 1)))
    billing.ask(wire.SendInvoice(invoice_id=str(result.id)))
    (event,) = billing.events(wire.InvoiceSent)
    assert (event.origin, event.effective_on) == ("portal", billing.today)


def test_a_voided_invoice_is_not_imported_again(billing: Billing):
    (result,) = billing.imports(row("A-1"))
    billing.ask(wire.VoidInvoice(invoice_id=str(result.id)))
    (again,) = billing.imports(row("A-1"))
    assert (again.status, again.state) == ("unchanged", "void")
    assert len(billing.events(wire.InvoiceSent)) == 1


def test_a_history_of_invoices_and_payments_settles_each_with_its_own(billing: Billing):
    results = billing.imports(
        row("A-1", 6_588, at=1, issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31)),
        row("A-2", 9_400, at=2, issued_on=date(2026, 1, 2), due_on=date(2026, 1, 5)),
    )
    second = billing.ask(wire.GetInvoice(customer_id=CUSTOMER, invoice_id=str(results[1].id)))
    billing.hear(succeeded(9_400, invoices=[(second, 0)], received_on=date(2026, 1, 20), origin="import"))
    due = billing.due()
    assert [(found.number, found.open_minor) for found in due.invoices] == [("A-1", 6_588)]
    assert (due.balance_due_minor, due.past_due_minor) == (6_588, 6_588)
