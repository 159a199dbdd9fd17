"""The Pay page: one form, one key; what it offers, what it sends, and what it refuses before anything is asked."""

import pytest

from contracts import codes
from contracts.billing import GetAmountDue, GetInvoice, InvoiceView
from contracts.identity import CheckSession
from contracts.payments import (
    Decline,
    PayInvoices,
)
from contracts.wire import Refused
from tests.support import gateway as views
from tests.support.gateway import ANA

DECLINE = Decline(
    code="card_declined", decline_code="insufficient_funds", message="Not enough funds.", next_step="Try another card."
)
WITH_SAVED_CARD = {"card": "card-visa"}


def paid(backend):
    return backend.asked(PayInvoices)


def test_the_button_and_the_form_say_the_same_amount(ana):
    page = ana.get("/pay").text
    assert ">Pay $84.50</button>" in page
    assert 'name="amount_minor" value="8450"' in page


def test_every_rendering_has_a_key_of_its_own(ana):
    assert ana.pay_fields()["key"] != ana.pay_fields()["key"]


def test_a_saved_card_pays_everything_and_ends_at_the_receipt(ana, backend):
    fields = ana.pay_fields()
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert answer.status_code == 303
    assert answer.location == "/receipts/payment-1"
    assert paid(backend) == [
        PayInvoices(
            key=fields["key"][0],
            customer_id=ANA,
            currency="USD",
            amount_minor=8450,
            invoice_ids=[fields["pays"][0]],
            card_id="card-visa",
        )
    ]


def test_paying_has_twenty_five_seconds_after_the_session_check(ana, backend):
    fields = ana.pay_fields()
    backend.timeouts_s.clear()
    ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert backend.timeouts_s == [2.0, 25.0]


def test_a_program_may_post_a_payment_method_as_the_script_does(ana, backend):
    ana.post("/pay", data=ana.pay_fields() | {"payment_method": "pm_1", "card": "new", "save_card": "1"})
    assert (paid(backend)[0].payment_method, paid(backend)[0].card_id, paid(backend)[0].save_card) == (
        "pm_1",
        None,
        True,
    )


def test_a_payment_method_wins_over_a_saved_card_and_both_never_go_together(ana, backend):
    ana.post("/pay", data=ana.pay_fields() | {"payment_method": "pm_1", "card": "card-visa"})
    assert (paid(backend)[0].payment_method, paid(backend)[0].card_id) == ("pm_1", None)


def test_a_new_card_is_kept_only_when_asked(ana, backend):
    ana.post("/pay", data=ana.pay_fields() | {"payment_method": "pm_1", "card": "new"})
    assert paid(backend)[0].save_card is False


def test_chosen_invoices_alone_are_paid(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice("1"), views.an_invoice("2", open_minor=100)))
    answer = ana.post("/pay", data=ana.pay_fields("/pay?invoice=invoice-2") | WITH_SAVED_CARD)
    assert answer.status_code == 303
    assert (paid(backend)[0].invoice_ids, paid(backend)[0].amount_minor) == (["invoice-2"], 100)


def test_choosing_nothing_is_not_choosing_everything(ana):
    answer = ana.get("/pay?chosen=1")
    assert answer.location == "/invoices?show=open"
    assert "Tick at least one invoice" in ana.get(answer.location).text


def test_an_invoice_that_is_being_paid_is_left_out_and_named(ana, backend):
    held = views.an_invoice("7", processing_minor=8450)
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice("1"), held))
    assert "Invoice 7: $84.50 is processing" in ana.get("/pay").text
    ana.post("/pay", data=ana.pay_fields() | WITH_SAVED_CARD)
    assert (paid(backend)[0].invoice_ids, paid(backend)[0].amount_minor) == (["invoice-1"], 8450)


def test_a_draft_in_the_address_is_404(ana, backend):
    backend.answers(GetInvoice, Refused(codes.NOT_FOUND, "There is no such invoice."))
    assert ana.get("/pay?invoice=a-draft").status_code == 404


def test_a_paid_invoice_in_the_address_says_nothing_to_pay(ana):
    answer = ana.get("/pay?invoice=invoice-that-is-paid")
    assert answer.status_code == 200
    assert "Nothing to pay" in answer.text


def test_an_open_invoice_that_is_due_after_all_that_are_listed_can_be_chosen(ana, backend):
    late = views.an_invoice("9", open_minor=700)
    backend.answers(GetInvoice, InvoiceView(summary=late, lines=[], allocations=[], as_of=views.TODAY))
    assert ">Pay $7.00</button>" in ana.get("/pay?invoice=invoice-9").text
    ana.post("/pay", data=ana.pay_fields("/pay?invoice=invoice-9") | WITH_SAVED_CARD)
    assert (paid(backend)[0].invoice_ids, paid(backend)[0].amount_minor) == (["invoice-9"], 700)


def test_nothing_open_offers_no_form(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due())
    page = ana.get("/pay").text
    assert "Nothing to pay" in page
    assert "data-pay-form" not in page


def test_everything_being_paid_says_so(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice(processing_minor=8450)))
    page = ana.get("/pay").text
    assert "Already being paid" in page
    assert "data-pay-form" not in page


def test_less_than_a_card_can_be_charged_is_explained(ana, backend):
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice(open_minor=49)))
    page = ana.get("/pay").text
    assert "$0.49 is too small for a card" in page
    assert "from $0.50" in page
    assert "data-pay-form" not in page


@pytest.mark.parametrize("service", ["billing", "payments"])
def test_paying_fails_closed_when_a_service_is_away(ana, backend, service):
    backend.take_away(service)
    answer = ana.get("/pay")
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    assert "data-pay-form" not in answer.text


def test_nothing_is_paid_before_identity_has_answered(ana, backend):
    fields = ana.pay_fields()
    backend.take_away("identity")
    assert ana.post("/pay", data=fields | WITH_SAVED_CARD).status_code == 503
    assert not paid(backend)


def test_nothing_is_paid_on_a_session_that_is_over(ana, backend):
    fields = ana.pay_fields()
    backend.answers(CheckSession, Refused(codes.WRONG_CREDENTIALS, "The session is over."))
    assert ana.post("/pay", data=fields | WITH_SAVED_CARD).location == "/login?next=/pay"
    assert not paid(backend)


def test_a_form_of_another_account_is_not_paid(ana, backend):
    fields = ana.pay_fields() | {"account": "another-account"}
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert answer.status_code == 409
    assert "You switched to another account" in answer.text
    assert not paid(backend)


def test_without_a_card_nothing_is_paid_and_the_form_comes_back(ana, backend):
    answer = ana.post("/pay", data=ana.pay_fields() | {"card": "new"})
    assert answer.status_code == 422
    assert "No card was entered" in answer.text
    assert not paid(backend)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": "-1"},
        {"amount_minor": "0"},
        {"amount_minor": "84.50"},
        {"amount_minor": "9" * 40},
        {"amount_minor": "9" * 5000},
        {"amount_minor": "٨٤٥٠"},
        {"key": ""},
        {"key": "k" * 65},
        {"account": ""},
        {"currency": ""},
        {"card": "c" * 65},
        {"payment_method": "p" * 256},
        {"pays": ["x" * 65], "everything": ""},
        {"pays": [str(number) for number in range(501)], "everything": ""},
        {"invoice": [str(number) for number in range(101)]},
    ],
)
def test_a_form_that_the_page_did_not_make_is_refused(ana, backend, change):
    assert ana.post("/pay", data=ana.pay_fields() | WITH_SAVED_CARD | change).status_code == 400
    assert not paid(backend)
