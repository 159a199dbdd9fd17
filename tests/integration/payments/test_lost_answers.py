"""Calls to Stripe whose answer is lost: the outcome is unknown, nothing is charged twice, and time settles it."""

import itertools

import pytest

from contracts import codes
from contracts.billing import HoldInvoices
from contracts.payments import ListPayments, PaymentSucceeded
from contracts.wire import Refused
from services.payments.clients.provider import ProviderRefused
from tests.support.payments import CUSTOMER, Payments


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["create_intent", "confirm_intent"])
def test_a_lost_answer_is_processing_and_the_reconciler_finishes_it(payments: Payments, method, when):
    payments.stripe.lose(method, when)

    view = payments.pay()
    assert (view.state, view.settled) == ("unknown", False)
    assert payments.billing.holds, "the invoices stay held while the outcome is open"

    payments.pass_time(minutes=5)
    assert payments.only().state == "succeeded"
    assert payments.stripe.charges() == 1
    assert len(payments.events(PaymentSucceeded)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("method", ["create_intent", "confirm_intent"])
def test_pressing_pay_again_after_a_lost_answer_finishes_the_same_payment(payments: Payments, method, when):
    payments.stripe.lose(method, when)
    first = payments.pay()

    second = payments.pay()

    assert second.payment_id == first.payment_id
    assert second.state == "succeeded"
    assert payments.stripe.charges() == 1


@pytest.mark.parametrize("method", ["create_intent", "confirm_intent"])
def test_a_lost_answer_never_gets_a_new_key(payments: Payments, method):
    payments.stripe.lose(method, "after", times=3)
    payments.pay()
    payments.pay()
    payments.pay()
    payments.pay()

    assert len({new.payment_id for new in payments.stripe.called("create_intent")}) == 1
    assert len(payments.stripe.made) == 1
    assert payments.stripe.charges() == 1


def test_a_decline_whose_answer_is_lost_is_still_told(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.pay(payment_method="pm_no_money")

    view = payments.pay(payment_method="pm_no_money")

    assert view.state == "failed"
    assert view.decline is not None
    assert view.decline.decline_code == "insufficient_funds"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_decline_whose_cancellation_is_lost_keeps_the_hold_until_stripe_is_final(payments: Payments, when):
    payments.stripe.lose("cancel_intent", when)

    assert payments.pay(payment_method="pm_no_money").state == "unknown"
    assert payments.billing.holds

    payments.pass_time(minutes=5)
    row = payments.only()
    assert (row.state, row.decline_code) == ("failed", "insufficient_funds")
    assert payments.stripe.only().status == "canceled"
    assert not payments.billing.holds


@pytest.mark.parametrize("when", ["before", "after"])
def test_without_a_customer_at_stripe_nothing_begins_and_the_form_works_again(payments: Payments, when):
    payments.stripe.lose("create_customer", when)
    with pytest.raises(Refused) as refusal:
        payments.pay()
    assert refusal.value.code == codes.UNAVAILABLE
    assert not payments.billing.asked
    assert not payments.envelopes()

    payments.pass_time(minutes=1)
    assert payments.pay().state == "succeeded"
    assert len(payments.stripe.customers) == 1


def test_after_an_outage_the_same_form_works(payments: Payments):
    payments.billing.lose(HoldInvoices, "before")
    with pytest.raises(Refused):
        payments.pay()

    payments.pass_time(minutes=1)
    assert payments.pay().state == "succeeded"
    assert payments.stripe.charges() == 1


def test_a_double_click_gets_one_answer_when_the_reason_of_a_refusal_is_gone_between_the_two(payments: Payments):
    payments.billing.lose(HoldInvoices, "before")
    refusals = []
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            payments.pay()
        refusals.append((refusal.value.code, refusal.value.message))
    assert refusals[0] == refusals[1]
    assert payments.stripe.charges() == 0
    assert not payments.ask(ListPayments(customer_id=CUSTOMER)).payments, "what never began is no history"


def test_an_intent_that_was_never_made_is_not_made_an_hour_later(payments: Payments):
    payments.stripe.lose("create_intent", "before", times=2)
    payments.pay()
    payments.pass_time(minutes=5)
    assert payments.only().state == "unknown"

    payments.pass_time(hours=1, minutes=5)

    assert payments.only().state == "cancelled"
    assert not payments.stripe.made
    assert not payments.billing.holds


def test_an_intent_that_was_made_unnoticed_is_found_and_cancelled_after_an_hour(payments: Payments):
    payments.stripe.lose("create_intent", "after")
    payments.pay()

    payments.pass_time(hours=1)

    assert payments.only().state == "cancelled"
    assert payments.stripe.only().status == "canceled"
    assert payments.stripe.charges() == 0


def test_when_stripe_has_forgotten_the_key_no_second_intent_is_made(payments: Payments):
    payments.stripe.lose("create_intent", "after")
    payments.pay()

    payments.pass_time(days=2)

    assert len(payments.stripe.made) == 1
    assert payments.stripe.charges() == 0


def test_a_failure_that_stripe_repeats_for_its_key_does_not_hide_the_intent_for_ever(payments: Payments):
    payments.stripe.lose("create_intent", "after", times=10)
    assert payments.pay().state == "unknown"

    payments.pass_time(minutes=5)

    assert payments.only().state == "succeeded"
    assert payments.stripe.charges() == len(payments.stripe.made) == 1


def test_an_unconfirmed_intent_is_not_charged_an_hour_later(payments: Payments):
    payments.stripe.lose("confirm_intent", "before", times=2)
    payments.pay()
    payments.pass_time(minutes=5)

    payments.pass_time(hours=1, minutes=5)

    assert payments.only().state == "cancelled"
    assert payments.stripe.only().status == "canceled"
    assert payments.stripe.charges() == 0


def test_a_charge_found_after_days_is_recorded_for_the_day_it_was_made(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.stripe.lose("retrieve_intent", "before", times=4)
    view = payments.pay()

    for _ in range(5):
        payments.pass_time(days=1)

    row = payments.only()
    assert (row.state, row.payment_id) == ("succeeded", view.payment_id)
    assert str(row.received_on) == "2026-03-10"


def test_a_changed_api_key_is_no_decline(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.pay()
    payments.stripe.strike("retrieve_intent", "before", ProviderRefused("AuthenticationError", "expired key"))

    payments.pass_time(minutes=5)
    assert payments.only().state == "unknown"

    payments.pass_time(hours=2)
    assert payments.only().state == "succeeded"


def test_a_refused_confirmation_frees_the_invoices(payments: Payments):
    payments.stripe.strike("confirm_intent", "before", ProviderRefused("resource_missing", "no such method"))

    view = payments.pay()

    assert view.state == "failed"
    assert payments.stripe.only().status == "canceled"
    assert not payments.billing.holds


def test_the_reconciler_asks_after_5_minutes_1_hour_and_then_daily_for_30_days(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.stripe.lose("retrieve_intent", "before", times=100)
    payments.pay()
    asked = []

    for _ in range(33 * 24 * 12):
        before = len(payments.stripe.called("retrieve_intent"))
        payments.clock.at = payments.rows()[0].next_check_at or payments.clock.at
        payments.service.reconcile_due()
        if len(payments.stripe.called("retrieve_intent")) > before:
            asked.append(payments.clock.at)
        else:
            break

    waits = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert len(asked) == 32
    assert [wait.total_seconds() for wait in waits] == [3600.0] + [86_400.0] * 30
    row = payments.only()
    assert (row.state, row.needs_staff, row.next_check_at) == ("unknown", True, None)
    assert payments.billing.holds, "people decide; until then the invoices stay held"


def test_a_payment_on_the_worklist_still_hears_a_webhook(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    view = payments.pay()
    payments.change(view.payment_id, needs_staff=True, next_check_at=None, checks=32)

    payments.webhook("payment_intent.succeeded", payments.stripe.only().intent_id)
    payments.work()

    row = payments.only()
    assert (row.state, row.needs_staff) == ("succeeded", False)


def test_a_payment_that_cannot_be_handled_does_not_stop_the_others(payments: Payments):
    payments.stripe.lose("confirm_intent", "after", times=2)
    payments.pay()
    payments.pay(customer_id=CUSTOMER.replace("a", "c"))
    payments.stripe.strike("retrieve_intent", "before", KeyError("a defect"))

    payments.pass_time(minutes=5)
    assert sorted(row.state for row in payments.rows()) == ["succeeded", "unknown"]

    payments.pass_time(minutes=5)
    assert [row.state for row in payments.rows()] == ["succeeded", "succeeded"]
