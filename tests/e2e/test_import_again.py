"""A business exports its books again after its customers began to pay here: nothing is received twice."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contracts.balance import GetAccount
from contracts.billing import FindInvoices
from contracts.identity import FindCustomers
from contracts.payments import RecordedPayment, RecordPayments
from porchlight.connection import Services
from porchlight.importing.invoice_rows import OPTIONAL, REQUIRED, InvoiceFormat
from porchlight.importing.invoices import import_invoices
from porchlight.importing.report import ImportReport
from porchlight.importing.source import Source

TODAY = date(2026, 3, 1)
Import = Callable[[str], ImportReport]


@pytest.fixture
def bring(services: Services, tmp_path: Path) -> Import:
    def bring(rows: str) -> ImportReport:
        file = tmp_path / "books.csv"
        file.write_text("customer,number,issued_on,due_on,total,paid_on\n" + rows, encoding="utf-8")
        how = InvoiceFormat(date_format="%Y-%m-%d", currency="USD", locale="en_US", create_customers=True)
        source = Source(file, columns={}, required=REQUIRED, optional=OPTIONAL)
        report = import_invoices(services.caller, source, how, today=TODAY, dry_run=False, progress=lambda _: None)
        services.settle()
        return report

    return bring


def figures(services: Services, reference: str) -> tuple[int, int]:
    services.settle()
    customer = services.caller.call(FindCustomers(references=[reference]))[0]
    account = services.caller.call(GetAccount(customer_id=customer.customer_id))
    return account.balance_due_minor, account.credits_minor


def receive(services: Services, reference: str, number: str, amount_minor: int) -> None:
    customer = services.caller.call(FindCustomers(references=[reference]))[0]
    invoice = services.caller.call(FindInvoices(numbers=[number]))[0]
    row = RecordedPayment(
        row=1,
        external_key=f"check:{number}",
        customer_id=customer.customer_id,
        amount_minor=amount_minor,
        method="check",
        received_on=TODAY,
        invoice_ids=[invoice.invoice_id],
    )
    services.caller.call(RecordPayments(rows=[row]))
    services.settle()


def test_an_invoice_paid_here_is_not_paid_again_by_a_newer_export(services, bring):
    bring("AGAIN-1,AG1,2026-01-05,2026-02-04,100,\n")
    receive(services, "AGAIN-1", "AG1", 10_000)
    report = bring("AGAIN-1,AG1,2026-01-05,2026-02-04,100,2026-02-20\n")
    assert not report.bad_rows
    assert report.counts["invoices paid already"] == 1
    assert figures(services, "AGAIN-1") == (0, 0)


def test_an_invoice_paid_in_part_here_is_left_to_a_person(services, bring):
    bring("AGAIN-2,AG2,2026-01-05,2026-02-04,100,\n")
    receive(services, "AGAIN-2", "AG2", 3_000)
    report = bring("AGAIN-2,AG2,2026-01-05,2026-02-04,100,2026-02-20\n")
    assert [bad.problem for bad in report.bad_rows] == [
        "paid in part already, or being paid: record the payment by hand"
    ]
    assert figures(services, "AGAIN-2") == (7_000, 0)


def test_a_payment_that_came_with_an_import_is_unchanged_by_the_next(services, bring):
    rows = "AGAIN-3,AG3,2026-01-05,2026-02-04,100,2026-02-20\n"
    assert bring(rows).counts["payments created"] == 1
    again = bring(rows)
    assert not again.bad_rows
    assert again.counts["payments unchanged"] == 1
    assert figures(services, "AGAIN-3") == (0, 0)
