"""Several requests, copies of the service and workers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from contracts import codes
from contracts.imports import RowResult
from contracts.payments import CancelPayment, ContinuePayment, PaymentSucceeded, RecordPayments
from contracts.wire import Refused
from services.payments.operations import lease
from tests.support.payments import CUSTOMER, Payments, recorded
from tests.support.payments_at_once import at_once

COPIES = 4


def test_a_double_click_charges_once_and_both_see_the_receipt(payments: Payments):
    views = at_once(*[payments.pay] * COPIES)

    assert len({view.payment_id for view in views}) == 1
    assert {view.state for view in views} == {"succeeded"}
    assert payments.stripe.charges() == 1
    assert len(payments.events(PaymentSucceeded)) == 1


def test_a_double_click_of_a_declined_card_answers_both_the_decline(payments: Payments):
    views = at_once(*[lambda: payments.pay(payment_method="pm_declined")] * COPIES)

    assert [view.decline is not None for view in views] == [True] * COPIES
    assert len(payments.stripe.made) == 1


def test_a_double_click_on_a_form_that_is_refused_is_refused_twice(payments: Payments):
    payments.billing.open_minor = 100

    refusals = at_once(*[payments.pay] * COPIES)

    assert {refusal.code for refusal in refusals} == {codes.STALE_AMOUNT}
    assert not payments.stripe.made


def test_a_double_click_that_asks_the_holder_gives_both_the_secret(payments: Payments):
    views = at_once(*[lambda: payments.pay(payment_method="pm_asks")] * 2)

    assert {view.client_secret for view in views} == {payments.stripe.only().client_secret}


def _answer_while_a_worker_has_it(payments: Payments, command: Any) -> Any:
    """Ask about a payment that another worker, a webhook's for example, is just looking at."""
    assert lease.take(payments.tools, command.payment_id) is not None
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(payments.ask, command)
        with pytest.raises(TimeoutError):
            answer.result(timeout=0.2)
        payments.change(command.payment_id, leased_until=None)
        return answer.result(timeout=10)


def test_a_worker_that_looks_at_the_same_moment_keeps_nobody_from_the_secret(payments: Payments):
    asked = payments.pay(payment_method="pm_asks")
    command = ContinuePayment(customer_id=CUSTOMER, payment_id=asked.payment_id)

    view = _answer_while_a_worker_has_it(payments, command)

    assert view.client_secret == payments.stripe.only().client_secret


def test_giving_up_while_a_worker_looks_is_heard(payments: Payments):
    asked = payments.pay(payment_method="pm_asks")
    command = CancelPayment(customer_id=CUSTOMER, payment_id=asked.payment_id)

    view = _answer_while_a_worker_has_it(payments, command)

    assert view.state == payments.only().state == "cancelled"


def test_one_key_with_two_requests_at_once_serves_one_of_them(payments: Payments):
    outcomes = at_once(
        *[lambda amount=amount: payments.pay(amount_minor=amount, allow_partial=True) for amount in (4_000, 5_000)]
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [refusal.code for refusal in refused] == [codes.KEY_REUSED]
    assert payments.stripe.charges() == 1


def test_two_forms_at_once_charge_once(payments: Payments):
    outcomes = at_once(*[lambda key=key: payments.pay(key=key) for key in ("form-1", "form-2")])

    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    # The one that was a moment late is refused, or began after the other had ended and its invoices were free again.
    assert {refusal.code for refusal in refused} <= {codes.ALREADY_BEING_PAID}
    assert payments.stripe.charges() == 2 - len(refused)
    assert payments.captured_minor() == payments.recorded_minor()


def test_several_reconcilers_settle_each_payment_once(payments: Payments):
    payments.stripe.lose("confirm_intent", "after", times=10)
    for number in range(10):
        payments.billing.customers.clear()
        payments.pay(key=f"form-{number}")
    payments.clock.at += timedelta(minutes=5)

    at_once(*[payments.service.reconcile_due] * COPIES)
    payments.work()

    assert {row.state for row in payments.rows()} == {"succeeded"}
    assert payments.stripe.charges() == len(payments.events(PaymentSucceeded)) == 10


def test_webhook_reconciler_and_pay_again_at_once_tell_once(payments: Payments):
    payments.stripe.lose("confirm_intent", "after")
    payments.pay()
    payments.clock.at += timedelta(minutes=5)

    def webhook() -> None:
        payments.webhook("payment_intent.succeeded", payments.stripe.only().intent_id)
        payments.service.apply_webhooks()

    at_once(webhook, webhook, payments.service.reconcile_due, payments.pay)
    payments.pass_time(seconds=5)

    assert payments.only().state == "succeeded"
    assert len(payments.events(PaymentSucceeded)) == 1


def test_the_same_webhook_at_once_is_stored_once(payments: Payments):
    payments.pay()
    intent_id = payments.stripe.only().intent_id

    taken = at_once(
        *[lambda: payments.webhook("payment_intent.succeeded", intent_id, event_id="evt_1").duplicate] * COPIES
    )

    assert sorted(map(bool, taken)) == [False] + [True] * (COPIES - 1)


@pytest.mark.parametrize("size", [1, 50])
def test_the_same_recorded_payments_at_once_are_recorded_once(payments: Payments, size):
    rows = [recorded(row) for row in range(size)]

    answers = at_once(*[lambda: payments.ask(RecordPayments(rows=rows))] * COPIES)

    statuses = [result.status for answer in answers for result in _rows(answer)]
    assert statuses.count("created") == size
    assert statuses.count("unchanged") == size * (COPIES - 1)
    assert len(payments.events(PaymentSucceeded)) == size


def _rows(answer: object) -> list[RowResult]:
    assert isinstance(answer, list), answer
    return answer
