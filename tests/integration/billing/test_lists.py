"""Pages of invoices."""

from datetime import date, timedelta

import pytest

from contracts import billing as wire
from contracts import codes
from contracts.wire import Refused
from tests.support.billing import CUSTOMER, NEIGHBOUR, TODAY, Billing, row, succeeded

YESTERDAY = TODAY - timedelta(days=1)


def pages(billing: Billing, command, **fields):
    cursor = None
    while True:
        page = billing.ask(command(cursor=cursor, **fields))
        yield [invoice.number for invoice in page.invoices]
        cursor = page.next_cursor
        if cursor is None:
            return


def test_pages_hold_every_invoice_once_newest_first(billing: Billing):
    # Three share an issue date, so that the cursor must tell them apart.
    rows = [row(f"A-{at:02}", issued_on=date(2026, 1, 1 + at // 3), at=at) for at in range(23)]
    billing.imports(*rows, row("N-1", customer_id=NEIGHBOUR))
    found = list(pages(billing, wire.ListInvoices, customer_id=CUSTOMER, limit=5))
    assert [len(page) for page in found] == [5, 5, 5, 5, 3]
    flat = [number for page in found for number in page]
    assert sorted(flat) == sorted(f"A-{at:02}" for at in range(23))
    issued = {f"A-{at:02}": at // 3 for at in range(23)}
    assert [issued[number] for number in flat] == sorted(issued.values(), reverse=True)


def test_an_invoice_sent_while_paging_moves_no_other(billing: Billing):
    billing.imports(*(row(f"A-{at}", issued_on=date(2026, 1, 1 + at), at=at) for at in range(6)))
    first = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, limit=3))
    billing.sent(100)
    second = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, limit=3, cursor=first.next_cursor))
    assert [found.number for found in second.invoices] == ["A-2", "A-1", "A-0"]


@pytest.mark.parametrize(
    ("choice", "numbers"),
    [
        ("all", ["VOID", "LATE", "PART", "OPEN", "PAID"]),
        ("open", ["LATE", "PART", "OPEN"]),
        ("past_due", ["LATE"]),
        ("paid", ["PAID"]),
    ],
)
def test_filters(billing: Billing, choice: wire.InvoiceFilter, numbers: list[str]):
    invoices = {
        number: billing.sent(1_000, number=number, issued_on=issued_on, due_on=due_on)
        for number, issued_on, due_on in [
            ("PAID", date(2026, 1, 1), YESTERDAY),
            ("OPEN", date(2026, 1, 2), TODAY),
            ("PART", date(2026, 1, 3), TODAY + timedelta(days=9)),
            ("LATE", date(2026, 1, 4), YESTERDAY),
            ("VOID", date(2026, 1, 5), YESTERDAY),
        ]
    }
    billing.draft(number="DRAFT")
    billing.void(invoices["VOID"])
    billing.hear(succeeded(1_000, invoices=[(invoices["PAID"], 1_000)]))
    billing.hear(succeeded(1, invoices=[(invoices["PART"], 1)]))
    page = billing.ask(wire.ListInvoices(customer_id=CUSTOMER, filter=choice))
    assert [found.number for found in page.invoices] == numbers
    assert page.as_of == TODAY


def test_drafts_of_all_customers_are_listed_oldest_first(billing: Billing):
    for at in (3, 1, 2):
        billing.draft(number=f"D-{at}", issued_on=date(2026, 3, at), customer_id=CUSTOMER if at % 2 else NEIGHBOUR)
    assert list(pages(billing, wire.ListDrafts, limit=2)) == [["D-1", "D-2"], ["D-3"]]


def test_what_is_due_is_listed_oldest_due_first_and_summed_over_everything(billing: Billing):
    billing.imports(*(row(f"A-{at:03}", 100, at=at, due_on=date(2026, 2, 1)) for at in range(500)))
    billing.sent(50, number="LAST")
    due = billing.due()
    assert (due.balance_due_minor, due.past_due_minor, due.payable_minor) == (50_050, 50_000, 50_050)
    assert [found.number for found in due.invoices] == [f"A-{at:03}" for at in range(500)]


def test_what_is_due_is_summed_over_everything_however_little_is_listed(billing: Billing):
    billing.imports(*(row(f"A-{at}", issued_on=date(2026, 1, 1 + at), due_on=TODAY, at=at) for at in range(5)))
    whole = billing.ask(wire.GetAmountDue(customer_id=CUSTOMER))
    some = billing.ask(wire.GetAmountDue(customer_id=CUSTOMER, invoice_limit=2, latest_limit=3))
    assert some.payable_minor == whole.payable_minor
    assert some.invoices == whole.invoices[:2]
    assert [found.number for found in some.latest] == ["A-4", "A-3", "A-2"]
    assert whole.latest == []


def test_the_latest_invoices_are_the_customers_own(billing: Billing):
    billing.sent(100)
    billing.imports(row("N-1", customer_id=NEIGHBOUR))
    latest = billing.ask(wire.GetAmountDue(customer_id=CUSTOMER, latest_limit=6)).latest
    assert len(latest) == 1


def test_invoices_are_found_by_number(billing: Billing):
    billing.draft(number="B")
    billing.sent(number="A", customer_id=NEIGHBOUR)
    found = billing.ask(wire.FindInvoices(numbers=["B", "A", "nothing"]))
    assert [(invoice.number, invoice.state) for invoice in found] == [("A", "sent"), ("B", "draft")]


@pytest.mark.parametrize(
    "command",
    [
        wire.ListInvoices(customer_id=CUSTOMER, limit=0),
        wire.ListInvoices(customer_id=CUSTOMER, limit=501),
        wire.ListInvoices(customer_id=CUSTOMER, cursor="x"),
        wire.ListDrafts(cursor="WzFd"),
        wire.FindInvoices(numbers=["A"] * 501),
    ],
)
def test_a_page_that_cannot_be_is_refused(billing: Billing, command):
    with pytest.raises(Refused) as refused:
        billing.ask(command)
    assert refused.value.code == codes.INVALID
