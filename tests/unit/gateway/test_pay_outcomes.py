"""After the press on Pay: every outcome in plain words, and none of them charges twice."""

import msgspec
import pytest

from contracts import codes
from contracts.billing import GetAmountDue
from contracts.payments import (
    CancelPayment,
    ContinuePayment,
    Decline,
    GetPayment,
    ListCards,
    PaidInvoice,
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


def test_a_decline_leads_to_a_new_form_with_plain_words_and_a_new_key(ana, backend):
    declined = views.a_payment("failed", decline=DECLINE, card_last4="9995")
    backend.answers(PayInvoices, declined)
    backend.answers(GetPayment, declined)
    fields = ana.pay_fields("/pay?invoice=invoice-1042")
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD | {"what": "chosen", "invoice": "invoice-1042"})
    assert answer.location == "/pay?declined=payment-1&invoice=invoice-1042"
    page = ana.get(answer.location).text
    for words in ("Not enough funds.", "Try another card.", "Nothing was charged"):
        assert words in page
    assert fields["key"][0] not in page


def test_after_a_decline_the_declined_card_is_not_offered_first(ana, backend):
    backend.answers(
        ListCards, views.some_cards(views.a_card(), views.a_card(card_id="other", last4="4444", is_default=False))
    )
    backend.answers(GetPayment, views.a_payment("failed", decline=DECLINE))
    assert 'value="other" checked' in ana.get("/pay?declined=payment-1").text


def test_nothing_was_charged_is_said_once(ana, backend):
    said = msgspec.structs.replace(DECLINE, message="Your bank said no. Nothing was charged.")
    backend.answers(GetPayment, views.a_payment("failed", decline=said))
    for path in ("/pay?declined=payment-1", "/receipts/payment-1"):
        assert ana.get(path).text.count("Nothing was charged") == 1


def test_a_payment_that_did_not_fail_is_not_shown_as_a_decline(ana):
    page = ana.get("/pay?declined=payment-1").text
    assert "notice-late" not in page


def test_an_expired_card_cannot_be_chosen(ana, backend):
    backend.answers(ListCards, views.some_cards(views.a_card(exp_month=6, exp_year=2026)))
    page = ana.get("/pay").text
    assert 'value="card-visa" disabled' in page
    assert "expired 06/26" in page


def test_a_card_is_good_until_the_end_of_its_month(ana, backend):
    backend.answers(ListCards, views.some_cards(views.a_card(exp_month=7, exp_year=2026)))
    assert 'value="card-visa" checked' in ana.get("/pay").text


def test_already_being_paid_is_not_a_decline(ana, backend):
    backend.answers(PayInvoices, Refused(codes.ALREADY_BEING_PAID, "Another payment is on its way."))
    answer = ana.post("/pay", data=ana.pay_fields() | WITH_SAVED_CARD)
    assert answer.status_code == 409
    assert "Already being paid" in answer.text
    assert "not declined" in answer.text


def test_a_stale_amount_shows_the_new_one_and_asks_again(ana, backend):
    fields = ana.pay_fields()
    backend.answers(PayInvoices, Refused(codes.STALE_AMOUNT, "The amount has changed.", open_minor=5000))
    backend.answers(GetAmountDue, views.an_amount_due(views.an_invoice(open_minor=5000)))
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert answer.status_code == 409
    assert "It was $84.50 and is $50.00 now" in answer.text
    assert ">Pay $50.00</button>" in answer.text
    assert fields["key"][0] not in answer.text


def test_a_form_used_for_something_else_charges_nothing_and_starts_afresh(ana, backend):
    fields = ana.pay_fields()
    backend.answers(PayInvoices, Refused(codes.KEY_REUSED, "This key came before."))
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert answer.status_code == 409
    assert "Nothing was charged a second time" in answer.text
    assert fields["key"][0] not in answer.text


