"""Cards whose bank asks the holder: the browser goes on, the server stays in charge."""

import json

import pytest

from contracts import codes
from contracts.payments import (
    CancelPayment,
    ContinuePayment,
    GetPayment,
    PaymentCancelled,
    PaymentFailed,
    PaymentSucceeded,
    PaymentView,
)
from contracts.wire import Refused
from tests.support.payments import CUSTOMER, NEIGHBOUR, Payments


@pytest.fixture
def asked(payments: Payments) -> PaymentView:
    return payments.pay(payment_method="pm_asks")


def _continue(payments: Payments, payment_id: str, customer_id: str = CUSTOMER) -> PaymentView:
    return payments.ask(ContinuePayment(customer_id=customer_id, payment_id=payment_id))


def _cancel(payments: Payments, payment_id: str) -> PaymentView:
    return payments.ask(CancelPayment(customer_id=CUSTOMER, payment_id=payment_id))


def test_the_browser_gets_what_it_needs_to_go_on(payments: Payments, asked: PaymentView):
    assert (asked.state, asked.settled) == ("requires_action", False)
    assert asked.client_secret == payments.stripe.only().client_secret
    assert payments.billing.holds


def test_pressing_pay_again_gives_the_browser_the_same(payments: Payments, asked: PaymentView):
    again = payments.pay(payment_method="pm_asks")

    assert (again.payment_id, again.client_secret) == (asked.payment_id, asked.client_secret)


def test_the_client_secret_is_kept_nowhere(payments: Payments, asked: PaymentView, caplog):
    _continue(payments, asked.payment_id)

    secret = str(asked.client_secret)
    rows = [str(vars(row)) for row in payments.rows()]
    events = [json.dumps(envelope.payload) for envelope in payments.envelopes()]
    assert secret not in "".join([*rows, *events, caplog.text])
    assert secret not in repr(payments.stripe.only())
    assert payments.ask(GetPayment(customer_id=CUSTOMER, payment_id=asked.payment_id)).client_secret is None


def test_completed_it_is_paid(payments: Payments, asked: PaymentView):
    payments.stripe.authenticate(payments.stripe.only().intent_id)

    view = _continue(payments, asked.payment_id)

    assert (view.state, view.client_secret) == ("succeeded", None)
    assert payments.stripe.charges() == 1
    assert len(payments.events(PaymentSucceeded)) == 1


def test_not_completed_yet_it_still_waits(payments: Payments, asked: PaymentView):
    view = _continue(payments, asked.payment_id)

    assert (view.state, view.client_secret) == ("requires_action", asked.client_secret)


def test_failed_it_is_a_decline_and_the_invoices_are_free(payments: Payments, asked: PaymentView):
    payments.stripe.authenticate(payments.stripe.only().intent_id, completed=False)

    view = _continue(payments, asked.payment_id)

    assert view.state == "failed"
    assert view.decline is not None
    assert "could not confirm that it is you" in view.decline.message
    assert payments.stripe.only().status == "canceled"
    assert not payments.billing.holds
    assert len(payments.events(PaymentFailed)) == 1


def test_completed_in_a_browser_that_never_returns_the_webhook_tells(payments: Payments, asked: PaymentView):
    intent_id = payments.stripe.only().intent_id
    payments.stripe.authenticate(intent_id)

    payments.webhook("payment_intent.succeeded", intent_id)
    payments.work()

    assert payments.only().state == "succeeded"


def test_completed_without_any_webhook_the_reconciler_finds_out(payments: Payments, asked: PaymentView):
    payments.stripe.authenticate(payments.stripe.only().intent_id)

    payments.pass_time(minutes=30)

    assert payments.only().state == "succeeded"


def test_abandoned_it_is_cancelled_at_stripe_and_then_freed(payments: Payments, asked: PaymentView):
    payments.pass_time(minutes=29)
    assert payments.only().state == "requires_action"
    assert payments.billing.holds

    payments.pass_time(minutes=1)

    assert payments.only().state == "cancelled"
    assert payments.stripe.only().status == "canceled"
    assert not payments.billing.holds
    assert len(payments.events(PaymentCancelled)) == 1


def test_abandoned_while_stripe_is_silent_the_hold_stays(payments: Payments, asked: PaymentView):
    payments.stripe.lose("cancel_intent", "before")
    payments.pass_time(minutes=30)
    assert payments.billing.holds

    payments.pass_time(hours=1)
    assert payments.only().state == "cancelled"
    assert not payments.billing.holds


def test_completed_in_the_very_moment_it_is_given_up_it_is_paid(payments: Payments, asked: PaymentView):
    intent_id = payments.stripe.only().intent_id
    payments.stripe.strike("cancel_intent", "before", lambda: payments.stripe.authenticate(intent_id))

    payments.pass_time(minutes=30)

    assert payments.only().state == "succeeded"
    assert payments.captured_minor() == payments.recorded_minor() == 5_000


def test_the_customer_may_give_up(payments: Payments, asked: PaymentView):
    view = _cancel(payments, asked.payment_id)

    assert (view.state, view.settled) == ("cancelled", True)
    assert payments.stripe.only().status == "canceled"
    assert not payments.billing.holds
    assert payments.pay(key="form-2").state == "succeeded"


def test_giving_up_too_late_says_that_it_is_paid(payments: Payments, asked: PaymentView):
    payments.stripe.authenticate(payments.stripe.only().intent_id)

    assert _cancel(payments, asked.payment_id).state == "succeeded"


def test_what_is_on_its_way_cannot_be_given_up(payments: Payments):
    view = payments.pay(payment_method="pm_slow")

    with pytest.raises(Refused) as refusal:
        _cancel(payments, view.payment_id)

    assert refusal.value.code == codes.WRONG_STATE
    assert payments.only().state == "processing"


def test_somebody_elses_payment_does_not_exist(payments: Payments, asked: PaymentView):
    for command in (ContinuePayment, CancelPayment, GetPayment):
        with pytest.raises(Refused) as refusal:
            payments.ask(command(customer_id=NEIGHBOUR, payment_id=asked.payment_id))
        assert refusal.value.code == codes.NOT_FOUND

    assert payments.only().state == "requires_action"


def test_a_payment_that_nobody_made_does_not_exist(payments: Payments):
    with pytest.raises(Refused) as refusal:
        _continue(payments, "unknown")

    assert refusal.value.code == codes.NOT_FOUND


def test_going_on_with_a_finished_payment_answers_it(payments: Payments):
    paid = payments.pay()

    assert _continue(payments, paid.payment_id) == paid
    assert _cancel(payments, paid.payment_id) == paid
