"""The Invoices tab and the account history."""

from datetime import date, time, timedelta
from typing import get_args

import pytest

from contracts import codes
from contracts.billing import AllocationView, GetInvoice, InvoiceLine, InvoiceSort, InvoiceView, LineVisit, ListInvoices
from contracts.identity import CheckSession
from contracts.wire import Refused
from gateway.invoice_query import SORTS
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
    backend.answers(ListInvoices, views.an_invoice_page(views.an_invoice(open_minor=0), next_cursor="a b/c"))
    page = ana.get("/invoices?show=paid").text
    assert 'href="/invoices?after=a+b/c&amp;show=paid"' in page
    ana.get("/invoices?show=paid&after=a+b/c")
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


def test_the_page_is_one_round_of_calls(ana, backend):
    ana.get("/invoices?show=open&q=mowing&sort=largest&invoice=invoice-1&after=k1")
    assert len(backend.gathers) == 1
    assert [type(each) for each in backend.gathers[0].values()] == [CheckSession, ListInvoices]
    assert backend.calls == []


@pytest.mark.parametrize(("address", "order"), [(name, order) for name, (_, order) in SORTS.items()])
def test_each_order_of_the_list_asks_for_its_own(ana, backend, address, order):
    page = ana.get(f"/invoices?sort={address}").text
    assert backend.asked(ListInvoices)[0].sort == order
    assert f'<option value="{address}" selected>' in page


def test_every_order_of_billing_is_offered():
    assert {order for _, order in SORTS.values()} == set(get_args(InvoiceSort))


def test_an_unknown_order_is_404(ana):
    assert ana.get("/invoices?sort=random").status_code == 404


def test_search_goes_with_filter_and_order_and_stays_in_the_form(ana, backend):
    page = ana.get("/invoices", query_string={"show": "open", "sort": "largest", "q": " Mowing \0 <b> "}).text
    asked = backend.asked(ListInvoices)[0]
    assert (asked.filter, asked.sort, asked.search) == ("open", "largest", "Mowing <b>")
    assert "Mowing &lt;b&gt;" in page
    assert 'href="/invoices?show=paid&amp;sort=largest&amp;q=Mowing+%3Cb%3E"' in page


def test_a_search_that_finds_nothing_says_so(ana, backend):
    backend.answers(ListInvoices, views.an_invoice_page())
    assert "No past due invoice has “mowing”" in ana.get("/invoices?q=mowing&show=past-due").text


def test_a_search_of_a_novel_gets_a_message_at_its_field_and_keeps_what_was_typed(ana, backend):
    page = ana.get("/invoices", query_string={"q": "x" * 101}).text
    assert "Search for at most 100 characters." in page
    assert "x" * 101 in page
    assert backend.asked(ListInvoices) == []


def test_ticks_go_along_with_every_button_and_stay_over_pages(ana, backend):
    page = views.an_invoice_page(views.an_invoice("1"), views.an_invoice("2"), next_cursor="k2")
    backend.answers(ListInvoices, page)
    seen = ana.get("/invoices?invoice=invoice-2&invoice=invoice-9&after=k1&show=open").text
    assert '<input type="hidden" name="invoice" value="invoice-9">' in seen
    assert 'value="invoice-2" checked' in seen
    assert 'value="invoice-1" checked' not in seen
    assert 'name="after" value="k2"' in seen
    assert '<input type="hidden" name="show" value="open">' in seen
    assert 'formaction="/pay" name="chosen" value="1"' in seen
    assert "1 more chosen on other pages" in seen


def test_ticks_of_other_pages_can_be_paid_from_a_page_without_any(ana, backend):
    backend.answers(ListInvoices, views.an_invoice_page(views.an_invoice(open_minor=0)))
    assert 'formaction="/pay"' in ana.get("/invoices?invoice=invoice-9").text


def test_more_ticks_than_one_payment_takes_are_told(ana):
    page = ana.get("/invoices", query_string={"invoice": [f"i{number}" for number in range(101)]}).text
    assert "At most 100 invoices can be paid together" in page
    assert page.count('name="invoice"') == 101, "a hundred of other pages, and the one that can be ticked"


def test_what_is_no_id_is_not_kept_as_a_tick(ana):
    assert "zzz" not in ana.get("/invoices", query_string={"invoice": "z" * 65}).text


def test_what_was_on_a_void_invoice_is_said_to_be_a_credit(ana, backend):
    part = views.a_credit_use(source="payment", source_id="payment-1", amount_minor=5000, reversed_at=views.NOW)
    sent_back = views.a_credit_use(amount_minor=300, reversed_at=views.NOW - timedelta(days=1))
    backend.answers(
        GetInvoice,
        InvoiceView(
            summary=views.an_invoice(open_minor=0, state="void", voided_at=views.NOW),
            lines=[],
            allocations=[part, sent_back],
            as_of=views.TODAY,
        ),
    )
    page = ana.get("/invoices/invoice-1042").text
    assert 'The $50.00 that was on it is <a href="/credits">a credit</a>' in page


def test_the_visit_behind_a_line_tells_day_window_and_crew_note_and_leads_to_it(ana, backend):
    line = InvoiceLine(description="Mowing", unit_price_minor=8450, amount_minor=8450)
    behind = LineVisit(
        line=0,
        visit_id="visit-1",
        state="completed",
        scheduled_on=date(2026, 6, 24),
        service="Mowing",
        arrives_from=time(8),
        arrives_until=time(10),
        crew_note="Gate was locked <b>",
    )
    whole = LineVisit(
        line=None, visit_id="visit-2", state="completed", scheduled_on=date(2026, 6, 25), service="Edging"
    )
    backend.answers(
        GetInvoice,
        InvoiceView(
            summary=views.an_invoice(), lines=[line], allocations=[], as_of=views.TODAY, visits=[behind, whole]
        ),
    )
    page = ana.get("/invoices/invoice-1042").text
    for words in ("Wed, Jun 24, 2026", "8:00", "10:00", "Gate was locked &lt;b&gt;", "any time that day", "Edging"):
        assert words in page
    assert 'href="/services/visit-1"' in page
    assert 'href="/services/visit-2"' in page
    assert page.index("/services/visit-1") < page.index("Visit on this invoice") < page.index("/services/visit-2")


def test_a_payment_of_more_ticks_than_it_takes_leads_back_to_the_list(ana):
    ticked = [f"i{number}" for number in range(101)]
    answer = ana.get("/pay", query_string={"chosen": "1", "invoice": ticked})
    assert answer.status_code == 303
    assert "At most 100 invoices can be paid together" in ana.get(answer.headers["Location"]).text


def test_an_allocation_leads_to_its_receipt_or_its_credit(ana, backend):
    parts = [views.a_credit_use(), views.a_credit_use(source="payment", source_id="payment-1")]
    backend.answers(GetInvoice, InvoiceView(summary=views.an_invoice(), lines=[], allocations=parts, as_of=views.TODAY))
    page = ana.get("/invoices/invoice-1042").text
    assert 'href="/credits#credit-credit-1"' in page
    assert 'href="/receipts/payment-1"' in page or 'href="/payments/payment-1"' in page