@pytest.mark.parametrize("code", [codes.UNAVAILABLE, codes.INTERNAL, codes.EXPIRED])
def test_an_unknown_outcome_keeps_the_key_and_says_that_it_may_have_gone_through(ana, backend, code):
    fields = ana.pay_fields()
    backend.answers(PayInvoices, Refused(code, "No answer.", service="payments"))
    answer = ana.post("/pay", data=fields | {"payment_method": "pm_1", "card": "new", "save_card": "1"})
    assert answer.status_code == 503
    assert "It may have gone through" in answer.text
    assert "Nothing was charged" not in answer.text
    again: dict[str, str] = {}
    for name in ("key", "again", "amount_minor", "currency", "account", "pays", "payment_method", "save_card", "card"):
        start = answer.text.index(f'name="{name}" value="') + len(f'name="{name}" value="')
        again[name] = answer.text[start : answer.text.index('"', start)]
    backend.answers(PayInvoices, views.a_payment())
    ana.submit("/pay", page="/pay", **again)
    first, second = paid(backend)
    assert first == second


@pytest.mark.parametrize("sent_before", [{}, {"again": "1"}])
def test_without_identity_no_press_says_that_nothing_was_charged_since_another_with_its_key_may_have_paid(
    ana, backend, sent_before
):
    fields = ana.pay_fields()
    backend.take_away("identity")
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD | sent_before)
    assert answer.status_code == 503
    assert "nothing was charged" not in answer.text
    assert "It may have gone through" in answer.text
    assert fields["key"][0] in answer.text
    assert not paid(backend)


def test_without_identity_what_follows_a_refusal_leaves_open_what_an_earlier_press_did(ana, backend):
    fields = ana.pay_fields() | WITH_SAVED_CARD

    def refuse_and_take_identity_away(_: PayInvoices) -> Refused:
        backend.take_away("identity")
        return Refused(codes.KEY_REUSED, "This key was used for another payment.")

    backend.answers(PayInvoices, refuse_and_take_identity_away)
    answer = ana.post("/pay", data=fields)
    assert answer.status_code == 503
    assert "nothing was charged" not in answer.text
    assert "account history" in answer.text


def test_an_error_at_a_second_look_leaves_open_what_the_first_press_did(ana, backend):
    fields = ana.pay_fields() | WITH_SAVED_CARD
    for change in ({"csrf_token": "of an older session"}, {"amount_minor": "no number"}):
        assert "nothing was charged" in ana.post("/pay", data=fields | change).text
        answer = ana.post("/pay", data=fields | change | {"again": "1"})
        assert answer.status_code == 400
        assert "nothing was charged" not in answer.text
        assert "account history" in answer.text
    assert not paid(backend)


@pytest.mark.parametrize("path", ["/receipts/payment-1", "/pay/payment-1/confirm", "/"])
def test_without_identity_a_page_after_paying_does_not_say_that_nothing_was_charged(ana, backend, path):
    backend.take_away("identity")
    answer = ana.get(path)
    assert answer.status_code == 503
    assert "charged" not in answer.text


@pytest.mark.parametrize("step", ["continue", "cancel"])
def test_an_error_after_the_banks_check_leaves_open_what_it_led_to(ana, backend, step):
    fields = {"csrf_token": ana.pay_fields()["csrf_token"]}
    path = f"/pay/payment-1/{step}"
    for answer in (ana.get(path), ana.post(path, data={"csrf_token": "of an older session"})):
        assert "nothing was charged" not in answer.text
        assert "account history" in answer.text
    backend.take_away("identity")
    answer = ana.post(path, data=fields)
    assert answer.status_code == 503
    assert "nothing was charged" not in answer.text
    assert "account history" in answer.text


def test_a_second_look_that_is_too_large_is_refused_like_any_form(ana, backend):
    answer = ana.post("/pay", data={"again": "1", "key": "k" * 70_000})
    assert answer.status_code == 413
    assert not paid(backend)


