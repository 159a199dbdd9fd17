"""The Payments tab: states as the customer should see them, what each payment paid, receipts, pages."""

from typing import get_args

import pytest

from contracts import codes
from contracts.payments import GetPayment, ListPayments, PaidInvoice, PaymentPage, PaymentState
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


@pytest.mark.parametrize(
    ("returns", "word", "lines"),
    [
        ([("refund", "returned", 8450)], "Refunded", ["Refunded $84.50 on Jul 3, 2026"]),
        ([("refund", "returned", 2000)], "Refunded in part", ["Refunded $20.00 on Jul 3, 2026"]),
        ([("dispute", "returned", 8450)], "Disputed", ["Disputed: $84.50 on Jul 3, 2026"]),
        ([("dispute", "restored", 8450)], "Restored", ["Restored: $84.50, disputed on Jul 3, 2026"]),
        ([("refund", "restored", 8450)], "Restored", ["Restored: $84.50, refunded on Jul 3, 2026"]),
        (
            [("dispute", "returned", 6450), ("refund", "returned", 2000)],
            "Disputed",
            ["Disputed: $64.50 on Jul 3, 2026", "Refunded $20.00 on Jul 3, 2026"],
        ),
        (
            [("dispute", "restored", 6450), ("refund", "returned", 2000)],
            "Refunded in part",
            ["Restored: $64.50, disputed on Jul 3, 2026", "Refunded $20.00 on Jul 3, 2026"],
        ),
    ],
)
def test_a_payment_of_which_something_left_again_says_so_on_the_tab_and_below_its_receipt(
    ana, backend, returns, word, lines
):
    payment = views.a_payment(returns=[views.a_return(*each) for each in returns])
    backend.answers(ListPayments, views.a_payment_page(payment))
    backend.answers(GetPayment, payment)
    tab, receipt = ana.get("/payments").text, ana.get("/receipts/payment-1").text
    assert f"</svg>{word}</span>" in tab
    for line in lines:
        assert line in tab
        assert line in receipt
    # It stays a receipt of what was paid.
    assert "</svg>Paid</p>" in receipt
    assert 'href="/receipts/payment-1.pdf"' in receipt


def test_the_receipt_says_what_a_dispute_means_and_what_is_still_with_the_business(ana, backend):
    returns = [views.a_return("dispute", "returned", 6450), views.a_return("refund", "returned", 500)]
    backend.answers(GetPayment, views.a_payment(returns=returns))
    page = ana.get("/receipts/payment-1").text
    assert "Your bank has the money. What it had paid is open again." in page
    assert '<dt>With us now</dt><dd class="amount">$15.00' in page


def test_a_receipt_of_which_nothing_left_speaks_of_no_return(ana, backend):
    backend.answers(GetPayment, views.a_payment())
    assert "What became of it since" not in ana.get("/receipts/payment-1").text
