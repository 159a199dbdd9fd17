"""The Payments tab: states as the customer should see them, what each payment paid, receipts, pages."""

from typing import get_args

import pytest

from contracts import codes
from contracts.payments import ListPayments, PaidInvoice, PaymentPage, PaymentState
from contracts.wire import Refused
from gateway.payment_history import STANDINGS
from tests.support import gateway as views

PAID_TWO = [PaidInvoice(invoice_id=f"invoice-{number}", number=str(number), amount_minor=10) for number in range(5)]


def test_every_state_has_a_word_and_an_icon():
    assert set(STANDINGS) == set(get_args(PaymentState))


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("submitting", "Processing"),
        ("unknown", "Processing"),
        ("processing", "Processing"),
        ("requires_action", "Waiting for you"),
        ("succeeded", "Paid"),
        ("failed", "Failed"),
        ("cancelled", "Cancelled"),
    ],
)
def test_a_payment_shows_its_state_card_amount_and_receipt(ana, backend, state, word):
    backend.answers(ListPayments, views.a_payment_page(views.a_payment(state)))
    page = ana.get("/payments").text
    for words in (f"</svg>{word}", "Visa ·· 4242", "$84.50", 'href="/receipts/payment-1"'):
        assert words in page
    assert ("is on its way" in page) is (word in ("Processing", "Waiting for you"))


def test_a_payment_names_its_invoices_and_what_became_a_credit(ana, backend):
    backend.answers(ListPayments, views.a_payment_page(views.a_payment(invoices=PAID_TWO, excess_minor=550)))
    page = ana.get("/payments").text
    assert 'href="/invoices/invoice-2"' in page
    assert "and 2 more" in page
    assert "$5.50 kept as your credit" in page


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_payment_that_came_to_nothing_paid_no_invoice(ana, backend, state):
    backend.answers(ListPayments, views.a_payment_page(views.a_payment(state, invoices=PAID_TWO)))
    page = ana.get("/payments").text
    assert "Nothing was charged" in page
    assert "invoice-2" not in page


@pytest.mark.parametrize(("method", "words"), [("cash", "Cash"), ("check", "Check"), ("bank", "Bank transfer")])
def test_a_payment_by_hand_names_its_method_and_reference(ana, backend, method, words):
    by_hand = views.a_payment(method=method, card_brand=None, card_last4=None, reference="<b>no. 7</b>")
    backend.answers(ListPayments, views.a_payment_page(by_hand))
    page = ana.get("/payments").text
    assert words in page
    assert "&lt;b&gt;no. 7" in page


def test_there_are_pages_of_twenty_five_that_go_on_where_the_last_ended(ana, backend):
    backend.answers(ListPayments, PaymentPage(payments=[views.a_payment()], next_cursor="next"))
    assert 'href="/payments?after=next"' in ana.get("/payments").text
    ana.get("/payments?after=next")
    first, second = backend.asked(ListPayments)
    assert (first.cursor, first.limit, second.cursor) == (None, 25, "next")


@pytest.mark.parametrize("code", [codes.INVALID, codes.NOT_FOUND])
def test_a_cursor_that_is_none_is_404(ana, backend, code):
    backend.answers(ListPayments, Refused(code, "Not a cursor."))
    assert ana.get("/payments?after=x").status_code == 404


def test_without_payments_the_page_says_what_will_appear(ana):
    assert "No payments yet" in ana.get("/payments").text


def test_without_the_service_the_page_says_so(ana, backend):
    backend.take_away("payments")
    assert ana.get("/payments").status_code == 503