def test_the_banks_check_has_its_own_page_and_goes_on_by_itself(ana, backend):
    waiting = views.a_payment("requires_action", client_secret="pi_1_secret_2")
    backend.answers(PayInvoices, waiting)
    backend.answers(GetPayment, waiting)
    answer = ana.post("/pay", data=ana.pay_fields() | WITH_SAVED_CARD)
    assert answer.location == "/pay/payment-1/confirm"
    page = ana.get(answer.location).text
    assert 'data-secret="pi_1_secret_2"' in page
    backend.answers(ContinuePayment, views.a_payment())
    done = ana.submit("/pay/payment-1/continue", page="/pay/payment-1/confirm")
    assert done.location == "/receipts/payment-1"


def test_the_banks_check_can_be_taken_up_again_later(ana, backend):
    backend.answers(GetPayment, views.a_payment("requires_action"))
    backend.answers(ContinuePayment, views.a_payment("requires_action", client_secret="pi_1_secret_2"))
    assert 'data-secret="pi_1_secret_2"' in ana.get("/pay/payment-1/confirm").text


def test_a_payment_that_payments_itself_turned_down_says_that_nothing_was_charged(ana, backend):
    fields = ana.pay_fields()
    backend.answers(PayInvoices, Refused(codes.UNAVAILABLE, "Cards cannot be charged now. Nothing was charged."))
    answer = ana.post("/pay", data=fields | WITH_SAVED_CARD)
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    assert ">Pay $84.50</button>" in answer.text


def test_a_cancellation_that_comes_too_late_shows_where_the_payment_stands(ana, backend):
    backend.answers(GetPayment, views.a_payment("requires_action", client_secret="s"))
    backend.answers(CancelPayment, Refused(codes.WRONG_STATE, "On its way."))
    assert ana.submit("/pay/payment-1/cancel", page="/pay/payment-1/confirm").location == "/receipts/payment-1"


def test_a_check_that_is_over_is_not_shown_again(ana):
    assert ana.get("/pay/payment-1/confirm").location == "/receipts/payment-1"


def test_a_payment_that_waits_for_the_bank_can_be_cancelled(ana, backend):
    backend.answers(GetPayment, views.a_payment("requires_action", client_secret="s"))
    backend.answers(CancelPayment, views.a_payment("cancelled"))
    answer = ana.submit("/pay/payment-1/cancel", page="/pay/payment-1/confirm")
    assert answer.location == "/receipts/payment-1"
    assert backend.asked(CancelPayment) == [CancelPayment(customer_id=ANA, payment_id="payment-1")]


@pytest.mark.parametrize("state", ["processing", "unknown", "submitting", "created"])
def test_money_on_its_way_says_processing_and_is_no_receipt(ana, backend, state):
    backend.answers(GetPayment, views.a_payment(state))
    page = ana.get("/receipts/payment-1").text
    assert "Processing $84.50" in page
    assert "<h1>Receipt</h1>" not in page


def test_the_receipt_says_amount_card_and_invoices(ana, backend):
    backend.answers(
        GetPayment,
        views.a_payment(
            amount_minor=9000,
            excess_minor=550,
            invoices=[PaidInvoice(invoice_id="invoice-1042", number="1042", amount_minor=8450)],
        ),
    )
    page = ana.get("/receipts/payment-1").text
    for words in (
        "<h1>Receipt</h1>",
        "$90.00",
        "Visa ·· 4242",
        "Invoice 1042",
        "$84.50",
        "Kept as your credit",
        "$5.50",
    ):
        assert words in page


def test_somebody_elses_receipt_is_404(ana, backend):
    backend.answers(GetPayment, Refused(codes.NOT_FOUND, "There is no such payment."))
    assert ana.get("/receipts/payment-9").status_code == 404


@pytest.mark.parametrize(("state", "words"), [("failed", "Try again"), ("cancelled", "Payment cancelled")])
def test_a_payment_that_came_to_nothing_says_that_nothing_was_charged(ana, backend, state, words):
    backend.answers(GetPayment, views.a_payment(state, decline=DECLINE if state == "failed" else None))
    page = ana.get("/receipts/payment-1").text
    assert "Nothing was charged" in page
    assert words in page
