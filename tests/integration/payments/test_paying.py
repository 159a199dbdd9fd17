"""Pressing Pay: what is charged, what is answered, what others hear of it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts import codes
from contracts.billing import HoldInvoices, ReleaseHold
from contracts.payments import (
    ListCards,
    ListPayments,
    PaidInvoice,
    PaymentCancelled,
    PaymentFailed,
    PaymentSucceeded,
)
from contracts.wire import Refused
from services.payments.operations import pay
from tests.support.payments import CUSTOMER, INVOICE, NEIGHBOUR, Payments, pay_command
from tests.support.payments_card_keeper import UNUSABLE


def test_a_card_is_charged_once_and_the_answer_says_for_what(payments: Payments):
    view = payments.pay()

    assert (view.state, view.settled, view.amount_minor) == ("succeeded", True, 5_000)
    assert (view.card_brand, view.card_last4, view.received_on) == ("visa", "4242", date(2026, 3, 10))
    assert view.invoices == [PaidInvoice(invoice_id=INVOICE, number="1001", amount_minor=5_000)]
    assert payments.stripe.charges() == 1
    assert payments.captured_minor() == 5_000


def test_the_success_is_told_with_all_that_listeners_need(payments: Payments):
    view = payments.pay()

    (event,) = payments.events(PaymentSucceeded)
    assert event == PaymentSucceeded(
        payment_id=view.payment_id,
        customer_id=CUSTOMER,
        currency="USD",
        amount_minor=5_000,
        method="card",
        received_on=date(2026, 3, 10),
        effective_on=date(2026, 3, 10),
        invoices=view.invoices,
        card_brand="visa",
        card_last4="4242",
        reference="",
        origin="portal",
    )
    (envelope,) = payments.envelopes()
    assert (envelope.aggregate_id, envelope.ordering_key) == (view.payment_id, CUSTOMER)


def test_the_intent_is_stored_before_it_is_confirmed(payments: Payments):
    stored = []
    payments.stripe.strike("confirm_intent", "before", lambda: stored.append(payments.only().stripe_intent_id))

    payments.pay()

    assert stored == [payments.stripe.only().intent_id]


def test_the_state_submitting_is_stored_before_anything_is_made_at_stripe(payments: Payments):
    states = []
    payments.stripe.strike("create_intent", "before", lambda: states.append(payments.only().state))

    payments.pay()

    assert states == ["submitting"]


@pytest.mark.parametrize("method", ["create_customer", "create_intent", "confirm_intent"])
def test_no_transaction_is_open_during_a_call_to_stripe(payments: Payments, method):
    # On SQLite this would wait for the writer, on PostgreSQL for the payment's row: for itself.
    payments.stripe.strike(method, "before", lambda: _write_meanwhile(payments))

    assert payments.pay().reference == "changed meanwhile"


def test_no_transaction_is_open_while_billing_is_asked(payments: Payments):
    payments.billing.strike(HoldInvoices, "before", lambda: _write_meanwhile(payments))

    assert payments.pay().reference == "changed meanwhile"


def _write_meanwhile(payments: Payments) -> None:
    payments.change(payments.only().payment_id, reference="changed meanwhile")


def test_the_same_key_again_answers_the_same_payment_and_charges_nothing(payments: Payments):
    first = payments.pay()

    assert payments.pay() == first
    assert payments.stripe.charges() == 1
    assert len(payments.rows()) == 1


def test_the_same_key_with_another_amount_is_refused(payments: Payments):
    payments.pay(amount_minor=4_000, allow_partial=True)

    with pytest.raises(Refused) as refusal:
        payments.pay(amount_minor=5_000, allow_partial=True)

    assert refusal.value.code == codes.KEY_REUSED
    assert payments.captured_minor() == 4_000


def test_a_key_belongs_to_one_customer(payments: Payments):
    payments.pay(customer_id=CUSTOMER)
    payments.pay(customer_id=NEIGHBOUR)

    assert payments.stripe.charges() == 2


def test_the_received_date_is_the_business_day_of_the_charge(payments: Payments):
    # Four in the morning in UTC is still the day before in New York.
    payments.clock.at = datetime(2026, 3, 11, 3, tzinfo=UTC)

    assert payments.pay().received_on == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_minor": 49}, codes.AMOUNT_TOO_SMALL),
        ({"amount_minor": 0}, codes.INVALID),
        ({"amount_minor": -5_000}, codes.INVALID),
        ({"amount_minor": 100_000_000}, codes.INVALID),
        ({"currency": "EUR"}, codes.INVALID),
        ({"key": ""}, codes.INVALID),
        ({"key": "k" * 201}, codes.INVALID),
        ({"customer_id": ""}, codes.INVALID),
        ({"payment_method": None}, codes.INVALID),
        ({"card_id": "both"}, codes.INVALID),
        ({"payment_method": "4242424242424242"}, codes.INVALID),
        ({"payment_method": None, "card_id": "unknown"}, codes.NOT_FOUND),
        ({"invoice_ids": []}, codes.INVALID),
    ],
)
def test_a_request_that_cannot_be_right_leaves_nothing_behind(payments: Payments, changes, code):
    with pytest.raises(Refused) as refusal:
        payments.pay(**changes)

    assert refusal.value.code == code
    assert not payments.rows()
    assert not payments.billing.asked
    assert not payments.stripe.calls


def test_below_the_minimum_the_refusal_names_the_minimum(payments: Payments):
    with pytest.raises(Refused) as refusal:
        payments.pay(amount_minor=49)

    assert refusal.value.details == {"minimum_minor": 50}


class TestBilling:
    def test_is_asked_for_exactly_what_the_customer_agreed_to(self, payments: Payments):
        view = payments.pay(amount_minor=6_000, allow_overpayment=True, invoice_ids=[INVOICE])

        assert payments.billing.asked == [
            HoldInvoices(
                payment_id=view.payment_id,
                customer_id=CUSTOMER,
                currency="USD",
                amount_minor=6_000,
                invoice_ids=[INVOICE],
                allow_overpayment=True,
                least_rest_minor=50,
            )
        ]
        assert (view.amount_minor, view.excess_minor) == (6_000, 1_000)

    @pytest.mark.parametrize(("word", "amount_minor"), [("allow_partial", 4_000), ("allow_overpayment", 6_000)])
    def test_another_amount_than_is_open_is_charged_only_on_the_customers_word(self, payments, word, amount_minor):
        with pytest.raises(Refused) as refusal:
            payments.pay(amount_minor=amount_minor)
        assert refusal.value.code == codes.STALE_AMOUNT
        assert payments.captured_minor() == 0

        assert payments.pay(amount_minor=amount_minor, **{word: True}).state == "succeeded"
        assert payments.captured_minor() == amount_minor

    def test_a_stale_amount_is_refused_and_the_key_stays_free(self, payments: Payments):
        payments.billing.open_minor = 3_000
        with pytest.raises(Refused) as refusal:
            payments.pay()
        assert (refusal.value.code, refusal.value.details) == (codes.STALE_AMOUNT, {"open_minor": 3_000})
        assert not payments.envelopes(), "nobody ever heard of this payment"

        assert payments.pay(amount_minor=3_000).state == "succeeded"
        assert payments.captured_minor() == 3_000

    def test_two_forms_for_one_invoice_charge_once(self, payments: Payments):
        refusals = []

        def second_tab() -> None:
            with pytest.raises(Refused) as refusal:
                payments.pay(key="form-2")
            refusals.append(refusal.value.code)

        payments.stripe.strike("confirm_intent", "before", second_tab)
        payments.pay(key="form-1")

        assert refusals == [codes.ALREADY_BEING_PAID]
        assert payments.stripe.charges() == 1

    def test_a_key_given_back_in_the_very_moment_it_is_looked_for_is_taken(self, payments: Payments, monkeypatch):
        insert, times = pay.insert, []

        def refused_by_another_that_then_went_away(session: Any, row: dict[str, Any]) -> bool:
            times.append(row["payment_id"])
            return len(times) > 1 and insert(session, row)

        monkeypatch.setattr(pay, "insert", refused_by_another_that_then_went_away)

        assert payments.pay().state == "succeeded"
        assert len(times) == 2

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_that_does_not_answer_means_no_charge_and_no_hold(self, payments: Payments, when):
        payments.billing.lose(HoldInvoices, when)

        with pytest.raises(Refused) as refusal:
            payments.pay()

        assert refusal.value.code == codes.UNAVAILABLE
        assert not payments.stripe.made
        payment = payments.only()
        assert payment.state == "cancelled"
        assert payment.payment_id in payments.billing.tombstones
        assert not payments.billing.holds
        (event,) = payments.events(PaymentCancelled)
        assert event.payment_id == payment.payment_id

    def test_that_does_not_hear_the_release_either_gets_it_by_the_event(self, payments: Payments):
        payments.billing.lose(HoldInvoices, "after")
        payments.billing.lose(ReleaseHold, "before")

        with pytest.raises(Refused):
            payments.pay()

        assert len(payments.events(PaymentCancelled)) == 1

    def test_that_holds_another_amount_than_asked_is_not_trusted(self, payments: Payments, monkeypatch):
        hold = payments.billing._hold
        monkeypatch.setattr(
            payments.billing, "_hold", lambda command: hold(command.__class__(**_with_amount(command, 4_000)))
        )

        with pytest.raises(Refused) as refusal:
            payments.pay()

        assert refusal.value.code == codes.UNAVAILABLE
        assert not payments.stripe.made
        assert not payments.billing.holds


def _with_amount(command: HoldInvoices, amount_minor: int) -> dict[str, Any]:
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    return fields | {"amount_minor": amount_minor, "allow_partial": True}


class TestADecline:
    def test_is_an_answer_in_plain_words_with_a_next_step(self, payments: Payments):
        view = payments.pay(payment_method="pm_no_money")

        assert (view.state, view.settled, view.received_on) == ("failed", True, None)
        assert view.decline is not None
        assert view.decline.decline_code == "insufficient_funds"
        assert "not enough money" in view.decline.message
        assert "another card" in view.decline.next_step
        assert payments.captured_minor() == 0

    def test_is_final_at_stripe_before_the_invoices_are_free(self, payments: Payments):
        statuses = []
        payments.billing.strike(ReleaseHold, "before", lambda: statuses.append(payments.stripe.only().status))

        payments.pay(payment_method="pm_declined")

        assert statuses == ["canceled"]

    def test_frees_the_invoices_and_tells_why(self, payments: Payments):
        view = payments.pay(payment_method="pm_declined")

        assert not payments.billing.holds
        (event,) = payments.events(PaymentFailed)
        assert (event.payment_id, event.decline_code, event.amount_minor) == (
            view.payment_id,
            "generic_decline",
            5_000,
        )
        assert view.decline is not None
        assert event.message == view.decline.message

    def test_ends_the_key_and_a_new_one_may_pay(self, payments: Payments):
        declined = payments.pay(payment_method="pm_declined")

        assert payments.pay(payment_method="pm_declined") == declined
        assert payments.pay(key="form-2", payment_method="pm_works").state == "succeeded"
        assert payments.stripe.charges() == 1

    def test_without_a_decline_code_is_told_by_its_reason(self, payments: Payments):
        view = payments.pay(payment_method="pm_expired")

        assert view.decline is not None
        assert (view.decline.code, view.decline.decline_code) == ("expired_card", None)
        assert "expired" in view.decline.message

    def test_before_the_intent_is_made_frees_the_invoices_too(self, payments: Payments):
        view = payments.pay(payment_method=UNUSABLE)

        assert view.state == "failed"
        assert not payments.billing.holds
        assert len(payments.events(PaymentFailed)) == 1


class TestSavedCards:
    def test_a_kept_card_is_listed_and_pays_again(self, payments: Payments):
        payments.pay(save_card=True)

        listed = payments.ask(ListCards(customer_id=CUSTOMER))
        (card,) = listed.cards
        assert (card.brand, card.last4, card.exp_month, card.exp_year, card.is_default) == (
            "visa",
            "4242",
            12,
            2030,
            True,
        )
        assert (listed.currency, listed.minimum_minor) == ("USD", 50)
        payments.billing.release(payments.only().payment_id)
        assert payments.pay(key="form-2", payment_method=None, card_id=card.card_id).state == "succeeded"
        assert payments.stripe.called("create_intent")[-1].payment_method == "pm_works_pi_2"

    def test_a_card_is_kept_only_when_asked(self, payments: Payments):
        payments.pay(save_card=False)

        assert payments.ask(ListCards(customer_id=CUSTOMER)).cards == []
        assert payments.stripe.called("create_intent")[0].save_card is False

    def test_a_declined_card_is_not_kept(self, payments: Payments):
        payments.pay(payment_method="pm_declined", save_card=True)

        assert payments.ask(ListCards(customer_id=CUSTOMER)).cards == []

    def test_the_same_card_entered_twice_is_one_card(self, payments: Payments):
        payments.pay(save_card=True)
        payments.billing.holds.clear()
        payments.billing.customers.clear()
        payments.pay(key="form-2", save_card=True)

        (card,) = payments.ask(ListCards(customer_id=CUSTOMER)).cards
        payments.billing.customers.clear()
        payments.pay(key="form-3", payment_method=None, card_id=card.card_id)
        assert payments.stripe.called("create_intent")[-1].payment_method == "pm_works_pi_3"

    def test_somebody_elses_card_does_not_exist(self, payments: Payments):
        payments.pay(save_card=True)
        (card,) = payments.ask(ListCards(customer_id=CUSTOMER)).cards

        with pytest.raises(Refused) as refusal:
            payments.pay(customer_id=NEIGHBOUR, payment_method=None, card_id=card.card_id)

        assert refusal.value.code == codes.NOT_FOUND
        assert payments.ask(ListCards(customer_id=NEIGHBOUR)).cards == []

    def test_a_customer_is_made_at_stripe_once(self, payments: Payments):
        payments.pay(key="form-1")
        payments.billing.customers.clear()
        payments.pay(key="form-2")

        assert len(payments.stripe.customers) == 1


def test_what_is_on_its_way_adds_up_in_the_list(payments: Payments):
    payments.pay(payment_method="pm_slow", amount_minor=1_000, allow_partial=True)
    payments.pay(customer_id=NEIGHBOUR, amount_minor=2_000, allow_partial=True)

    page = payments.ask(ListPayments(customer_id=CUSTOMER))

    assert page.processing_minor == 1_000
    assert [(each.state, each.settled) for each in page.payments] == [("processing", False)]


def test_a_request_means_the_same_whatever_the_order_of_its_fields():
    from services.payments.domain.requests import hash_of

    assert hash_of(pay_command()) == hash_of(pay_command())
    assert hash_of(pay_command()) != hash_of(pay_command(save_card=True))
