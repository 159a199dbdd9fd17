"""What the dashboard says, and what it leaves out when a service is away."""

import msgspec
import pytest

from contracts.balance import GetAccount
from contracts.billing import GetAmountDue
from contracts.payments import ListPayments
from tests.support import gateway as views


def test_nothing_late_says_balance_due(ana):
    page = ana.get("/").text
    assert "Balance Due" in page
    assert "Past Due" not in page
    assert "$267.00" in page


def test_something_late_says_past_due_with_both_amounts(ana, backend):
    backend.answers(GetAccount, views.an_account(past_due_minor=18250))
    page = ana.get("/").text
    assert "Past Due</h2>" in page
    assert "Balance Due</h2>" not in page
    assert "$182.50" in page
    assert 'of <a href="/why/balance-due">$267.00</a> balance due' in page


def test_the_button_says_what_will_really_be_charged(ana, backend):
    free = views.an_invoice("1")
    held = views.an_invoice("2", processing_minor=8450)
    backend.answers(GetAmountDue, views.an_amount_due(free, held))
    assert "Pay $84.50</a>" in ana.get("/").text


LATE, LATER = views.an_invoice("1", past_due=True), views.an_invoice("2")


def test_what_is_late_can_be_paid_alone(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due(LATE, LATER))
    page = ana.get("/").text
    assert '<a href="/pay?invoice=invoice-1">Pay past due only, $84.50</a>' in page


@pytest.mark.parametrize(
    "due",
    [
        views.an_amount_due(LATE),
        views.an_amount_due(LATER),
        views.an_amount_due(views.an_invoice("1", past_due=True, processing_minor=8450), LATER),
        msgspec.structs.replace(views.an_amount_due(LATE, LATER), past_due_minor=99_999),
    ],
    ids=["all is late", "nothing is late", "it is being paid", "not all that is late is listed"],
)
def test_paying_what_is_late_alone_is_offered_only_where_it_is_a_choice(ana, backend, due):
    backend.answers(GetAmountDue, due)
    assert "Pay past due only" not in ana.get("/").text


def test_no_button_when_nothing_is_open(ana, backend):
    backend.answers(GetAccount, views.an_account(balance_due_minor=0))
    backend.answers(GetAmountDue, views.an_amount_due())
    page = ana.get("/").text
    assert 'href="/pay"' not in page
    assert "All paid" in page


def test_a_customer_without_any_history_is_not_told_that_all_is_paid(ana, backend):
    backend.answers(GetAccount, views.an_account(balance_due_minor=0, activity=[]))
    page = ana.get("/").text
    assert "Nothing to pay yet" in page
    assert "All paid" not in page


def test_credits_above_what_is_due_are_said_to_be_owed_to_the_customer(ana, backend):
    backend.answers(GetAccount, views.an_account(credits_minor=50000, account_balance_minor=-23300))
    page = ana.get("/").text
    assert 'After credits, we owe you <a href="/why/account-balance">$233.00</a>' in page
    assert "−$233.00" not in page


def test_dashboard_without_balance_marks_the_panel_unavailable(ana, backend):
    backend.take_away("balance")
    answer = ana.get("/")
    assert answer.status_code == 200
    assert "Your balance is temporarily unavailable" in answer.text
    assert "The latest activity is temporarily unavailable" in answer.text
    assert "Invoice 1042" in answer.text
    assert "Pay $84.50" in answer.text


def test_dashboard_without_billing_keeps_the_balance(ana, backend):
    backend.take_away("billing")
    page = ana.get("/").text
    assert "The invoices are temporarily unavailable" in page
    assert "Paying is temporarily unavailable" in page
    assert "$267.00" in page
    assert 'href="/pay"' not in page


def test_dashboard_without_payments_offers_no_payment(ana, backend):
    backend.take_away("payments")
    page = ana.get("/").text
    assert "Payments on their way are temporarily unavailable" in page
    assert 'href="/pay"' not in page
    assert "$267.00" in page


def test_a_payment_on_its_way_is_shown_as_processing(ana, backend):
    backend.answers(ListPayments, views.a_payment_page(views.a_payment("unknown", amount_minor=4200)))
    page = ana.get("/").text
    assert "Processing" in page
    assert "$42.00" in page


def test_a_payment_that_waits_for_the_bank_asks_the_customer(ana, backend):
    backend.answers(ListPayments, views.a_payment_page(views.a_payment("requires_action")))
    assert "confirm with your bank" in ana.get("/").text


def test_a_payment_just_made_is_asked_to_be_included_once(ana, backend):
    ana.post("/pay", data=ana.pay_fields() | {"card": "card-visa"})
    ana.get("/")
    assert backend.asked(GetAccount)[-1].must_include == ["payment-1"]
    ana.get("/")
    assert backend.asked(GetAccount)[-1].must_include == []


def test_a_payment_not_yet_in_the_balance_says_processing(ana, backend):
    backend.answers(GetAccount, lambda command: views.an_account(included=not command.must_include))
    ana.post("/pay", data=ana.pay_fields() | {"card": "card-visa"})
    assert "Processing $84.50" in ana.get("/").text
    ana.get("/")
    assert backend.asked(GetAccount)[-1].must_include == ["payment-1"]


def test_a_forged_note_of_recent_payments_is_ignored(ana, backend):
    ana.set_cookie("recent", "W1sicCIsImMiLDFdXQ.aWk.forged")
    ana.get("/")
    assert backend.asked(GetAccount)[-1].must_include == []


def test_every_list_of_a_new_customer_says_what_will_appear(ana, backend):
    backend.answers(GetAccount, views.an_account(balance_due_minor=0, activity=[]))
    backend.answers(GetAmountDue, views.an_amount_due())
    page = ana.get("/").text
    assert "Invoices, payments and credits appear here" in page
    assert "When Green Acres Lawn sends you an invoice" in page


def test_amounts_below_zero_carry_a_true_minus(ana, backend):
    row = views.an_activity_row(kind="payment", source_id="payment-1", amount_minor=-9800)
    backend.answers(GetAccount, views.an_account(activity=[row]))
    page = ana.get("/").text
    assert "−$98.00" in page
    assert "-$98.00" not in page
