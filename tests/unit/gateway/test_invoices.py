"""The Invoices tab and the account history."""

import pytest

from contracts import codes
from contracts.balance import ListActivity
from contracts.billing import AllocationView, GetInvoice, InvoiceLine, InvoiceView, ListInvoices
from contracts.wire import Refused
from tests.support import gateway as views


def test_draft_is_404(ana, backend):
    backend.answers(GetInvoice, Refused(codes.NOT_FOUND, "There is no such invoice."))
    assert ana.get("/invoices/a-draft").status_code == 404


def test_an_id_that_is_none_is_404_too(ana, backend):
    backend.answers(GetInvoice, Refused(codes.INVALID, "Not an id.", field="invoice_id"))
    assert ana.get("/invoices/%20").status_code == 404


@pytest.mark.parametrize(
    ("shown", "asked"), [("", "all"), ("?show=open", "open"), ("?show=past-due", "past_due"), ("?show=paid", "paid")]
)
def test_each_tab_asks_for_its_filter(ana, backend, shown, asked):
    ana.get(f"/invoices{shown}")
    assert backend.asked(ListInvoices)[0].filter == asked


def test_an_unknown_tab_is_404(ana):
    assert ana.get("/invoices?show=draft").status_code == 404


def test_the_list_goes_on_at_the_cursor(ana, backend):
    backend.answers(ListInvoices, views.an_invoice_page(views.an_invoice(), next_cursor="a b/c"))
    page = ana.get("/invoices?show=open").text
    assert 'href="/invoices?after=a+b/c&amp;show=open"' in page
    ana.get("/invoices?show=open&after=a+b/c")
    assert backend.asked(ListInvoices)[-1].cursor == "a b/c"


def test_a_cursor_that_billing_refuses_is_404(ana, backend):
    backend.answers(ListInvoices, Refused(codes.INVALID, "Not a cursor."))
    assert ana.get("/invoices?after=zzz").status_code == 404


@pytest.mark.parametrize("shown", ["all", "open", "past-due", "paid"])
def test_every_empty_tab_says_what_would_be_there(ana, backend, shown):
    backend.answers(ListInvoices, views.an_invoice_page())
    assert 'class="empty"' in ana.get(f"/invoices?show={shown}").text


def test_only_open_invoices_that_are_not_being_paid_can_be_ticked(ana, backend):
    backend.answers(
        ListInvoices,
        views.an_invoice_page(
            views.an_invoice("1"), views.an_invoice("2", open_minor=0), views.an_invoice("3", processing_minor=8450)
        ),
    )
    page = ana.get("/invoices").text
    assert page.count('type="checkbox"') == 1
    assert 'value="invoice-1"' in page


def test_a_sub_dollar_remainder_is_not_paid(ana, backend):
    backend.answers(ListInvoices, views.an_invoice_page(views.an_invoice(open_minor=99)))
    page = ana.get("/invoices").text
    assert "Partly paid" in page
    assert "$0.99" in page


def test_due_today_is_not_late(ana, backend):
    backend.answers(ListInvoices, views.an_invoice_page(views.an_invoice(due_on=views.TODAY)))
    page = ana.get("/invoices").text
    assert "due today" in page
    assert "Past due</span>" not in page


def test_an_invoice_shows_its_lines_and_what_was_put_on_it(ana, backend):
    line = InvoiceLine(description="Mowing <b>", unit_price_minor=4225, amount_minor=8450, quantity="2")
    part = AllocationView(
        allocation_id="a",
        source="payment",
        source_id="payment-1",
        invoice_id="invoice-1042",
        invoice_number="1042",
        amount_minor=5000,
        effective_on=views.TODAY,
    )
    reversed_part = AllocationView(
        allocation_id="b",
        source="credit",
        source_id="credit-1",
        invoice_id="invoice-1042",
        invoice_number="1042",
        amount_minor=777,
        effective_on=views.TODAY,
        reversed_at=views.NOW,
    )
    backend.answers(
        GetInvoice,
        InvoiceView(
            summary=views.an_invoice(open_minor=3450),
            lines=[line],
            allocations=[part, reversed_part],
            as_of=views.TODAY,
        ),
    )
    page = ana.get("/invoices/invoice-1042").text
    assert "Mowing &lt;b&gt;" in page
    assert "−$50.00" in page
    assert "$7.77" not in page
    assert "Pay $34.50" in page
    assert '/pay?invoice=invoice-1042"' in page


@pytest.mark.parametrize("changes", [{"open_minor": 0}, {"processing_minor": 8450}, {"state": "void"}])
def test_an_invoice_that_cannot_be_paid_has_no_pay_button(ana, backend, changes):
    backend.answers(
        GetInvoice,
        InvoiceView(summary=views.an_invoice(**changes), lines=[], allocations=[], as_of=views.TODAY),
    )
    assert 'href="/pay?' not in ana.get("/invoices/invoice-1042").text


def test_the_account_history_goes_on_at_the_cursor(ana, backend):
    backend.answers(ListActivity, views.an_activity_page(views.an_activity_row(), next_cursor="k1"))
    page = ana.get("/account-history").text
    assert "/account-history?after=k1" in page
    assert "+$84.50" in page
    assert "$267.00" in page
    ana.get("/account-history?after=k1")
    assert backend.asked(ListActivity)[-1].cursor == "k1"


def test_an_empty_account_history_says_what_will_appear(ana, backend):
    backend.answers(ListActivity, views.an_activity_page())
    assert "appears here with the balance after it" in ana.get("/account-history").text
